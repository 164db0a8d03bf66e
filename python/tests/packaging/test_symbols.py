"""The compiled files load on the oldest systems that the wheel's tag promises: EL9 and its kin."""

from __future__ import annotations

import re
import subprocess
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.e2e

LIMITS = {"GLIBC": (2, 34), "GLIBCXX": (3, 4, 29), "CXXABI": (1, 3, 13)}
LIBRARIES = {"libc.so.6", "libm.so.6", "libstdc++.so.6", "libgcc_s.so.1", "libdl.so.2", "libpthread.so.0"}
LOADERS = ("ld-linux",)


@pytest.fixture(params=["_engine.abi3.so", "martlet"])
def compiled(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Path:
    """One of the wheel's two compiled files, unpacked."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.rsplit("/", 1)[-1] == request.param]
        return Path(archive.extract(name, tmp_path))


def objdump(*words: str | Path) -> str:
    return subprocess.run(["objdump", *words], check=True, capture_output=True, text=True).stdout


def newer_than_allowed(table: str) -> list[str]:
    """Lines of `objdump -T` that ask for a newer symbol version than LIMITS."""
    found = []
    for line in table.splitlines():
        for library, version in re.findall(r"\b(GLIBC|GLIBCXX|CXXABI)_([\d.]+)", line):
            if tuple(map(int, version.split("."))) > LIMITS[library]:
                found.append(line)
    return found


def test_asks_for_no_newer_symbol(compiled: Path) -> None:
    table = objdump("-T", compiled)
    assert "GLIBC_" in table
    assert newer_than_allowed(table) == []


def test_the_check_sees_a_newer_symbol() -> None:
    line = "0000000000000000      DF *UND*  0000000000000000 (GLIBC_2.35)  hypotf"
    assert newer_than_allowed(line) == [line]
    assert newer_than_allowed(line.replace("2.35", "2.34")) == []


def test_needs_only_libraries_that_every_system_has(compiled: Path) -> None:
    needed = set(re.findall(r"NEEDED\s+(\S+)", objdump("-p", compiled)))
    unexpected = {name for name in needed - LIBRARIES if not name.startswith(LOADERS)}
    assert unexpected == set()


def test_the_extension_shows_its_entry_point_alone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        library = archive.extract("martlet/_engine.abi3.so", tmp_path)
    defined = [line.split()[-1] for line in objdump("-T", library).splitlines() if " g " in line and "*UND*" not in line]
    assert defined == ["PyInit__engine"]


def test_the_extension_uses_only_the_stable_abi(wheel: Path, tmp_path: Path) -> None:
    """No private function of Python: `_Py_NoneStruct` and its like are data of the stable ABI."""
    with zipfile.ZipFile(wheel) as archive:
        library = archive.extract("martlet/_engine.abi3.so", tmp_path)
    wanted = [line.split()[-1] for line in objdump("-T", library).splitlines() if "*UND*" in line]
    private = {name for name in wanted if name.startswith("_Py")}
    assert private <= {"_Py_NoneStruct", "_Py_TrueStruct", "_Py_FalseStruct", "_Py_Dealloc"}
