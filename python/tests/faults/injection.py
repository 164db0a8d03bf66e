"""Carries a scenario's faults out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from . import mounts, records
from .area import PATIENCE, Area
from .processes import kill
from .scenario import Damage, Fault


class Ended:
    """How a run of the driver ended."""

    def __init__(self, code: int | None, said: str) -> None:
        self.code = code
        """None: it did not end, and was killed for that."""
        self.said = said


def drive(area: Area, fault: Fault) -> Ended:
    """Runs the driver under a fault."""
    if fault.kind == "two":
        return _drive_two(area, fault)
    with _place(area, fault):
        process = area.start(fault.detail if fault.kind == "point" else "")
        try:
            if fault.kind in ("kill", "signal"):
                _wait_until_begun(area, process, fault)
                _strike(area, process, fault)
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return Ended(None, area.said())
        return Ended(process.returncode, area.said())


def _drive_two(area: Area, fault: Fault) -> Ended:
    """Two drivers at once on the same analysis. Returns how the worse of them ended."""
    first = area.start()
    time.sleep(fault.jitter)
    begun = [(first, area.said_file), (area.start(beside=True), area.said_file)]
    ends = []
    for process, said in begun:
        try:
            process.wait(timeout=PATIENCE)
            ends.append(Ended(process.returncode, said.read_text(errors="replace")))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            return Ended(None, said.read_text(errors="replace"))
    return max(ends, key=lambda end: abs(end.code or 0))


@contextmanager
def _place(area: Area, fault: Fault) -> Iterator[None]:
    if fault.kind not in ("full", "read-only"):
        yield
        return
    place = {"state": area.state, "logs": area.logs, "target": area.target}[fault.detail]
    place.mkdir(parents=True, exist_ok=True)
    kept = area.folder / "kept"
    shutil.copytree(place, kept)
    if fault.kind == "full":
        mounts.small(place, fault.room + _size(kept))
        shutil.copytree(kept, place, dirs_exist_ok=True)
    else:
        mounts.read_only(place)
    try:
        yield
    finally:
        if fault.kind == "full":
            shutil.rmtree(kept)
            shutil.copytree(place, kept)
        mounts.remove(place)
        shutil.copytree(kept, place, dirs_exist_ok=True)
        shutil.rmtree(kept)


def _size(folder: Path) -> int:
    """Kilobytes of a folder's files, in pages."""
    return sum(4 * (file.stat().st_size // 4096 + 1) for file in folder.rglob("*") if file.is_file())


def _wait_until_begun(area: Area, process: subprocess.Popen[str], fault: Fault) -> None:
    earlier = _begun(area)
    deadline = time.monotonic() + PATIENCE
    while _begun(area) - earlier < fault.begun and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.003)
    time.sleep(fault.jitter)


def _begun(area: Area) -> int:
    return sum(event.what == "begin" for event in area.history.events())


def _strike(area: Area, process: subprocess.Popen[str], fault: Fault) -> None:
    if fault.kind == "signal":
        for name in fault.detail.split():
            kill(process.pid, signal.Signals[name])
            time.sleep(0.03)  # two of a kind that are pending are one to the kernel
        return
    if fault.detail == "driver":
        return kill(process.pid)
    begins = [event for event in area.history.events() if event.what == "begin" and event.pid != process.pid]
    if begins and process.poll() is None:
        victim = begins[-1].pid if fault.detail == "worker" else begins[-1].parent
        if victim in area.alive() and victim != process.pid:  # its number may be somebody else's by now
            kill(victim)


def lose_power(area: Area) -> None:
    """What was not forced to disk is gone. Batch jobs and their files are on other machines."""
    synced = area.synced()
    for kind in ("reports", "ledger"):
        for segment in area.segments(kind):
            length = synced.get(segment, 0)
            if length == 0:
                segment.unlink()
            else:
                os.truncate(segment, length)


def damage(area: Area, what: Damage) -> str:
    """Damages records. Returns what was done; empty when there was nothing to damage."""
    folder = area.state / what.place
    if what.how in ("newer", "older"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "00000000-elsewhere.jsonl").write_bytes(records.header(what.place, 99 if what.how == "newer" else 0))
        return f"a segment of a {what.how} format in {what.place}"
    segments = area.segments(what.place)
    if not segments:
        return ""
    segment = segments[int(what.where * len(segments))]
    content = bytearray(segment.read_bytes())
    byte = int(what.where * len(content))
    if what.how == "delete":
        segment.unlink()
    elif what.how == "cut":
        os.truncate(segment, byte)
    elif content:
        content[byte] ^= 1 << int(what.where * 1000) % 8
        segment.write_bytes(content)
    return f"{what.how} at byte {byte} of {segment.name}"


def repair(area: Area, what: Damage | None) -> None:
    """Takes away what no version of today can read; the rest stays damaged."""
    if what is not None and what.how == "newer":
        (area.state / what.place / "00000000-elsewhere.jsonl").unlink(missing_ok=True)
