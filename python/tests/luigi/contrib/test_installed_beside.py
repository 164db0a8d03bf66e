"""Parts of luigi.contrib that come from an installed luigi: a small one of our own, with the parts that matter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet

SOURCE = Path(martlet.__file__).parent.parent


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """A site directory with another luigi."""
    contrib = tmp_path / "site" / "luigi" / "contrib"
    (contrib / "warehouse").mkdir(parents=True)
    (contrib.parent / "__init__.py").write_text("raise ImportError('the wrong luigi')\n")
    (contrib / "__init__.py").write_text("")
    (contrib / "simulate.py").write_text("raise ImportError('the wrong simulate')\n")
    (contrib / "warehouse" / "__init__.py").write_text("from luigi.contrib.warehouse.table import Table\n")
    (contrib / "warehouse" / "table.py").write_text(
        "import luigi\nfrom luigi.target import FileSystemTarget\nfrom luigi.contrib.simulate import RunAnywayTarget\n"
        "class Table(luigi.Task):\n    name = luigi.Parameter()\n"
        "    def output(self):\n        return RunAnywayTarget(self)\n"
    )
    return tmp_path / "site"


def python(code: str, *path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    beginning = "from martlet.luigi_finder import install\ninstall()\n"
    paths = os.pathsep.join(map(str, [*path, SOURCE]))
    return subprocess.run(
        [sys.executable, "-c", beginning + code],
        env={**os.environ, "PYTHONPATH": paths, "MARTLET_LUIGI": "", **environment},
        capture_output=True,
        text=True,
        check=False,
        cwd="/",
    )


def test_its_modules_work_on_martlets_classes(installed: Path) -> None:
    run = python(
        "from luigi.contrib.warehouse import Table\nimport luigi, martlet, pickle, sys\n"
        "assert issubclass(Table, martlet.luigi.Task)\n"
        "assert Table(name='x').output().__class__.__module__ == 'martlet.luigi.contrib.simulate'\n"
        "assert sys.modules['luigi.contrib.warehouse'] is sys.modules['martlet.luigi.contrib.warehouse']\n"
        "assert pickle.loads(pickle.dumps(Table(name='x'))) == Table(name='x')\n"
        "import luigi.contrib.mrrunner\nprint('bound')",
        installed,
    )
    assert run.stdout == "bound\n", run.stderr


def test_without_it_the_error_says_how_to_get_it() -> None:
    run = python("try:\n    import luigi.contrib.warehouse\nexcept ImportError as error:\n    print(error)")
    assert "No module named 'luigi.contrib.warehouse'" in run.stdout, run.stderr
    assert "pip install luigi" in run.stdout


def test_an_error_within_it_is_the_real_one(installed: Path) -> None:
    (installed / "luigi" / "contrib" / "warehouse" / "table.py").write_text("import no_such_database\n")
    run = python("import luigi.contrib.warehouse", installed)
    assert "No module named 'no_such_database'" in run.stderr


def test_without_one_an_import_by_name_says_so_too(installed: Path) -> None:
    code = "import luigi.contrib\nassert not hasattr(luigi.contrib, 'nothing')\nfrom luigi.contrib import hdfs"
    run = python(code)
    assert "ModuleNotFoundError: No module named 'luigi.contrib.hdfs': Martlet stands in" in run.stderr
    assert "pip install luigi" in run.stderr
    assert python("from luigi.contrib import warehouse", installed).returncode == 0
