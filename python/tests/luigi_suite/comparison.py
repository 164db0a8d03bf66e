"""What differs between how tests ended and how they are expected to end."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .outcome import FileOutcome
from .table import NEVER_ENDS, KnownFailure, SuiteFile

WHOLE_FILE = "*"


def differences(
    expected: Sequence[SuiteFile], known: Iterable[KnownFailure], ended: Iterable[FileOutcome], partial: bool = False
) -> list[str]:
    """One line each; empty when all is as expected.

    `partial`: only some of the tests were run, so that neither their number nor missing ones say anything.
    """
    by_name = {file.name: file for file in expected}
    failures: dict[str, dict[str, str]] = {}
    for failure in known:
        failures.setdefault(failure.file, {})[failure.test] = failure.reason
    found: list[str] = []
    for file in ended:
        found += _of_file(by_name[file.file], failures.get(file.file, {}), file, partial)
    return found


def _of_file(expected: SuiteFile, known: dict[str, str], ended: FileOutcome, partial: bool) -> list[str]:
    found = [f"{ended.file}: {ended.ended}"] if ended.ended and WHOLE_FILE not in known else []
    if WHOLE_FILE in known:
        if ended.tests and all(test.outcome == "passed" for test in ended.tests) and not ended.ended:
            found.append(f"{ended.file}: passes, and is listed as failing")
        return found
    for test in ended.tests:
        listed = test.test in known
        if test.outcome == "passed" and listed:
            found.append(f"{ended.file}::{test.test}: passes, and is listed as failing")
        elif test.outcome != "passed" and not listed:
            found.append(f"{ended.file}::{test.test}: {test.outcome}: {test.why}")
    if not partial:
        names = {test.test for test in ended.tests}
        left_out = {test for test, reason in known.items() if reason.startswith(NEVER_ENDS)}
        absent = [test for test in known if test not in names | left_out]
        found += [f"{ended.file}::{test}: is listed as failing, and there is none" for test in absent]
        if len(names | left_out) != expected.tests:
            found.append(f"{ended.file}: {len(names | left_out)} tests are there, {expected.tests} expected")
    return found
