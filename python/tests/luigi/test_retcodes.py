"""Exit codes of the program luigi."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import martlet.luigi as luigi
from martlet.luigi.cmdline import luigi_run, luigid
from martlet.luigi.setup_logging import DaemonLogging, InterfaceLogging


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARTLET_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(InterfaceLogging, "_configured", True)
    monkeypatch.setattr(DaemonLogging, "_configured", True)


class Fails(luigi.Task):
    def run(self) -> None:
        raise ValueError("no jets")


class Absent(luigi.ExternalTask):
    def complete(self) -> bool:
        return False


class Both(luigi.Task):
    def requires(self) -> Any:
        return [Fails(), Absent()]


class Needy(luigi.Task):
    name = luigi.Parameter()


class NoRequirements(luigi.Task):
    def requires(self) -> Any:
        raise OSError("gone")


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Fails", 0),
        ("Fails --retcode-task-failed 5", 5),
        ("Absent --retcode-missing-data 6", 6),
        ("Both --retcode-task-failed 4 --retcode-missing-data 7", 7),
        ("NoRequirements --retcode-scheduling-error 8", 8),
        ("Needy", 4),
        ("Needy --retcode-unhandled-exception 9", 9),
        ("Needy --name x --retcode-not-run 3 --retcode-task-failed 3", 0),
    ],
)
def test_the_greatest_code_counts(words: str, code: int) -> None:
    with pytest.raises(SystemExit) as end:
        luigi_run([*words.split(), "--no-lock", "--local-scheduler"])
    assert end.value.code == code


def test_locked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(luigi.lock, "acquire_for", lambda *arguments: False)
    with pytest.raises(SystemExit) as end:
        luigi_run(["Fails", "--retcode-already-running", "5"])
    assert end.value.code == 5


def test_there_is_no_luigid() -> None:
    with pytest.raises(SystemExit, match="there is no luigid: every run has its engine"):
        luigid(["--port", "8083"])
