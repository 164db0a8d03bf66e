"""The committed tables: which files of the suite are run, and which of their tests are known to fail."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent


class SuiteFile(NamedTuple):
    """One file of luigi's tests."""

    name: str
    tests: int
    """How many it holds."""
    kind: str
    """`public`: what users of luigi can rely on; `semi-public`: what some observe."""
    seconds: int
    """When it is ended, for having come to a halt."""
    environment: str = "-"
    """NAME=VALUE that it needs; `-`: none."""


NEVER_ENDS = "never ends: "


class KnownFailure(NamedTuple):
    """A test that is not expected to pass."""

    file: str
    test: str
    """`*` for all of the file's."""
    reason: str
    """Beginning with NEVER_ENDS if the test is not run."""


def _rows(path: Path) -> Iterator[list[str]]:
    """The lines of a table below its head; empty ones and comments left out."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    for line in lines[1:]:
        yield line.split("\t")


def files(path: Path = HERE / "files.tsv") -> list[SuiteFile]:
    """All files, in the order they are run."""
    return [
        SuiteFile(name, int(tests), kind, int(seconds), environment)
        for name, tests, kind, seconds, environment in _rows(path)
    ]


def known_failures(path: Path = HERE / "known_failures.tsv") -> list[KnownFailure]:
    """All tests that are expected to fail."""
    return [KnownFailure(*row) for row in _rows(path)]
