"""Recorded tasks once more that ran in a sandbox, or by another CPython than the one that asks."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import clean_environments
import martlet

pytestmark = pytest.mark.e2e

PACKAGE = Path(martlet.__file__).resolve().parent
SCRIPT = """
import os, sys
import martlet

class Measured(martlet.Task):
    sandbox = {sandbox!r}
    def output(self):
        return martlet.LocalTarget("results/measured.txt")
    def run(self):
        {imports}
        self.output().dump({value}, "txt")

if __name__ == "__main__":
    martlet.run()
"""


class Analysis:
    """A script, its results, and what wheels of `shade` are to be had."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wheels = folder / "wheels"
        self.wheels.mkdir(parents=True)
        self.variables = {"PIP_NO_INDEX": "1", "HOME": str(folder / "home")}

    def write(self, value: str, sandbox: str | None = None, imports: str = "pass") -> None:
        (self.folder / "reco.py").write_text(SCRIPT.format(value=value, sandbox=sandbox, imports=imports))

    def wheel(self, version: str) -> Path:
        file = self.wheels / f"shade-{version}-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as wheel:
            info = f"shade-{version}.dist-info"
            wheel.writestr("shade.py", f"NUMBER = {version!r}\n")
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: shade\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
        return file

    def run(self, *words: str, python: str | Path = sys.executable, code: int = 0, **variables: str) -> str:
        done = subprocess.run(
            [python, "-m", "martlet", *words], cwd=self.folder, capture_output=True, text=True, timeout=300,
            env={**os.environ, **self.variables, **variables},
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    def again(self, *words: str, code: int = 0, **variables: str) -> Any:
        words = ("reproduce", "Measured", "--json", "--find-links", str(self.wheels), *words)
        return json.loads(self.run(*words, code=code, **variables))


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    return Analysis(tmp_path / "analysis")


def environment(folder: Path, python: str | Path = sys.executable, wheel: Path | None = None) -> Path:
    """A virtual environment that has Martlet, and what a wheel holds."""
    subprocess.run([python, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    (packages / "martlet").symlink_to(PACKAGE)
    if wheel is not None:
        zipfile.ZipFile(wheel).extractall(packages)
    return folder


def replace(folder: Path, wheel: Path) -> None:
    (packages,) = folder.glob("lib/python*/site-packages")
    for old in packages.glob("shade-*"):
        shutil.rmtree(old)
    shutil.rmtree(packages / "__pycache__", ignore_errors=True)
    zipfile.ZipFile(wheel).extractall(packages)


def test_in_its_virtual_environment(analysis: Analysis, tmp_path: Path) -> None:
    first, second = analysis.wheel("1.0"), analysis.wheel("2.0")
    sandbox = environment(tmp_path / "fit", wheel=first)
    analysis.write("shade.NUMBER", f"venv:{sandbox}", "import shade")
    analysis.run("run", "reco.py", "Measured")
    as_it_is = analysis.again()
    assert (as_it_is["verdict"], as_it_is["environment"]["where"]) == ("same", "sandbox")

    replace(sandbox, second)
    here = analysis.again("--here", code=1)
    assert here["environment"]["packages"] == [{"name": "shade", "recorded": "1.0", "here": "2.0", "used": "2.0"}]
    assert "shade 2.0, and 1.0 was recorded" in analysis.run("reproduce", "Measured", "--here", code=1)
    made = analysis.again()
    assert (made["verdict"], made["environment"]["where"]) == ("same", "venv")

    shutil.rmtree(sandbox)
    gone = analysis.again("--here", code=3)
    assert gone["cause"] == f"its sandbox, the virtual environment {sandbox}, is not there"
    assert analysis.again()["verdict"] == "same"
    first.unlink()
    assert "shade 1.0 can't be had" in analysis.again("--venv", code=3)["cause"]


def test_packages_of_whoever_asks_are_not_in_its_virtual_environment(analysis: Analysis, tmp_path: Path) -> None:
    sandbox = environment(tmp_path / "fit")
    analysis.write("f'{sys.prefix} {importlib.util.find_spec(\"pytest\")}'", f"venv:{sandbox}", "import importlib.util")
    analysis.run("run", "reco.py", "Measured")
    assert (analysis.folder / "results/measured.txt").read_text() == f"{sandbox} None"
    assert analysis.again()["verdict"] == "same"


def test_in_a_virtual_environment_of_another_python(analysis: Analysis, tmp_path: Path) -> None:
    other = another_python()
    sandbox = environment(tmp_path / "fit", other.path, analysis.wheel("1.0"))
    value = "f'{sys.version_info[0]}.{sys.version_info[1]} {shade.NUMBER}'"
    analysis.write(value, f"venv:{sandbox}", "import shade, ctypes, json")
    analysis.run("run", "reco.py", "Measured")
    assert (analysis.folder / "results/measured.txt").read_text() == f"{short(other)} 1.0"
    again = analysis.again()
    assert (again["verdict"], again["environment"]["where"]) == ("same", "sandbox")
    shutil.rmtree(sandbox)
    folder = other.path.parent
    made = analysis.again(PATH=f"{folder}:/usr/bin:/bin")
    assert (made["verdict"], made["environment"]["python_used"]) == ("same", other.version)


def test_behind_its_script(analysis: Analysis, tmp_path: Path) -> None:
    setup = tmp_path / "setup.sh"
    setup.write_text("export SCALE=1.5\n")
    analysis.write("os.environ['SCALE']", f"shell:{setup}")
    analysis.run("run", "reco.py", "Measured")
    again = analysis.again()
    assert (again["verdict"], again["environment"]["notes"]) == ("same", ["what setup.sh sets up is not recorded"])

    setup.write_text("export SCALE=2\n")
    other = analysis.again(code=1)
    assert "setup.sh is not what it was" in other["environment"]["notes"][0]
    setup.unlink()
    assert str(setup) in analysis.again(code=3)["cause"]


def test_by_another_python(analysis: Analysis, tmp_path: Path) -> None:
    other = another_python()
    python = environment(tmp_path / "other", other.path) / "bin" / "python"
    analysis.write("'%d.%d' % sys.version_info[:2]")
    analysis.run("run", "reco.py", "Measured", python=python)
    (analysis.folder / "bin").mkdir()
    (analysis.folder / "bin" / f"python{short(other)}").symlink_to(other.path)
    on_path = {"PATH": f"{analysis.folder / 'bin'}:/usr/bin:/bin"}
    again = analysis.again(**on_path)
    assert (again["verdict"], again["environment"]["where"]) == ("same", "venv")
    assert again["environment"]["python_used"] == other.version == again["environment"]["python_recorded"]

    # nowhere to be found
    bare = {"PATH": "/nowhere", "PYENV_ROOT": "/nowhere"}
    without = analysis.again(code=1, **bare)
    assert f"Python {short(other)} is not installed" in without["environment"]["notes"]
    assert f"Python {short(other)} is not installed" in analysis.again("--venv", code=3, **bare)["cause"]
    assert f", and {other.version} was recorded" in analysis.run("reproduce", "Measured", code=1, **bare)


def short(interpreter: clean_environments.Interpreter) -> str:
    return ".".join(interpreter.version.split(".")[:2])


def another_python() -> clean_environments.Interpreter:
    """One that is not the one that runs this."""
    own = f"{sys.version_info[0]}.{sys.version_info[1]}"
    others = [one for one in clean_environments.interpreters() if short(one) != own]
    if not others:
        pytest.skip("SKIPPED reproducing by another Python: this machine has no other CPython from 3.10 on")
    return others[-1]
