"""The last words of a run: what ran, what failed and why, what never got its turn, what to do next."""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TextIO

from ..running.result import Ending, ExitCode, LeftJobs, RunResult
from . import log_end, terminal
from .plain import tasks

MOST_CAUSES = 10
MOST_EXAMPLES = 5
MOST_TAGS = 3
"""Submissions that are named."""
MOST_LINES = 24
"""Of a traceback."""


class Cluster:
    """Endings of one kind: the same cause but for numbers and quoted names."""

    def __init__(self, cause: str) -> None:
        self.cause = cause
        self.endings: list[Ending] = []


def text(result: RunResult, stream: TextIO, *, quiet: bool = False, verbose: bool = False) -> str:
    """The summary for a stream, without a final newline. Empty when `quiet` and there is nothing to worry about."""
    told = set(result.notes_told)
    untold = [note for note in result.notes if note not in told]
    if quiet and result and not untold:
        return ""
    blocks: list[str] = [_headline(result, stream)]
    if not (quiet and result):
        counts = _counts(result)
        if counts:
            blocks.append(counts)
    by_state: dict[str, list[Ending]] = {}
    for ending in result.endings:
        by_state.setdefault(ending.state, []).append(ending)
    broken = by_state.get("broken", [])
    for heading, endings in (
        ("could not be planned", [ending for ending in broken if not ending.has_job]),
        ("not run", [ending for ending in broken if ending.has_job]),
        ("failed", by_state.get("failed", [])),
        ("interrupted", by_state.get("interrupted", [])),
    ):
        blocks += _clusters(endings, heading, stream, verbose)
    missing = by_state.get("missing", [])
    if missing:
        blocks.append(_missing(missing, stream, verbose))
    # what waits for jobs that are left, as it was wanted, is only counted
    withheld = [] if result.exit_code == ExitCode.LEFT else by_state.get("withheld", [])
    blocked = [*by_state.get("blocked", []), *withheld]
    if blocked:
        blocks.append(_blocked(blocked, result.endings, stream, verbose))
    if result.left is not None:
        blocks.append(_left(result.left))
    if untold:
        blocks.append(notes(untold, verbose))
    advice = _next(result, by_state)
    if advice:
        blocks.append("next:\n" + "\n".join(f"  {line}" for line in advice))
    return "\n".join(blocks)


def headline(result: RunResult) -> str:
    """One line that says how it went."""
    done, present, failed = result.count("done"), result.count("present"), result.count("failed")
    total = sum(family.total for family in result.families)
    took = f" in {terminal.duration(result.elapsed)}"
    if result.interrupted or result.exit_code == ExitCode.INTERRUPTED:
        left = result.count("left")
        waiting = total - done - present - failed - left - result.count("interrupted")
        goes_on = f", {left} left in the batch system" if left else ""
        turn = f", {waiting} had not got their turn" if waiting else ""
        return f"Interrupted: {tasks(done)} ran{took}{goes_on}{turn}"
    if result.exit_code == ExitCode.LEFT:
        waiting = total - done - present - result.count("left")
        turn = f", {waiting} wait" if waiting else ""
        return f"Not done yet: {tasks(done)} ran{took}, {result.count('left')} left in the batch system{turn}"
    if result.exit_code == ExitCode.OK and done == 0:
        return "Nothing to do: the task is complete" if total == 1 else f"Nothing to do: all {total} tasks are complete"
    if result.exit_code == ExitCode.OK:
        there = f", {present} already there" if present else ""
        without = f", {failed} failed that can be done without" if failed else ""
        return f"Done: {tasks(done)} ran{took}{there}{without}"
    if result.exit_code == ExitCode.FAILED:
        return f"Failed: {failed} of {tasks(done + failed)} that ran{took}"
    if result.exit_code == ExitCode.MISSING:
        return f"External data is missing: {tasks(done)} ran{took}, nothing failed"
    if result.exit_code == ExitCode.BROKEN:
        return f"Broken: {tasks(result.count('broken'))} could not be planned, {done} ran{took}"
    return f"Ended with exit code {int(result.exit_code)}{took}"


def _headline(result: RunResult, stream: TextIO) -> str:
    colour = {ExitCode.OK: "green", ExitCode.MISSING: "yellow", ExitCode.INTERRUPTED: "yellow", ExitCode.LEFT: "yellow"}
    return f"martlet: {terminal.ink(headline(result), colour.get(result.exit_code, 'red'), stream)}"


