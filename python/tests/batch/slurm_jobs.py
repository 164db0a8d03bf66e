"""What tests with Slurm ask and do beside the driver."""

from __future__ import annotations

import os
import subprocess

from batch.driver import Area
from batch.servers.slurm import Slurm


def live(system: Slurm) -> list[str]:
    """Jobs that are pending or running, by tag and index."""
    told = system.run("squeue", "-h", "--array", "--format=%j.%K")
    return [name for name in told.split() if name.startswith("martlet-")]


def words(area: Area, count: int, *more: str) -> list[str]:
    """What a run of the analysis is given."""
    often = [] if "--poll-interval" in more else ["--poll-interval", "1"]
    own = ["--count", str(count), "--folder", str(area.folder), "--batch", "slurm", "--no-bundle"]
    return ["Selection", *own, *often, *more]


def in_front(area: Area, name: str, script: str) -> dict[str, str]:
    """A PATH where a command of Slurm's is another: `$real` in the script is the true one."""
    real = subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip()
    folder = area.folder / "bin"
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\nreal={real} area={area.folder}\n{script}\n")
    (folder / name).chmod(0o755)
    return {"PATH": f"{folder}:{os.environ['PATH']}"}
