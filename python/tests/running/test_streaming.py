"""Tasks that start while the rest is still being planned."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi
from martlet.diagnostics import MartletError
from martlet.parameters import IntParameter, Parameter, TupleParameter
from martlet.running import streaming
from martlet.running.build import plan, run
from martlet.running.options import Options
from martlet.running.reporter import Silent, Snapshot
from martlet.running.result import ExitCode, FamilyCount, RunResult
from martlet.targets.local import LocalTarget
from martlet.task import Task

PATIENCE = 30.0
"""Seconds after which a test that waits for something gives up."""


def until(condition: Callable[[], bool]) -> bool:
    """Waits for what another process, or this one between two slices, does. False when it does not happen."""
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


class Watch(Silent):
    """Remembers what a run told."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.snapshots: list[Snapshot] = []

    def planned(self, families: Sequence[FamilyCount], to_run: int) -> None:
        self.told.append(f"planned {to_run}")

    def progress(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)

    def note(self, text: str) -> None:
        self.told.append(text)

    def started_here(self, task: object) -> bool:
        self.told.append("started")
        return False


class Made(Task):
    """Writes a file and a line in the log of what ran."""

    folder = Parameter()

    @property
    def name(self) -> str:
        return self.task_id

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/{self.name}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"{self.name}\n")
        with self.output().open("w") as file:
            file.write(self.name)


class Node(Made):
    """A task of a graph that is given by its edges."""

    n = IntParameter()
    edges = TupleParameter(significant=False)

    @property
    def name(self) -> str:
        return f"node-{self.n}"

    def requires(self) -> Any:
        return [Node(self.folder, needed, self.edges) for needed in self.edges[self.n]]

    def run(self) -> None:
        for needed in self.input():
            assert needed.exists()
        super().run()


class Early(Made):
    @property
    def name(self) -> str:
        return "early"


class Root(Made):
    """Needs an early task, planned first, and something whose planning ends when the early task has run."""

    waits = IntParameter()

    @property
    def name(self) -> str:
        return "root"

    def requires(self) -> Any:
        return [Late(self.folder, n, self.waits) for n in range(self.waits)] + [Early(self.folder)]


class Late(Made):
    n = IntParameter()
    waits = IntParameter()

    @property
    def name(self) -> str:
        return f"late-{self.n}"

    def requires(self) -> Any:
        # the last but one that is planned, so that the early task was handed over in a slice before
        if self.n == 0:
            assert until(Path(f"{self.folder}/early").exists), "nothing ran while this was planned"
        return []


