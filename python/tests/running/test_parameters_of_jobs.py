"""What configuration and command line say of parameters counts in programs that run one task, too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet

SCRIPT = """
import martlet


class Selection(martlet.Task):
    cut = martlet.IntParameter(default=20)
    word = martlet.Parameter(default="", visibility=martlet.ParameterVisibility.PRIVATE)

    def output(self):
        return martlet.LocalTarget(f"selection-{self.cut}.txt")

    def run(self):
        self.output().dump("selected")


class Plot(martlet.Task):
    sandbox = SANDBOX

    def requires(self):
        return Selection()

    def output(self):
        return martlet.LocalTarget("plot.txt")

    def run(self):
        self.output().dump(self.input().path)
"""


@pytest.mark.parametrize(("words", "sandbox"), [(("--batch", "local"), None), ((), "shell:setup.sh")])
@pytest.mark.parametrize(("flags", "expected"), [((), 30), (("--Selection-cut", "40"), 40)], ids=["file", "flag"])
def test_what_a_job_needs_is_what_the_driver_planned(
    tmp_path: Path, words: tuple[str, ...], sandbox: str | None, flags: tuple[str, ...], expected: int
) -> None:
    (tmp_path / "reco.py").write_text(SCRIPT.replace("SANDBOX", repr(sandbox)))
    (tmp_path / "setup.sh").write_text("true\n")
    (tmp_path / "martlet.toml").write_text("[parameters.Selection]\ncut = 30\nword = 's3cr3t'\n")
    command = [sys.executable, "-m", "martlet", "run", "reco.py", "Plot", *flags, *words]
    environ = {**os.environ, "PYTHONPATH": str(Path(martlet.__file__).parents[1])}
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert Path((tmp_path / "plot.txt").read_text()).name == f"selection-{expected}.txt"
    described = list((tmp_path / ".martlet" / "jobs").rglob("job.json"))
    # a private parameter never leaves the driver
    assert described and not any("s3cr3t" in path.read_text() for path in described)


ODD = """
import datetime

import martlet


class Fit(martlet.Task):
    sandbox = SANDBOX
    cut = martlet.FloatParameter(default=30)
    count = martlet.IntParameter(default=2.0)
    run_number = martlet.IntParameter(default="007")
    scale = martlet.FloatParameter(default=1e-3)
    day = martlet.DateParameter(default=datetime.datetime(2026, 11, 30))

    def output(self):
        return martlet.LocalTarget("fit.txt")

    def run(self):
        self.output().dump(repr((self.cut, self.count, self.run_number, self.scale)))
"""


@pytest.mark.parametrize(("words", "sandbox"), [(("--batch", "local"), None), ((), "shell:setup.sh")])
def test_values_of_other_types_than_their_parameters_stay_what_they_are(
    tmp_path: Path, words: tuple[str, ...], sandbox: str | None
) -> None:
    (tmp_path / "fit.py").write_text(ODD.replace("SANDBOX", repr(sandbox)))
    (tmp_path / "setup.sh").write_text("true\n")
    command = [sys.executable, "-m", "martlet", "run", "fit.py", "Fit", *words]
    environ = {**os.environ, "PYTHONPATH": str(Path(martlet.__file__).parents[1])}
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "fit.txt").read_text() == "(30, 2.0, '007', 0.001)"
