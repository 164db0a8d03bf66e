"""`martlet reproduce REPORT`: its words, what it prints, its exit code."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from ..diagnostics import Code, Diagnostic, MartletError
from ..records import RecordsError
from ..running.result import ExitCode
from .reproducing import reproduce
from .values import Environment, Reproduction, Verdict

_EXIT = {
    Verdict.SAME: ExitCode.OK,
    Verdict.SAME_BUT: ExitCode.OK,
    Verdict.UNKNOWN: ExitCode.MISSING,
    Verdict.DIFFERENT: ExitCode.FAILED,
    Verdict.FAILED: ExitCode.FAILED,
    Verdict.NOT_RUN: ExitCode.MISSING,
}
_SENTENCES = {
    Verdict.SAME: "every output is the same, byte for byte",
    Verdict.SAME_BUT: "every output is the same but for what is named above",
    Verdict.UNKNOWN: "it ran, and there is nothing left to compare with",
    Verdict.DIFFERENT: "what it made is different",
    Verdict.FAILED: "it failed",
    Verdict.NOT_RUN: "it was not run",
}
_WHERE = {"here": "the environment here", "sandbox": "its sandbox", "venv": "an environment made for it"}
_MOST = 10
"""Packages and inputs that are listed one by one."""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise MartletError(Diagnostic(Code.USAGE, "martlet reproduce", message, "see `martlet reproduce --help`"))


def parser() -> argparse.ArgumentParser:
    """The command's words."""
    words = _Parser(
        prog="martlet reproduce",
        description="Runs a recorded task again, apart, with the code and the packages that were recorded, and "
        "compares what it makes with what it made. What it made is not touched.",
        epilog="Exit codes: 0 the same, or the same but for dates and their like; 1 different, or it failed; 2 usage; "
        "3 it was not run, or there is nothing left to compare with.",
        allow_abbrev=False,
    )
    words.add_argument("report", metavar="REPORT", help="a task's id, its beginning, a title, or the name of a report")
    words.add_argument("script", metavar="SCRIPT", nargs="?", help="in place of the recorded script")
    how = words.add_mutually_exclusive_group()
    how.add_argument("--here", action="store_true", help="run it with the packages that are here")
    how.add_argument("--venv", action="store_true", help="insist on the recorded versions of packages and Python")
    words.add_argument("--find-links", action="append", default=[], metavar="FOLDER", help="where pip finds wheels")
    words.add_argument("--changed-inputs", action="store_true", help="run it although its inputs have changed")
    words.add_argument("--into", metavar="FOLDER", help="where everything is made; new or empty")
    words.add_argument("--keep", action="store_true", help="leave everything there, working tree and environment too")
    words.add_argument("--directory", metavar="FOLDER", help="what relative paths are relative to; as recorded")
    words.add_argument("--store", action="append", default=[], metavar="NAME=URL", help="where a store lies")
    words.add_argument("--state", metavar="FOLDER", help="the state directory")
    words.add_argument("--json", action="store_true", help="print JSON")
    return words


def run(arguments: Sequence[str]) -> ExitCode:
    """Carries the command out."""
    given = parser().parse_args([word for word in arguments if word != "--debug"])
    try:
        result = reproduce(
            given.report,
            script=given.script,
            state=given.state,
            directory=given.directory,
            into=given.into,
            packages="here" if given.here else "venv" if given.venv else "auto",
            find_links=given.find_links,
            stores=given.store,
            changed_inputs=given.changed_inputs,
            keep=given.keep,
        )
    except RecordsError as error:
        print(f"martlet: {error}", file=sys.stderr)
        return ExitCode.USAGE
    except LookupError as error:
        raise MartletError(Diagnostic(Code.USAGE, "martlet reproduce", str(error.args[0]))) from None
    print(json.dumps(as_json(result), ensure_ascii=False) if given.json else text(result))
    return _EXIT[result.verdict]


def as_json(value: Any) -> Any:
    """A value with named fields as JSON has it."""
    if isinstance(value, (tuple, list)):
        return [as_json(one) for one in value]
    if isinstance(value, Verdict):
        return value.value
    if hasattr(value, "_names"):
        return {name: as_json(getattr(value, name)) for name in value._names}
    return value


def text(result: Reproduction) -> str:
    """For people."""
    lines = [f"{result.title}, report {result.report}"]
    lines += [f"  {line}" for line in _environment(result.environment)]
    code = result.code
    how = {"here": "the files as they are", "worktree": f"commit {code.revision[:12]}", "unknown": "not looked at"}
    same = {True: "as recorded", False: "not what ran", None: "not recorded"}[code.same]
    lines.append(f"  code: {how[code.where]}: {same}" + "".join(f"; {note}" for note in code.notes))
    troubled = [one for one in result.inputs if one.finding != "consumed"]
    if result.inputs:
        lines.append(f"  inputs: {len(result.inputs) - len(troubled)} of {len(result.inputs)} are what it consumed")
    lines += [f"    {one.what}: {one.finding}{f', {one.detail}' if one.detail else ''}" for one in troubled[:_MOST]]
    for one in result.outputs:
        lines.append(f"  {one.path}: {one.finding}{_detail(one.finding, one.detail)}")
        if one.finding != "same" and one.made:
            lines.append(f"    made again: {one.made}")
    lines.append(f"{_SENTENCES[result.verdict]}{f': {result.cause}' if result.cause else ''}")
    if result.folder:
        lines.append(f"  log: {result.folder}/log")
    return "\n".join(lines)


def _detail(finding: str, detail: str) -> str:
    if not detail:
        return ""
    return f" for {detail}" if finding == "same but" and not detail.startswith("as ") else f": {detail}"


def _environment(environment: Environment) -> list[str]:
    python, recorded = environment.python_used or "(none)", environment.python_recorded
    if recorded and python != recorded and not python.startswith(f"{recorded}."):
        python += f", and {recorded} was recorded"
    changed = [one for one in environment.packages if one.used != one.recorded and one.recorded]
    mended = sum(one.used == one.recorded for one in environment.packages)
    same = f", {mended} packages in it as they were recorded" if mended else ""
    lines = [f"Python {python}, {_WHERE[environment.where]}{same}"]
    for one in changed[:_MOST]:
        lines.append(f"  {one.name} {one.used or '(none)'}, and {one.recorded} was recorded")
    if len(changed) > _MOST:
        lines.append(f"  and {len(changed) - _MOST} more packages")
    return lines + [f"  {note}" for note in environment.notes]
