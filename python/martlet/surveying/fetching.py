"""Bringing outputs to a local folder: what is there already and the same is not fetched again."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from .. import storage
from ..data import Data
from ..storage import digests
from ..targets import location as locations
from ..targets.directory import DirectoryTarget
from ..targets.local import LocalTarget
from ..targets.temporary import temporary_name
from . import inventory
from .output import Output
from .survey import Survey
from .task import SurveyedTask

PIECE = 200
"""Files that are asked for in one batch."""
_SECOND = 2_000_000_000
"""Nanoseconds that times may differ by: many stores tell them no finer."""


class Wanted(Data):
    """A file, and where it goes."""

    place: str
    local: str
    size: int | None
    modified: int | None


class Fetched(Data):
    """What was brought where."""

    files: Mapping[str, str]
    """By location, the local path of what was fetched now."""
    same: int = 0
    """Files that were there already, and the same."""
    size: int = 0
    """Bytes that were fetched."""
    failures: Mapping[str, str] = {}
    """By location, why it could not be fetched."""
    absent: int = 0
    """Outputs that are not made yet."""
    interrupted: bool = False


Progress = Callable[[int, int, int, int], object]
"""As of `martlet.storage`."""


def fetch(
    survey: Survey,
    tasks: Iterable[SurveyedTask],
    folder: str | Path,
    progress: Progress | None = None,
    *,
    external: bool = False,
) -> Fetched:
    """Brings the outputs of tasks that are there to a folder, in which they lie as they do in their stores.

    `external`: those of external tasks too.

    Every file appears whole or not at all. Interrupted, what has arrived stays, and the next call goes on.
    """
    wanted = [task for task in tasks if external or not task.external]
    outputs = survey.outputs(wanted)
    failures = {output.location: output.cause for output in outputs if output.exists is None}
    files: dict[str, str] = {}
    same = size = 0
    interrupted = False
    try:
        every = list(_named(survey, wanted, outputs, Path(folder).absolute(), failures))
        lacking = [one for one in every if not _is_same(one)]
        same = len(every) - len(lacking)
        for begin in range(0, len(lacking), PIECE):
            for one, trouble in _bring(lacking[begin : begin + PIECE], progress):
                if trouble:
                    failures[locations.shown(one.place)] = trouble
                else:
                    files[locations.shown(one.place)] = one.local
                    size += os.path.getsize(one.local)
    except KeyboardInterrupt:
        interrupted = True
    return Fetched(files, same, size, failures, sum(output.exists is False for output in outputs), interrupted)


def _named(
    survey: Survey, tasks: Sequence[SurveyedTask], outputs: Sequence[Output], folder: Path, failures: dict[str, str]
) -> Iterator[Wanted]:
    """All files, those of directories too, with names that no two of them share."""
    places = dict.fromkeys(place for task in tasks for place in task.outputs)
    taken: set[str] = set()
    for place, output in zip(places, outputs):
        if not output.exists:
            continue
        try:
            inside = list(_files(place, output))
        except OSError as error:
            failures[output.location] = str(error)
            continue
        for file, size, modified in inside:
            name = _free(_name(survey, file), taken)
            yield Wanted(file, str(folder / name), size, modified)


def _files(place: str, output: Output) -> Iterator[tuple[str, int | None, int | None]]:
    if not output.is_directory:
        yield place, output.size, output.modified
        return
    for file, found in inventory.take(DirectoryTarget(place).fs.listdir(place)).items():
        if found.status is not None:
            yield file, found.status.size, found.status.modified
        else:
            yield file, None, None  # asking for it tells what is wrong


def _name(survey: Survey, place: str) -> str:
    """A relative path: the store's name and what lies below it; of other places all of it, without where `/` leads."""
    for url, name in survey.stores.items():
        if place.startswith(f"{url}/"):
            return _within(name, place[len(url) :])
    root, path = locations.split(place)
    if root:
        return _within(locations.shown(root).partition("://")[2].replace(":", "_"), path.partition("?")[0])
    here = os.path.relpath(place)
    return _within("", place if here.startswith("..") else here)


def _within(first: str, path: str) -> str:
    parts = [part for part in (first, *path.split("/")) if part not in ("", ".", "..")]
    return "/".join(parts) or "file"


def _free(name: str, taken: set[str]) -> str:
    """The name, with a number where another file has it, also on file systems that do not tell case."""
    stem, dot, suffix = name.rpartition(".")
    if not dot or "/" in suffix:
        stem, dot, suffix = name, "", ""
    free, number = name, 1
    while free.casefold() in taken:
        number += 1
        free = f"{stem}~{number}{dot}{suffix}"
    taken.add(free.casefold())
    return free


def _is_same(one: Wanted) -> bool:
    """Whether the file is there already: of the same size, and of the same time or, where the store has one, digest."""
    try:
        here = os.stat(one.local)
    except (FileNotFoundError, NotADirectoryError):
        return False
    if one.size is None or here.st_size != one.size:
        return False
    if one.modified and abs(here.st_mtime_ns - one.modified) < _SECOND:
        return True
    (there,) = storage.checksum([one.place])
    return not isinstance(there, storage.StorageError) and digests.of_file(one.local, there.algorithm) == there.digest


def _bring(wanted: Sequence[Wanted], progress: Progress | None) -> Iterator[tuple[Wanted, str]]:
    """Each with why it could not be brought; empty where it was."""
    for folder in {os.path.dirname(one.local) for one in wanted}:
        os.makedirs(folder, exist_ok=True)
    remote = [one for one in wanted if locations.is_remote(one.place)]
    answers = storage.fetch([(one.place, one.local) for one in remote], progress)
    for one, answer in zip(remote, answers):
        if isinstance(answer, storage.StorageError):
            yield one, str(answer)
        else:
            _date(one.local, answer.modified)
            yield one, ""
    for one in wanted:
        if not locations.is_remote(one.place):
            yield one, _copy(one)


def _copy(one: Wanted) -> str:
    temporary = temporary_name(one.local)
    try:
        LocalTarget(one.place).copy(temporary)
        _date(temporary, one.modified)
        os.replace(temporary, one.local)
    except OSError as error:
        return error.strerror or str(error)
    finally:
        if os.path.lexists(temporary):
            os.unlink(temporary)
    return ""


def _date(path: str, modified: int | None) -> None:
    """The time of the original, by which the next call knows it."""
    if modified:
        os.utime(path, ns=(modified, modified))
