"""What the run of luigi's own tests reports as a difference, and what not."""

from __future__ import annotations

import json

from luigi_suite import table
from luigi_suite.comparison import differences
from luigi_suite.outcome import FileOutcome, Outcome, read
from luigi_suite.table import KnownFailure, SuiteFile

FILE = SuiteFile("a_test.py", 2, "public", 60)
PASSED, FAILED = Outcome("A::one", "passed", ""), Outcome("A::two", "failed", "1 != 2")


def found(*tests: Outcome, known: tuple[KnownFailure, ...] = (), ended: str = "", partial: bool = False) -> list[str]:
    return differences([FILE], known, [FileOutcome("a_test.py", tests, 1.0, ended)], partial)


def test_what_is_expected_is_no_difference() -> None:
    assert found(PASSED, PASSED._replace(test="A::two")) == []
    assert found(PASSED, FAILED, known=(KnownFailure("a_test.py", "A::two", "no scheduler"),)) == []
    assert found(PASSED, known=(KnownFailure("a_test.py", "A::two", "never ends: it waits"),)) == []
    assert found(known=(KnownFailure("a_test.py", "*", "no scheduler"),), ended="ended after 60 s") == []


def test_differences_are_told_with_their_cause() -> None:
    assert found(PASSED, FAILED) == ["a_test.py::A::two: failed: 1 != 2"]
    listed = (KnownFailure("a_test.py", "A::one", "no scheduler"), KnownFailure("a_test.py", "A::three", "none"))
    assert found(PASSED, PASSED._replace(test="A::two"), known=listed) == [
        "a_test.py::A::one: passes, and is listed as failing",
        "a_test.py::A::three: is listed as failing, and there is none",
    ]
    assert found(PASSED, ended="ended after 60 s") == [
        "a_test.py: ended after 60 s",
        "a_test.py: 1 tests are there, 2 expected",
    ]
    assert found(PASSED, partial=True) == []


def test_the_worst_of_a_tests_phases_counts() -> None:
    lines = [
        {"test": "a", "outcome": "unended", "why": ""},
        {"test": "a", "outcome": "passed", "why": ""},
        {"test": "a", "outcome": "failed", "why": "in teardown"},
        {"test": "b", "outcome": "unended", "why": ""},
    ]
    assert read(map(json.dumps, lines)) == (Outcome("a", "failed", "in teardown"), Outcome("b", "unended", ""))


def test_the_tables_agree() -> None:
    files = {file.name: file for file in table.files()}
    assert sum(file.tests for file in files.values() if file.kind == "public") == 574
    for failure in table.known_failures():
        assert files[failure.file]
        assert failure.reason
        assert failure.test == "*" or files[failure.file].kind in ("public", "semi-public")
