"""One Slurm for all tests that need it: it takes ten seconds to begin."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from batch.driver import Area
from batch.servers import slurm
from batch.servers.slurm import Slurm


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    if why := slurm.why_not():
        pytest.skip(f"SLURM IS NOT TESTED: {why}")
    with slurm.serving(tmp_path_factory.mktemp("slurm")) as served:
        yield served


@pytest.fixture
def area(tmp_path: Path, system: Slurm) -> Iterator[Area]:
    known = set(system.run("squeue", "-h", "-o", "%A").split())
    yield Area(tmp_path, system.environment)
    left = set(system.run("squeue", "-h", "-o", "%A").split()) - known
    if left:
        system.run("scancel", *left)
