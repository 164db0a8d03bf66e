"""Runs from programs: martlet.build, and what luigi's face runs with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from martlet.diagnostics import MartletError
from martlet.parameters import IntParameter
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode
from martlet.steering import one_run, session
from martlet.targets.local import LocalTarget
from martlet.task import Task


@pytest.fixture(autouse=True)
def ready(project: Path, registry: None, stand_in_engine: None) -> None:
    (project / "martlet.toml").write_text("workers = 3\nbatch = 'naf'\n[resources]\nmemory = 8\n")


@pytest.fixture
def reco() -> Any:
    class Reco(Task):
        n = IntParameter(default=1)

        def output(self) -> LocalTarget:
            return LocalTarget(f"reco_{self.n}.txt")

        def run(self) -> None:
            if self.n < 0:
                raise ValueError("no jets")
            with self.output().open("w") as file:
                file.write("x")

    return Reco


@pytest.fixture
def options(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The options of the runs that are made."""
    import engine

    seen: list[Any] = []

    class Noted:
        plan = staticmethod(engine.plan)

        @staticmethod
        def run(tasks: Any, options: Any, reporter: Any, witness: Any = None) -> Any:
            seen.append(options)
            return engine.run(tasks, options, reporter)

    monkeypatch.setattr(one_run, "engine", lambda: Noted)
    return seen


def test_build_merges_arguments_over_the_configuration(
    reco: Any, options: list[Any], monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    monkeypatch.setattr(session, "main_script", lambda: None)
    result = session.build(reco(), workers=2, resources={"disk": 1}, force=["Reco"], state="work")
    assert result
    assert result.exit_code is ExitCode.OK
    (made,) = options
    assert (made.workers, made.batch, made.force) == (2, "naf", ("Reco",))
    assert made.resources == {"memory": 8.0, "disk": 1.0}
    assert made.state == project / "work"


def test_build_takes_one_task_or_several(reco: Any) -> None:
    assert session.build([reco(n=1), reco(n=2)])
    assert session.build(reco(n=3) for _ in range(1))
    assert Path("reco_2.txt").exists()
    assert Path("reco_3.txt").exists()


def test_build_does_not_exit_on_failure(reco: Any, capsys: pytest.CaptureFixture[str]) -> None:
    result = session.build(reco(n=-1))
    assert not result
    assert result.exit_code is ExitCode.FAILED
    assert "no jets" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("tasks", "arguments", "part"),
    [("x", {}, "'x': this is no task"), ([], {"workers": 0}, "workers"), ([], {"progress": "loud"}, "one of auto")],
)
def test_build_refuses(tasks: Any, arguments: dict[str, Any], part: str) -> None:
    with pytest.raises(MartletError, match=part):
        session.build(tasks, **arguments)


def test_build_refuses_a_class(reco: Any) -> None:
    with pytest.raises(MartletError, match="this is no task"):
        session.build(reco)


def test_quiet_says_nothing(reco: Any, capsys: pytest.CaptureFixture[str]) -> None:
    session.build(reco(n=4), quiet=True)
    assert capsys.readouterr() == ("", "")


def test_run_exits_with_the_code(reco: Any) -> None:
    for words, code in ((["Reco"], 0), (["Reco", "--n", "-1"], 1), (["Rceo"], 2)):
        with pytest.raises(SystemExit) as raised:
            session.run(words)
        assert raised.value.code == code


def test_a_run_of_luigis_face_says_nothing_itself(
    reco: Any, options: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    given = {"workers": 5, "resources": {"disk": 2}}
    assert session.run_for_luigi([reco(n=6)], given, {"check_outputs": True}, Silent())
    assert not session.run_for_luigi([reco(n=-1)], given, {}, Silent())
    assert [(made.workers, made.check_outputs) for made in options] == [(5, True), (5, None)]
    assert options[0].resources == {"memory": 8.0, "disk": 2.0}
    assert session.outcomes == [ExitCode.OK, ExitCode.FAILED]
    assert capsys.readouterr() == ("", "")


def test_a_run_within_a_task_is_not_the_scripts(registry: None) -> None:
    class Inner(Task):
        def output(self) -> LocalTarget:
            return LocalTarget("inner.txt")

        def run(self) -> None:
            raise ValueError("inside")

    class Outer(Task):
        def output(self) -> LocalTarget:
            return LocalTarget("outer.txt")

        def run(self) -> None:
            assert not session.build(Inner())
            self.output().open("w").close()

    assert session.build(Outer())
    assert session.outcomes == [ExitCode.OK]
