"""The last words of a run: nothing left out, nothing without bounds."""

from __future__ import annotations

import io
import re

import pytest

from martlet.running.result import Ending, ExitCode, FamilyCount, RunResult
from martlet.steering import summary

TRACEBACK = 'Traceback (most recent call last):\n  File "reco.py", line 3, in run\n    x\nValueError: no jets'


def failed(number: int, cause: str = "", family: str = "Selection") -> Ending:
    title = f"{family}(file={number})"
    cause = cause or f"ValueError: file {number} has no jets"
    return Ending(number, f"{family}_{number}", title, "failed", cause, TRACEBACK, f"/logs/{number}.log")


def text(result: RunResult, *, quiet: bool = False, verbose: bool = False) -> str:
    return summary.text(result, io.StringIO(), quiet=quiet, verbose=verbose)


def test_nothing_to_do() -> None:
    present = (FamilyCount("Events", present=300), FamilyCount("Plots", present=12))
    assert text(RunResult(ExitCode.OK, present)) == "martlet: Nothing to do: all 312 tasks are complete"
    one = RunResult(ExitCode.OK, (FamilyCount("Plots", present=1),))
    assert text(one) == "martlet: Nothing to do: the task is complete"


def test_all_done() -> None:
    shown = text(RunResult(ExitCode.OK, (FamilyCount("Selection", done=3, present=2),), elapsed=65.2))
    assert shown.splitlines() == [
        "martlet: Done: 3 tasks ran in 1 min 05 s, 2 already there",
        "  ran                           3   Selection 3",
        "  already there                 2   Selection 2",
    ]


def test_failures_with_causes_logs_and_what_to_do() -> None:
    families = (FamilyCount("Selection", done=1, failed=1), FamilyCount("Plots", blocked=2))
    blocked = [Ending(9 + n, f"Plots_{n}", f"Plots(n={n})", "blocked", "", root=7) for n in range(2)]
    shown = text(RunResult(ExitCode.FAILED, families, (failed(7), *blocked), elapsed=1.0))
    assert "Failed: 1 of 2 tasks that ran in 1.0 s" in shown
    assert "failed: Selection(file=7): ValueError: file 7 has no jets\n    Traceback" in shown
    assert "    log: /logs/7.log" in shown
    assert "never got their turn:\n  2 tasks behind Selection(file=7): Plots 2" in shown
    assert "martlet logs Selection_7" in shown
    assert "run the same command again" in shown


def test_a_store_that_is_down_is_nothing_to_correct() -> None:
    cause = "cannot tell whether davs://host/a exists: the storage could not be reached"
    down = Ending(0, "A_1", "A()", "broken", cause, is_unseen=True)
    wrong = Ending(1, "B_1", "B()", "broken", "requires() raised ValueError")
    both = (FamilyCount("A", broken=1), FamilyCount("B", broken=1))
    shown = text(RunResult(ExitCode.BROKEN, both[:1], (down,)))
    assert "see that what could not be looked at answers" in shown
    assert "correct what could not be planned" not in shown
    shown = text(RunResult(ExitCode.BROKEN, both, (down, wrong)))
    assert "see that what could not be looked at answers" in shown
    assert "correct what could not be planned" in shown
    assert "looked at" not in text(RunResult(ExitCode.BROKEN, both[1:], (wrong,)))


def test_missing_data_names_its_paths() -> None:
    ending = Ending(0, "Events_1", "Events(n=1)", "missing", "external, and /data/1.root is not there")
    shown = text(RunResult(ExitCode.MISSING, (FamilyCount("Events", missing=1),), (ending,)))
    assert "External data is missing: 0 tasks ran" in shown
    assert "  Events(n=1): external, and /data/1.root is not there" in shown
    assert "provide the missing data" in shown


def test_interrupted() -> None:
    result = RunResult(ExitCode.INTERRUPTED, (FamilyCount("A", done=2, withheld=5),), interrupted=True)
    assert "Interrupted: 2 tasks ran in 0.0 s, 5 had not got their turn" in text(result)


def test_what_was_interrupted_while_it_ran_is_no_failure() -> None:
    ending = Ending(0, "A_1", "A()", "interrupted", "its job failed: cancelled")
    families = (FamilyCount("A", done=2, interrupted=1, withheld=4),)
    shown = text(RunResult(ExitCode.INTERRUPTED, families, (ending,), interrupted=True))
    assert "Interrupted: 2 tasks ran in 0.0 s, 4 had not got their turn" in shown
    assert re.search(r"^  interrupted +1   A 1$", shown, re.MULTILINE)
    assert not re.search("^ *failed", shown, re.MULTILINE)


def test_broken_tasks_show_their_traceback() -> None:
    ending = Ending(0, "A_1", "A()", "broken", "requires() raised ValueError: no jets", TRACEBACK)
    shown = text(RunResult(ExitCode.BROKEN, (FamilyCount("A", broken=1),), (ending,)))
    assert "could not be planned: A(): requires() raised ValueError: no jets\n    Traceback" in shown


def test_failures_are_clustered_by_cause() -> None:
    endings = [failed(number) for number in range(50)] + [failed(60, "OSError: disk full")]
    groups = summary.clusters(endings)
    assert [len(group.endings) for group in groups] == [50, 1]
    assert len(summary.clusters([failed(1, "same"), failed(2, "same", "Plots")])) == 2


def test_the_summary_of_100000_failures_is_bounded() -> None:
    endings = tuple(failed(number, f"Error{chr(97 + number % 26)}: {number}") for number in range(100_000))
    shown = text(RunResult(ExitCode.FAILED, (FamilyCount("Selection", failed=100_000),), endings))
    assert len(shown.splitlines()) < 200
    assert "more failed for 16 other causes" in shown
    assert shown.count("Traceback") == summary.MOST_CAUSES
    first = shown[shown.index("failed: ") : shown.index("more\nfailed: ")]
    assert first.count("Selection(file=") == summary.MOST_EXAMPLES


def test_verbose_shows_all() -> None:
    endings = tuple(failed(number) for number in range(30))
    shown = text(RunResult(ExitCode.FAILED, (FamilyCount("Selection", failed=30),), endings), verbose=True)
    assert shown.count("Selection(file=") == 30


def test_long_tracebacks_lose_their_middle() -> None:
    lines = summary.shortened("\n".join(f"line {number}" for number in range(500)))
    assert len(lines) == summary.MOST_LINES
    assert (lines[0], lines[-1]) == ("line 0", "line 499")
    assert lines[5] == "  … 477 lines left out …"


def test_notes_are_shown_even_when_quiet() -> None:
    result = RunResult(ExitCode.OK, (FamilyCount("A", done=1),), notes=("A() made nothing",))
    assert "note: A() made nothing" in text(result, quiet=True)
    assert text(RunResult(ExitCode.OK, (FamilyCount("A", done=1),)), quiet=True) == ""


def test_notes_that_were_told_when_they_arose_are_not_told_again() -> None:
    families = (FamilyCount("A", done=1),)
    notes = ("slurm is away", "A() made nothing")
    result = RunResult(ExitCode.OK, families, notes=notes, notes_told=notes[:1])
    assert "note: A() made nothing" in text(result) and "slurm" not in text(result)


def test_no_colours_on_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\033" not in text(RunResult(ExitCode.FAILED, (FamilyCount("A", failed=1),), (failed(1),)))
