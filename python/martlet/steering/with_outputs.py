"""What a command line asks for in place of a run: trees of tasks; removing, fetching and sweeping outputs."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..diagnostics import Code, Diagnostic, MartletError
from ..running.options import Options
from ..running.result import ExitCode, RunResult
from ..surveying import fetching, garbage, question, removal, words
from ..surveying.output import Output
from ..surveying.survey import Survey
from ..surveying.view import View
from ..targets import location as locations
from ..targets.transfer_display import TransferDisplay, size
from . import one_run, terminal

MOST_NAMED = 20
"""Files that are listed; -v lists all."""
MOST_TOGETHER = 3
"""Directories that are named on one line."""


def carry_out(
    tasks: Sequence[Any], wanted: Options, flags: Mapping[str, Any], script: Path | None
) -> RunResult | None:
    """Does what the flags ask for; None when the run is to be made after that."""
    asked = _Asked(one_run.surveyed(tasks, wanted), wanted, flags, script)
    for name, answer in (
        ("print_status", asked.print), ("print_deps", asked.print), ("print_output", asked.print),
        ("fetch_output", asked.fetch), ("collect_garbage", asked.sweep), ("remove_output", asked.remove),
        ("estimate", asked.estimate),
    ):  # fmt: skip
        if flags.get(name):
            code = answer(name)
            return None if code is None else RunResult(code, state=str(wanted.state))
    return None


class _Asked:
    """One command line, and the survey that it is answered from."""

    def __init__(self, survey: Survey, wanted: Options, flags: Mapping[str, Any], script: Path | None) -> None:
        self._survey = survey
        self._options = wanted
        self._flags = flags
        self._script = script
        self._verbose = bool(flags.get("verbose"))

    def _parts(self, name: str) -> tuple[View, list[str]]:
        """What is meant, and what stands behind it."""
        first, *rest = str(self._flags[name]).split(",", 2)
        try:
            view = View.reaching(first, str(self._flags.get("pattern") or ""), verbose=self._verbose)
        except ValueError as error:
            hint = "0: the task alone, -1: all, a family: down to that"
            flag = "--" + name.replace("_", "-")
            raise MartletError(Diagnostic(Code.FLAG_VALUE, flag, str(error), hint)) from None
        return view, rest

    # ---- trees

    def print(self, name: str) -> ExitCode:
        view, _ = self._parts(name)  # law has more behind the depth, of how its texts look
        if self._flags.get("json"):
            print(words.json_text(self._survey, view, looked=name == "print_output"))
            return ExitCode.OK
        text = {"print_status": words.status, "print_deps": words.deps, "print_output": words.outputs}[name]
        print(text(self._survey, view))
        return ExitCode.OK

    # ---- what would run

    def estimate(self, name: str) -> ExitCode:
        from ..surveying import estimating  # it asks the records

        found = estimating.estimate(self._survey, max(self._options.workers, 1))
        print(json.dumps(estimating.members(found), indent=1) if self._flags.get("json") else estimating.text(found))
        return ExitCode.OK

    # ---- removing

    def remove(self, name: str) -> ExitCode | None:
        view, rest = self._parts(name)
        mode = rest[0] if rest and rest[0] else "i"
        then_run = len(rest) > 1 and rest[1].lower() in ("y", "yes", "1", "true")
        if mode not in ("a", "i", "d", "q", "s", "sa", "sd"):
            hint = "a: all, i: asks for each task, s: stale ones, d: dry run, q: asks once"
            raise MartletError(Diagnostic(Code.FLAG_VALUE, "--remove-output", f"there is no mode {mode!r}", hint))
        tasks = view.tasks(self._survey)
        if mode.startswith("s"):
            tasks = [task for task in tasks if task.state == "stale"]
        plan = removal.plan(self._survey, tasks, self._history)
        where = f", in {words.stores(plan.outputs)}" if plan.outputs else ""
        if self._flags.get("json"):
            print(json.dumps(_removal_members(plan), indent=1))
        else:
            self._list([_row(one) for one in plan.outputs], f"To be removed: {_outputs(plan)}{where}")
        self._tell_kept(plan)
        if mode in ("d", "sd"):
            return ExitCode.OK if not plan.unreachable else ExitCode.BROKEN
        if plan.outputs:
            if mode in ("i", "q", "s") and not question.can_ask():
                return _unasked()
            try:
                chosen = self._chosen(plan, mode)
            except KeyboardInterrupt:
                return _nothing_done(ExitCode.INTERRUPTED)
            if not chosen.outputs:
                return _nothing_done(ExitCode.FAILED)
            plan = chosen
        code = self._remove(plan)
        if code == ExitCode.OK and then_run and mode in ("a", "i"):
            return None
        return code

    def _chosen(self, plan: removal.Removal, mode: str) -> removal.Removal:
        """What is agreed to, as far as it is asked."""
        if mode in ("a", "sa"):
            return plan
        if mode in ("q", "s"):
            return plan if question.agrees(f"Remove {_outputs(plan)}?") else plan.replaced(outputs=())
        made: dict[int, list[Output]] = {}
        for output in plan.outputs:
            made.setdefault(output.task, []).append(output)
        asked = [
            f"{self._survey.tasks[index].title}: remove {outputs[0].location if len(outputs) == 1 else len(outputs)}"
            f"{'' if len(outputs) == 1 else ' outputs'}?"
            for index, outputs in made.items()
        ]  # fmt: skip
        agreed = {index for index, answer in zip(made, question.each(asked)) if answer}
        return plan.replaced(outputs=tuple(output for output in plan.outputs if output.task in agreed))

    def _remove(self, plan: removal.Removal) -> ExitCode:
        done = removal.carry_out(self._survey, plan, lambda gone: _show_progress(gone, len(plan.outputs)))
        amount = size(sum(output.size or 0 for output in done.outputs if not output.is_directory))
        _show_progress(1, 1)
        print(f"Removed {len(done.outputs):,} of {len(plan.outputs):,} outputs, {amount}", file=sys.stderr)
        _tell_failures(done.failures, "could not be removed")
        if done.interrupted:
            print("Interrupted: the others are as they were", file=sys.stderr)
            return ExitCode.INTERRUPTED
        return ExitCode.FAILED if done.failures else ExitCode.BROKEN if plan.unreachable else ExitCode.OK

    def _history(self, names: dict[str, str]) -> Mapping[str, Mapping[str, Any]]:
        """What records and leases tell of tasks; nothing is asked where no run has claimed anything."""
        leases = Path(self._survey.state) / "leases"
        if leases.is_dir() and {entry.name for entry in leases.iterdir()} <= {"lock"}:
            return {}
        return one_run.engine().history(self._options, names)

    def _tell_kept(self, plan: removal.Removal) -> None:
        if plan.external:
            print(f"Kept: outputs of {_some(plan.external)}: made elsewhere, never removed", file=sys.stderr)
        for title, who in list(plan.held.items())[:MOST_NAMED]:
            print(f"Kept: outputs of {title}: {who}", file=sys.stderr)
        if plan.unreachable:
            one = plan.unreachable[0]
            print(f"Kept: {len(plan.unreachable):,} could not be looked at: {one.cause}", file=sys.stderr)

    def _list(self, rows: Sequence[tuple[str, int | None, str]], head: str) -> None:
        print(head)
        shown = rows if self._verbose else rows[:MOST_NAMED]
        for place, count, why in shown:
            told = "" if count is None else f"  {size(count)}"
            print(f"  {place}{told}{f'  {why}' if why else ''}")
        if len(rows) > len(shown):
            print(f"  … and {len(rows) - len(shown):,} more (-v lists them)")

    # ---- fetching

    def fetch(self, name: str) -> ExitCode:
        view, rest = self._parts(name)
        mode = rest[0] if rest and rest[0] else "i"
        folder = rest[1] if len(rest) > 1 and rest[1] else "."
        meant = view.tasks(self._survey)
        tasks = [task for task in meant if not task.external]
        if mode not in ("a", "i", "d"):
            hint = "a: all, i: asks for each task, d: dry run"
            raise MartletError(Diagnostic(Code.FLAG_VALUE, "--fetch-output", f"there is no mode {mode!r}", hint))
        if mode == "i":
            if not question.can_ask():
                return _unasked("fetched")
            tasks = [task for task in tasks if task.outputs]
            answers = question.each([f"Fetch outputs of {task.title}?" for task in tasks])
            tasks = [task for task, answer in zip(tasks, answers) if answer]
        outputs = self._survey.outputs(tasks)
        if mode == "d":
            rows = [_row(one) for one in outputs if one.exists]
            self._list(rows, f"To be fetched to {folder}: {len(rows):,} outputs")
            return ExitCode.OK
        with TransferDisplay("fetching", len(outputs)) as display:
            done = fetching.fetch(self._survey, tasks, folder, display.progress)
        if self._flags.get("json"):
            print(json.dumps({"files": dict(done.files), "same": done.same, "failures": dict(done.failures)}, indent=1))
        absent = f"; {done.absent:,} are not made yet" if done.absent else ""
        same = f", {done.same:,} were there already" if done.same else ""
        told = f"Fetched {_files(len(done.files), done.size)}, to {folder}{same}{absent}"
        print(told, file=sys.stderr)
        if left_out := tuple(task.title for task in meant if task.external):
            print(f"Left out: outputs of {_some(left_out)}: made elsewhere", file=sys.stderr)
        _tell_failures(done.failures, "could not be fetched")
        if done.interrupted:
            print("Interrupted: what has arrived stays, the same command goes on", file=sys.stderr)
            return ExitCode.INTERRUPTED
        return ExitCode.FAILED if done.failures else ExitCode.OK

    # ---- what nobody owns

    def sweep(self, name: str) -> ExitCode:
        mode, _, below = str(self._flags[name]).partition(",")
        if mode not in ("a", "d", "q"):
            cause, hint = f"there is no mode {mode!r}", "a: all, d: dry run, q: asks"
            raise MartletError(Diagnostic(Code.FLAG_VALUE, "--collect-garbage", cause, hint))
        if below and not garbage.lies_below(self._survey, below):
            cause, hint = f"no output of these tasks lies below {below}", "name a store, or a folder that holds some"
            raise MartletError(Diagnostic(Code.FLAG_VALUE, "--below", cause, hint))
        broken = [task for task in self._survey.tasks if task.state == "broken"]
        if broken:
            # what they own is not known
            cause = f"{broken[0].title} cannot be planned: {broken[0].why}"
            raise MartletError(Diagnostic(Code.USAGE, "martlet gc", f"{cause}; nothing was removed"))
        found = garbage.find(self._survey, below, self._script, self._history)
        if self._flags.get("json"):
            print(json.dumps([one.__dict__ for one in found.waste], indent=1))
        else:
            rows = [(locations.shown(one.location), one.size, one.reason) for one in found.waste]
            head = f"Owned by nobody: {_files(len(rows), found.size)}" if rows else "Nothing that nobody owns"
            self._list(rows, head)
        self._tell_unknown({**found.passed_over, **found.unreachable}, "Not looked into")
        self._tell_unknown(found.untold, "Not asked for uploads that never ended")
        code = ExitCode.BROKEN if found.unreachable else ExitCode.OK
        if mode == "d" or not found.waste:
            return code
        if mode == "q":
            if not question.can_ask():
                return _unasked()
            try:
                if not question.agrees(f"Remove {_files(len(found.waste), found.size)}?"):
                    return _nothing_done(ExitCode.FAILED)
            except KeyboardInterrupt:
                return _nothing_done(ExitCode.INTERRUPTED)
        gone, failures = garbage.remove(found)
        print(f"Removed {_files(len(gone), sum(one.size for one in gone))}", file=sys.stderr)
        _tell_failures(failures, "could not be removed")
        return ExitCode.FAILED if failures else code


    def _tell_unknown(self, directories: Mapping[str, str], words: str) -> None:
        """Directories of which something is not known, those with one reason together."""
        reasons: dict[str, list[str]] = {}
        for directory, why in directories.items():
            reasons.setdefault(why, []).append(directory)
        for why, names in reasons.items():
            shown = names if self._verbose else names[: MOST_TOGETHER]
            more = f" and {len(names) - len(shown):,} more (-v lists them)" if len(names) > len(shown) else ""
            print(f"{words}: {', '.join(shown)}{more}: {why}", file=sys.stderr)


def _show_progress(done: int, total: int) -> None:
    """On a terminal, how far removing has come; the line is gone at the end."""
    if terminal.is_terminal(sys.stderr):
        sys.stderr.write("\r\033[K" if done >= total else f"\r\033[Kmartlet: removing, {done:,} of {total:,}")
        sys.stderr.flush()


def _unasked(what: str = "removed") -> ExitCode:
    print(f"Nothing was {what}: there is no terminal to ask on; --yes, or mode a, does without", file=sys.stderr)
    return ExitCode.USAGE


def _nothing_done(code: ExitCode) -> ExitCode:
    print("Nothing was removed", file=sys.stderr)
    return code


def _tell_failures(failures: Mapping[str, str], words: str) -> None:
    for place, why in list(failures.items())[:MOST_NAMED]:
        print(f"{place} {words}: {why}", file=sys.stderr)
    if len(failures) > MOST_NAMED:
        print(f"… and {len(failures) - MOST_NAMED:,} more", file=sys.stderr)


def _files(count: int, total: int) -> str:
    return f"{count:,} {'file' if count == 1 else 'files'}, {size(total)}"


def _outputs(plan: removal.Removal) -> str:
    directories = sum(output.is_directory for output in plan.outputs)
    more = f" ({directories:,} of them directories, with all that is in them)" if directories else ""
    count = len(plan.outputs)
    return f"{count:,} {'output' if count == 1 else 'outputs'}{more}, {size(plan.size)}"


def _row(output: Output) -> tuple[str, int | None, str]:
    return (output.location, None, "a directory") if output.is_directory else (output.location, output.size, "")


def _some(titles: Sequence[str]) -> str:
    return ", ".join(titles[:3]) + (f" and {len(titles) - 3:,} more" if len(titles) > 3 else "")


def _removal_members(plan: removal.Removal) -> dict[str, Any]:
    return {
        "remove": [{"location": one.location, "size": one.size, "store": one.store} for one in plan.outputs],
        "external": list(plan.external),
        "held": dict(plan.held),
        "unreachable": [one.location for one in plan.unreachable],
    }
