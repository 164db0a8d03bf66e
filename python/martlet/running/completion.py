"""What says whether tasks are complete, and what is done about changes: what the command line, the configuration and
classes say, in this order."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from fnmatch import fnmatchcase
from typing import Any

from ..register import Register
from ..structure import flatten
from ..task import Task
from .options import Options

TARGETS, REPORTS, BOTH = RULES = ("targets", "reports", "both")
CHANGES = ("code", "inputs", "environment")


class CompletionRules:
    """The rules of one run."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._by_place = [(url.rstrip("/"), rule) for url, rule in options.complete_by_store]

    @property
    def reports_matter(self) -> bool:
        """Whether reports have a say in which tasks run, as far as can be told before they are planned."""
        options = self._options
        said = [*options.complete_by.values(), *(rule for _, rule in self._by_place)]
        return (
            options.differences
            or any(rule != TARGETS for rule in said)
            or any(options.rerun_on.values())
            or any(_says_something(cls) for cls in Register._reg)
        )

    @property
    def looks_deep(self) -> bool:
        """Whether all tasks are asked for what they need, complete ones too: something below may have changed."""
        options = self._options
        return (
            options.differences
            or any(options.rerun_on.values())
            or any(getattr(cls, "rerun_on", ()) for cls in Register._reg)
        )

    def of(self, cls: type[Task]) -> str | None:
        """What says whether tasks of a class are complete; None where that depends on where their outputs lie.

        Raises ValueError for something else.
        """
        said = _fitting(self._options.complete_by, cls.get_task_family())
        if said is None:
            said = cls.complete_by
        if said is not None and said not in RULES:
            raise ValueError(f"complete_by is {said!r}: there is {', '.join(map(repr, RULES))}")
        return said if said is not None or self._by_place else TARGETS

    def by_place(self, task: Task) -> str:
        """What says whether a task is complete, by the store that its first output lies in."""
        for target in flatten(task.output()):
            if getattr(target, "targets", None):  # a collection lies where its first file does
                target = target.first_target
            location = getattr(target, "path", None)
            if isinstance(location, str):
                places = [one for one in self._by_place if location == one[0] or location.startswith(f"{one[0]}/")]
                fitting = [(len(url), rule) for url, rule in places]
                return max(fitting)[1] if fitting else TARGETS
        return TARGETS

    def rerun_on(self, cls: type[Task]) -> Collection[str]:
        """Which changes make tasks of a class run again. Raises ValueError for others than there are."""
        said: Any = _fitting(self._options.rerun_on, cls.get_task_family())
        if said is None:
            said = cls.rerun_on or ()
        words = said.replace(",", " ").split() if isinstance(said, str) else [str(word) for word in said]
        if unknown := [word for word in words if word not in CHANGES]:
            raise ValueError(f"rerun_on has {unknown[0]!r}: there is {', '.join(map(repr, CHANGES))}")
        return words

    def checksum(self, cls: type[Task]) -> bool:
        """Whether reports have checksums of what tasks of a class make. Raises ValueError for one that there is not."""
        said = _fitting(self._options.checksum, cls.get_task_family())
        if said is None:
            said = cls.checksum
        if said not in (None, False, True, "none", "adler32"):
            raise ValueError(f"checksum is {said!r}: there is 'adler32'")
        return said in (True, "adler32")


def _fitting(said: Mapping[str, str], family: str) -> str | None:
    """What is said for a family: by its own name, else by the longest pattern that fits."""
    if not said:
        return None
    if family in said:
        return said[family]
    patterns = [pattern for pattern in said if fnmatchcase(family, pattern)]
    return said[max(patterns, key=len)] if patterns else None


def _says_something(cls: type[Any]) -> bool:
    return bool(getattr(cls, "rerun_on", ())) or getattr(cls, "complete_by", None) not in (None, TARGETS)
