"""luigi.util: parameters and requirements taken over from other tasks."""

# The names are luigi's.

from __future__ import annotations

import datetime
from typing import Any

from .. import parameters
from ..external import wraps_class
from ..register import Register
from ..structure import flatten


def common_params(task_instance: Any, task_cls: Any) -> dict[str, Any]:
    """The values of a task's parameters that `task_cls` has too, as that class normalises them."""
    if not isinstance(task_cls, Register):
        raise TypeError("task_cls must be an uninstantiated Task")
    theirs: Any = task_cls
    own = dict(task_instance.get_params())
    shared = [(name, parameter) for name, parameter in theirs.get_params() if name in own]
    values = {name: task_instance.param_kwargs[name] for name, _ in shared}
    return dict(task_instance.get_param_values(shared, [], values))


class inherits:
    """Class decorator: adds the parameters of other task classes, and what makes tasks of them.

    `@inherits(A)` gives clone_parent(), `@inherits(A, B)` clone_parents() with a list, `@inherits(a=A, b=B)`
    clone_parents() with a dict.
    """

    def __init__(self, *tasks_to_inherit: Any, **kw_tasks_to_inherit: Any) -> None:
        if not tasks_to_inherit and not kw_tasks_to_inherit:
            raise TypeError("tasks_to_inherit or kw_tasks_to_inherit must contain at least one task")
        if tasks_to_inherit and kw_tasks_to_inherit:
            raise TypeError("Only one of tasks_to_inherit or kw_tasks_to_inherit may be present")
        self.tasks_to_inherit = tasks_to_inherit
        self.kw_tasks_to_inherit = kw_tasks_to_inherit

    def __call__(self, cls: Any) -> Any:
        listed, named = self.tasks_to_inherit, self.kw_tasks_to_inherit
        for parent in listed or named.values():
            for name, parameter in parent.get_params():
                if not hasattr(cls, name):
                    setattr(cls, name, parameter)

        def clone_parent(task: Any, **kwargs: Any) -> Any:
            return task.clone(cls=listed[0], **kwargs)

        def clone_parents(task: Any, **kwargs: Any) -> Any:
            if named:
                return {name: task.clone(cls=parent, **kwargs) for name, parent in named.items()}
            return [task.clone(cls=parent, **kwargs) for parent in listed]

        if listed:
            cls.clone_parent = clone_parent
        cls.clone_parents = clone_parents
        return cls


class requires:
    """Class decorator: like `inherits`, and defines requires() to give those tasks."""

    def __init__(self, *tasks_to_require: Any, **kw_tasks_to_require: Any) -> None:
        self.tasks_to_require = tasks_to_require
        self.kw_tasks_to_require = kw_tasks_to_require

    def __call__(self, cls: Any) -> Any:
        cls = inherits(*self.tasks_to_require, **self.kw_tasks_to_require)(cls)
        single = len(self.tasks_to_require) == 1

        def requires(task: Any) -> Any:
            return task.clone_parent() if single else task.clone_parents()

        cls.requires = requires
        return cls


class copies:
    """Class decorator: requires another task, and run() copies its one output line by line."""

    def __init__(self, task_to_copy: Any) -> None:
        self.requires_decorator = requires(task_to_copy)

    def __call__(self, cls: Any) -> Any:
        cls = self.requires_decorator(cls)

        @wraps_class(cls)
        class Copy(cls):  # type: ignore[misc]
            def run(self) -> None:
                with self.input().open("r") as source, self.output().open("w") as copy:
                    copy.writelines(source)

        return Copy


def delegates(cls: Any) -> Any:
    """Class decorator: the tasks that subtasks() gives are run as a part of this one, which requires what they do."""
    if not hasattr(cls, "subtasks"):
        raise AttributeError(f'{cls} needs to implement the method "subtasks"')

    @wraps_class(cls)
    class Delegating(cls):  # type: ignore[misc]
        def deps(self) -> list[Any]:
            subtasks = flatten(self.subtasks())
            return flatten(self.requires()) + flatten([task.deps() for task in subtasks])

        def run(self) -> None:
            for task in flatten(self.subtasks()):
                task.run()
            cls.run(self)

    return Delegating


def _steps() -> tuple[tuple[type, datetime.timedelta | None], ...]:
    """How far back the previous value of each kind of parameter is; None: the value itself knows."""
    return (
        (parameters.DateParameter, datetime.timedelta(days=1)),
        (parameters.DateSecondParameter, datetime.timedelta(seconds=1)),
        (parameters.DateMinuteParameter, datetime.timedelta(minutes=1)),
        (parameters.DateHourParameter, datetime.timedelta(hours=1)),
        (parameters.DateIntervalParameter, None),
    )


def previous(task: Any) -> Any:
    """The task of the same class one day, hour, minute, second or interval earlier.

    NotImplementedError unless the class has exactly one parameter of time.
    """
    earlier: dict[str, Any] = {}
    for name, parameter in task.get_params():
        for kind, step in _steps():
            if isinstance(parameter, kind):
                value = getattr(task, name)
                earlier[name] = value.prev() if step is None else value - step
                break
    if not earlier:
        raise NotImplementedError("No task parameter - can't determine previous task")
    if len(earlier) > 1:
        raise NotImplementedError("Too many date-related task parameters - can't determine previous task")
    return task.clone(**earlier)


def get_previous_completed(task: Any, max_steps: int = 10) -> Any:
    """The nearest previous task that is complete, among `max_steps`; None if there is none."""
    for _ in range(max_steps):
        task = previous(task)
        if task.complete():
            return task
    return None
