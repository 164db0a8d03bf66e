"""Optional targets, collections, directories and files of stores as outputs: what the planner and the reports make of
them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

import martlet
from martlet.steering import configured_stores
from martlet.targets import DirectoryTarget, LocalTarget, OptionalTarget, RemoteTarget, SiblingCollection
from running.runs import go, reports

from .conftest import Store

pytestmark = pytest.mark.usefixtures("fresh_registry", "temporary_files")


class Parts(martlet.Task):
    """Makes some files of a collection; what `made` says."""

    folder: ClassVar[Any]
    threshold: ClassVar[float] = 0.5
    made: ClassVar[int] = 10

    def output(self) -> Any:
        return SiblingCollection([self.folder / f"{number}.json" for number in range(10)], self.threshold)

    def run(self) -> None:
        for target in self.output().targets[: self.made]:
            target.dump(1)


@pytest.fixture(params=["here", "there"])
def folder(request: pytest.FixtureRequest, tmp_path: Path, rude: Store) -> Any:
    return DirectoryTarget(tmp_path / "out" if request.param == "here" else f"{rude.url}/out")


def test_enough_of_a_collection_is_complete(folder: Any, tmp_path: Path) -> None:
    class Some(Parts):
        made = 7

    Some.folder = folder
    assert go(Some(), tmp_path)
    assert len(reports(tmp_path)[-1]["outputs"]) == 7
    assert go(Some(), tmp_path) and len(reports(tmp_path)) == 1
    for target in Some().output().targets[:3]:
        target.remove()
    assert go(Some(), tmp_path) and len(reports(tmp_path)) == 2


def test_too_little_of_a_collection_is_a_failure(folder: Any, tmp_path: Path) -> None:
    class Few(Parts):
        made = 3

    Few.folder = folder
    assert not go(Few(), tmp_path)
    Few.made = 5
    assert go(Few(), tmp_path)


def test_collections_are_looked_at_in_the_pass_of_all_others(rude: Store, tmp_path: Path) -> None:
    class Many(Parts):
        number = martlet.IntParameter()

        def output(self) -> Any:
            folder = DirectoryTarget(f"{rude.url}/{self.number % 3}")
            return [SiblingCollection([folder / f"{self.number}-{part}" for part in range(5)]), folder / "file"]

        def run(self) -> None:
            for target in [*self.output()[0].targets, self.output()[1]]:
                target.touch()

    class All(martlet.WrapperTask):
        def requires(self) -> Any:
            return [Many(number=number) for number in range(30)]

    Many.allow_shared_output = True
    assert go(All(), tmp_path)
    asked = len(rude.calls())
    assert go(All(), tmp_path) and len(reports(tmp_path)) == 31
    # one question about all files
    assert rude.calls()[asked:] == [("stat", 180)]


def test_many_outputs_of_one_directory_are_looked_at_by_one_listing(rude: Store, tmp_path: Path) -> None:
    class Split(martlet.Task):
        def output(self) -> Any:
            there = DirectoryTarget(f"{rude.url}/parts")
            return SiblingCollection([there / f"{part}.json" for part in range(40)], threshold=39)

        def run(self) -> None:
            with self.output().localize("w") as local:
                for part in range(39):
                    local[part].dump(part)
            rude.calls_before = len(rude.calls())  # type: ignore[attr-defined]

    assert go(Split(), tmp_path)
    # the one that lacks is asked for by itself
    assert rude.calls()[rude.calls_before :] == [("list", 1), ("stat", 1)]  # type: ignore[attr-defined]
    (outputs,) = [report["outputs"] for report in reports(tmp_path)]
    sizes = {name: size for name, size, _ in outputs}
    assert len(sizes) == 39 and sizes[f"{rude.url}/parts/7.json"] == 2
    seen = {name: modified for name, _, modified in outputs}
    assert seen[f"{rude.url}/parts/7.json"] == (rude.root / "parts" / "7.json").stat().st_mtime_ns


def test_an_optional_output_is_never_waited_for(folder: Any, tmp_path: Path) -> None:
    class Fit(martlet.Task):
        control: ClassVar[bool] = False

        def output(self) -> Any:
            return {"fit": folder / "fit.json", "control": OptionalTarget(folder / "control.json")}

        def run(self) -> None:
            self.output()["fit"].dump(1)
            if self.control:
                self.output()["control"].dump(2)

    assert go(Fit(), tmp_path)
    assert go(Fit(), tmp_path) and len(reports(tmp_path)) == 1
    Fit().output()["fit"].remove()
    Fit.control = True
    assert go(Fit(), tmp_path) and Fit().output()["control"].load() == 2


def test_directories_and_what_follows_from_them(folder: Any, tmp_path: Path) -> None:
    class Plots(martlet.Task):
        def output(self) -> Any:
            return folder.directory("plots")

        def run(self) -> None:
            with self.output().localize("w") as local:
                (local / "a.txt").dump("a")

    class Page(martlet.Task):
        def requires(self) -> Any:
            return Plots()

        def output(self) -> Any:
            return folder / "page.txt"

        def run(self) -> None:
            with self.input().localize() as plots:
                self.output().dump(",".join(plots.listdir()))

    assert go(Page(), tmp_path, workers=2)
    assert Page().output().load() == "a.txt"


def test_a_store_that_cannot_be_looked_at_is_not_written_to(rude: Store, tmp_path: Path) -> None:
    class Fit(martlet.Task):
        def output(self) -> Any:
            return SiblingCollection([RemoteTarget(f"{rude.url}/fit.json")], threshold=0)

        def run(self) -> None:
            self.output().targets[0].dump(1)

    for operation in ("look", "stat", "list"):
        rude.inject("denied", operation, times=20)
    result = go(Fit(), tmp_path)
    assert not result and rude.files() == []


def test_two_tasks_that_make_one_file_of_a_collection(tmp_path: Path) -> None:
    class Twice(Parts):
        number = martlet.IntParameter()

    class Both(martlet.WrapperTask):
        def requires(self) -> Any:
            return [Twice(number=1), Twice(number=2)]

    Twice.folder = DirectoryTarget(tmp_path / "out")
    with pytest.raises(Exception, match=r"out/0\.json is made by Twice"):
        go(Both(), tmp_path)


def test_outputs_of_a_store_move_with_its_place(rude: Store, tmp_path: Path) -> None:
    class Fit(martlet.Task):
        def output(self) -> Any:
            return martlet.store("results") / "fit.json"

        def run(self) -> None:
            self.output().dump(1)

    for url in (str(tmp_path / "here"), f"{rude.url}/there"):
        configured_stores._settled = {"results": configured_stores.Place(url, {"root": str(rude.root)})}
        assert go(Fit(), tmp_path)
        assert Fit().output() == martlet.targets.file_at(f"{url}/fit.json") and Fit().output().load() == 1
    assert isinstance(Fit().output(), RemoteTarget) and LocalTarget(tmp_path / "here" / "fit.json").exists()
    configured_stores.run_for(None)
