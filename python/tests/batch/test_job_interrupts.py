"""Ctrl-C and its kin while jobs are in a batch system: these are left or cancelled, as asked; the next run goes on."""

from __future__ import annotations

import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import cast

import pytest

from batch.driver import Area
from batch.servers.slurm import Slurm
from batch.slurm_jobs import in_front
from batch.terminal import Terminal
from batch.waiting import wait_for

pytestmark = pytest.mark.e2e

QUESTION = "ait on?"


@dataclass
class System:
    """A batch system, and an area that uses it."""

    name: str
    area: Area

    def words(self, count: int, pause: float, *more: str, task: str = "Selection") -> list[str]:
        own = ["--pause", str(pause)] if task == "Selection" else ["--Selection-pause", str(pause)]
        return [
            task, "--count", str(count), "--folder", str(self.area.folder), *own, "--batch", self.name, "--no-bundle",
            "--poll-interval", "0.5", "--workers", "8", *more,
        ]  # fmt: skip

    def alive(self) -> int:
        return sum(state in ("pending", "running") for state in self.area.states())

    def begun(self) -> int:
        try:
            return len((self.area.folder / "ran").read_text().split())
        except FileNotFoundError:
            return 0


@pytest.fixture
def served(request: pytest.FixtureRequest) -> Callable[[], Slurm]:
    """Gives the Slurm of all tests, which is started when one asks for it first."""
    return lambda: cast(Slurm, request.getfixturevalue("system"))


@pytest.fixture(params=["local", "slurm"])
def either(request: pytest.FixtureRequest, tmp_path: Path, served: Callable[[], Slurm]) -> Iterator[System]:
    yield from _system(request.param, tmp_path, served)


@pytest.fixture
def local(tmp_path: Path, served: Callable[[], Slurm]) -> Iterator[System]:
    yield from _system("local", tmp_path, served)


@pytest.fixture
def real(tmp_path: Path, served: Callable[[], Slurm]) -> Iterator[System]:
    yield from _system("slurm", tmp_path, served)


def _system(name: str, folder: Path, served: Callable[[], Slurm]) -> Iterator[System]:
    made = System(name, Area(folder, served().environment if name == "slurm" else {}))
    yield made
    if (folder / "state").exists():
        made.area.jobs("cancel", "--all")


@contextmanager
def at_the_question(system: System, count: int, pause: float, *more: str, **words: str) -> Iterator[Terminal]:
    """A run in a terminal whose user has typed Ctrl-C while jobs are at work."""
    with Terminal(system.area, *system.words(count, pause, *more, **words)) as run:
        wait_for(lambda: system.begun() > 0)
        run.interrupt()
        run.await_text(QUESTION)
        yield run


def finish(system: System, count: int, *, submissions: int | None = None) -> None:
    """The next run makes what is left; nothing has run twice but what was cancelled."""
    code, said = system.area.run(*system.words(count, 0))
    assert code == 0, said
    assert len(system.area.outputs()) == count
    if submissions is not None:
        assert sum(system.area.submissions()) == submissions
        assert system.area.often() == {}


# ---- at a terminal


def test_jobs_are_left_when_that_is_the_answer(either: System) -> None:
    with at_the_question(either, 4, 5) as run:
        run.type("l\n")
        code, shown = run.end()
    assert code == 130
    assert f"jobs are in {either.name}: [l]eave them" in shown
    assert f"left in {either.name}" in shown and "martlet jobs cancel martlet-" in shown
    finish(either, 4, submissions=4)


def test_jobs_are_cancelled_when_that_is_the_answer(either: System) -> None:
    with at_the_question(either, 3, 600) as run:
        run.type("cancel\n")
        code, shown = run.end()
    assert code == 130
    assert f"3 jobs in {either.name} are cancelled" in shown, shown
    assert either.area.states() == [] and "failed" not in shown, shown
    finish(either, 3)


def test_cancelled_jobs_are_no_failures(local: System) -> None:
    with Terminal(local.area, *local.words(12, 600, "--on-interrupt", "cancel")) as run:
        wait_for(lambda: local.begun() == 8)
        run.interrupt()
        code, shown = run.end()
    assert code == 130 and local.area.states() == []
    assert re.search(r"interrupted +8 +Selection 8\b", shown), shown
    assert re.search(r"not started +5 +Selection 5\b", shown), shown  # four branches, and the workflow itself
    assert "failed" not in shown and "12 jobs in local are cancelled" in shown
    finish(local, 12)


