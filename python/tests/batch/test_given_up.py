"""Jobs that are not wanted any more: what has not begun is given up, and the run says so."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from batch.driver import Area

pytestmark = pytest.mark.e2e

SCRIPT = """
import os
import time
import martlet

class Fails(martlet.Workflow):
    n = martlet.IntParameter()
    folder = martlet.Parameter()
    def create_branch_map(self):
        return self.n
    def output(self):
        return martlet.LocalTarget(f"{self.folder}/out/{self.branch}.txt")
    def run(self):
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"{self.branch}\\n")
        time.sleep(0.3)  # the driver looks every half second
        if self.branch < int(os.environ.get("BAD", "0")):
            raise ValueError("always the same")
        self.output().dump("")
"""


@pytest.fixture
def local(tmp_path: Path) -> Area:
    area = Area(tmp_path, {})
    area.script.write_text(SCRIPT)
    return area


def words(area: Area, count: int, *more: str) -> list[str]:
    return [
        "Fails", "--n", str(count), "--folder", str(area.folder), "--batch", "local", "--workers", "2", "--no-bundle",
        "--poll-interval", "0.5", *more,
    ]  # fmt: skip


def ran(area: Area) -> int:
    return len((area.folder / "ran").read_text().split())


def ends(area: Area) -> list[str]:
    """How the ledger says that jobs ended."""
    return [end[2] for record in area.ledger() if isinstance(found := record.get("ends"), list) for end in found]


def test_beyond_its_tolerance_nothing_more_of_a_workflow_is_submitted(local: Area) -> None:
    code, said = local.run(*words(local, 30, "--tolerance", "2", "--parallel-jobs", "2"), BAD="5")
    assert code == 1
    assert ran(local) <= 6, said
    assert "one failure too many among the branches of its workflow" in said


def test_after_the_first_failure_jobs_that_wait_are_cancelled(local: Area) -> None:
    code, said = local.run(*words(local, 30, "--fail-fast"), BAD="1")
    assert code == 1
    assert ran(local) < 30 and "not started after Fails(" in said, said
    assert ends(local).count("cancelled") >= 30 - ran(local)
    code, said = local.run(*words(local, 30))
    assert code == 0 and len(local.outputs()) == 30, said


@pytest.mark.parametrize("pilots", [(), ("--pilots", "2")], ids=["jobs", "pilots"])
def test_a_storm_of_equal_failures_ends_what_has_not_begun(local: Area, pilots: tuple[str, ...]) -> None:
    code, said = local.run(*words(local, 100, "--tasks-per-job", "5", *pilots), BAD="100")
    assert code == 1
    assert 25 <= ran(local) < 100, said
    note = "nothing more is submitted, since 25 tries have failed alike: ValueError: always the same"
    assert said.count("nothing more is submitted") == 1 and f"martlet: batch system local: {note}" in said, said
    withheld = f"{100 - ran(local)} tasks not started: too many jobs have failed alike: ValueError: always the same"
    assert -1 < said.find('raise ValueError("always the same")') < said.find(withheld), said
    assert f"Failed: {ran(local)} of {ran(local)} tasks that ran" in said, said


def test_a_slurm_without_configuration_refuses_at_once(local: Area) -> None:
    if shutil.which("sbatch") is None:
        pytest.skip("SLURM WITHOUT CONFIGURATION IS NOT TESTED: there is no sbatch")
    code, said = local.run(*[*words(local, 1), "--batch", "slurm"], SLURM_CONF="/nonexistent")
    assert code == 1
    assert "slurm refused its job: " in said and "Unable to process configuration file" in said, said
