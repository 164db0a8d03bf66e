"""Running a recorded task once more: what is needed for it is made, used, and taken away again."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..steering import state as state_directory
from . import environment, surroundings
from .checkout import Checkout, root_of
from .recorded import Recorded
from .values import CheckedInput, Code, ComparedOutput, Environment, Reproduction, Verdict


def reproduce(
    report: str,
    *,
    script: str | os.PathLike[str] | None = None,
    state: str | os.PathLike[str] | None = None,
    directory: str | os.PathLike[str] | None = None,
    into: str | os.PathLike[str] | None = None,
    packages: str = "auto",
    find_links: Sequence[str] = (),
    stores: Sequence[str] = (),
    changed_inputs: bool = False,
    keep: bool = False,
) -> Reproduction:
    """Runs a recorded task again, apart, and compares what it makes with what it made. What it made is not touched.

    :param report: a task's id, the beginning of one, a title, or the name of a report.
    :param script: in place of the recorded one; `directory`: in place of the recorded folder in which it ran.
    :param into: a folder for all that is made, new or empty; else one in the folder of temporary files.
    :param packages: `auto`: an environment is made where other versions are recorded than are here, as far as they can
        be had; `venv`: one is made with just those; `here`: none is made.
    :param find_links: folders of wheels, as pip's --find-links; `stores`: `NAME=URL` in place of configured stores.
    :param changed_inputs: run it although what it consumed is not what there is now.
    :param keep: leave everything in the folder, and not only what is different.

    Raises `martlet.records.RecordsError` where there is no such report, LookupError where nothing tells the script.
    """
    records = Path(state) if state is not None else state_directory.default(Path(script) if script else None)
    recorded = Recorded.find(report, records)
    chosen = Path(script) if script is not None else recorded.script
    if chosen is None:
        raise LookupError(f"the report of {recorded.title} names no script: give it")
    if not chosen.exists():
        raise LookupError(f"{chosen}, the script of {recorded.title}, is not there: give it")
    folder = _folder(into)
    where = Path(directory) if directory is not None else recorded.directory or records.resolve().parent
    attempt = _Attempt(recorded, chosen.resolve(), records.resolve(), where.resolve(), folder, stores)
    try:
        attempt.prepare(packages, find_links)
        result = attempt.carry_out(changed_inputs)
    finally:
        attempt.clear(keep)
    if result.verdict is Verdict.SAME and into is None and not keep:
        shutil.rmtree(folder)
        result = result.replaced(folder="", outputs=tuple(one.replaced(made="") for one in result.outputs))
    return result


def _folder(into: str | os.PathLike[str] | None) -> Path:
    if into is None:
        return Path(tempfile.mkdtemp(prefix="martlet-reproduce-"))
    folder = Path(into).resolve()
    if folder.exists() and any(folder.iterdir()):
        raise LookupError(f"{folder} is not empty: what is made again has a folder of its own")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Attempt:
    """One go at a report."""

    def __init__(
        self, recorded: Recorded, script: Path, state: Path, directory: Path, folder: Path, stores: Sequence[str]
    ) -> None:
        self._recorded = recorded
        self._script = script
        self._state = state
        self._directory = directory
        self._folder = folder
        self._stores = list(stores)
        self._checkout: Checkout | None = None
        self._place = environment.here(recorded.environment)
        self._code = Code("unknown", recorded.revision, None)
        self._trouble = ""

    def prepare(self, packages: str, find_links: Sequence[str]) -> None:
        """Finds an environment and the code."""
        if not self._directory.is_dir():
            self._trouble = f"{self._directory}, where it ran, is not there"
            return
        self._settle_environment(packages, find_links)
        if self._trouble:
            return
        told = self._ask(run=False)
        if not self._recorded.code.get("fingerprint", ""):
            self._code = Code("here", self._recorded.revision, None, ("the report does not tell which code ran",))
        elif self._is_recorded(told.get("code", {})):
            self._code = Code("here", self._recorded.revision, True)
        else:
            self._use_commit(told)

    def _settle_environment(self, packages: str, find_links: Sequence[str]) -> None:
        found = surroundings.find(self._recorded, self._directory)
        self._place = found.place
        if packages == "here" or not found.recorded:
            self._trouble = found.lacks
            return
        here = found.place.environment
        needed = any(package.recorded for package in here.packages) or not _is_same_python(here) or bool(found.lacks)
        if needed or packages == "venv":
            self._make_environment(found, packages, find_links)

    def _make_environment(self, found: surroundings.Surroundings, packages: str, find_links: Sequence[str]) -> None:
        try:
            place = environment.made(found.recorded, self._folder / "environment", found.base, find_links)
        except LookupError as error:
            short = [str(error)]
            here = self._place.environment
            self._place = self._place._replace(environment=here.replaced(notes=(*here.notes, *short)))
            self._trouble = f"{found.lacks}; {error}" if found.lacks else ""
        else:
            short = list(place.environment.notes)
            self._place = found.around(place)
        if packages == "venv" and short:
            self._trouble = f"no environment as it was recorded: {'; '.join(short)}"

    def _is_recorded(self, code: dict[str, Any]) -> bool:
        """Whether the code is what ran. Where fingerprints are of another form, the commit tells it."""
        then = self._recorded.code
        if code.get("form") == then.get("form"):
            return bool(code.get("fingerprint") == then.get("fingerprint"))
        revision = self._recorded.revision
        return bool(revision) and code.get("revision") == revision and code.get("dirty") == then.get("dirty") == []

    def _use_commit(self, here: dict[str, Any]) -> None:
        """The code is another by now: that of the commit is taken."""
        revision, root = self._recorded.revision, root_of(self._script)
        then = self._recorded.code.get("files", {})
        now = here.get("code", {}).get("files", {})
        changed = sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
        if here.get("code", {}).get("form") != self._recorded.code.get("form"):
            note = "the report has a fingerprint of another form: whether it is as it was is not known"
        else:
            note = f"other than it was: {', '.join(changed)}" if changed else "other than it was"
        if not revision or root is None:
            self._code = Code("here", revision, False, (f"{note}; no commit is recorded",))
            return
        try:
            self._checkout = Checkout.of(root, revision, self._folder / "code")
        except LookupError as error:
            self._code = Code("here", revision, False, (f"{note}; {error}",))
            return
        fact = self._ask(run=False).get("code", {})
        if self._is_recorded(fact):
            self._code = Code("worktree", revision, True)
            return
        dirty = self._recorded.code.get("dirty") or []
        note = f"{', '.join(dirty)} had changes that no commit has" if dirty else "the commit is not what ran"
        self._code = Code("worktree", revision, False, (note,))

    def carry_out(self, changed_inputs: bool) -> Reproduction:
        """Runs it."""
        if self._trouble:
            return self._result(Verdict.NOT_RUN, self._trouble)
        told = self._ask(run=True, changed_inputs=changed_inputs)
        inputs = tuple(CheckedInput(*one) for one in told.get("inputs", ()))
        if "trouble" in told:
            return self._result(Verdict.NOT_RUN, told["trouble"], inputs)
        if "wall" not in told:
            return self._result(Verdict.NOT_RUN, "what it consumed is not what there is now", inputs)
        outputs = tuple(ComparedOutput(*one) for one in told["outputs"])
        verdict, cause = _verdict(outputs), ""
        if told["touched"]:
            touched = ", ".join(told["touched"])
            verdict, cause = Verdict.FAILED, f"it wrote to {touched} by a name that is not its output()'s"
        elif "failed" in told:
            verdict, cause = Verdict.FAILED, told["failed"]
        return self._result(verdict, cause, inputs, outputs, told["wall"])

    def _result(
        self,
        verdict: Verdict,
        cause: str,
        inputs: tuple[CheckedInput, ...] = (),
        outputs: tuple[ComparedOutput, ...] = (),
        wall: float | None = None,
    ) -> Reproduction:
        then = self._recorded
        return Reproduction(
            then.task, then.title, then.name, verdict, cause, self._place.environment, self._code, inputs, outputs,
            str(self._folder), (then.wall, wall),
        )  # fmt: skip

    def _ask(self, *, run: bool, changed_inputs: bool = False) -> dict[str, Any]:
        """Asks a process of the environment, which prints to a log."""
        checkout = self._checkout
        request = {
            "state": str(self._state), "report": self._recorded.name,
            "script": str(self._script_of(checkout) if checkout else self._script),
            "directory": str(self._directory), "search": [], "stores": self._stores, "folder": str(self._folder),
            "origin": str(checkout.root.resolve()) if checkout else "",
            "checkout": str(checkout.folder) if checkout else "",
            "changed_inputs": changed_inputs, "run": run,
        }  # fmt: skip
        file = self._folder / "request.json"
        file.write_text(json.dumps(request), encoding="utf-8")
        answer = file.with_suffix(".answer")
        answer.unlink(missing_ok=True)
        command = [self._place.python, "-m", "martlet.reproduction.inside", str(file)]
        with open(self._folder / "log", "ab") as log:
            code = subprocess.call(
                surroundings.command(command, self._recorded.sandbox, self._place.activated, self._directory),
                cwd=self._directory, env=self._environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        try:
            told: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {"trouble": f"its process ended with {code}: see {self._folder / 'log'}"}
        return told

    def _script_of(self, checkout: Checkout) -> Path:
        """The commit may have it by the name that it had then."""
        then = self._recorded.script
        place = checkout.place(then) if then is not None else self._script
        return place if place.exists() else checkout.place(self._script)

    def _environment(self) -> dict[str, str]:
        variables = {**os.environ, "MARTLET_STATE": str(self._folder / "state")}
        if self._place.search:
            variables["PYTHONPATH"] = os.pathsep.join(self._place.search)
        elif self._place.search is not None:
            variables.pop("PYTHONPATH", None)
        variables.pop("PYTHONHOME", None)
        return variables

    def clear(self, keep: bool) -> None:
        """Takes away what was only needed to run it."""
        if keep:
            return
        if self._checkout is not None:
            self._checkout.remove()
        shutil.rmtree(self._folder / "environment", ignore_errors=True)
        for name in ("request.json", "request.answer"):
            (self._folder / name).unlink(missing_ok=True)


def _is_same_python(environment: Environment) -> bool:
    recorded = environment.python_recorded
    return not recorded or recorded.split(".")[:2] == environment.python_used.split(".")[:2]


def _verdict(outputs: Sequence[ComparedOutput]) -> Verdict:
    found = {one.finding for one in outputs}
    if found & {"different", "not made"}:
        return Verdict.DIFFERENT
    if "unknown" in found or not found:
        return Verdict.UNKNOWN
    return Verdict.SAME_BUT if "same but" in found else Verdict.SAME
