"""The hand-kept declarations of Python's stable ABI are those of Python's own headers."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from clean_environments import ROOT, Interpreter

PROOF = Path(__file__).with_name("abi_check.c")


def compiles(*flags: str) -> subprocess.CompletedProcess[str]:
    compiler = shutil.which("cc") or shutil.which("clang")
    if compiler is None:
        pytest.skip("no C compiler (cc or clang) on PATH")
    return subprocess.run(
        [compiler, "-fsyntax-only", "-Wall", "-Werror", *flags, PROOF], capture_output=True, text=True
    )


def test_ours() -> None:
    finished = compiles("-DOURS", f"-I{ROOT / 'Sources/CPyShim/include'}")
    assert finished.returncode == 0, finished.stderr


@pytest.mark.e2e
def test_pythons(interpreter: Interpreter) -> None:
    command = [interpreter.path, "-c", "import sysconfig; print(sysconfig.get_path('include'))"]
    headers = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    if not Path(headers, "Python.h").exists():
        pytest.skip(f"no Python.h of {interpreter.label} in {headers}")
    finished = compiles(f"-I{headers}")
    assert finished.returncode == 0, finished.stderr


def test_it_can_fail() -> None:
    finished = compiles("-DOURS", "-DMETH_FASTCALL=1", f"-I{ROOT / 'Sources/CPyShim/include'}")
    assert finished.returncode != 0
