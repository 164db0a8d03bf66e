"""Which of many recurring tasks have their outputs, found with a few directory listings.

The paths of the outputs are those of tasks at sample dates; where the digits of the dates are in them is found out, so
that one pattern stands for all.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import product
from typing import Any

from ...structure import flatten_output
from ...targets import FileSystem, FileSystemTarget, LocalFileSystem

_logger = logging.getLogger("luigi-interface")
_DIGIT = "[0-9]"
_SAMPLES = [datetime(*date) for date in product(range(2000, 2050, 10), range(1, 4), range(5, 8), range(21, 24))]
"""Dates that are hardly all found in a path but for being those of the task."""


def constrain_glob(glob: str, paths: Iterable[str], limit: int = 5) -> list[str]:
    """At most `limit` patterns that together match `paths`, and little else of what `glob` matches.

    From the left, each `[0-9]` is replaced by the digits that occur at its place.
    """
    patterns = {glob: list(paths)}
    while True:
        place = next(iter(patterns)).find(_DIGIT)
        if place < 0:
            return list(patterns)
        digits = {pattern: sorted({path[place] for path in found}) for pattern, found in patterns.items()}
        if sum(map(len, digits.values())) > limit:
            return [pattern.replace(_DIGIT, _one_of(digits[pattern]), 1) for pattern in patterns]
        patterns = {
            pattern.replace(_DIGIT, digit, 1): [path for path in found if path[place] == digit]
            for pattern, found in patterns.items()
            for digit in digits[pattern]
        }


def _one_of(digits: Sequence[str]) -> str:
    """A pattern for one of some digits in rising order."""
    first, last = digits[0], digits[-1]
    if len(digits) > 1 and ord(last) - ord(first) == len(digits) - 1:
        return f"[{first}-{last}]"
    return f"[{''.join(digits)}]"


def _directory_glob(tasks: Sequence[Any], outputs: Sequence[Any], regexes: Sequence[re.Pattern[str]]) -> str:
    """The pattern of the directories that one output of a task is in at any date."""
    matches = []
    for task, output, regex in zip(tasks, outputs, regexes, strict=True):
        match = regex.search(output.path)
        if match is None:
            raise NotImplementedError(f"Couldn't find the date in output path {output.path!r} of task {task}")
        matches.append(match)
    # at a single date other digits of the path may look like it; at most dates they don't
    groups = range(1, matches[0].re.groups + 1)
    spans = [Counter(match.span(group) for match in matches).most_common(1)[0][0] for group in groups]
    characters = list(outputs[0].path)
    for start, end in spans:
        characters[start:end] = [_DIGIT] * (end - start)
    return "".join(characters).rpartition("/")[0]


def filesystems_and_globs(
    task_at: Callable[[datetime], Any], regex_at: Callable[[datetime], str]
) -> Iterator[tuple[FileSystem, str]]:
    """(file system, pattern of directories) of each output of a recurring task.

    NotImplementedError if they cannot be told: outputs that are no files, differ in number or do not show the date.
    """
    tasks = [task_at(date) for date in _SAMPLES]
    regexes = [re.compile(regex_at(date)) for date in _SAMPLES]
    outputs = [flatten_output(task) for task in tasks]
    for task, made in zip(tasks, outputs, strict=True):
        if len(made) != len(outputs[0]):
            raise NotImplementedError(
                f"The number of outputs must be the same at all dates; it is {len(made)} for {task} "
                f"and {len(outputs[0])} for {tasks[0]}"
            )
        for target in made:
            if not isinstance(target, FileSystemTarget):
                raise NotImplementedError(f"Outputs must be files of a file system; {task} has {target!r}")
    if not outputs[0]:
        raise NotImplementedError(f"{tasks[0]} has no outputs")
    for one_output in zip(*outputs, strict=True):
        yield one_output[0].fs, _directory_glob(tasks, one_output, regexes)


def _existing(filesystem: FileSystem, glob: str, paths: Sequence[str]) -> set[str]:
    if isinstance(filesystem, LocalFileSystem):  # knows no patterns, and is quick enough without
        return {path for path in paths if filesystem.exists(path)}
    found: set[str] = set()
    for pattern in sorted(constrain_glob(glob, paths)):
        _logger.debug("Listing %s", pattern)
        if filesystem.exists(pattern):
            found.update(filesystem.listdir(pattern))
    return found


def missing(
    dates: Sequence[datetime], task_at: Callable[[datetime], Any], regex_at: Callable[[datetime], str]
) -> list[datetime]:
    """Those dates at which an output of the task is not there; NotImplementedError as of `filesystems_and_globs`."""
    places = list(filesystems_and_globs(task_at, regex_at))
    paths = [[output.path for output in flatten_output(task_at(date))] for date in dates]
    found: set[str] = set()
    for (filesystem, glob), one_output in zip(places, zip(*paths, strict=True), strict=True):
        found |= _existing(filesystem, glob, one_output)
    return [date for date, wanted in zip(dates, paths, strict=True) if not found.issuperset(wanted)]
