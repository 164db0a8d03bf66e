"""The wheel in a virtual environment of its own, on every CPython of this machine, no Swift in sight."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from clean_environments import CleanEnvironment, bare_environment
from conftest import MartletRun

pytestmark = pytest.mark.e2e

SCRIPT = """\
import martlet


class Hello(martlet.Task):
    \"\"\"Greets someone.\"\"\"

    name = martlet.Parameter(default="world", description="who is greeted")

    def output(self):
        return martlet.LocalTarget(f"hello_{self.name}.txt")

    def run(self):
        with self.output().open("w") as stream:
            stream.write(f"hello {self.name}\\n")
"""


def test_no_swift_is_needed(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    assert shutil.which("swift", path=bare_environment()["PATH"]) is None
    finished = clean_venv.run(
        "python", "-c", "import martlet, martlet._engine as e; print(e.__version__)", cwd=tmp_path
    )
    assert finished.returncode == 0, finished.stderr
    assert f"martlet {finished.stdout.strip()}" == version_of(clean_venv, tmp_path)


def version_of(venv: CleanEnvironment, folder: Path) -> str:
    finished = venv.run("martlet", "--version", cwd=folder)
    assert finished.returncode == 0, finished.stderr
    return finished.stdout.strip()


def test_metadata_has_the_same_version(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    code = "from importlib.metadata import version; print('martlet', version('martlet'))"
    finished = clean_venv.run("python", "-c", code, cwd=tmp_path)
    assert finished.stdout.strip() == version_of(clean_venv, tmp_path)


def test_the_executable_is_the_python_beside_it(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    (tmp_path / "where.py").write_text(
        "import json, sys\nprint(json.dumps([sys.executable, sys.prefix, list(sys.version_info[:2])]))\nsys.exit(0)\n"
    )
    finished = clean_venv.run("martlet", "run", "where.py", cwd=tmp_path, env={"MARTLET_DEBUG": "1"})
    assert finished.stdout, finished.stderr
    executable, prefix, version = json.loads(finished.stdout.splitlines()[0])
    assert Path(executable).parent == clean_venv.folder / "bin"
    assert Path(prefix) == clean_venv.folder
    assert ".".join(map(str, version)) == ".".join(clean_venv.interpreter.version.split(".")[:2])
    assert "beside this program" in finished.stderr


def test_runs_a_task_from_another_folder_without_activation(martlet_run: MartletRun, tmp_path: Path) -> None:
    finished = martlet_run(SCRIPT, "Hello", "--name", "you")
    assert finished.returncode == 0, finished.stdout + finished.stderr
    assert (tmp_path / "hello_you.txt").read_text() == "hello you\n"


def test_both_doors_do_the_same(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(SCRIPT)
    first = clean_venv.run("martlet", "run", "hello.py", "Hello", cwd=tmp_path)
    (tmp_path / "hello_world.txt").unlink()
    second = clean_venv.run("python", "-m", "martlet", "run", "hello.py", "Hello", cwd=tmp_path)
    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert (tmp_path / "hello_world.txt").exists()


def test_records_are_read_without_python(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(SCRIPT)
    state = {"MARTLET_STATE": str(tmp_path / "state")}
    assert clean_venv.run("martlet", "run", "hello.py", "Hello", cwd=tmp_path, env=state).returncode == 0
    without = {**state, "MARTLET_PYTHON": "/nowhere/python"}
    status = clean_venv.run("martlet", "status", cwd=tmp_path, env=without)
    assert status.returncode == 0, status.stderr
    assert "Hello" in status.stdout
    shown = clean_venv.run("martlet", "reports", "show", "Hello(name=world)", cwd=tmp_path, env=without)
    assert "hello_world.txt" in shown.stdout, shown.stderr


def test_a_configured_state_directory_is_found(clean_venv: CleanEnvironment, tmp_path: Path) -> None:
    (tmp_path / "hello.py").write_text(SCRIPT)
    (tmp_path / "martlet.toml").write_text('state = "elsewhere"\n')
    inner = tmp_path / "inner"
    inner.mkdir()
    assert clean_venv.run("martlet", "run", "hello.py", "Hello", cwd=tmp_path).returncode == 0
    status = clean_venv.run("martlet", "status", cwd=inner)
    assert status.returncode == 0, status.stderr
    assert str(tmp_path / "elsewhere") in status.stdout


def test_a_missing_python_is_told_with_a_way_out(system_venv: CleanEnvironment, tmp_path: Path) -> None:
    finished = system_venv.run("martlet", "run", "x.py", cwd=tmp_path, env={"MARTLET_PYTHON": "/nowhere/python"})
    assert finished.returncode == 2
    assert "/nowhere/python" in finished.stderr
    assert "MARTLET_PYTHON" in finished.stderr
    assert "Traceback" not in finished.stderr


def test_starts_a_python_without_a_library_in_its_place(system_venv: CleanEnvironment, tmp_path: Path) -> None:
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\necho wrapped >&2\nexec "{system_venv.python}" "$@"\n')
    wrapper.chmod(0o755)
    (tmp_path / "hello.py").write_text(SCRIPT)
    instead = {"MARTLET_PYTHON": os.fspath(wrapper)}
    finished = system_venv.run("martlet", "run", "hello.py", "Hello", cwd=tmp_path, env=instead)
    assert finished.returncode == 0, finished.stderr
    assert "wrapped" in finished.stderr
    assert (tmp_path / "hello_world.txt").exists()
