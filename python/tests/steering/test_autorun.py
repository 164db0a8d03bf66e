"""`python reco.py Task` with and without a main guard, on every CPython there is; and when it must not take over."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import RunCommand

BARE = """
import sys
import tasks_face as martlet
print("executed", __name__)

class Reco(martlet.Task):
    dataset = martlet.Parameter(default="ttH125")

    def output(self):
        return martlet.LocalTarget(f"reco_{self.dataset}.txt")

    def run(self):
        if self.dataset == "bad":
            raise ValueError("no jets")
        with self.output().open("w") as file:
            file.write(f"{sys.flags.optimize} {sys.flags.dev_mode} {sys.path[0]}")
"""
GUARDED = BARE + "\nif __name__ == '__main__':\n    print('answer', martlet.luigi_run())\n"


def _pythons() -> list[str]:
    """This interpreter and one of every other minor version from 3.10 on, found on PATH or among pyenv's."""
    candidates = [shutil.which(f"python3.{minor}") or "" for minor in range(10, 15)]
    candidates += [str(path) for path in sorted(Path.home().glob(".pyenv/versions/3.1[0-9]*/bin/python3"))]
    home = os.environ.get("PYENV_ROOT", "/root/.pyenv")
    candidates += [str(path) for path in sorted(Path(home).glob("versions/3.1[0-9]*/bin/python3"))]
    found = {sys.version_info[:2]: sys.executable}
    for candidate in filter(None, candidates):
        asked = subprocess.run(
            [candidate, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True, check=False
        )
        if asked.returncode == 0:
            major, minor = map(int, asked.stdout.split())
            found.setdefault((major, minor), candidate)
    return [found[version] for version in sorted(found) if version >= (3, 10)]


@pytest.fixture(params=_pythons(), ids=lambda python: str(python))
def python(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def bare(project: Path) -> Path:
    path = project / "reco.py"
    path.write_text(BARE)
    return path


def test_a_bare_script_runs_its_task(command: RunCommand, bare: Path, python: str) -> None:
    ended = command("-O", "-X", "dev", "-W", "ignore", "reco.py", "Reco", "--dataset", "ttJets", python=python)
    assert ended.returncode == 0, ended.stderr
    # the lines above the import run twice, those below it once
    assert ended.stdout == "executed __main__\n"
    assert (bare.parent / "reco_ttJets.txt").read_text() == f"1 True {bare.parent}"


def test_a_script_that_only_imports_its_tasks_runs_them(command: RunCommand, bare: Path, python: str) -> None:
    (bare.parent / "front.py").write_text('"""All tasks."""\nfrom reco import Reco\n\n__all__ = ["Reco"]\n')
    ended = command("front.py", "Reco", "--dataset", "ttJets", python=python)
    assert ended.returncode == 0, ended.stderr
    assert (bare.parent / "reco_ttJets.txt").exists()
    without = command("front.py", python=python)
    assert (without.returncode, without.stderr) == (0, ""), "nothing was asked for"


def test_a_bare_script_has_the_runs_exit_code(command: RunCommand, bare: Path, python: str) -> None:
    ended = command("reco.py", "Reco", "--dataset", "bad", python=python)
    assert ended.returncode == 1
    assert "ValueError: no jets" in ended.stderr
    assert command("reco.py", "Rceo", python=python).returncode == 2


def test_a_guarded_script_is_left_to_itself(command: RunCommand, project: Path, python: str) -> None:
    (project / "reco.py").write_text(GUARDED)
    ended = command("reco.py", "Reco", "--dataset", "bad", python=python)
    assert (ended.returncode, ended.stdout) == (0, "executed __main__\nanswer False\n")
    ended = command("reco.py", "Reco", python=python)
    assert (ended.returncode, ended.stdout) == (0, "executed __main__\nanswer True\n")
    assert (project / "reco_ttH125.txt").exists()


def test_martlet_run_shows_the_result_of_a_guarded_script(command: RunCommand, project: Path, python: str) -> None:
    (project / "reco.py").write_text(GUARDED)
    ended = command("-m", "martlet", "run", "reco.py", "Reco", "--dataset", "bad", python=python)
    assert (ended.returncode, ended.stdout) == (1, "executed __main__\nanswer False\n")
    ended = command("-m", "martlet", "run", "reco.py", "Reco", python=python)
    assert (ended.returncode, ended.stdout) == (0, "executed __main__\nanswer True\n")


def test_an_imported_script_runs_nothing(command: RunCommand, bare: Path, python: str) -> None:
    (bare.parent / "other.py").write_text("import reco\nprint(reco.Reco.__name__)\n")
    ended = command("other.py", "Reco", python=python)
    assert (ended.returncode, ended.stdout) == (0, "executed reco\nReco\n"), ended.stderr
    assert not (bare.parent / "reco_ttH125.txt").exists()


@pytest.mark.parametrize("flags", [("-i",), ("-m", "pdb"), ("-m", "runpy")])
def test_started_in_another_way(command: RunCommand, bare: Path, python: str, flags: tuple[str, ...]) -> None:
    script = "reco" if flags == ("-m", "runpy") else "reco.py"
    ended = command(*flags, script, "Reco", python=python, stdin="c\nq\n" if "pdb" in flags else "exit()\n")
    assert "executed" in ended.stdout
    assert not (bare.parent / "reco_ttH125.txt").exists()


def test_as_a_module(command: RunCommand, bare: Path, python: str) -> None:
    ended = command("-m", "reco", "Reco", python=python)
    assert (ended.returncode, ended.stdout) == (0, "executed __main__\n")
    assert not (bare.parent / "reco_ttH125.txt").exists()


def test_pdb_by_its_path(command: RunCommand, bare: Path, python: str) -> None:
    asked = subprocess.run(
        [python, "-c", "import pdb; print(pdb.__file__)"], capture_output=True, text=True, check=True
    )
    command(asked.stdout.strip(), "reco.py", "Reco", python=python, stdin="c\nq\n")
    assert not (bare.parent / "reco_ttH125.txt").exists()


def test_from_standard_input_and_as_a_string(command: RunCommand, bare: Path, python: str) -> None:
    ended = command("-", "Reco", python=python, stdin=BARE)
    assert (ended.returncode, ended.stdout) == (0, "executed __main__\n")
    ended = command("-c", BARE, "Reco", python=python)
    assert (ended.returncode, ended.stdout) == (0, "executed __main__\n")
    assert not (bare.parent / "reco_ttH125.txt").exists()


def test_switched_off(command: RunCommand, bare: Path, python: str) -> None:
    assert command("reco.py", "Reco", python=python, MARTLET_AUTORUN="0").returncode == 0
    assert command("reco.py", "Reco", python=python, PYTHONINSPECT="1", stdin="exit()").returncode == 0
    assert not (bare.parent / "reco_ttH125.txt").exists()


def test_traced(command: RunCommand, bare: Path) -> None:
    (bare.parent / "sitecustomize.py").write_text("")
    text = "import sys\nsys.settrace(lambda *_: None)\n" + BARE
    bare.write_text(text)
    assert command("reco.py", "Reco").returncode == 0
    assert not (bare.parent / "reco_ttH125.txt").exists()
