"""What came of running a task again, as values with named fields."""

from __future__ import annotations

from enum import Enum

from ..data import Data


class Verdict(str, Enum):
    """How it went, from good to bad."""

    SAME = "same"
    """Every output is what it was, byte for byte."""
    SAME_BUT = "same but"
    """Every output is what it was, but for what its kind of file does not tell the same twice, such as dates."""
    UNKNOWN = "unknown"
    """It ran, and of an output there is nothing left to compare with."""
    DIFFERENT = "different"
    """An output is another one."""
    FAILED = "failed"
    """It ran and failed, which it had not, or not so."""
    NOT_RUN = "not run"
    """It was not run: what it consumed, or its code, is not to be had."""


class PackageDifference(Data):
    """A package that is not here as it was recorded."""

    name: str
    recorded: str | None
    """None: it was not there then."""
    here: str | None
    """None: it is not here now."""
    used: str | None
    """The version that the task saw when it ran again."""


class Environment(Data):
    """The software around the task, then and now."""

    python_recorded: str
    python_used: str
    packages: tuple[PackageDifference, ...]
    where: str
    """`here`: this environment; `sandbox`: the task's own; `venv`: one that was made for it."""
    notes: tuple[str, ...] = ()
    """What could not be had."""


class Code(Data):
    """The code that ran, then and now."""

    where: str
    """`here`: the files as they are; `worktree`: as the commit has them; `unknown`: nothing was recorded."""
    revision: str
    """The commit that was checked out then; empty where there was none."""
    same: bool | None
    """Whether the fingerprint is the recorded one; None where none was recorded."""
    notes: tuple[str, ...] = ()
    """What is known not to be as it was: files with changes that no commit has."""


class CheckedInput(Data):
    """Something the task consumed."""

    what: str
    """A task's id, or the path or URL of a file that no task has made."""
    finding: str
    """`consumed`: what the report says; `changed`, `missing`; `unknown`: the report does not tell."""
    detail: str = ""


class ComparedOutput(Data):
    """An output, then and now."""

    path: str
    """Where the task's own run put it."""
    made: str
    """Where it was made again; empty where it was not."""
    finding: str
    """`same`, `same but`, `different`, `not made`, or `unknown`: what was made then is gone or was changed."""
    detail: str = ""


class Reproduction(Data):
    """What came of it; true when every output is the same, or the same but for dates and their like."""

    task: str
    title: str
    report: str
    """The short name of the report."""
    verdict: Verdict
    cause: str
    """Why it failed or was not run; empty where it ran."""
    environment: Environment
    code: Code
    inputs: tuple[CheckedInput, ...]
    outputs: tuple[ComparedOutput, ...]
    folder: str
    """Where all of it lies: outputs, log, the working tree and the environment that were made for it."""
    wall: tuple[float, float | None] = (0.0, None)
    """Seconds it took then and now."""

    def __bool__(self) -> bool:
        return self.verdict in (Verdict.SAME, Verdict.SAME_BUT)
