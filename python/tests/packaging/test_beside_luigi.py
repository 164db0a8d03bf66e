"""martlet-luigi, luigi itself and law in one environment, installed in either order, and one taken away again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from clean_environments import CleanEnvironment, face_wheel, install, interpreters, make_empty

pytestmark = pytest.mark.e2e

LUIGI = "luigi==3.8.1"
LAW = "law==0.1.21"
WHOSE = "import luigi; print(luigi.__name__)"
BOUND = """
import luigi, martlet
import luigi.contrib.hadoop  # needs a module that luigi's own wheel does not have
from luigi.contrib.hdfs import HdfsTarget
from luigi.contrib.rdbms import CopyToTable
assert issubclass(CopyToTable, martlet.luigi.Task)
assert issubclass(HdfsTarget, martlet.FileSystemTarget)
print(luigi.contrib.hadoop.__file__)
"""
TASKS = """
import luigi

class Raw(luigi.ExternalTask):
    def output(self):
        return luigi.LocalTarget("raw")

class Plots(luigi.Task):
    def requires(self):
        return Raw()
"""


@pytest.fixture(scope="module", params=[True, False], ids=["luigi-first", "luigi-last"])
def both(request: pytest.FixtureRequest, wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    """An environment with Martlet, martlet-luigi, luigi and law."""
    folder = tmp_path_factory.mktemp("both")
    interpreter = interpreters()[0]
    if tuple(map(int, interpreter.version.split(".")[:2])) > (3, 13):
        pytest.skip(f"SKIPPED MARTLET BESIDE LUIGI: luigi 3.8.1 does not support Python {interpreter.version}")
    make_empty(interpreter, folder / "venv")
    ours: list[str | Path] = [wheel, face_wheel(folder)]
    for what in ([LUIGI, LAW], ours) if request.param else (ours, [LUIGI, LAW]):
        install(folder / "venv", *what)
    return CleanEnvironment(folder / "venv", interpreter)


def test_modules_of_an_installed_luigi_work_on_martlets_classes(both: CleanEnvironment, tmp_path: Path) -> None:
    assert both.run("python", "-c", WHOSE, cwd=tmp_path).stdout == "martlet.luigi\n"
    bound = both.run("python", "-c", BOUND, cwd=tmp_path)
    assert Path(bound.stdout.strip()).parts[-3:] == ("luigi", "contrib", "hadoop.py"), bound.stderr
    assert "site-packages/luigi/" in bound.stdout


@pytest.mark.parametrize("real", ["", "real"])
def test_luigis_programs_are_for_both(real: str, both: CleanEnvironment, tmp_path: Path) -> None:
    (tmp_path / "reco_beside.py").write_text(TASKS)
    environment = {"PYTHONPATH": str(tmp_path), "MARTLET_LUIGI": real}
    program = both.folder / "bin" / "luigi-deps-tree"
    tree = both.run(program, "--module", "reco_beside", "Plots", cwd=tmp_path, env=environment)
    assert "Raw-{}" in tree.stdout, tree.stderr
    program = both.folder / "bin" / "luigi"
    (tmp_path / "raw").write_text("")
    run = both.run(program, "--module", "reco_beside", "Raw", "--local-scheduler", cwd=tmp_path, env=environment)
    assert run.returncode == 0, run.stderr
    assert "1 complete ones were encountered" in run.stderr
    assert ("Running Worker with 1 processes" in run.stderr) is bool(real)


LAWS = """
import os
import law, luigi

class Events(law.Task):
    version = luigi.Parameter()

    def output(self):
        return law.LocalFileTarget(os.path.abspath(f"made/{self.version}.txt"))  # law counts from the root

    def run(self):
        self.output().dump("made by " + luigi.__name__, formatter="text")
"""


def test_law_runs_on_luigi_itself(both: CleanEnvironment, tmp_path: Path) -> None:
    (tmp_path / "laws_beside.py").write_text(LAWS)
    (tmp_path / "law.cfg").write_text("[modules]\nlaws_beside\n")
    environment = {"PYTHONPATH": str(tmp_path), "LAW_HOME": str(tmp_path / "home")}
    law = both.folder / "bin" / "law"
    for words in (["index"], ["run", "Events", "--version", "v1", "--local-scheduler"]):
        run = both.run(law, *words, cwd=tmp_path, env=environment)
        assert run.returncode == 0, run.stderr
    assert (tmp_path / "made" / "v1.txt").read_text() == "made by luigi"


def test_law_after_luigi_says_what_to_do(both: CleanEnvironment, tmp_path: Path) -> None:
    late = both.run("python", "-c", "import luigi, law", cwd=tmp_path)
    assert "ImportError: law changes parts of luigi's worker" in late.stderr
    real = both.run("python", "-c", "import luigi, law; print(law.luigi_version)", cwd=tmp_path,
                    env={"MARTLET_LUIGI": "real"})  # fmt: skip
    assert real.stdout == "3.8.1\n", real.stderr
    (tmp_path / "laws_beside.py").write_text(LAWS)
    ran = both.run("martlet", "run", "laws_beside.py", "Events", "--version", "v1", cwd=tmp_path)
    assert ran.returncode == 4
    assert "law changes parts of luigi's worker" in ran.stderr


def test_the_doctor_imports_an_analysis_of_law(both: CleanEnvironment, tmp_path: Path) -> None:
    (tmp_path / "laws_beside.py").write_text(LAWS)
    run = both.run("martlet", "doctor", "laws_beside.py", cwd=tmp_path)
    assert run.returncode == 1, run.stderr
    assert run.stdout.startswith("an analysis of law: 1 file read, 1 task family\n")
    assert "law is not installed" not in run.stdout


def test_what_is_taken_away_leaves_the_other(both: CleanEnvironment, tmp_path: Path) -> None:
    pip = [str(both.python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "uninstall", "--yes", "martlet-luigi"], check=True)
    real = both.run("python", "-c", WHOSE, cwd=tmp_path)
    assert real.stdout == "luigi\n", real.stderr
