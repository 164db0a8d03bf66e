"""What a dry run says, and its exit code."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import pytest

from martlet.diagnostics import MartletError
from martlet.running.reporter import PlannedTask
from martlet.running.result import Ending, ExitCode, FamilyCount
from martlet.steering import dryrun


@dataclass
class Planned:
    tasks: list[PlannedTask] = field(default_factory=list)
    families: list[FamilyCount] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    cycle: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    needs: list[list[int] | None] = field(default_factory=list)


def task(number: int, state: str = "waiting", family: str = "Selection") -> PlannedTask:
    title = f"{family}(file={number})"
    return PlannedTask(number, f"{family}_{number}", title, family, state, f"{number}.root is not there")


def test_families_with_first_examples() -> None:
    plan = Planned([task(number) for number in range(10)] + [task(11, "present"), task(12, family="Plots")])
    lines = dryrun.text(plan, io.StringIO()).splitlines()
    assert lines[:3] == [
        "Would run 11 of 12 tasks, 1 already there:",
        "  Selection: 10",
        "    Selection(file=0): 0.root is not there",
    ]
    assert "    … and 7 more (-v lists them)" in lines
    assert lines[-2:] == ["  Plots: 1", "    Plots(file=12): 12.root is not there"]
    assert len(dryrun.text(plan, io.StringIO(), verbose=True).splitlines()) == 14
    assert dryrun.exit_code(plan) is ExitCode.OK


def test_nothing_to_do() -> None:
    plan = Planned([task(1, "present"), task(2, "present")])
    assert dryrun.text(plan, io.StringIO()) == "Nothing to do: all 2 tasks are complete"


def test_notes_are_shown() -> None:
    plan = Planned(notes=["A() and B() both make x"])
    assert dryrun.text(plan, io.StringIO()).endswith("note: A() and B() both make x")


def test_a_cycle_is_printed_as_its_path() -> None:
    plan = Planned(cycle=["A()", "B()"])
    with pytest.raises(MartletError, match=r"A\(\) → B\(\) → A\(\)") as raised:
        dryrun.text(plan, io.StringIO())
    assert raised.value.exit_code is ExitCode.BROKEN


def test_missing_and_broken() -> None:
    missing = Ending(1, "E_1", "Events(n=1)", "missing", "/data/1.root is not there")
    broken = Ending(2, "B_1", "B()", "broken", "requires() raised ValueError", "Traceback …")
    plan = Planned([task(0), task(1, "missing"), task(2, "broken")], endings=[missing])
    assert dryrun.exit_code(plan) is ExitCode.MISSING
    plan.endings.append(broken)
    assert dryrun.exit_code(plan) is ExitCode.BROKEN
    text = dryrun.text(plan, io.StringIO())
    assert "missing external data: Events(n=1): /data/1.root is not there" in text
    assert "could not be planned: B(): requires() raised ValueError\n    Traceback …" in text
