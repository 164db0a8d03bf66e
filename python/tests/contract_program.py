"""The executable `contract` of the engine, which plays what every store and every batch system must do."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import hatch_build

from clean_environments import ROOT


def path() -> Path:
    """MARTLET_CONTRACT, else as SwiftPM builds it beside its tests."""
    if named := os.environ.get("MARTLET_CONTRACT"):
        return Path(named)
    build = [hatch_build.find_swift(), "build", "--package-path", str(ROOT), "--product", "contract", "--quiet"]
    subprocess.run(build, check=True, stdin=subprocess.DEVNULL)
    shown = subprocess.run([*build, "--show-bin-path"], check=True, capture_output=True, text=True)
    return Path(shown.stdout.strip(), "contract")
