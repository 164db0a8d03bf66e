"""An editable install runs from the source tree, with the compiled engine linked into it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from clean_environments import ROOT, CleanEnvironment, install, interpreters, make_empty

pytestmark = pytest.mark.e2e

LINK = ROOT / "python/martlet/_engine.abi3.so"


@pytest.fixture(scope="module")
def editable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CleanEnvironment]:
    pytest.importorskip("hatchling", reason="hatchling builds the editable wheel: pip install hatchling")
    folder = tmp_path_factory.mktemp("editable")
    was_there = LINK.is_symlink()
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel:editable", "--directory", folder]
    try:
        subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
        (wheel,) = folder.glob("*.whl")
        interpreter = interpreters()[0]
        make_empty(interpreter, folder / "venv")
        install(folder / "venv", wheel)
        yield CleanEnvironment(folder / "venv", interpreter)
    finally:
        if not was_there:
            LINK.unlink(missing_ok=True)


def test_imports_from_the_source_tree(editable: CleanEnvironment, tmp_path: Path) -> None:
    code = "import martlet, martlet._engine as engine; print(martlet.__file__); print(engine.__file__)"
    finished = editable.run("python", "-c", code, cwd=tmp_path)
    assert finished.returncode == 0, finished.stderr
    package, engine = finished.stdout.split()
    assert Path(package) == ROOT / "python/martlet/__init__.py"
    assert Path(engine) == LINK


def test_the_engine_is_the_one_swiftpm_builds(editable: CleanEnvironment) -> None:
    assert LINK.is_symlink()
    assert os.path.realpath(LINK).endswith("/release/lib_engine.so")


def test_has_the_executable(editable: CleanEnvironment, tmp_path: Path) -> None:
    finished = editable.run("martlet", "--version", cwd=tmp_path)
    assert finished.stdout.startswith("martlet ")
