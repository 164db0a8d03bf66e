"""Marks of tests that start servers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from . import service


def needs(programs: Mapping[str, str], server: str) -> list[pytest.MarkDecorator]:
    """For tests from end to end: skipped, and why told, where programs of the server are missing."""
    lacks = service.missing(programs)
    return [pytest.mark.e2e, pytest.mark.skipif(bool(lacks), reason=f"SKIPPED {server}: this machine lacks {lacks}")]
