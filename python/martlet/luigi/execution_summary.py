"""luigi.execution_summary: what a run came to, in luigi's words."""

# The names are luigi's.

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Any, NamedTuple

from ..lazy import Lazy
from ..parameters import IntParameter
from .task import Config

Groups = dict[str, set[Any]]
"""Names of groups to the tasks in them; a task may be in several."""


class execution_summary(Config):
    """The section [execution_summary]."""

    summary_length = IntParameter(default=5)


class LuigiStatusCode(Enum):
    """luigi's verdicts: a smiley and its reason."""

    SUCCESS = (":)", "there were no failed tasks or missing dependencies")
    SUCCESS_WITH_RETRY = (":)", "there were failed tasks but they all succeeded in a retry")
    FAILED = (":(", "there were failed tasks")
    FAILED_AND_SCHEDULING_FAILED = (":(", "there were failed tasks and tasks whose scheduling failed")
    SCHEDULING_FAILED = (":(", "there were tasks whose scheduling failed")
    NOT_RUN = (":|", "there were tasks that were not granted run permission by the scheduler")
    MISSING_EXT = (":|", "there were missing external dependencies")


class LuigiRunResult:
    """What build() and run() return under `detailed_summary`. What nobody reads of it is not worked out."""

    _groups = Lazy(lambda self: _summary_dict(self.worker))
    summary_text = Lazy(lambda self: _wrapped(_text(self._groups)))
    status = Lazy(lambda self: _status(self._groups))
    one_line_summary = Lazy(lambda self: _one_line(self.status))

    def __init__(self, worker: Any, worker_add_run_status: bool = True) -> None:
        self.worker = worker
        self.scheduling_succeeded = worker_add_run_status
        """False if a task failed or could not be planned; missing external data is no failure."""

    def read(self) -> None:
        """Works all of it out now, while the command line is in force."""
        self._groups, self.summary_text, self.status, self.one_line_summary  # noqa: B018

    def __str__(self) -> str:
        return f"LuigiRunResult with status {self.status}"

    def __repr__(self) -> str:
        return (
            f"LuigiRunResult(status={self.status!r},worker={self.worker!r},"
            f"scheduling_succeeded={self.scheduling_succeeded!r})"
        )


class _Section(NamedTuple):
    """A group as the summary shows it."""

    group: str
    heading: str
    pending: bool = False
    """Shown below the tasks that were left pending."""


_SECTIONS = (
    _Section("already_done", "complete ones were encountered"),
    _Section("completed", "ran successfully"),
    _Section("failed", "failed"),
    _Section("scheduling_error", "failed scheduling"),
    _Section("still_pending_ext", "were missing external dependencies", True),
    _Section("run_by_other_worker", "were being run by another worker", True),
    _Section("upstream_failure", "had failed dependencies", True),
    _Section("upstream_missing_dependency", "had missing dependencies", True),
    _Section("upstream_run_by_other_worker", "had dependencies that were being run by other worker", True),
    _Section("upstream_scheduling_error", "had dependencies whose scheduling failed", True),
    _Section("not_run", "was not granted run permission by the scheduler", True),
)
_SCHEDULED = (
    "already_done", "completed", "failed", "scheduling_error", "still_pending_ext", "still_pending_not_ext",
)  # fmt: skip
"""The groups of which every task is in exactly one."""
_FEW = 1000
"""Up to so many tasks of a family are put in the order of their names."""
_CAUSES = {
    "upstream_failure": "ever_failed",
    "upstream_missing_dependency": "still_pending_ext",
    "upstream_run_by_other_worker": "run_by_other_worker",
    "upstream_scheduling_error": "scheduling_error",
}


def summary(worker: Any) -> str:
    """What a worker has done, for people."""
    return _wrapped(_text(_summary_dict(worker)))


def _summary_dict(worker: Any) -> Groups:
    """The tasks of a worker by how they ended and why."""
    groups: Groups = {name: set() for name in (*_SCHEDULED, *_CAUSES.values(), *_CAUSES, "not_run")}
    pending: dict[bool, set[Any]] = {True: set(), False: set()}
    ended: dict[str, set[Any]] = {"DONE": set(), "FAILED": set(), "UNKNOWN": set()}
    for task, status, ours in worker._add_task_history:
        if status == "PENDING":
            pending[ours].add(task)
        elif status in ended:
            ended[status].add(task)
    done, failed = ended["DONE"], ended["FAILED"]
    groups["completed"] = done & (pending[True] | pending[False])
    groups["already_done"] = done - groups["completed"]
    groups["ever_failed"] = failed
    groups["failed"] = failed - done
    groups["scheduling_error"] = ended["UNKNOWN"]
    groups["still_pending_not_ext"] = pending[True] - failed - done
    groups["still_pending_ext"] = pending[False] - pending[True] - failed - done
    _find_causes(groups, worker._requirements)
    return groups


def _root_task(worker: Any) -> Any:
    """The task that was asked for first."""
    return worker._add_task_history[0][0]


def _find_causes(groups: Groups, requirements: Mapping[Any, Iterable[Any]]) -> None:
    """Says of tasks that are left why: what they need, directly or through others, did not come about."""
    left = groups["still_pending_not_ext"]
    needed_by: dict[Any, list[Any]] = {}
    for task in left:
        for needed in requirements.get(task, ()):
            needed_by.setdefault(needed, []).append(task)
    for name, cause in _CAUSES.items():
        reached = groups[name]
        waiting = [task for needed in groups[cause] for task in needed_by.get(needed, ())]
        while waiting:
            task = waiting.pop()
            if task not in reached:
                reached.add(task)
                # a failed plan is told of those alone that need it themselves
                waiting += needed_by.get(task, ()) if cause != "scheduling_error" else ()
    groups["not_run"] = left.difference(groups["run_by_other_worker"], *(groups[name] for name in _CAUSES))