_ROWS = (
    ("done", "ran"),
    ("present", "already there"),
    ("failed", "failed"),
    ("interrupted", "interrupted"),
    ("missing", "missing external data"),
    ("broken", "could not be planned"),
    ("blocked", "blocked by one of these"),
    ("withheld", "not started"),
    ("left", "left in the system"),
)


def _counts(result: RunResult) -> str:
    rows = [(label, name, result.count(name)) for name, label in _ROWS if result.count(name)]
    if len(rows) == 1 and rows[0][1] == "present":
        return ""
    lines = []
    for label, name, count in rows:
        families = Counter({family.family: int(getattr(family, name)) for family in result.families})
        lines.append(f"  {label:<23} {count:>7}   {_names(families)}")
    return "\n".join(lines)


def _names(families: Counter[str]) -> str:
    counted = [(name, count) for name, count in families.items() if count]
    shown = ", ".join(f"{name} {count}" for name, count in counted[:6])
    return f"{shown} and {len(counted) - 6} more families" if len(counted) > 6 else shown


def clusters(endings: Iterable[Ending]) -> list[Cluster]:
    """Groups endings by cause, the largest group first; numbers and quoted parts do not tell causes apart."""
    found: dict[str, Cluster] = {}
    for ending in endings:
        # by family too: the same words of two families are two causes
        family = ending.title.partition("(")[0]
        key = family + ":" + re.sub(r"'[^']*'|\"[^\"]*\"|\d+", "#", ending.cause)
        found.setdefault(key, Cluster(ending.cause)).endings.append(ending)
    return sorted(found.values(), key=lambda cluster: -len(cluster.endings))


def _clusters(endings: Sequence[Ending], heading: str, stream: TextIO, verbose: bool) -> list[str]:
    groups = clusters(endings)
    blocks = []
    for cluster in groups if verbose else groups[:MOST_CAUSES]:
        first = cluster.endings[0]
        lines = [f"{terminal.ink(heading, 'red', stream)}: {first.title}: {first.cause}"]
        if first.details:
            lines += ["    " + line for line in shortened(first.details, verbose)]
        if first.log:
            lines.append(f"    log: {first.log}")
            lines += [f"    | {line}" for line in log_end.lines(first)]
        lines += _others(cluster.endings[1:], verbose)
        blocks.append("\n".join(lines))
    if len(groups) > len(blocks):
        rest = sum(len(cluster.endings) for cluster in groups[len(blocks) :])
        blocks.append(f"… and {rest} more {heading} for {len(groups) - len(blocks)} other causes (-v lists them)")
    return blocks


def _others(endings: Sequence[Ending], verbose: bool) -> list[str]:
    if not endings:
        return []
    shown = endings if verbose else endings[: MOST_EXAMPLES - 1]
    lines = ["  likewise:"]
    lines += [f"    {ending.title}{f'  {Path(ending.log).name}' if ending.log else ''}" for ending in shown]
    if len(endings) > len(shown):
        lines.append(f"    … and {len(endings) - len(shown)} more")
    return lines


def shortened(details: str, verbose: bool = False) -> list[str]:
    """A traceback's lines, without its middle when it is long."""
    lines = details.rstrip("\n").split("\n")
    if verbose or len(lines) <= MOST_LINES:
        return lines
    head = 5
    tail = MOST_LINES - head - 1
    return [*lines[:head], f"  … {len(lines) - head - tail} lines left out …", *lines[-tail:]]


def _left(left: LeftJobs) -> str:
    """What became of jobs that the run did not wait for."""
    words = []
    if left.cancelled:
        words.append(f"{jobs(left.cancelled)} in {left.system} {'is' if left.cancelled == 1 else 'are'} cancelled")
    if left.jobs:
        shown = left.tags[:MOST_TAGS]
        more = f" and {len(left.tags) - len(shown)} more submissions" if len(left.tags) > len(shown) else ""
        named = f": {', '.join(shown)}{more}" if shown else ""
        words.append(f"{jobs(left.jobs)} {'is' if left.jobs == 1 else 'are'} left in {left.system}{named}")
    if left.unsubmitted:
        words.append(f"{tasks(left.unsubmitted)} ready and not submitted")
    for name, count in sorted(left.held.items()):
        words.append(f"{tasks(count)} ready and not submitted: jobs that are in the system hold {name}")
    if left.delayed:
        words.append(f"{tasks(left.delayed)} failed and not tried again yet")
    if left.elsewhere:
        words.append(f"{tasks(left.elsewhere)} held by another run")
    return "\n".join(words)


