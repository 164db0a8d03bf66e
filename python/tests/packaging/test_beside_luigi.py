"""martlet-luigi and luigi itself in one environment, installed in either order, and one of them taken away again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from clean_environments import CleanEnvironment, face_wheel, install, interpreters, make_empty

pytestmark = pytest.mark.e2e

LUIGI = "luigi==3.8.1"
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
    """An environment with Martlet, martlet-luigi and luigi."""
    folder = tmp_path_factory.mktemp("both")
    interpreter = interpreters()[0]
    if tuple(map(int, interpreter.version.split(".")[:2])) > (3, 13):
        pytest.skip(f"SKIPPED MARTLET BESIDE LUIGI: luigi 3.8.1 does not support Python {interpreter.version}")
    make_empty(interpreter, folder / "venv")
    ours: list[str | Path] = [wheel, face_wheel(folder)]
    for what in ([LUIGI], ours) if request.param else (ours, [LUIGI]):
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


def test_what_is_taken_away_leaves_the_other(both: CleanEnvironment, tmp_path: Path) -> None:
    pip = [str(both.python), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "uninstall", "--yes", "martlet-luigi"], check=True)
    real = both.run("python", "-c", WHOSE, cwd=tmp_path)
    assert real.stdout == "luigi\n", real.stderr
