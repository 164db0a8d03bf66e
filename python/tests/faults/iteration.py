"""One iteration: a scenario is played, what must hold is checked."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from . import injection, invariants, mounts
from .area import Area
from .processes import kill
from .scenario import Fault, Scenario

_NONE = Fault("none")


@dataclass
class Verdict:
    scenario: Scenario
    wrong: list[str] = field(default_factory=list)
    hit: bool = False
    """Whether a fault happened: a run ended otherwise than well, or was damaged."""
    skipped: str = ""
    """Why it was not played."""
    reached: set[str] = field(default_factory=set)


def play(scenario: Scenario, keep: bool = False) -> Verdict:
    """Plays a scenario in a folder of its own, which is left behind when `keep` is set and something is wrong."""
    verdict = Verdict(scenario)
    if scenario.needs_mounts and not mounts.possible():
        verdict.skipped = "file systems cannot be mounted here"
        return verdict
    memory = Path("/dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="martlet-faults-", dir=memory if memory.is_dir() else None))
    area = Area(folder, scenario)
    try:
        _play(area, verdict)
        verdict.reached = area.reached()
    finally:
        for pid in area.alive():
            kill(pid)
        if not (keep and verdict.wrong):
            shutil.rmtree(folder, ignore_errors=True)
    if keep and verdict.wrong:
        verdict.wrong.append(f"see {folder}")
    return verdict


def _play(area: Area, verdict: Verdict) -> None:
    scenario = area.scenario
    jobs_count = scenario.batch and scenario.damage is None
    for fault in scenario.faults:
        ended = injection.drive(area, fault)
        verdict.hit |= ended.code != 0 or area.happened() or fault.kind == "two"
        verdict.wrong += invariants.after_run(area, fault, ended)
        if scenario.power and ended.code is not None and ended.code < 0:
            injection.lose_power(area)
        jobs_count &= _spares_jobs(fault)
        if verdict.wrong:
            return
    if scenario.damage is not None and (done := injection.damage(area, scenario.damage)):
        verdict.hit = True
        ended = injection.drive(area, _NONE)
        verdict.wrong += invariants.after_run(area, Fault("none", done), ended)
        injection.repair(area, scenario.damage)
    if verdict.wrong:
        return
    verdict.wrong += invariants.at_end(area, injection.drive(area, _NONE))
    if jobs_count:
        verdict.wrong += invariants.jobs(area)


def _spares_jobs(fault: Fault) -> bool:
    return not fault.detail.startswith(("job.", "target.", "worker."))
