"""What must hold after each run, and at the end, whatever was done."""

from __future__ import annotations

import json
import re
import signal
import time
from collections import Counter

from .area import Area
from .history import Event
from .injection import Ended
from .processes import kill
from .scenario import Fault

GRACE = 4.0
"""Seconds in which the processes of a killed driver must be gone."""
_CRASH = re.compile(r"Fatal error|Illegal instruction|Segmentation fault|^Traceback \(most recent call last\)", re.M)


def after_run(area: Area, fault: Fault, ended: Ended) -> list[str]:
    """After a run under a fault."""
    wrong = _ending(fault, ended)
    if fault.kind == "two":
        wrong += _once(area)
        if ended.code:
            wrong.append(f"of two drivers one ends with {ended.code}: {ended.said[-1500:]}")
    wrong += processes(area, killed=ended.code is not None and ended.code < 0)
    wrong += partial(area)
    missing = sorted(area.acknowledged() - set(area.present()))
    if missing:
        wrong.append(f"reports say that {missing} are done, and their outputs are not there")
    return wrong


def _ending(fault: Fault, ended: Ended) -> list[str]:
    if ended.code is None:
        return [f"the run hangs under {fault}: {ended.said[-500:]}"]
    wrong = []
    dies = fault.kind == "kill" or "=kill" in fault.detail or "torn-" in fault.detail
    allowed = {0, 1, -9} if dies else {0, 1, 130}
    if fault.kind in ("full", "read-only") and fault.detail == "state":
        allowed = {0, 1, 2}
    if "of a newer format" in fault.detail:  # jobs that nobody can read of may be at work: nothing is begun
        allowed |= {2}
    if fault.kind == "signal":  # one may come when all is done
        allowed |= {-signal.Signals[name] for name in fault.detail.split()}
    if ended.code not in allowed:
        wrong.append(f"exit code {ended.code} under {fault}: {ended.said[-1500:]}")
    if _CRASH.search(ended.said):
        wrong.append(f"it crashed under {fault}: {ended.said[-1500:]}")
    words = {"full": "No space left on device", "read-only": "Read-only file system"}.get(fault.kind)
    if ended.code == 1 and words and words not in ended.said:
        wrong.append(f"the cause is not told under {fault}: {ended.said[-1500:]}")
    return wrong


def _once(area: Area) -> list[str]:
    """Of two drivers at once each task is run by one."""
    events = area.history.events()
    last = [place for place, event in enumerate(events) if event.what == "drive"][-2]
    often = Counter(event.task for event in events[last:] if event.what == "begin")
    return [f"task {task} was run {count} times by two drivers" for task, count in often.items() if count > 1]


def processes(area: Area, killed: bool) -> list[str]:
    """Nothing that was started lives on, but for jobs in the batch system."""
    if area.scenario.batch:
        return []
    if area.scenario.workers == 1 and killed:
        # the task ran in the driver: nobody is left who could end what it started
        for pid, living in area.alive().items():
            if living.line.startswith("sleep "):
                kill(pid)
    deadline = time.monotonic() + GRACE
    while left := area.alive():
        if time.monotonic() > deadline:
            return [f"processes live on: {left}; history: {area.history.events()[-40:]}"]
        time.sleep(0.01)
    return []


def partial(area: Area) -> list[str]:
    """A file under its own name is complete, always."""
    wrong = []
    for number, text in enumerate(area.scenario.expected()):
        path = area.output(number)
        if path.exists() and path.read_text() != text:
            wrong.append(f"the output of task {number} has {path.stat().st_size} bytes and should have {len(text)}")
    return wrong


def at_end(area: Area, ended: Ended) -> list[str]:
    """After the last run, which no fault touched."""
    wrong = []
    if ended.code is None:
        wrong.append(f"the last run hangs: {ended.said[-1500:]}")
    elif ended.code != 0:
        wrong.append(f"the last run ends with {ended.code}: {ended.said[-1500:]}")
    absent = sorted(set(range(len(area.scenario.nodes))) - set(area.present()))
    if absent:
        wrong.append(f"the last run leaves {absent} undone")
    wrong += processes(area, killed=False)
    wrong += partial(area)
    return wrong + order(area) + _settled(area)


def order(area: Area) -> list[str]:
    """What the history tells: nothing before what it needs, nothing twice at once, nothing again that was there."""
    wrong = []
    there: set[int] = set()
    running: dict[int, Event] = {}
    together = False
    for event in area.history.events():
        if event.what == "drive":
            # what ran under a driver that was killed has been killed with it; jobs and a driver beside this one go on
            together = event.beside
            goes_on = area.scenario.batch or together
            there = set(event.present) | (there if goes_on else set())
            running = running if goes_on else {}
            present = set(event.present)
        elif event.what == "begin":
            if event.task in present and not area.scenario.batch:
                wrong.append(f"task {event.task} ran again though its output was there")
            early = [needed for needed in area.scenario.nodes[event.task].needs if needed not in there]
            if together:
                # the other driver may see an output before its task has said that it ended; what was read from it is
                # checked by every byte
                early = [needed for needed in early if needed not in running]
            if early:
                wrong.append(f"task {event.task} ran before {early} had ended")
            other = running.get(event.task)
            if other is not None and other.pid in area.alive():
                wrong.append(f"task {event.task} runs twice at once")
            running[event.task] = event
        else:
            there.add(event.task)
            running.pop(event.task, None)
    return wrong


def _settled(area: Area) -> list[str]:
    """What the last run recorded is on disk when it has ended well: a power cut takes nothing away."""
    synced = area.synced()
    return [
        f"a power cut after the end would cut {segment.name} from {segment.stat().st_size} to {synced.get(segment, 0)}"
        for segment in area.segments("reports")
        if segment not in area.older and synced.get(segment, 0) != segment.stat().st_size
    ]


def jobs(area: Area) -> list[str]:
    """Jobs submitted = jobs wanted; for faults that spare the jobs themselves and the ledger's content."""
    wrong = []
    arrays = (area.state / "batch" / "local").glob("*/array")
    submitted = sum(json.loads(array.read_text())["count"] for array in arrays)
    wanted = len(area.scenario.nodes)
    # others come in the place of pilots that were killed
    most = wanted + area.scenario.pilots * len(area.scenario.faults)
    if submitted > most or (submitted < wanted and not area.scenario.pilots):
        wrong.append(f"{submitted} jobs were submitted, {wanted} were wanted")
    often = Counter(event.task for event in area.history.events() if event.what == "begin")
    wrong += [f"job of task {task} ran {count} times" for task, count in often.items() if count != 1]
    return wrong