def jobs(count: int) -> str:
    """`1 job`, `12 jobs`."""
    return "1 job" if count == 1 else f"{count} jobs"


def _missing(endings: Sequence[Ending], stream: TextIO, verbose: bool) -> str:
    shown = endings if verbose else endings[:MOST_EXAMPLES]
    lines = [f"{terminal.ink('missing external data', 'yellow', stream)}:"]
    lines += [f"  {ending.title}: {ending.cause}" for ending in shown]
    if len(endings) > len(shown):
        lines.append(f"  … and {len(endings) - len(shown)} more")
    return "\n".join(lines)


def _blocked(endings: Sequence[Ending], all_endings: Sequence[Ending], stream: TextIO, verbose: bool) -> str:
    titles = {ending.index: ending.title for ending in all_endings}
    groups: dict[str, Counter[str]] = {}
    for ending in endings:
        behind = titles.get(ending.root) if ending.root is not None else None
        why = f"behind {behind}" if behind is not None else ending.cause or "not started"
        groups.setdefault(why, Counter())[ending.title.partition("(")[0]] += 1
    ordered = sorted(groups.items(), key=lambda item: -sum(item[1].values()))
    shown = ordered if verbose else ordered[:MOST_EXAMPLES]
    lines = [f"{terminal.ink('never got their turn', 'yellow', stream)}:"]
    lines += [f"  {tasks(sum(families.values()))} {why}: {_names(families)}" for why, families in shown]
    if len(ordered) > len(shown):
        rest = sum(sum(families.values()) for _, families in ordered[len(shown) :])
        lines.append(f"  … and {rest} more behind {len(ordered) - len(shown)} others")
    return "\n".join(lines)


def notes(texts: Sequence[str], verbose: bool) -> str:
    """Hints that are no errors, the first ones unless `verbose`."""
    shown = texts if verbose else texts[:MOST_EXAMPLES]
    lines = [f"note: {text}" for text in shown]
    if len(texts) > len(shown):
        lines.append(f"… and {len(texts) - len(shown)} more notes (-v lists them)")
    return "\n".join(lines)


def _next(result: RunResult, by_state: dict[str, list[Ending]]) -> list[str]:
    advice = []
    failed = by_state.get("failed", [])
    with_log = next((ending for ending in failed if ending.log), None)
    if with_log is not None:
        advice.append(f"martlet logs {with_log.task_id}    shows what that task printed")
    if by_state.get("missing"):
        advice.append("provide the missing data, or correct the paths its tasks name")
    if result.exit_code in (ExitCode.FAILED, ExitCode.MISSING, ExitCode.BROKEN, ExitCode.INTERRUPTED):
        broken = by_state.get("broken", [])
        if any(ending.is_unseen for ending in broken):
            advice.append(
                "see that what could not be looked at answers and lets you in: nothing was run or lost because of it"
            )
        if any(ending.has_job for ending in broken):
            where = _state_option(result.state)
            advice.append(f"martlet jobs list{where}    shows how the jobs are that may be doing what was not run")
        if not all(ending.is_unseen or ending.has_job for ending in broken):
            advice.append("correct what could not be planned")
        advice.append("run the same command again: what is complete is kept")
    if result.left is not None and result.left.jobs:
        if result.exit_code == ExitCode.LEFT:
            advice.append("run the same command again, when jobs may have ended: it goes on with them")
        else:
            advice[-1:] = ["run the same command again: it goes on with the jobs, and what is complete is kept"]
        where = _state_option(result.state)
        tags = result.left.tags
        which = " ".join(tags) if len(tags) <= MOST_TAGS else "--all"
        advice.append(f"martlet jobs list{where}    shows how the jobs are")
        advice.append(f"martlet jobs cancel {which}{where}    cancels them")
    return advice


def _state_option(state: str) -> str:
    """How the commands that read records are told of this state directory, where they do not find it by themselves."""
    here = Path.cwd()
    found = os.environ.get("MARTLET_STATE") or next(
        (str(place / ".martlet") for place in (here, *here.parents) if (place / ".martlet").is_dir()), ""
    )
    return "" if found and Path(found).resolve() == Path(state).resolve() else f" --state {shlex.quote(state)}"