def _status(groups: Groups) -> LuigiStatusCode:
    if groups["ever_failed"]:
        if not groups["failed"]:
            return LuigiStatusCode.SUCCESS_WITH_RETRY
        broken = groups["scheduling_error"]
        return LuigiStatusCode.FAILED_AND_SCHEDULING_FAILED if broken else LuigiStatusCode.FAILED
    if groups["scheduling_error"]:
        return LuigiStatusCode.SCHEDULING_FAILED
    if groups["not_run"]:
        return LuigiStatusCode.NOT_RUN
    if groups["still_pending_ext"]:
        return LuigiStatusCode.MISSING_EXT
    return LuigiStatusCode.SUCCESS


def _one_line(status: LuigiStatusCode) -> str:
    face, reason = status.value
    return f"This progress looks {face} because {reason}"


def _wrapped(text: str) -> str:
    title = "===== Luigi Execution Summary ====="
    return f"\n{title}\n\n{text}\n\n{title}\n"


def _text(groups: Groups) -> str:
    scheduled = sum(len(groups[name]) for name in _SCHEDULED)
    if scheduled == 0:
        return "Did not schedule any tasks"
    lines = [f"Scheduled {scheduled} tasks of which:"]
    told_of_pending = False
    for section in _SECTIONS:
        if not groups[section.group]:
            continue
        indent = "    " if section.pending else ""
        if section.pending and not told_of_pending:
            told_of_pending = True
            pending = len(groups["still_pending_ext"]) + len(groups["still_pending_not_ext"])
            if pending:
                lines.append(f"* {pending} were left pending, among these:")
        lines.append(f"{indent}* {len(groups[section.group])} {section.heading}:")
        lines += [f"{indent}    {line}" for line in _families(groups[section.group])]
    lines.append("")
    if not groups["completed"] and not groups["failed"]:
        lines.append("Did not run any tasks")
    lines.append(_one_line(_status(groups)))
    return "\n".join(lines)


def _families(tasks: Iterable[Any]) -> Iterator[str]:
    """One line a family, as many as [execution_summary] summary_length says."""
    families: dict[str, list[Any]] = {}
    for task in tasks:
        families.setdefault(task.task_family, []).append(task)
    most = execution_summary().summary_length
    for number, family in enumerate(sorted(families)):
        if 0 < most <= number:
            yield "..."
            return
        yield f"- {len(families[family])} {_described(family, _in_order(families[family]))}"


def _in_order(tasks: list[Any]) -> list[Any]:
    """By name; of many only the first is sought, by its id, which takes a tenth of the time."""
    if len(tasks) <= _FEW:
        return sorted(tasks, key=str)
    tasks.sort(key=lambda task: str(task.task_id))
    return tasks


def _described(family: str, tasks: list[Any]) -> str:
    """Tasks of one family, sorted by name, in less than a line if that can be."""
    first, pairs = tasks[0], tasks[0].get_params()
    if not pairs:
        return f"{family}()"
    if _too_long(first, sum(len(name) for name, _ in pairs), len(tasks) == 2 and len(pairs) > 1):
        return f"{family}(...)"
    if len(pairs) == 1:
        name, parameter = pairs[0]
        ends = _range([getattr(task, name) for task in tasks], parameter, more_than=3)
        return f"{family}({name}={ends or _listed([parameter.serialize(getattr(task, name)) for task in tasks])})"
    values = {name: {getattr(task, name) for task in tasks} for name, _ in pairs}
    different = [(name, parameter) for name, parameter in pairs if len(values[name]) > 1]
    if len(different) == 1:
        varied, parameter = different[0]
        ends = _range(values[varied], parameter, more_than=2)
        if ends:
            shown = [f"{name}={ends if name == varied else of.serialize(getattr(first, name))}" for name, of in pairs]
            return f"{family}({', '.join(shown)})"
    if len(tasks) == 2:
        return f"{first} and {tasks[1]}"
    return f"{first} ..." if len(tasks) > 2 else str(first)


def _too_long(task: Any, names: int, one_of_two: bool) -> bool:
    """Whether a task is not spelt out; two in a line must be shorter."""
    return names > 60 or len(str(task)) > 200 or (one_of_two and (names > 40 or len(str(task)) > 100))


def _range(values: Iterable[Any], parameter: Any, more_than: int) -> str:
    """`first...last` of values that follow each other without a gap; empty if they do not, or are few."""
    there = set(values)
    if len(there) <= more_than:
        return ""
    following = {value: parameter.next_in_enumeration(value) for value in there}
    first = there.difference(following.values())
    beyond = set(following.values()) - there
    if len(first) != 1 or len(beyond) != 1:
        return ""
    (end,) = beyond
    last = next(value for value, after in following.items() if after == end)
    return f"{parameter.serialize(first.pop())}...{parameter.serialize(last)}"


def _listed(texts: list[str]) -> str:
    """`1,2,3`, cut when it grows long."""
    row = ""
    for number, text in enumerate(texts):
        if (len(row) >= 30 and number > 2 and number != len(texts) - 1) or len(row) > 200:
            return f"{row}..."
        row += text if number == len(texts) - 1 else f"{text},"
    return row


__all__ = ["LuigiRunResult", "LuigiStatusCode", "execution_summary", "summary"]
