"""`python -m martlet.reproduction.inside REQUEST`: the part that needs the task's own environment and code.

The request is a JSON file, and so is the answer. Without `run` the code is looked at; with it the task is run too, and
what it makes is compared.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..data import Data
from ..fingerprint.code import CodeFacts
from ..register import Register
from ..running.description import remade
from ..running.outcome import Kind, Outcome
from ..steering import classes, configuration, configured_stores, definitions
from ..structure import flatten
from . import consumed, protection
from .recorded import Recorded
from .redirection import Redirection, plain
from .values import ComparedOutput


class Asked(Data):
    """What the request says."""

    state: str
    report: str
    script: str
    directory: str
    search: list[str]
    stores: list[str]
    folder: str
    """Of all that is made."""
    origin: str
    checkout: str
    """The repository, and the working tree that the code comes from; empty where they are one."""
    changed_inputs: bool
    """Whether it is run although what it consumed is not what there is."""
    run: bool


def main(request: Path) -> int:
    asked = Asked(**json.loads(request.read_text(encoding="utf-8")))
    answer = request.with_suffix(".answer")
    told = _answered(asked)
    answer.write_text(json.dumps(told), encoding="utf-8")
    return 0


def _answered(asked: Asked) -> dict[str, Any]:
    recorded = Recorded.find(asked.report, Path(asked.state))
    directory = Path(asked.directory)
    protected = [recorded.located(output.path, directory) for output in recorded.outputs if "://" not in output.path]
    if asked.run:
        protection.by_kernel(protected)
    os.chdir(directory)
    try:
        tasks = _tasks(asked, recorded)
    except Exception as error:  # user code
        return {"trouble": f"{recorded.family} cannot be made: {type(error).__name__}: {error}"}
    told: dict[str, Any] = {"code": CodeFacts().of(type(tasks[0]))}
    if tasks[0].task_id != recorded.task and not recorded.members:
        return {**told, "trouble": f"the code makes {tasks[0].task_id} of its parameters, and not {recorded.task}"}
    if not asked.run:
        return told
    try:
        required = list({task.task_id: task for task in flatten([one.deps() for one in tasks])}.values())
        inputs = [] if recorded.members else consumed.check(recorded, required, Path(asked.state), directory)
    except Exception as error:  # user code, or a store that does not answer
        return {**told, "trouble": f"what it consumed cannot be looked at: {type(error).__name__}: {error}"}
    told["inputs"] = [[one.what, one.finding, one.detail] for one in inputs]
    if not asked.changed_inputs and any(one.finding in ("changed", "missing") for one in inputs):
        return told
    return {**told, **_run(asked, recorded, tasks, required, protected)}


def _tasks(asked: Asked, recorded: Recorded) -> list[Any]:
    """The task, or those that ran as one."""
    from .. import luigi_finder

    luigi_finder.install()
    sys.path[:0] = [entry for entry in asked.search if entry not in sys.path]
    script = Path(asked.script)
    configured_stores.give(asked.stores)
    configured_stores.run_for(script)
    settled = configuration.find(script)
    classes.set_configured(settled.parameter, settled.parameters)
    definitions.execute(script)
    cls: Any = Register.get_task_cls(recorded.family)
    return [remade(cls, params) for params in recorded.members or (recorded.params,)]


def _run(
    asked: Asked, recorded: Recorded, tasks: list[Any], required: list[Any], protected: list[str]
) -> dict[str, Any]:
    redirection = Redirection(
        Path(asked.folder, "outputs"),
        Path(asked.origin) if asked.origin else None,
        Path(asked.checkout) if asked.checkout else None,
    )
    passed_on = {target for target in plain(flatten([one.output() for one in required])) if hasattr(target, "path")}
    own = [target for target in plain(flatten([task.output() for task in tasks])) if target not in passed_on]
    redirection.add(own)
    redirection.install()
    try:
        redirection.apply(own)
        redirection.apply(t for t in plain(flatten([task.output() for task in tasks])) if t not in passed_on)
    except TypeError as error:
        return {"trouble": str(error)}
    places = redirection.places
    originals = [place for place in places if "://" not in place]
    protection.Refusal([*originals, *protected])
    before = [_status(place) for place in originals]
    for task in tasks:
        if getattr(task, "log", None) is not None and hasattr(task, "command"):
            task.log = str(Path(asked.folder, "command.log"))
    outcome = _executed(tasks)
    touched = [place for place, status in zip(originals, before, strict=True) if _status(place) != status]
    told: dict[str, Any] = {"wall": outcome.wall, "touched": touched}
    if outcome.asks:
        told["failed"] = "it asks for tasks, while it runs, that are not complete"
    elif outcome.kind != Kind.DONE:
        told["failed"] = outcome.text.partition("\n")[0]
        print(outcome.text, file=sys.stderr)
    redirection.end()
    compared = _compared(recorded, tasks[0], places, Path(asked.directory))
    told["outputs"] = [[one.path, one.made, one.finding, one.detail] for one in compared]
    return told


def _executed(tasks: list[Any]) -> Outcome:
    from ..running.combined import Batches
    from ..running.execution import Execution

    usual = Execution(tasks, (), None)
    return Batches(usual, None).lead(0, range(1, len(tasks))).run(0)


def _status(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _compared(recorded: Recorded, task: Any, places: dict[str, str], directory: Path) -> list[ComparedOutput]:
    known = {recorded.located(output.path, directory): output for output in recorded.outputs}
    found = []
    for place, made in places.items():
        if not os.path.exists(made):
            if place in known:
                found.append(ComparedOutput(place, "", "not made"))
            continue
        output = known.get(place)
        if output is None and (recorded.outputs or not os.path.exists(place)):
            found.append(ComparedOutput(place, made, "unknown", "the report does not name it"))
            continue
        finding, why = consumed.standing(output, directory) if output else ("intact", "")
        if finding == "intact":
            found.append(_compared_one(place, made, getattr(task, "same_as", None)))
        else:
            found.append(_by_record(place, made, output.checksum if output else "", why))
    return found


def _compared_one(place: str, made: str, own: Callable[[str, str], Any] | None) -> ComparedOutput:
    """`own`: the task's own comparison: None where it has no opinion of files of this kind."""
    from .. import comparing
    from ..targets.by_location import file_at

    first = place
    if "://" in place:
        first = os.path.join(os.path.dirname(made), "original", os.path.basename(made))
        os.makedirs(os.path.dirname(first), exist_ok=True)
        file_at(place).copy_to_local(first)
    same = own(first, made) if own is not None else None
    if same is not None:
        return ComparedOutput(place, made, "same but" if same else "different", "as the task's same_as() says")
    comparison = comparing.compare(first, made)
    return ComparedOutput(place, made, comparison.finding, comparison.detail)


def _by_record(place: str, made: str, checksum: str, why: str) -> ComparedOutput:
    """What was made then is no longer there: its checksum is compared, if there is one."""
    from ..running.checksums import of_file

    if checksum and os.path.isfile(made):
        finding = "same" if of_file(made) == checksum else "different"
        return ComparedOutput(place, made, finding, f"by its checksum: what was made then {why}")
    return ComparedOutput(place, made, "unknown", f"what was made then {why}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
