"""Two tasks that would make one file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet import luigi
from martlet.diagnostics import Code, MartletError
from martlet.running.build import plan, run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode, RunResult
from martlet.structure import flatten


class Maker(martlet.Task):
    """Makes `path`, whatever its number."""

    path = martlet.Parameter()
    n = martlet.IntParameter(default=0)

    def output(self) -> Any:
        return martlet.LocalTarget(self.path)

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(str(self.n))


class Both(martlet.WrapperTask):
    """Needs makers of these paths."""

    paths = martlet.ListParameter()

    def requires(self) -> Any:
        return [Maker(path, n) for n, path in enumerate(self.paths)]


class Allowed(Maker):
    allow_shared_output = True


class Patient(Maker):
    """Waits for its turn."""

    resources = {"turn": 1}


class LuigiMaker(luigi.Task):
    path = luigi.Parameter()
    n = luigi.IntParameter()
    output = Maker.output
    run = Maker.run


class Delegate(martlet.Task):
    """Passes on what it needs, and does something beside."""

    path = martlet.Parameter()
    n = martlet.IntParameter()

    def requires(self) -> Any:
        return Maker(self.path)

    def output(self) -> Any:
        return self.input()

    def run(self) -> None:
        assert self.input().exists()


class Far(Delegate):
    """Passes on what it needs through another."""

    def requires(self) -> Any:
        return Delegate(self.path, self.n)


class Idle(martlet.Task):
    """Names a file, but has no run() to make it."""

    path = martlet.Parameter()

    def requires(self) -> Any:
        return Maker(self.path)

    def output(self) -> Any:
        return self.input()


class Asks(martlet.Task):
    """Asks for a maker of its own output while it runs, or of another's."""

    path = martlet.Parameter()
    other = martlet.Parameter()
    resources = {"turn": 1}

    def output(self) -> Any:
        return martlet.LocalTarget(self.path)

    def run(self) -> Any:
        yield Maker(self.other, 7)
        if not self.output().exists():
            Path(self.path).write_text("x")


class Several(martlet.Task):
    paths = martlet.ListParameter()

    def output(self) -> Any:
        return [martlet.LocalTarget(path) for path in self.paths]

    def run(self) -> None:
        for target in flatten(self.output()):
            Path(target.path).write_text("x")


class Note(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "out")


def go(tasks: Any, tmp_path: Path, **options: Any) -> RunResult:
    return run(tasks if isinstance(tasks, list) else [tasks], Options(state=tmp_path / "state", **options), Silent())


def refused(tasks: list[Any], tmp_path: Path, **options: Any) -> str:
    with pytest.raises(MartletError) as caught:
        go(tasks, tmp_path, **options)
    assert caught.value.diagnostic.code == Code.SHARED_OUTPUT
    assert caught.value.exit_code == ExitCode.BROKEN
    assert not (tmp_path / "state").exists()
    with pytest.raises(MartletError):
        plan(tasks, Options(**options), Silent())
    return str(caught.value)


def test_is_refused_with_both_named_before_anything_runs(tmp_path: Path, path: str) -> None:
    text = refused([Both([path, path])], tmp_path)
    for part in (f"Maker(path={path}, n=0)", f"Maker(path={path}, n=1)", f": {path} is made by", "allow_shared_output"):
        assert part in text
    assert not os.path.exists(path)


def test_is_refused_among_roots_too(tmp_path: Path, path: str) -> None:
    refused([Maker(path, 0), Maker(path, 1)], tmp_path)


@pytest.mark.parametrize("how", ["dot", "slashes", "relative", "link"])
def test_however_the_path_is_spelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    other = {"dot": "./real/./a", "slashes": "real//a", "relative": f"{tmp_path}/real/a", "link": "link/a"}[how]
    refused([Both(["real/a", other])], tmp_path)
    assert go([Both(["real/a", f"{other}b"])], tmp_path)


def test_says_how_many(tmp_path: Path, path: str) -> None:
    assert "(and 9 more pairs" in refused([Both([path] * 11)], tmp_path)
    assert "(and 99 or more more pairs" not in refused([Both([path] * 11)], tmp_path)
    assert "99 or more" in refused([Both([path] * 1000)], tmp_path)


def test_one_of_several_outputs(tmp_path: Path) -> None:
    a, b, c, d, e = (str(tmp_path / name) for name in "abcde")
    assert f"{b} is made by" in refused([Several([a, b]), Several([c, b])], tmp_path)
    assert f"{b} is made by" in refused([Several([a, b]), Several([a, c]), Several([d, b])], tmp_path).replace(a, b)
    assert go([Several([a, b]), Several([c, d]), Several([e, e])], tmp_path)


def test_of_complete_tasks_nothing_is_said(tmp_path: Path, path: str) -> None:
    Path(path).touch()
    assert go(Both([path, path]), tmp_path)
    refused([Both([path, path])], tmp_path, force=("Maker",))


