"""A script with luigi's classes and no main guard, through every door, on every CPython."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from clean_environments import CleanEnvironment

pytestmark = pytest.mark.e2e

SEED = """# reco.py
import luigi
from analyses.ttH.tasks import Selection

class Reconstruction(luigi.Task):
    dataset = luigi.Parameter(default="ttH125")

    def requires(self):
        return Selection(dataset=self.dataset)

    def output(self):
        return luigi.LocalTarget("reco_%s.root" % self.dataset)

    def run(self):
        # do whatever a reconstruction does
        {body}
"""

TASKS = """
import luigi

class Selection(luigi.Task):
    dataset = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget("selection_%s.txt" % self.dataset)

    def run(self):
        if self.dataset == "broken":
            raise ValueError("no such dataset")
        with self.output().open("w") as file:
            file.write("42 events of " + self.dataset)
"""

BODY = """with self.input().open() as events, self.output().open("w") as file:
            file.write("reconstructed " + events.read())
"""

GUARD = """
if __name__ == "__main__":
    luigi.run()
"""


@pytest.fixture
def analysis(tmp_path: Path) -> Path:
    folder = tmp_path / "analyses" / "ttH"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "tasks.py").write_text(TASKS)
    (tmp_path / "reco.py").write_text(SEED.format(body=BODY))
    return tmp_path


def made(folder: Path) -> bool:
    file = folder / "reco_ttJets.root"
    return file.exists() and file.read_text() == "reconstructed 42 events of ttJets"


def test_python_runs_the_script(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    done = luigi_venv.run("python", "reco.py", "Reconstruction", "--dataset", "ttJets", cwd=analysis)
    assert done.returncode == 0, done.stderr
    assert made(analysis)
    again = luigi_venv.run("python", "reco.py", "Reconstruction", "--dataset", "ttJets", cwd=analysis)
    assert again.returncode == 0
    assert "Nothing to do" in again.stderr


def test_the_executable_runs_the_script_from_another_folder(clean_venv: CleanEnvironment, analysis: Path) -> None:
    """No activation, no martlet-luigi: `martlet run` resolves luigi by itself."""
    elsewhere = analysis / "elsewhere"
    elsewhere.mkdir()
    done = clean_venv.run("martlet", "run", "../reco.py", "Reconstruction", "--dataset", "ttJets", cwd=elsewhere)
    assert done.returncode == 0, done.stderr
    assert made(elsewhere)
    status = clean_venv.run("martlet", "status", cwd=elsewhere)
    assert status.returncode == 0 and "Reconstruction" in status.stdout, status.stdout + status.stderr


def test_workers(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    words = ["reco.py", "Reconstruction", "--dataset", "ttJets", "--workers", "2"]
    done = luigi_venv.run("python", *words, cwd=analysis)
    assert done.returncode == 0, done.stderr
    assert made(analysis)


def test_as_it_stands_it_ends_as_luigi_ends_it_with_a_hint(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    (analysis / "reco.py").write_text(SEED.format(body="..."))
    for door in (["python", "reco.py"], ["martlet", "run", "reco.py"]):
        done = luigi_venv.run(*door, "Reconstruction", "--dataset", "ttJets", cwd=analysis)
        assert done.returncode == 0, done.stderr
        assert "reco_ttJets.root" in done.stderr
        assert not (analysis / "reco_ttJets.root").exists()


def test_exit_codes_without_a_guard(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    failed = luigi_venv.run("python", "reco.py", "Reconstruction", "--dataset", "broken", cwd=analysis)
    assert failed.returncode == 1
    assert "ValueError: no such dataset" in failed.stderr
    assert "site-packages/martlet" not in failed.stderr
    assert luigi_venv.run("python", "reco.py", "Reconstructoin", cwd=analysis).returncode == 2


def test_with_a_guard_it_is_the_scripts_own_run(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    with (analysis / "reco.py").open("a") as file:
        file.write(GUARD)
    done = luigi_venv.run("python", "reco.py", "Reconstruction", "--dataset", "ttJets", cwd=analysis)
    assert done.returncode == 0, done.stderr
    assert made(analysis)
    # luigi.run() returns whatever happened, and the script ends well
    failed = luigi_venv.run("python", "reco.py", "Reconstruction", "--dataset", "broken", cwd=analysis)
    assert failed.returncode == 0
    assert "ValueError: no such dataset" in failed.stderr
    # the executable says how the run ended
    failed = luigi_venv.run("martlet", "run", "reco.py", "Reconstruction", "--dataset", "broken", cwd=analysis)
    assert failed.returncode == 1


def test_importing_it_runs_nothing(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    code = "import reco; print(reco.Reconstruction().task_id)"
    done = luigi_venv.run("python", "-c", code, "Reconstruction", cwd=analysis)
    assert done.stdout.startswith("Reconstruction_ttH125_"), done.stderr
    assert list(analysis.glob("*.root")) == []


def test_interactively_it_runs_nothing(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    words = ["-i", "reco.py", "Reconstruction", "--dataset", "ttJets"]
    done = luigi_venv.run("python", *words, cwd=analysis, stdin="print('here', Reconstruction.__name__)\n")
    assert "here Reconstruction" in done.stdout
    assert list(analysis.glob("*.root")) == []


def test_under_the_debugger_it_runs_nothing(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    # no flags: the pdb of CPython 3.13.0 takes them for its own
    words = ["-m", "pdb", "reco.py", "Reconstruction"]
    done = luigi_venv.run("python", *words, cwd=analysis, stdin="continue\nquit\n")
    assert "The program finished and will be restarted" in done.stdout, done.stdout + done.stderr
    assert list(analysis.glob("*.root")) == []


def test_nothing_of_luigi_is_installed(luigi_venv: CleanEnvironment, analysis: Path) -> None:
    code = "import luigi, sys; print(luigi.__name__, sys.modules['luigi'].Task.__module__)"
    done = luigi_venv.run("python", "-c", code, cwd=analysis)
    assert "martlet" in done.stdout, done.stderr
    assert not list(luigi_venv.folder.glob("lib/python*/site-packages/luigi")), sys.version