def test_the_run_goes_on_when_that_is_the_answer(local: System) -> None:
    with at_the_question(local, 3, 3, task="Plot") as run:
        for slip in ("perhaps", "continue", ""):
            run.type(f"{slip}\n")
            run.await_text(QUESTION)
        run.type("w\n")
        code, shown = run.end()
    assert code == 0, shown
    # jobs ended while the question was open, and what they are needed for was submitted afterwards
    assert (local.area.folder / "plot.txt").exists() and local.area.often() == {}


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["Ctrl-C", "Ctrl-D"])
def test_a_second_ctrl_c_and_the_end_of_the_input_leave_them(local: System, key: str) -> None:
    with at_the_question(local, 4, 3) as run:
        run.type(key)
        code, shown = run.end()
    assert code == 130 and "left in local" in shown, shown
    finish(local, 4, submissions=4)


def test_jobs_are_collected_while_the_question_is_open(local: System) -> None:
    with at_the_question(local, 4, 3) as run:
        code, shown = run.end()
    assert code == 0, shown  # all ended before anybody had answered


def test_a_terminal_that_is_closed_leaves_them(local: System) -> None:
    with at_the_question(local, 4, 3) as run:
        assert run.hang_up() == 130
    finish(local, 4, submissions=4)


def test_pilots_are_left_and_the_next_run_goes_on_with_them(local: System) -> None:
    pilots = ("--pilots", "2")
    with at_the_question(local, 8, 2, *pilots) as run:
        run.type("l\n")
        code, shown = run.end()
    assert code == 130 and "2 jobs are left in local" in shown, shown
    code, said = local.area.run(*local.words(8, 2, *pilots))
    assert code == 0, said
    assert len(local.area.outputs()) == 8 and local.area.often() == {}
    assert [record["pilots"] for record in local.area.ledger() if "intend" in record] == [2]


def test_pilots_are_cancelled_and_the_next_run_makes_what_is_left(local: System) -> None:
    with at_the_question(local, 8, 600, "--pilots", "2") as run:
        run.type("c\n")
        code, shown = run.end()
    assert code == 130 and "2 jobs in local are cancelled" in shown, shown
    assert local.area.states() == []
    finish(local, 8)


# ---- without a terminal


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_without_a_terminal_jobs_are_left(local: System, number: int) -> None:
    process = local.area.start(*local.words(4, 3))
    wait_for(lambda: local.begun() > 0)
    process.send_signal(number)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "4 jobs are left in local" in said, said
    finish(local, 4, submissions=4)


def test_a_setting_has_ctrl_c_cancel_them(either: System) -> None:
    process = either.area.start(*either.words(3, 600, "--on-interrupt", "cancel"))
    wait_for(lambda: either.begun() > 0)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=150)
    assert process.returncode == 130 and f"3 jobs in {either.name} are cancelled" in said, said
    assert either.area.states() == []


# ---- while commands of the batch system are under way


_SLOW = 'touch "$area/asked"; sleep 3; exec "$real" "$@"'


def test_a_submission_under_way_is_awaited_and_its_jobs_are_left(real: System) -> None:
    process = real.area.start(*real.words(5, 2), **in_front(real.area, "sbatch", _SLOW))
    wait_for((real.area.folder / "asked").exists)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "5 jobs are left in slurm" in said, said
    assert real.area.accepted() == 5
    finish(real, 5, submissions=5)


def test_jobs_that_are_being_submitted_are_cancelled(real: System) -> None:
    words = real.words(5, 600, "--on-interrupt", "cancel")
    process = real.area.start(*words, **in_front(real.area, "sbatch", _SLOW))
    wait_for((real.area.folder / "asked").exists)
    process.send_signal(signal.SIGINT)
    said, _ = process.communicate(timeout=150)
    assert process.returncode == 130 and "5 jobs in slurm are cancelled" in said, said
    assert real.area.states() == []
    finish(real, 5)


def test_a_queue_that_does_not_answer_keeps_nobody_from_leaving(real: System) -> None:
    process = real.area.start(*real.words(3, 5), **in_front(real.area, "squeue", 'touch "$area/asked"; sleep 600'))
    wait_for((real.area.folder / "asked").exists)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 130 and "3 jobs are left in slurm" in said, said
    finish(real, 3, submissions=3)
