"""Where stores lie, told to programs that run one task: batch jobs and tasks with a sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet

SCRIPT = """
import os
import martlet

results = martlet.store("results")


class Selection(martlet.Task):
    sandbox = {sandbox!r}

    def output(self):
        return results / "selection.txt"

    def run(self):
        self.output().dump(str(os.getppid()))


class Plot(martlet.Task):
    sandbox = {sandbox!r}

    def requires(self):
        return Selection()

    def output(self):
        return martlet.store("plots", default="plots") / "plot.txt"

    def run(self):
        self.output().dump(self.input().load())
"""
ROOTS = os.pathsep.join([str(Path(martlet.__file__).parents[1])])


@pytest.mark.parametrize(
    ("words", "sandbox"),
    [(("--batch", "local"), None), (("--batch", "local", "--bundle", "always"), None), ((), "shell:setup.sh")],
    ids=["job", "job with a bundle", "sandbox"],
)
@pytest.mark.parametrize("how", ["file", "flag", "variable"])
def test_a_job_writes_to_the_stores_of_its_run(
    tmp_path: Path, how: str, words: tuple[str, ...], sandbox: str | None
) -> None:
    (tmp_path / "reco.py").write_text(SCRIPT.format(sandbox=sandbox))
    (tmp_path / "setup.sh").write_text("true\n")
    (tmp_path / "martlet.toml").write_text("[stores.results]\nurl = 'from-file'\n")
    environ = {name: text for name, text in os.environ.items() if not name.startswith("MARTLET_")}
    environ["PYTHONPATH"] = ROOTS
    expected = "from-file"
    if how == "flag":
        words, expected = (*words, "--store", "results=from-flag"), "from-flag"
    elif how == "variable":
        environ["MARTLET_STORE_RESULTS"] = expected = str(tmp_path / "from-variable")
    command = [sys.executable, "-m", "martlet", "run", "reco.py", "Plot", *words]
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    # written by a program of its own, in the place that the run's command line, variable or file named
    assert (tmp_path / expected / "selection.txt").exists()
    assert (tmp_path / "plots" / "plot.txt").exists()
    for described in (tmp_path / ".martlet" / "jobs").rglob("job.json"):
        assert f"results={tmp_path / expected}" in described.read_text()