@pytest.fixture(autouse=True)
def short_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A handful of tasks is a large plan here."""
    monkeypatch.setattr(streaming, "_ROWS", 3)
    monkeypatch.setattr(streaming, "FIRST_ROWS", 3)


def go(
    task: Task | Sequence[Task], tmp_path: Path, workers: int = 1, planning: str = "stream", **options: Any
) -> RunResult:
    tasks = [task] if isinstance(task, Task) else task
    reporter = options.pop("reporter", Silent())
    wanted = Options(workers=workers, planning=planning, state=tmp_path / "state", **options)
    return run(tasks, wanted, reporter)


def ran(tmp_path: Path) -> list[str]:
    return (tmp_path / "ran").read_text().split() if (tmp_path / "ran").exists() else []


class TestBeginning:
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("planning", ["stream", "auto"])
    def test_tasks_run_before_the_plan_is_complete(self, tmp_path: Path, planning: str, workers: int) -> None:
        watch = Watch()
        result = go(Root(str(tmp_path), 8), tmp_path, workers, planning, reporter=watch)
        assert result.exit_code == ExitCode.OK, result.endings
        assert len(ran(tmp_path)) == 10
        if workers == 1:
            assert watch.told.index("started") < watch.told.index("planned 10")

    def test_a_plan_that_is_complete_soon_comes_first(self, tmp_path: Path) -> None:
        watch = Watch()
        assert go(Early(str(tmp_path)), tmp_path, reporter=watch)
        assert watch.told == ["planned 1", "started"]

    @pytest.mark.parametrize("option", [{"force": ("Node",)}, {"until": ("Node",)}, {"planning": "first"}])
    def test_what_needs_the_whole_plan_has_it_first(self, tmp_path: Path, option: dict[str, Any]) -> None:
        watch = Watch()
        go(chain(tmp_path, 9), tmp_path, reporter=watch, **option)
        assert watch.told[0] == "planned 9"

    def test_a_dry_run_touches_nothing(self, tmp_path: Path) -> None:
        seen = plan([chain(tmp_path, 9)], Options(planning="stream"), Silent())
        assert len(seen.tasks) == 9
        assert not ran(tmp_path)

    def test_luigis_face_plans_first(self, tmp_path: Path) -> None:
        class Old(martlet.luigi.Task):  # type: ignore[misc]
            folder = Parameter()
            n = IntParameter()

            def requires(self) -> Any:
                return Old(self.folder, self.n - 1) if self.n else []

            def output(self) -> Any:
                return LocalTarget(f"{self.folder}/old-{self.n}")

            def run(self) -> None:
                Path(self.output().path).touch()

        watch = Watch()
        assert go(Old(str(tmp_path), 9), tmp_path, planning="auto", reporter=watch)
        assert watch.told[0] == "planned 10"

    @pytest.mark.parametrize("where", ["class", "instance"])
    def test_a_priority_wants_the_plan_first(self, tmp_path: Path, where: str) -> None:
        class Urgent(Node):
            if where == "class":
                priority = 4

        task = Urgent(str(tmp_path), 0, edges(9))
        if where == "instance":
            task.priority = 4
        watch = Watch()
        assert go(task, tmp_path, planning="auto", reporter=watch)
        assert watch.told[0] == "planned 9"

    def test_counts_are_so_far(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("martlet.running.progress._EVERY", 0.0)
        watch = Watch()
        assert go(Root(str(tmp_path), 8), tmp_path, reporter=watch)
        growing = [snapshot for snapshot in watch.snapshots if snapshot.is_growing]
        assert growing and all(snapshot.left is None for snapshot in growing)
        assert growing[0].total < watch.snapshots[-1].total == 10


def edges(length: int) -> tuple[tuple[int, ...], ...]:
    return tuple((n + 1,) if n + 1 < length else () for n in range(length))


def chain(tmp_path: Path, length: int) -> Node:
    return Node(str(tmp_path), 0, edges(length))


def graph(seed: int) -> tuple[tuple[int, ...], ...]:
    source = random.Random(seed)
    count = source.randint(5, 40)
    return tuple(
        tuple(sorted(source.sample(range(n + 1, count), min(count - n - 1, source.choice([0, 1, 2, 5])))))
        for n in range(count)
    )


class TestSameOutcome:
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("seed", range(8))
    def test_random_graphs_give_what_they_give_planned_first(self, tmp_path: Path, seed: int, workers: int) -> None:
        made = {}
        for planning in ("first", "stream"):
            folder = tmp_path / planning
            folder.mkdir()
            source = random.Random(seed)
            for n in range(40):
                if source.random() < 0.1:
                    (folder / f"node-{n}").write_text(f"node-{n}")
            result = go(Node(str(folder), 0, graph(seed)), folder, workers, planning)
            assert result.exit_code == ExitCode.OK, result.endings
            done = ran(folder)
            assert len(done) == len(set(done))
            made[planning] = {path.name for path in folder.glob("node-*")}, sorted(done), result.families
        assert made["first"] == made["stream"]


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
            assert until(Path(f"{self.folder}/early").exists)
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
            assert until(Path(f"{self.folder}/asking").exists)
        return []


class Asking(Made):
    @property
    def name(self) -> str:
        return "asks"

    def requires(self) -> Any:
        return [*(Awaiting(self.folder, n) for n in range(30)), Asker(self.folder)]


def test_options_know_the_ways_of_planning() -> None:
    assert Options().replaced(planning="first").planning == "first"
    assert Options().planning == "auto"


def test_martlet_build_takes_it(tmp_path: Path) -> None:
    result = martlet.build(chain(tmp_path, 9), planning="stream", progress="none", state=tmp_path / "state")
    assert result.exit_code == ExitCode.OK


class Carries(Made):
    """Carries what a worker cannot know that was forked before it was planned."""

    n = IntParameter()
    what = Parameter()
    extra: Any = martlet.OptionalParameter(default=None, significant=False)

    @property
    def name(self) -> str:
        return f"carries-{self.n}"

    def requires(self) -> Any:
        following = self.n - 1
        # so late that workers were forked for what was planned before
        if following == 0:
            assert until(Path(f"{self.folder}/early").exists)
        return getattr(self, self.what)(following) if following >= 0 else Early(self.folder)

    def attribute(self, n: int) -> Any:
        self.secret = n  # type: ignore[attr-defined]
        return [Carries(self.folder, n, self.what), Early(self.folder)]

    def function(self, n: int) -> Any:
        return [Carries(self.folder, n, self.what, extra=lambda: n), Early(self.folder)]

    def local_class(self, n: int) -> Any:
        class Local(Carries):
            pass

        return [Local(self.folder, n, self.what), Early(self.folder)]

    def run(self) -> None:
        if self.what == "attribute" and self.n > 0:
            assert self.secret == self.n - 1  # type: ignore[attr-defined]
        if self.what == "function" and self.extra is not None:
            assert self.extra() == self.n
        super().run()


class Kills(Made):
    """Kills its worker, once, while the rest is planned."""

    retry = martlet.Retry(lost=2)

    @property
    def name(self) -> str:
        return "early"

    def run(self) -> None:
        mark = Path(f"{self.folder}/killed")
        if not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        super().run()


class RootOfKills(Made):
    @property
    def name(self) -> str:
        return "root"

    def requires(self) -> Any:
        return [AfterKill(self.folder, n) for n in range(60)] + [Kills(self.folder)]


class AfterKill(Made):
    n = IntParameter()

    @property
    def name(self) -> str:
        return f"after-{self.n}"

    def requires(self) -> Any:
        if self.n == 0:
            assert until(Path(f"{self.folder}/killed").exists)
        return AfterKill(self.folder, self.n + 100) if self.n < 60 else []


class AsksForMore(Made):
    """Yields, once everything is planned, tasks that workers cannot be taught."""

    @property
    def name(self) -> str:
        return "asks-for-more"

    def run(self) -> Any:
        for n in range(3):
            yield Initialised(self.folder, n)
        super().run()


class Initialised(Made):
    n = IntParameter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.double = 2 * self.n

    @property
    def name(self) -> str:
        return f"initialised-{self.double}"


class TestWorkers:
    @pytest.mark.filterwarnings("ignore:.*is not of type")
    @pytest.mark.parametrize("what", ["attribute", "function", "local_class"])
    def test_what_cannot_be_taught_runs_in_workers_that_were_forked_later(self, tmp_path: Path, what: str) -> None:
        result = go(Carries(str(tmp_path), 60, what), tmp_path, 2)
        assert result.exit_code == ExitCode.OK, result.endings
        assert len(ran(tmp_path)) == 62

    def test_a_worker_that_is_killed_is_replaced_and_learns_the_same(self, tmp_path: Path) -> None:
        result = go(RootOfKills(str(tmp_path)), tmp_path, 2)
        assert result.exit_code == ExitCode.OK, result.endings
        assert len(ran(tmp_path)) == 122

    def test_what_is_asked_for_and_cannot_be_taught(self, tmp_path: Path) -> None:
        result = go(AsksForMore(str(tmp_path)), tmp_path, 2, "first")
        assert result.exit_code == ExitCode.OK, result.endings
        assert sorted(ran(tmp_path)) == ["asks-for-more", "initialised-0", "initialised-2", "initialised-4"]

    def test_reports_name_what_was_needed(self, tmp_path: Path) -> None:
        assert go(Root(str(tmp_path), 8), tmp_path, 2)
        lines = "".join(path.read_text() for path in (tmp_path / "state" / "reports").rglob("*") if path.is_file())
        inputs = [line for line in lines.splitlines() if '"family":"Root"' in line]
        assert len(inputs) == 1 and inputs[0].count('"Late_') == 8
