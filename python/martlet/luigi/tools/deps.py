"""luigi.tools.deps: what a task requires, and where that is.

`luigi-deps --module reco Plots --date 2026-01-01 --upstream-family Selection` lists the tasks on all paths from Plots
to a Selection, with their outputs: what has to be removed for a Selection to count anew.
"""

# The names are luigi's.

from __future__ import annotations

import sys
from typing import Any

from ...parameters import OptionalParameter
from ...structure import flatten
from ...targets import FileSystemTarget
from ..task import Config
from .named_task import named_task

_KINDS = (
    ("ssh", "RemoteTarget", "SSH"),
    ("s3", "S3Target", "S3"),
    ("sqla", "SQLAlchemyTarget", "DB"),
    ("postgres", "PostgresTarget", "DB"),
)
"""Modules of luigi.contrib with their targets, and what those are called here."""


class upstream(Config):
    """The flag --upstream-family."""

    family = OptionalParameter(default=None, description="the family that the paths lead to; default: all of them")


def get_task_requires(task: Any) -> set[Any]:
    """What a task requires itself."""
    return set(flatten(task.requires()))


def find_deps(task: Any, upstream_task_family: str | None) -> set[Any]:
    """All tasks on all paths from `task` to tasks of a family, both ends included; all that it needs if None."""
    requirements: dict[Any, set[Any]] = {}
    to_ask = [task]
    while to_ask:
        asked = to_ask.pop()
        if asked not in requirements:
            requirements[asked] = get_task_requires(asked)
            to_ask += requirements[asked]
    dependents: dict[Any, list[Any]] = {}
    for dependent, required in requirements.items():
        for requirement in required:
            dependents.setdefault(requirement, []).append(dependent)
    leads_there: set[Any] = set()
    to_add = [found for found in requirements if upstream_task_family in (None, found.task_family)]
    while to_add:
        found = to_add.pop()
        if found not in leads_there:
            leads_there.add(found)
            to_add += dependents.get(found, ())
    return leads_there


def find_deps_cli() -> set[Any]:
    """find_deps() of what the command line names."""
    with named_task() as task:
        return find_deps(task, upstream().family)


def get_task_output_description(task_output: Any) -> str:
    """Where an output is, in a few words."""
    kind = next((shown for module, name, shown in _KINDS if _is(task_output, module, name)), "FileSystem")
    if kind == "SSH":
        return f"[SSH] {task_output._fs.remote_context.host}:{task_output.path}"
    if kind == "DB":
        table = getattr(task_output, "target_table", None)
        return f"[DB] {task_output.host}:{task_output.table}" if table is None else f"[DB] {table}"
    if isinstance(task_output, FileSystemTarget):
        return f"[{kind}] {task_output.path}"
    return "to be determined"


def _is(target: Any, module: str, name: str) -> bool:
    # who has such a target has imported its module
    cls = getattr(sys.modules.get(f"martlet.luigi.contrib.{module}"), name, None)
    return cls is not None and isinstance(target, cls)


def main() -> None:
    """The program luigi-deps."""
    for task in sorted(find_deps_cli(), key=repr):
        print(f"   TASK: {task}")
        for output in flatten(task.output()):
            print(f"                       : {get_task_output_description(output)}")


__all__ = ["find_deps", "find_deps_cli", "get_task_output_description", "get_task_requires", "main", "upstream"]

if __name__ == "__main__":
    main()
