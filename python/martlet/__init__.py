"""Martlet steers particle-physics analyses: tasks in Python on a compiled engine."""

# ruff: noqa: E402 -- the process may be replaced, and what is imported before that is imported twice

from __future__ import annotations

from .steering.autorun import consider

consider()

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from . import parameters, targets
from .dynamic import DynamicRequirements
from .events import Event
from .external import externalize
from .register import auto_namespace, namespace
from .retry import Retry
from .structure import flatten, flatten_output, getpaths
from .targets import FileSystem, FileSystemTarget, LocalFileSystem, LocalTarget, Target
from .task import Config, ExternalTask, Task, WrapperTask

if TYPE_CHECKING:
    from .command import CommandError, CommandTask, Exit
    from .parameters import (
        BoolParameter,
        BranchesParameter,
        ChoiceListParameter,
        ChoiceParameter,
        DateHourParameter,
        DateIntervalParameter,
        DateMinuteParameter,
        DateParameter,
        DateSecondParameter,
        DictParameter,
        EnumListParameter,
        EnumParameter,
        FloatParameter,
        IntParameter,
        ListParameter,
        MonthParameter,
        NumericalParameter,
        OptionalBoolParameter,
        OptionalChoiceParameter,
        OptionalDictParameter,
        OptionalFloatParameter,
        OptionalIntParameter,
        OptionalListParameter,
        OptionalNumericalParameter,
        OptionalParameter,
        OptionalPathParameter,
        OptionalStrParameter,
        OptionalTupleParameter,
        Parameter,
        ParameterException,
        ParameterVisibility,
        PathParameter,
        StrParameter,
        TaskParameter,
        TimeDeltaParameter,
        TupleParameter,
        YearParameter,
    )
    from .running.differences import Difference
    from .running.options import Options
    from .running.result import ExitCode, RunResult
    from .storage.stores import Store, store
    from .surveying import Survey
    from .targets import (
        DirectoryTarget,
        FileTarget,
        MirroredTarget,
        OptionalTarget,
        RemoteTarget,
        SiblingCollection,
        TargetCollection,
        TemporaryDirectoryTarget,
        TemporaryTarget,
    )
    from .workflow import MergeCascade, Workflow

    __version__: str

_ON_DEMAND = {
    "CommandError": "martlet.command",
    "CommandTask": "martlet.command",
    "Exit": "martlet.command",
    "Options": "martlet.running.options",
    "ExitCode": "martlet.running.result",
    "RunResult": "martlet.running.result",
    "Store": "martlet.storage.stores",
    "store": "martlet.storage.stores",
    "MergeCascade": "martlet.workflow",
    "Workflow": "martlet.workflow",
    **{name: "martlet.targets" for name in ("FileTarget", *targets.HOMES) if name != "file_at"},
}
"""Names most scripts never use, and the modules they are imported from when they do."""


def build(tasks: Any, **options: Any) -> RunResult:
    """Runs tasks (one or several) and all they require; the result is true when they are complete.

    `options` are the fields of `martlet.Options`, e.g. `workers=4`.
    """
    from .steering.session import build  # only loaded by those who run something

    result: RunResult = build(tasks, **options)
    return result


def drift(tasks: Any, **options: Any) -> list[Difference]:
    """What has changed since the reports of tasks (one or several) and of all they require; nothing is run.

    `options`: `state`, the state directory; `complete_by`, as in `martlet.toml`.
    """
    from .steering.session import drift  # only loaded by those who ask

    found: list[Difference] = drift(tasks, **options)
    return found


def survey(tasks: Any, **options: Any) -> Survey:
    """What tasks (one or several) and all they require are made of, and how they stand; nothing is run.

    `options`: `state`, the state directory; `complete_by`, as in `martlet.toml`.
    """
    from .steering.session import survey  # only loaded by those who ask

    found: Survey = survey(tasks, **options)
    return found


def run(argv: Sequence[str] | None = None) -> NoReturn:
    """Runs what a command line names (`sys.argv` if None): `Family --parameter value …`; exits with its code."""
    from .steering.session import run  # only loaded by those who run something

    run(argv)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import PackageNotFoundError, version  # slow to import

        try:
            value: Any = version("martlet")
        except PackageNotFoundError:  # a source tree that was not installed
            value = "0+unknown"
    elif name in _ON_DEMAND:
        from importlib import import_module

        value = getattr(import_module(_ON_DEMAND[name]), name)
    elif name in parameters.HOMES:
        value = getattr(parameters, name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


__all__ = [
    "BoolParameter",
    "BranchesParameter",
    "ChoiceListParameter",
    "ChoiceParameter",
    "CommandError",
    "CommandTask",
    "Config",
    "DateHourParameter",
    "DateIntervalParameter",
    "DateMinuteParameter",
    "DateParameter",
    "DateSecondParameter",
    "DictParameter",
    "DirectoryTarget",
    "DynamicRequirements",
    "EnumListParameter",
    "EnumParameter",
    "Event",
    "Exit",
    "ExitCode",
    "ExternalTask",
    "FileSystem",
    "FileSystemTarget",
    "FileTarget",
    "FloatParameter",
    "IntParameter",
    "ListParameter",
    "LocalFileSystem",
    "LocalTarget",
    "MergeCascade",
    "MirroredTarget",
    "MonthParameter",
    "NumericalParameter",
    "OptionalBoolParameter",
    "OptionalChoiceParameter",
    "OptionalDictParameter",
    "OptionalFloatParameter",
    "OptionalIntParameter",
    "OptionalListParameter",
    "OptionalNumericalParameter",
    "OptionalParameter",
    "OptionalPathParameter",
    "OptionalStrParameter",
    "OptionalTarget",
    "OptionalTupleParameter",
    "Options",
    "Parameter",
    "ParameterException",
    "ParameterVisibility",
    "PathParameter",
    "RemoteTarget",
    "Retry",
    "RunResult",
    "SiblingCollection",
    "Store",
    "StrParameter",
    "Target",
    "TargetCollection",
    "Task",
    "TaskParameter",
    "TemporaryDirectoryTarget",
    "TemporaryTarget",
    "TimeDeltaParameter",
    "TupleParameter",
    "Workflow",
    "WrapperTask",
    "YearParameter",
    "__version__",
    "auto_namespace",
    "build",
    "drift",
    "externalize",
    "flatten",
    "flatten_output",
    "getpaths",
    "namespace",
    "run",
    "store",
    "survey",
]
