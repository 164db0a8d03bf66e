"""What goes wrong, or is asked for, while tasks run and others are still being planned."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from martlet.diagnostics import MartletError
from martlet.parameters import IntParameter, Parameter
from martlet.running.result import ExitCode
from running.runs import ran
from running.streamed import Early, Late, Made, Watch, chain, go
from running.waiting import PATIENCE, until

pytestmark = pytest.mark.usefixtures("short_slices")


class Ring(Made):
    """Needs itself around several corners; the first of it needs something harmless too."""

    n = IntParameter()
    length = IntParameter()

    @property
    def name(self) -> str:
        return f"ring-{self.n}"

    def requires(self) -> Any:
        following = Ring(self.folder, (self.n + 1) % self.length, self.length)
        return [following, *([Early(self.folder)] if self.n == 0 else [])]


class Twin(Made):
    """Two of these make one file."""

    n = IntParameter()

    @property
    def name(self) -> str:
        return "twin" if self.n in (1, 7) else f"twin-{self.n}"


class Twins(Made):
    @property
    def name(self) -> str:
        return "twins"

    def requires(self) -> Any:
        return [Twin(self.folder, n) for n in range(9)]


class Handed(Made):
    """Hands on, under the name of its first, what the last of a chain makes, which was found before."""

    n = IntParameter()

    @property
    def name(self) -> str:
        return "handed" if self.n in (0, 9) else f"handed-{self.n}"

    def requires(self) -> Any:
        return Handed(self.folder, self.n + 1) if self.n < 9 else []

    def run(self) -> None:
        if self.n:
            super().run()


class Hands(Made):
    @property
    def name(self) -> str:
        return "hands"

    def requires(self) -> Any:
        return [Handed(self.folder, 0), Handed(self.folder, 9)]


class TestFoundLate:
    def test_a_cycle_does_not_run_and_is_told_with_its_path(self, tmp_path: Path) -> None:
        result = go(Ring(str(tmp_path), 0, 9), tmp_path)
        assert result.exit_code == ExitCode.BROKEN
        assert ran(tmp_path) == ["early"]
        assert len(result.endings) == 9
        assert " → ".join(f"Ring(folder={tmp_path}, n={n}, length=9)" for n in (0, 1, 2)) in result.endings[0].cause

    def test_of_two_tasks_that_make_one_file_one_runs(self, tmp_path: Path) -> None:
        result = go(Twins(str(tmp_path)), tmp_path)
        assert result.exit_code == ExitCode.BROKEN
        assert sorted(ran(tmp_path)) == sorted(["twin", *(f"twin-{n}" for n in range(9) if n not in (1, 7))])
        blocked, broken = sorted(result.endings, key=lambda ending: ending.state)
        assert f"{tmp_path}/twin is made by Twin(folder={tmp_path}, n=" in broken.cause
        assert blocked.state == "blocked"

    def test_what_is_handed_on_is_no_collision(self, tmp_path: Path) -> None:
        result = go(Hands(str(tmp_path)), tmp_path)
        assert result.exit_code == ExitCode.OK, result.endings


class Trap(Made):
    """Something happens when the n-th of it is planned, once an early task has run."""

    n = IntParameter()
    what = Parameter()

    @property
    def name(self) -> str:
        return f"trap-{self.n}"

    def requires(self) -> Any:
        if self.n == 0:
            return [Trap(self.folder, n, self.what) for n in range(1, 30)] + [Early(self.folder)]
        if self.n == 2:
            until(Path(f"{self.folder}/early").exists)
            getattr(self, self.what)()
        return []

    def interrupt(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def interrupt_twice(self) -> None:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(PATIENCE)
        raise AssertionError("a second Ctrl-C interrupts requires()")

    def leave(self) -> None:
        raise SystemExit(3)

    def fail(self) -> None:
        raise KeyError("dataset")


class Fails(Made):
    def run(self) -> None:
        raise ValueError("the jets are gone")


class FailsEarly(Made):
    @property
    def name(self) -> str:
        return "fails-early"

    def requires(self) -> Any:
        return [*(Late(self.folder, n, 20) for n in range(1, 20)), Fails(self.folder)]


class TestTrouble:
    @pytest.mark.parametrize("what", ["interrupt", "interrupt_twice"])
    def test_ctrl_c_ends_planning_and_starts_nothing_new(self, tmp_path: Path, what: str) -> None:
        result = go(Trap(str(tmp_path), 0, what), tmp_path)
        assert result.exit_code == ExitCode.INTERRUPTED
        assert result.interrupted
        assert "trap-0" not in ran(tmp_path) and "trap-1" not in ran(tmp_path)
        assert sum(family.total for family in result.families) == 31
        assert {ending.state for ending in result.endings} == {"withheld"}

    def test_what_ends_planning_is_raised_when_nothing_runs_any_more(self, tmp_path: Path) -> None:
        watch = Watch()
        with pytest.raises(SystemExit):
            go(Trap(str(tmp_path), 0, "leave"), tmp_path, reporter=watch)
        assert "early" in ran(tmp_path)
        assert any("planning has failed" in told for told in watch.told)

    def test_a_task_that_cannot_be_planned_is_its_own_fault(self, tmp_path: Path) -> None:
        result = go(Trap(str(tmp_path), 0, "fail"), tmp_path)
        assert result.exit_code == ExitCode.BROKEN
        assert sorted(ending.state for ending in result.endings) == ["blocked", "broken"]
        assert len(ran(tmp_path)) == 29

    @pytest.mark.parametrize("fail_fast", [False, True])
    def test_a_failure_while_planning(self, tmp_path: Path, fail_fast: bool) -> None:
        (tmp_path / "early").touch()
        result = go(FailsEarly(str(tmp_path)), tmp_path, fail_fast=fail_fast)
        assert result.exit_code == ExitCode.FAILED
        states = sorted(ending.state for ending in result.endings)
        assert ("withheld" in states) == fail_fast
        assert "failed" in states and ("blocked" in states or fail_fast)

    @pytest.mark.parametrize("workers", [1, 2])
    def test_asking_for_more_while_planning(self, tmp_path: Path, workers: int) -> None:
        result = go(Asking(str(tmp_path)), tmp_path, workers)
        assert result.exit_code == ExitCode.OK, result.endings
        assert ran(tmp_path).count("early") == 1

    def test_two_files_made_twice_at_the_beginning_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(MartletError, match="made by"):
            go([Twin(str(tmp_path), 1), Twin(str(tmp_path), 7), Twins(str(tmp_path))], tmp_path)
        assert not ran(tmp_path)


class Asker(Made):
    """Yields what is planned already, what is on its way, and what is new; waited for by the rest of the plan."""

    @property
    def name(self) -> str:
        return "asker"

    def run(self) -> Any:
        Path(f"{self.folder}/asking").touch()
        yield [Early(self.folder), Awaiting(self.folder, 1), chain(Path(self.folder), 9)]
        super().run()


class Awaiting(Made):
    n = IntParameter()

    @property
    def name(self) -> str:
        return f"awaiting-{self.n}"

    def requires(self) -> Any:
        if self.n == 0:
            until(Path(f"{self.folder}/asking").exists)
        return []


class Asking(Made):
    @property
    def name(self) -> str:
        return "asks"

    def requires(self) -> Any:
        return [*(Awaiting(self.folder, n) for n in range(30)), Asker(self.folder)]
