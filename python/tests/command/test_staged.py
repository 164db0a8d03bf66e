"""Commands whose files lie in stores: fetched before, stored after, by the run and by hand."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path
from typing import Any, ClassVar

import pytest

import martlet
from martlet.command.prepared import prepare, shown
from martlet.command.staged import TRANSIENT
from martlet.targets import DirectoryTarget, MirroredTarget, RemoteTarget, TargetCollection
from martlet.testing import run_task
from running.runs import go, reports
from targets.conftest import Store, rude, temporary_files

__all__ = ["rude", "temporary_files"]

pytestmark = pytest.mark.usefixtures("fresh_registry", "temporary_files")


class Sources(martlet.ExternalTask):
    """Files that are there: a collection in a store, and one here."""

    store: ClassVar[Store]
    folder: ClassVar[Path]

    def output(self) -> Any:
        there = DirectoryTarget(self.store.url)
        parts = TargetCollection({name: there / f"parts/{name}.txt" for name in ("one", "two")})
        return {"parts": parts, "here": martlet.LocalTarget(self.folder / "here.txt")}


class Join(martlet.CommandTask):
    """Puts them together."""

    line: ClassVar[Any] = "cat {input[parts]} {input[here]} > {output[sum]} && echo done > {output[note]}"
    exit_codes: ClassVar[Any] = {9: martlet.Exit.SUCCESS}

    def requires(self) -> Any:
        return Sources()

    def output(self) -> Any:
        store, folder = Sources.store, Sources.folder
        return {"sum": RemoteTarget(f"{store.url}/out/sum.txt"), "note": martlet.LocalTarget(folder / "note.txt")}

    def command(self) -> Any:
        return self.line


@pytest.fixture(params=["run", "by hand"])
def by(request: pytest.FixtureRequest, rude: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs a task one way or the other; says how it failed."""
    Sources.store, Sources.folder = rude, tmp_path
    for name in ("one", "two"):
        (rude.root / "parts").mkdir(exist_ok=True)
        (rude.root / "parts" / f"{name}.txt").write_text(f"{name}\n")
    (tmp_path / "here.txt").write_text("here\n")
    # the program that runs the command has to find the store as well
    (tmp_path / "martlet.toml").write_text(
        f"[stores.rude]\nurl = '{rude.url}'\n[stores.rude.options]\nroot = '{rude.root}'\n"
    )
    monkeypatch.setenv("TMPDIR", tempfile.gettempdir())
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(os.path.abspath(entry) for entry in sys.path if entry))

    def run(task: Any) -> str:
        if request.param == "by hand":
            try:
                run_task(task)
            except Exception as error:
                return f"{getattr(error, 'kind', '')} {error}"
            return ""
        script = tmp_path / "script.py"
        script.touch()
        result = go(task, tmp_path, script=script)
        return "" if result else " ".join(ending.cause for ending in result.endings)

    return run


def test_files_go_both_ways(by: Any, rude: Store, tmp_path: Path) -> None:
    assert by(Join()) == ""
    assert (rude.root / "out" / "sum.txt").read_text() == "one\ntwo\nhere\n"
    assert (tmp_path / "note.txt").read_text() == "done\n"


def test_the_report_names_what_was_stored(rude: Store, by: Any, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    if "by hand" in request.node.name:
        pytest.skip("by hand there is no report")
    assert by(Join()) == ""
    (record,) = [record for record in reports(tmp_path) if "Join" in record["family"]]
    outputs = {output[0]: output[1:] for output in record["outputs"]}
    stored = (rude.root / "out" / "sum.txt").stat()
    assert outputs == {
        f"{tmp_path}/note.txt": [5, (tmp_path / "note.txt").stat().st_mtime_ns],
        f"{rude.url}/out/sum.txt": [stored.st_size, stored.st_mtime_ns],
    }
    assert not list(Path(tempfile.gettempdir()).glob("martlet-command-*"))


@pytest.mark.parametrize(
    ("line", "cause"),
    [
        ("cat {input[parts]} > {output[sum]}; false {output[note]}", "exit status 1"),
        ("true {output[sum]} && echo > {output[note]}", "without having made"),
        ("kill -9 $$; {output}", "SIGKILL"),
    ],
)
def test_what_fails_stores_nothing(
    by: Any, rude: Store, monkeypatch: pytest.MonkeyPatch, line: str, cause: str
) -> None:
    monkeypatch.setattr(Join, "line", line)
    said = by(Join())
    assert cause in said or "exit status 214: its files" in said
    assert [name for name in rude.files() if not name.startswith("parts/")] == []
    assert not (Sources.folder / "note.txt").exists()


def test_a_status_that_is_success_stores_too(by: Any, rude: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Join, "line", "echo nine | tee {output[sum]} > {output[note]}; exit 9")
    assert by(Join()) == ""
    assert (rude.root / "out" / "sum.txt").read_text() == "nine\n"


def test_trouble_with_the_store_is_trouble_with_storage(by: Any, rude: Store) -> None:
    rude.inject("transient", "put", "sum.txt", times=9)
    said = by(Join())
    assert "could not be reached" in said
    assert not (Sources.folder / "note.txt").exists()
    for fault in (rude.root / ".faults").iterdir():
        fault.unlink()
    assert by(Join()) == "" and (rude.root / "out" / "sum.txt").exists()


def test_a_store_that_is_full(by: Any, rude: Store) -> None:
    rude.inject("full", "put", "sum.txt", times=9)
    said = by(Join())
    assert "no space is left" in said or f"exit status {TRANSIENT + 1}" in said


def test_people_are_told_where_files_lie(by: Any, rude: Store, tmp_path: Path) -> None:
    assert f"{rude.url}/parts/one.txt {rude.url}/parts/two.txt {tmp_path}/here.txt" in shown(Join())
    mirrored = MirroredTarget(f"{rude.url}/parts/one.txt", tmp_path / "mirror.txt")

    class Copy(martlet.CommandTask):
        def output(self) -> Any:
            return [mirrored.sibling("copy.txt"), DirectoryTarget(tmp_path / "folder")]

        def command(self) -> Any:
            return ["cp", mirrored, *self.output()]

    prepared = prepare(Copy())
    assert prepared.staged is not None
    assert [url for url, _ in prepared.staged.fetched] == [mirrored.path]
    assert [url for _, url in prepared.staged.stored] == [f"{rude.url}/parts/copy.txt"]
    assert [path for _, path in prepared.outputs] == [str(tmp_path / "folder")]
