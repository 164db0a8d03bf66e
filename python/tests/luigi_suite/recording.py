"""A plugin of pytest: one line of JSON for each test, written as it ends: a run that is cut short tells what it knows.

`python -m pytest -p luigi_suite.recording`; the file is named by LUIGI_SUITE_OUTCOMES.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

VARIABLE = "LUIGI_SUITE_OUTCOMES"
LEFT_OUT = "LUIGI_SUITE_LEFT_OUT"
"""Names of tests that are not run, one a line."""


def _append(entry: dict[str, str]) -> None:
    with open(os.environ[VARIABLE], "a", encoding="utf-8") as file:
        file.write(json.dumps(entry) + "\n")


def _name(nodeid: str) -> str:
    """Without the file's path: `Class::test` or `test`."""
    return nodeid.partition("::")[2]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """By their whole names; pytest's own --deselect takes those that begin alike, too."""
    left_out = os.environ.get(LEFT_OUT, "").splitlines()
    items[:] = [item for item in items if _name(item.nodeid) not in left_out]


def pytest_collectreport(report: pytest.CollectReport) -> None:
    """A file that does not import is one failure without a name."""
    if report.failed:
        _append({"test": _name(report.nodeid) or "(import)", "outcome": "failed", "why": _last_line(report.longrepr)})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[Any]:
    """Notes the beginning too: a test that never ends is then known."""
    _append({"test": _name(item.nodeid), "outcome": "unended", "why": ""})
    return (yield)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """A test counts as failed if any of its phases does, as passed when its call has."""
    if report.failed or report.skipped or report.when == "call":
        _append({"test": _name(report.nodeid), "outcome": report.outcome, "why": _last_line(report.longrepr)})


def _last_line(longrepr: object) -> str:
    crash = getattr(longrepr, "reprcrash", None)
    if crash is not None:
        return str(crash.message).partition("\n")[0]
    if isinstance(longrepr, tuple):
        return str(longrepr[-1])
    lines = str(longrepr or "").strip().splitlines()
    return lines[-1] if lines else ""
