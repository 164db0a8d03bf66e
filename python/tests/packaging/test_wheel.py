"""What the wheel holds and claims."""

from __future__ import annotations

import platform
import re
import stat
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import pytest

from clean_environments import ROOT

pytestmark = pytest.mark.e2e

EXTENSION = "martlet/_engine.abi3.so"


@pytest.fixture(scope="module")
def contents(wheel: Path) -> dict[str, zipfile.ZipInfo]:
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry for entry in archive.infolist()}


@pytest.fixture(scope="module")
def version() -> str:
    text = (ROOT / "Sources/MartletModel/Version.swift").read_text()
    found = re.search(r'current = "([^"]+)"', text)
    assert found is not None
    return found.group(1)


def test_tag_promises_every_cpython_from_3_10_on(wheel: Path, version: str) -> None:
    machine = platform.machine()
    assert wheel.name == f"martlet-{version}-cp310-abi3-manylinux_2_34_{machine}.whl"
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read(f"martlet-{version}.dist-info/WHEEL").decode()
    assert "Root-Is-Purelib: false" in text


def test_holds_what_is_no_module(contents: dict[str, zipfile.ZipInfo], version: str) -> None:
    executable = f"martlet-{version}.data/scripts/martlet"
    for name in (EXTENSION, executable, "martlet/py.typed", f"martlet-{version}.dist-info/licenses/LICENSE"):
        assert name in contents
    assert contents[executable].external_attr >> 16 & stat.S_IXUSR


def test_holds_every_module_and_nothing_else(contents: dict[str, zipfile.ZipInfo], version: str) -> None:
    source = ROOT / "python"
    modules = {
        str(path.relative_to(source))
        for path in (source / "martlet").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".so"
    }
    packed = {name for name in contents if not name.startswith(f"martlet-{version}.")}
    assert packed == modules | {EXTENSION}


def test_is_stripped_and_small(wheel: Path, contents: dict[str, zipfile.ZipInfo]) -> None:
    megabyte = 1 << 20
    # with its symbols it has 30 MB
    assert contents[EXTENSION].file_size < 14 * megabyte
    assert wheel.stat().st_size < 15 * megabyte


def test_metadata_name_dependencies_and_extras(wheel: Path, version: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        metadata = HeaderParser().parsestr(archive.read(f"martlet-{version}.dist-info/METADATA").decode())
    required = [text for text in metadata.get_all("Requires-Dist", []) if "extra ==" not in text]
    assert [re.split(r"[<>=;\s]", text)[0] for text in required] == ["rich", "threadpoolctl", "tomli"]
    assert set(metadata.get_all("Provides-Extra", [])) == {
        "dev", "files", "fsspec", "hep", "notebook", "test", "xrootd",
    }  # fmt: skip
    assert metadata["Requires-Python"] == ">=3.10"
    assert metadata["License-Expression"] == "Apache-2.0"


def test_is_of_these_sources(wheel: Path) -> None:
    """A stale wheel would make every other end-to-end test lie."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.startswith("martlet/") and name.endswith(".py"):
                source = ROOT / "python" / name
                assert archive.read(name) == source.read_bytes(), f"{name} has changed since; hint: `make wheel`"
