"""What may differ between luigi and Martlet: each rule takes one of the differences listed in docs/migrate.md away.

Rules see what is printed and logged, never exit codes, files or which tasks ran.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from beside_luigi.answer import Answer
from beside_luigi.case import Case

PAGE = Path(__file__).resolve().parents[3] / "docs" / "migrate.md"
MOST = 15


class Texts(NamedTuple):
    """What of an answer may differ."""

    printed: Sequence[str]
    summary: Sequence[str]
    log: Sequence[str]


Rule = Callable[[Texts], Texts]


def texts(answer: Answer) -> Texts:
    return Texts(answer.printed, answer.summary.splitlines(), answer.log)


def taken_away(texts: Texts, case: Case, but: str = "") -> Texts:
    """What is left without the differences that a case may show, or without all of them but one."""
    for name, rule in RULES.items():
        if name != but and (name in EVERYWHERE or name in case.differs):
            texts = rule(texts)
    return texts if case.ordered else texts._replace(log=sorted(texts.log))


def listed() -> list[str]:
    """The names of the differences in docs/migrate.md."""
    section = PAGE.read_text().partition("\n## Differences\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| (\w[^|]*?) \|", section, flags=re.MULTILINE)[1:]


def _without(*patterns: str) -> Callable[[Iterable[str]], list[str]]:
    fits = re.compile("|".join(patterns))
    return lambda lines: [line for line in lines if not fits.match(line)]


def _started(log: Sequence[str]) -> int:
    """Where the plan is over."""
    lines = [number for number, line in enumerate(log) if "] Worker " in line]
    return lines[0] if lines else len(log)


def _of_scheduler(texts: Texts) -> Texts:
    drop = _without("DEBUG: ", "INFO: Running Worker with", r"INFO: Worker Worker\(…\) was stopped")
    return texts._replace(log=drop(texts.log))


def _of_plan(texts: Texts) -> Texts:
    first = _started(texts.log)
    return texts._replace(log=[*sorted(texts.log[:first]), *texts.log[first:]])


def _of_workers(texts: Texts) -> Texts:
    drop = _without(r"INFO: \[pid …\] Worker", "INFO: Informed scheduler .* DONE$")
    return texts._replace(log=drop(texts.log))


def _suspended(texts: Texts) -> Texts:
    first = _started(texts.log)
    drop = _without(r".* new requirements  ", "INFO: Informed scheduler .* PENDING$", "WARNING: Data for ")
    log = [*texts.log[:first], *_once(drop(texts.log[first:]), "] Worker Worker(…) running ")]
    return texts._replace(log=log, printed=_once(texts.printed, "    START "))


def _once(lines: Iterable[str], mark: str) -> list[str]:
    """Of the lines with a mark the first of each."""
    kept: list[str] = []
    for line in lines:
        if mark not in line or line not in kept:
            kept.append(line)
    return kept


def _counted_twice(texts: Texts) -> Texts:
    """A task that waits for what its run() asked for, in the summary."""
    return texts._replace(printed=_counted_once(texts.printed), summary=_counted_once(texts.summary))


def _counted_once(lines: Sequence[str]) -> list[str]:
    text = "\n".join(lines)
    again = re.compile(
        r"Scheduled (\d+) tasks of which:(?P<ran>(?:(?!=====)[^\0])*?)"
        r"\* (?P<left>\d+) were left pending, among these:\n"
        r"    \* (?P<missing>\d+) were missing external dependencies:\n"
        r"        - 1 Dynamic(?:Failing|Elsewhere)\(\)\n"
    )

    def once(found: re.Match[str]) -> str:
        missing = int(found["missing"]) - 1
        line = f"    * {missing} were missing external dependencies:\n" if missing else ""
        left = f"* {int(found['left']) - 1} were left pending, among these:\n"
        return f"Scheduled {int(found[1]) - 1} tasks of which:{found['ran']}{left}{line}"

    return again.sub(once, text).splitlines()


def _needs_gone(texts: Texts) -> Texts:
    """A task whose requirements are found incomplete when its turn comes; twice in luigi."""
    drop = _without(r".*(Unfulfilled dependency| AfterLiar)", "Traceback", ".* (After)?Liar__.* (PENDING|FAILED)$")
    return texts._replace(log=drop(texts.log), printed=_once(drop(texts.printed), "Liar"))


def _words(*patterns: str) -> Rule:
    """Lines that say the same in other words, or more."""
    drop = _without(*patterns)
    return lambda texts: texts._replace(log=drop(texts.log))


EVERYWHERE = ("log of the scheduler", "log of the plan")
"""What any case may show."""
RULES: dict[str, Rule] = {
    "log of the scheduler": _of_scheduler,
    "dynamic requirements": _suspended,
    "dynamic requirements in the summary": _counted_twice,
    "log of the plan": _of_plan,
    "log of workers": _of_workers,
    "requirements found incomplete": _needs_gone,
    "outputs that were not made": _words(
        "(TaskException: Task finished running, but|RuntimeError: run.. returned without having made)", "Traceback"
    ),
    "requirements that are no tasks": _words(
        ".*(unexpected framework error|requires.. must return Task objects|a task was expected)",
        "Traceback", "INFO: Done scheduling tasks", "ERROR: Uncaught", "The above exception was the direct cause",
    ),
    "circles": _words("WARNING: .* require each other in a circle", "  hint: remove one of these"),
    "warnings of luigi's own code": _words("UserWarning: (Task .* without outputs|Parameter .param_name)"),
    "chained tracebacks": _words("During handling of the above", "KeyError: 'MARTLET_NOT_SET'", "Traceback"),
    "status messages": _words(r"INFO: \w+\(.*\): (is followed at|progress in %|status): "),
    "programs that fail": _words("ENVIRONMENT: ", "Traceback"),
    "candidates": _words("TaskClassNotFoundException: No task .* Candidates are"),
}  # fmt: skip
