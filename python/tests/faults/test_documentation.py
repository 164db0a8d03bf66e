"""docs/faults.md names tests that exist."""

from __future__ import annotations

import re

import pytest

from clean_environments import ROOT

_NAMED = sorted({name for line in (ROOT / "docs" / "faults.md").read_text().splitlines() if line.startswith("| ")
                 for name in re.findall(r"`([^`]+)`", line.rsplit("|", 2)[-2])})  # fmt: skip
_PYTHON = {file.name: file.read_text() for file in (ROOT / "python" / "tests").rglob("test_*.py")}
_SWIFT = {file.name: file.read_text() for file in (ROOT / "Tests").rglob("*.swift")}


@pytest.mark.parametrize("name", _NAMED)
def test_a_named_test_exists(name: str) -> None:
    file, _, function = name.partition("::")
    if function:
        assert f"def {function}(" in _PYTHON[file]
    elif "." in file:
        assert file in _PYTHON or file in _SWIFT
    else:
        assert any(f"func {file}(" in text for text in _SWIFT.values())


def test_every_row_names_one() -> None:
    assert len(_NAMED) > 30
