"""Files that nobody owns, beside outputs and in the state directory, and what writers left that are gone.

Only directories that hold outputs of the analysis are looked into, and none that others share with it: see `_is_swept`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from .. import storage
from ..data import Data
from ..diagnostics import Code, Diagnostic, MartletError
from ..targets import location as locations
from . import removal, unfinished
from .survey import Survey

HOUR = 3600 * 10**9
"""Nanoseconds."""
SETTLED = 1 * HOUR
"""A younger file may be about to be owned: another analysis makes it."""
OLD_JOB = 30 * 24 * HOUR
"""After so long no batch system holds a job."""


class Waste(Data):
    """A file, an upload that nobody sees, or a folder of the state directory, that nobody owns."""

    location: str
    """Of an upload what it would have become."""
    size: int
    """Bytes."""
    reason: str
    is_folder: bool = False
    upload: str = ""
    """Of an upload, what its store gives it up by."""


class Garbage(Data):
    """What was found, and where was not looked."""

    waste: tuple[Waste, ...]
    passed_over: Mapping[str, str] = {}
    """Directories, and why they were not looked into."""
    unreachable: Mapping[str, str] = {}
    """Directories that could not be listed, and why."""
    untold: Mapping[str, str] = {}
    """Directories whose store does not tell of uploads that never ended, and why."""

    @property
    def size(self) -> int:
        return sum(one.size for one in self.waste)


class _Entry(Data):
    place: str
    name: str
    size: int
    modified: int


def find(
    survey: Survey, below: str = "", script: Path | None = None, history: removal.History = removal.nobody
) -> Garbage:
    """Looks for what nobody owns. `below`: only in this store (by name), folder or URL. `history` is asked once: what a
    task is writing that another run is at work on, or a batch job, is being written however old it looks.

    Raises MartletError where the records cannot be read: then nobody can say what is owned.
    """
    now = time.time_ns()
    written = _written(survey, history)
    directories = _directories(survey, below)
    passed_over: dict[str, str] = {}
    unreachable: dict[str, str] = {}
    untold: dict[str, str] = {}
    why_nots = _why_nots(survey, directories, script)
    files = _Files(survey, written, now)
    waste: list[Waste] = []
    for directory, entries in _listed(directories, unreachable):
        if why_not := why_nots[directory]:
            passed_over[locations.shown(directory)] = why_not
        waste += files.nobodys(directory, entries, swept=not why_not)
    for upload in unfinished.uploads(directories, untold, unreachable):
        if upload.target not in written and _is_abandoned(upload.modified, now):
            waste.append(Waste(upload.target, upload.size, unfinished.words(upload), upload=upload.temporary))
    if not below:
        waste += _old_jobs(Path(survey.state), now)
    return Garbage(tuple(waste), passed_over, unreachable, untold)


def lies_below(survey: Survey, below: str) -> bool:
    """Whether an output lies in this store (by name), folder or URL."""
    return bool(_directories(survey, below))


def remove(garbage: Garbage) -> tuple[list[Waste], dict[str, str]]:
    """Removes it. Returns what is gone, and by location why something is not."""
    gone: list[Waste] = []
    failures: dict[str, str] = {}
    files = [one for one in garbage.waste if not one.is_folder]
    for one, answer in zip(files, storage.delete([one.upload or one.location for one in files])):
        if isinstance(answer, storage.StorageError) and answer.kind is not storage.Kind.ABSENT:
            failures[locations.shown(one.location)] = str(answer)
        else:
            gone.append(one)
    for one in garbage.waste:
        if one.is_folder:
            try:
                shutil.rmtree(one.location)
                gone.append(one)
            except OSError as error:
                failures[one.location] = error.strerror or str(error)
    return gone, failures


class _Files:
    """Tells whose files are."""

    def __init__(self, survey: Survey, written: set[str], now: int) -> None:
        reported = _reported(Path(survey.state))
        self._owned = {_absolute(place) for task in survey.tasks for place in task.outputs}
        self._owned |= {_absolute(text) for text in reported}
        # of a relative path nobody knows any more where it began: every file of that name is owned
        relative = (text for text in reported if not locations.is_remote(text) and not os.path.isabs(text))
        self._names = {os.path.basename(text) for text in relative}
        self._written = written
        self._now = now

    def nobodys(self, directory: str, entries: Sequence[_Entry], *, swept: bool) -> Iterator[Waste]:
        """Files of a directory that nobody owns; where it is not swept, temporary ones alone."""
        tracked = set() if locations.is_remote(directory) else _tracked(directory)
        for entry in entries:
            if entry.place in self._owned or entry.name in tracked or entry.name in self._names:
                continue
            if unfinished.becomes_one_of(directory, entry.name, self._written):
                continue
            if reason := _reason(entry, self._now, swept=swept):
                yield Waste(entry.place, entry.size, reason)


def _written(survey: Survey, history: removal.History) -> set[str]:
    """Outputs of tasks that somebody is at work on at this moment."""
    held = removal.held(survey, [task for task in survey.tasks if task.outputs and not task.external], history)
    in_jobs = _in_jobs(Path(survey.state))
    busy = (task for task in survey.tasks if task.title in held or task.task_id in in_jobs)
    return {_absolute(place) for task in busy for place in task.outputs}


def _is_abandoned(modified: int, now: int) -> bool:
    """Whether what was written to last at that moment has no writer any more; not where the store does not say when."""
    return modified > 0 and now - modified > unfinished.ABANDONED


def _reason(entry: _Entry, now: int, *, swept: bool) -> str:
    """Why nobody needs it; empty where somebody may."""
    age = now - entry.modified if entry.modified else 0
    if unfinished.is_temporary(entry.name):
        return "left by a writer that is gone" if _is_abandoned(entry.modified, now) else ""
    # other hidden files are other programs' business
    if not swept or entry.name.startswith(".") or age < SETTLED:
        return ""
    return "no task and no report owns it"


def _why_not_swept(directory: str, foreign: set[str], script: Path | None) -> str:
    """Why files of unknown owners are left alone there; empty where outputs alone lie."""
    if directory in foreign:
        return "data that is made elsewhere lies there too"
    if locations.is_remote(directory):
        return "" if locations.split(directory)[1].strip("/") else "it is the root of a store"
    path = Path(directory).resolve()
    around = [Path.home(), Path.cwd().resolve() / "_", *([script.resolve()] if script else [])]
    if path == Path.home().resolve() or any(path in one.parents for one in around):
        return "scripts or other things of yours may lie there too"
    return "it is the root of a repository" if (path / ".git").exists() else ""


def _why_nots(survey: Survey, directories: Sequence[str], script: Path | None) -> dict[str, str]:
    """Of each directory why files of unknown owners are left alone there; empty where outputs alone lie."""
    roots = {_absolute(url) for url in survey.stores}
    foreign = {
        locations.parent(_absolute(place)) for task in survey.tasks if task.external for place in task.outputs
    }  # fmt: skip
    return {
        directory: "it is the root of a store" if directory in roots else _why_not_swept(directory, foreign, script)
        for directory in directories
    }


def _directories(survey: Survey, below: str) -> list[str]:
    """Those that hold outputs of the analysis, within a place."""
    directories = dict.fromkeys(
        locations.parent(_absolute(place)) for task in survey.tasks if not task.external for place in task.outputs
    )
    limits = _limits(survey, below)
    if not below:
        return list(directories)
    return [one for one in directories if any(one == limit or one.startswith(f"{limit}/") for limit in limits)]


def _limits(survey: Survey, below: str) -> list[str]:
    named = [url for url, name in survey.stores.items() if name == below]
    return [_absolute(one).rstrip("/") for one in (named or [below] if below else [])]


def _listed(directories: Sequence[str], unreachable: dict[str, str]) -> Iterator[tuple[str, list[_Entry]]]:
    """The files directly inside of each directory that is there."""
    for directory, answer in zip(directories, storage.list_directories(directories)):
        if isinstance(answer, storage.StorageError):
            if answer.kind is not storage.Kind.ABSENT:
                unreachable[locations.shown(directory)] = str(answer)
            continue
        files = [entry for entry in answer if not entry.is_directory]
        places = [locations.join(directory, entry.name) for entry in files]
        entries = []
        untold = [place for place, entry in zip(places, files) if entry.size is None or entry.modified is None]
        asked = {
            place: status
            for place, status in zip(untold, storage.stat(untold))
            if not isinstance(status, storage.StorageError)
        }  # fmt: skip
        for place, entry in zip(places, files):
            status = asked.get(place)
            size, modified = (status.size, status.modified) if status else (entry.size or 0, entry.modified or 0)
            entries.append(_Entry(place, entry.name, size, modified))
        yield directory, entries


def _reported(state: Path) -> set[str]:
    """All that a report of any analysis of the state directory names."""
    places: set[str] = set()
    for line in _lines(state / "reports"):
        try:
            record = json.loads(line)
        except ValueError:
            # the rest of a line that was cut off: what it names counts all the same
            places.update(text for text in re.findall(r'\["((?:[^"\\]|\\.)+)",', line))
            continue
        rows = [*record.get("outputs", ()), *record.get("taken", ())]
        rows += [output for row in record.get("batch", ()) for output in _rows(row)]
        places.update(locations.without_file(str(row[0])) for row in rows if isinstance(row, list) and row)
    return places


def _lines(folder: Path) -> Iterator[str]:
    """All lines of the segments in a folder. Raises MartletError where one cannot be read."""
    try:
        for segment in sorted(folder.glob("*.jsonl")):
            yield from segment.read_text("utf-8", "replace").splitlines()
    except OSError as error:
        raise MartletError(Diagnostic(Code.STATE_UNREADABLE, str(folder), error.strerror or str(error))) from error


def _rows(row: object) -> list[list[object]]:
    """Outputs within a row of a batch, wherever they stand."""
    if not isinstance(row, list):
        return []
    found = [part for part in row if isinstance(part, list) and part and isinstance(part[0], str)]
    return found + [one for part in row if isinstance(part, list) for one in _rows(part)]


def _tracked(directory: str) -> set[str]:
    """Names of files there that git keeps."""
    try:
        told = subprocess.run(
            ["git", "-C", directory, "ls-files", "-z", "--", "."], capture_output=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return set()
    return {os.fsdecode(name) for name in told.stdout.split(b"\0") if name}


def _absolute(place: object) -> str:
    text = locations.without_file(str(place))
    return text if locations.is_remote(text) else os.path.abspath(text)


def _old_jobs(state: Path, now: int) -> Iterator[Waste]:
    """Folders of jobs in which nothing was written for long, but those that the ledger calls open."""
    open_tags = _open_tags(state)
    for folder in sorted((state / "jobs").glob("martlet-*")):
        inside = [entry.stat() for entry in folder.rglob("*") if entry.is_file()]
        newest = max((status.st_mtime_ns for status in (folder.stat(), *inside)), default=now)
        if now - newest > OLD_JOB and folder.name not in open_tags:
            yield Waste(str(folder), sum(status.st_size for status in inside), "a job that is long over", True)


def _in_jobs(state: Path) -> set[str]:
    """Ids of tasks of submissions that are open."""
    open_tags = _open_tags(state)
    tasks: set[str] = set()
    for line in _lines(state / "ledger"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if record.get("intend", record.get("extend")) in open_tags:
            tasks.update(task for job in record.get("elements", ()) for task in job)
            tasks.add(str(record.get("subject", "")))  # of earlier versions
    return tasks


def _open_tags(state: Path) -> set[str]:
    """Submissions with jobs that were handed to a batch system, and whose end nobody has noted."""
    left: dict[str, set[tuple[int, int]]] = {}
    ended: dict[str, list[list[Any]] | None] = {}
    for line in _lines(state / "ledger"):
        try:
            record = json.loads(line)
        except ValueError:
            continue
        if isinstance(tag := record.get("intend"), str):
            slices = record.get("elements", [[None]])
            left[tag] = {(job, place) for job, tasks in enumerate(slices) for place in range(len(tasks))}
        elif isinstance(tag := record.get("extend"), str):
            slices, first = record.get("elements", ()), record.get("from", 0)
            more = {(job, place) for job, tasks in enumerate(slices, first) for place in range(len(tasks))}
            left.setdefault(tag, set()).update(more)
        elif isinstance(tag := record.get("closed"), str):
            ends = record.get("ends")  # without it all of the submission
            before = ended.setdefault(tag, [])
            ended[tag] = None if ends is None or before is None else before + ends
    return {tag for tag, tasks in left.items() if not _are_closed(tasks, ended.get(tag, []))}


def _are_closed(tasks: set[tuple[int, int]], ends: list[list[Any]] | None) -> bool:
    """Whether all of them are: each is the number of a job and a place in its slice, or no place for all of it."""
    if ends is None:
        return True
    whole = {job for job, place, _ in ends if place is None}
    single = {(job, place) for job, place, _ in ends}
    return all(job in whole or (job, place) in single for job, place in tasks)