def test_is_permitted_by_both_classes_or_not_at_all(tmp_path: Path, path: str) -> None:
    result = go([Allowed(path, 0), Allowed(path, 1)], tmp_path)
    assert result and not result.notes
    os.unlink(path)
    refused([Allowed(path, 0), Maker(path, 1)], tmp_path / "2")


def test_under_luigis_face_it_is_told(tmp_path: Path, path: str) -> None:
    note = Note()
    tasks = [LuigiMaker(path, 0), LuigiMaker(path, 1)]
    planned = plan(tasks, Options(), Silent())
    assert [path in text for text in planned.notes] == [True]
    result = run(tasks, Options(state=tmp_path / "state"), note)
    assert result and result.notes == tuple(planned.notes) == tuple(note.notes)
    os.unlink(path)
    refused([LuigiMaker(path, 0), Maker(path, 1)], tmp_path / "2")


@pytest.mark.parametrize("workers", [1, 2])
def test_passing_an_input_on_is_legal(tmp_path: Path, path: str, workers: int) -> None:
    tasks = [Far(path, 1), Delegate(path, 2), Delegate(path, 3), Idle(path), Maker(path)]
    result = go(tasks, tmp_path, workers=workers)
    assert result and not result.notes
    # and also when it is asked for before what makes it, or after
    os.unlink(path)
    assert go(list(reversed(tasks)), tmp_path)


def test_a_delegate_of_another_is_no_excuse(tmp_path: Path, path: str) -> None:
    assert f"Maker(path={path}, n=1)" in refused([Delegate(path, 2), Maker(path, 1)], tmp_path)
    assert f"Maker(path={path}, n=1)" in refused([Maker(path, 1), Idle(path), Far(path, 2)], tmp_path)


@pytest.mark.parametrize("workers", [1, 2])
class TestWhileRunning:
    def test_passing_on_what_was_asked_for_is_legal(self, tmp_path: Path, path: str, workers: int) -> None:
        result = go(Asks(path, path), tmp_path, workers=workers)
        assert result and Path(path).read_text() == "7"

    def test_a_task_that_makes_anothers_file_is_not_started(self, tmp_path: Path, path: str, workers: int) -> None:
        other = str(tmp_path / "other")
        result = go([Asks(path, other), Patient(other, 1)], tmp_path, workers=workers)
        assert result.exit_code == ExitCode.BROKEN
        causes = {ending.state: ending.cause for ending in result.endings}
        assert causes.keys() == {"broken", "blocked"}
        assert f"{other} is made by Patient(path={other}, n=1) as well" in causes["broken"]
        assert Path(other).read_text() == "1"


REPORTS = {"complete_by": {"*": "reports"}}
BOTH = {"complete_by": {"*": "both"}}


@pytest.mark.parametrize("options", [REPORTS, BOTH], ids=["reports", "both"])
def test_is_refused_where_reports_decide(tmp_path: Path, path: str, options: dict[str, Any]) -> None:
    assert "is made by Maker(" in refused([Both([path, path])], tmp_path, **options)
    assert not Path(path).exists()
    Path(path).touch()  # it is there, and no report tells of it
    assert "is made by Maker(" in refused([Both([path, path])], tmp_path, **options)
    result = go([Allowed(path, 0), Allowed(path, 1)], tmp_path, **options)
    assert result


def test_what_does_not_run_again_has_no_rival(tmp_path: Path, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    go(Maker(path, 0), tmp_path)
    assert go([Maker(path, 0), Maker(path, 1)], tmp_path), "both are complete by the one file"
    monkeypatch.setattr(Maker, "complete_by", "reports", raising=False)
    assert go(Maker(path, 0), tmp_path)
    # the one has a report, and only the other runs: it has no rival
    assert go([Maker(path, 0), Maker(path, 1)], tmp_path)


def test_passing_an_input_on_is_legal_where_reports_decide(tmp_path: Path, path: str) -> None:
    assert go(Far(path, 0), tmp_path, **REPORTS)


def test_what_is_asked_for_later_is_refused_where_reports_decide(tmp_path: Path, path: str) -> None:
    class Asker(martlet.Task):
        def output(self) -> Any:
            return martlet.LocalTarget(f"{path}.asker")

        def run(self) -> Any:
            yield [Maker(path, 0), Maker(path, 1)]

    result = go(Asker(), tmp_path, **REPORTS)
    assert not result
    assert any("is made by Maker(" in one.cause for one in result.endings), result.endings


def test_many_makers_of_one_file_are_told_of_soon(tmp_path: Path, path: str) -> None:
    """The output() of a few is asked again, not of all."""
    asked = []

    class Counted(Maker):
        def output(self) -> Any:
            asked.append(self.n)
            return super().output()

    refused([Counted(path, n) for n in range(3000)], tmp_path)
    assert len(asked) < 2 * (3000 + 500)
