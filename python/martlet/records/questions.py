"""Each question as a function."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import _bridge
from ..steering import state as state_directory
from ..storage import launching
from .refusal import RecordsError
from .values import (
    Amount,
    CheckedOutput,
    Compaction,
    Difference,
    Estimate,
    Execution,
    FamilyEstimate,
    FamilyStatus,
    Spread,
    Status,
    TaskHistory,
    TreeRow,
    Verification,
)

State = str | os.PathLike[str] | None


def status(pattern: str = "*", *, depth: int | None = None, state: State = None) -> Status:
    """How families stand. `pattern`: only tasks whose id, family or title fits it. `depth`: as a tree too, of so many
    levels below the families that no other needs."""
    told = ask(state, "status", pattern=pattern, depth=depth)
    return Status(
        [_family(family) for family in told["families"]],
        [Execution.of(failure) for failure in told["failures"]],
        [TreeRow(row["family"], row["depth"], tuple(row["needs"])) for row in told.get("tree", [])],
    )


def executions(pattern: str = "*", *, failed: bool = False, all: bool = False, state: State = None) -> list[Execution]:
    """The newest execution of every task that fits; `failed`: only those that failed; `all`: not only the newest."""
    return [Execution.of(told) for told in ask(state, "list", pattern=pattern, failed=failed, all=all)]


def show(task: str, *, state: State = None) -> dict[str, Any]:
    """Everything recorded about the newest execution of a task, or about the report of that name."""
    told: dict[str, Any] = ask(state, "show", tasks=[task])
    return told


def history(*tasks: str, state: State = None) -> list[TaskHistory]:
    """The executions of tasks: ids, their beginnings, titles, families or shell patterns of them."""
    return [
        TaskHistory(told["task"], told["title"], [Execution.of(one) for one in told["executions"]])
        for told in ask(state, "history", tasks=list(tasks))
    ]


def diff(first: str, second: str | None = None, *, state: State = None) -> Difference:
    """What differs between two reports, by task or name; without `second`, a task's newest and the one before."""
    told = ask(state, "diff", tasks=[first] if second is None else [first, second])
    return Difference(
        Execution.of(told["first"]),
        Execution.of(told["second"]),
        {one["member"]: (one["first"], one["second"]) for one in told["differences"]},
    )


def explain(*tasks: str, state: State = None) -> list[dict[str, Any]]:
    """Why tasks ran, failed or never got their turn: what `martlet explain --json` prints."""
    told: list[dict[str, Any]] = ask(state, "explain", tasks=list(tasks))
    return told


def estimate(counts: Mapping[str, int], *, workers: int = 1, state: State = None) -> Estimate:
    """What so many tasks of these families will probably take."""
    told = ask(state, "estimate", counts=dict(counts), workers=workers)
    families = [
        FamilyEstimate(
            name=one["family"], tasks=one["tasks"], samples=one["samples"], failed=one["failed"],
            wall=Spread.of(one["wall"]), cpu=Spread.of(one["cpu"]), bytes=Spread.of(one["bytes"]),
        )
        for one in told["families"]
    ]  # fmt: skip
    sums = {name: Amount.of(told[name]) for name in ("wall", "cpu", "bytes", "elapsed")}
    return Estimate(families=families, unknown=told["unknown"], workers=told["workers"], **sums)


def verify(
    pattern: str = "*", *, checksums: bool = True, directory: str | os.PathLike[str] | None = None, state: State = None
) -> Verification:
    """Looks whether outputs are what their tasks made; `directory`: what relative paths are relative to."""
    folder = os.fspath(directory) if directory is not None else os.getcwd()
    launching.ready()
    told = ask(state, "verify", pattern=pattern, checksums=checksums, directory=folder)
    return Verification(told["counts"], [CheckedOutput(**output) for output in told["outputs"]])


def compact(
    *, older_than: float = 7, keep: int | None = None, dry_run: bool = False, state: State = None
) -> Compaction:
    """Merges files of reports that were not written for so many days; `keep`: only so many executions of each task."""
    return Compaction(**ask(state, "compact", older_than=older_than, keep=keep, dry_run=dry_run))


def _family(told: dict[str, Any]) -> FamilyStatus:
    return FamilyStatus(**{("name" if name == "family" else name): value for name, value in told.items()})


def ask(state: State, question: str, **words: Any) -> Any:
    """The answer to a question by its name, as JSON has it; words that are None are left out."""
    directory = state_directory.default(None) if state is None else Path(state)
    given = {name: word for name, word in words.items() if word is not None}
    told = _bridge.ask_records(str(directory), {"ask": question, **given})
    if "refused" in told:
        raise RecordsError(**told["refused"])
    return told["answer"]
