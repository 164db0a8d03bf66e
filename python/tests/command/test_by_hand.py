"""task.run() of a command: what tests, debuggers and batch jobs do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.command.exits import meanings
from martlet.running.outcome import Kind
from martlet.testing import run_task


class Say(martlet.CommandTask):
    folder = martlet.Parameter()
    line = martlet.Parameter(default="echo hello > {output}")

    exit_codes = {3: "the input is truncated", 75: martlet.Exit.STORAGE, 9: (martlet.Exit.SUCCESS, "")}

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/deep/said.txt")

    def command(self) -> Any:
        return self.line


def left(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file()]


def test_makes_the_output(tmp_path: Path) -> None:
    assert run_task(Say(str(tmp_path))).open().read() == "hello\n"
    assert left(tmp_path) == ["said.txt"]


@pytest.mark.parametrize(
    ("line", "cause", "kind"),
    [
        ("echo x > {output}; exit 4", "exit status 4", Kind.RAISED),
        ("echo x > {output}; exit 3", "exit status 3: the input is truncated", Kind.RAISED),
        ("exit 75; {output}", "exit status 75: trouble with storage", Kind.STORAGE_TROUBLE),
        ("kill -9 $$; {output}", "ended by SIGKILL", Kind.WORKER_LOST),
        ("no-such-program; exit $?; {output}", "exit status 127, a shell's word for a program that", Kind.RAISED),
        ("sh -c 'kill -11 $$'; exit $?; {output}", "exit status 139, a shell's word for SIGSEGV", Kind.RAISED),
        ("true {output}", "ended well without having made", Kind.OUTPUTS_NOT_MADE),
    ],
)
def test_failures_leave_nothing(tmp_path: Path, line: str, cause: str, kind: Kind) -> None:
    with pytest.raises(martlet.CommandError, match=cause) as caught:
        Say(str(tmp_path), line).run()
    assert caught.value.kind == kind and left(tmp_path) == []


def test_a_status_that_counts_as_success(tmp_path: Path) -> None:
    run_task(Say(str(tmp_path), "echo x > {output}; exit 9"))


def test_a_log_of_its_own_and_variables(tmp_path: Path) -> None:
    class Loud(Say):
        log = str(tmp_path / "logs" / "loud.log")
        env = {"WORD": "so {line}"}
        cwd = tmp_path

    run_task(Loud(str(tmp_path), 'echo "$WORD"; pwd; : > {output}'))
    text = (tmp_path / "logs" / "loud.log").read_text()
    assert text.startswith("so echo") and text.endswith(f"{tmp_path}\n")


@pytest.mark.parametrize("wrong", [{300: "x"}, {"1": "x"}, {1: 5}, {1: ("x", "y")}])
def test_exit_codes_that_mean_nothing(wrong: dict[Any, Any]) -> None:
    with pytest.raises(ValueError, match="exit_codes"):
        meanings(wrong)
