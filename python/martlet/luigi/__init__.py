"""The names of luigi 3.8 over Martlet's classes: scripts written for luigi run on the engine.

With the distribution martlet-luigi installed, or under `martlet run`, `import luigi` gives this package.
"""

from typing import TYPE_CHECKING, Any

from .. import parameters as _parameters
from . import (
    cmdline_parser as cmdline_parser,
)
from . import (
    configuration,
    event,
    interface,
    local_target,
    parameter,
    rpc,
    target,
    task,
)
from . import (
    date_interval as date_interval,
)
from . import (
    execution_summary as execution_summary,
)
from . import (
    format as format,
)
from . import (
    freezing as freezing,
)
from . import (
    lock as lock,
)
from . import (
    retcodes as retcodes,
)
from . import (
    scheduler as scheduler,
)
from . import (
    task_register as task_register,
)
from . import (
    task_status as task_status,
)
from . import (
    util as util,
)
from . import (
    worker as worker,
)
from .configuration.core import read_parameters
from .event import Event
from .execution_summary import LuigiStatusCode
from .interface import build, run
from .local_target import LocalTarget
from .rpc import RemoteScheduler, RPCError
from .target import Target
from .task import (
    Config,
    DynamicRequirements,
    ExternalTask,
    Task,
    WrapperTask,
    auto_namespace,
    namespace,
)

if TYPE_CHECKING:
    from .parameter import (
        BoolParameter,
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
        PathParameter,
        StrParameter,
        TaskParameter,
        TimeDeltaParameter,
        TupleParameter,
        YearParameter,
    )

__version__ = "3.8.1"
"""The version of luigi whose names these are."""

read_parameters()
task_register.Register.offer("martlet.luigi.notifications", "TestNotificationsTask", "email", "sendgrid", "smtp")
task_register.Register.offer(
    "martlet.luigi.tools.range",
    *("RangeByMinutes", "RangeByMinutesBase", "RangeDaily", "RangeDailyBase", "RangeHourly", "RangeHourlyBase"),
    "RangeMonthly",
    stands=lambda: configuration.get_config().getboolean("core", "autoload_range", True),
)

_ON_DEMAND = {
    "notifications": "notifications", "range": "tools.range", "setup_logging": "setup_logging", "tools": "tools",
}  # fmt: skip
"""Modules that are attributes before anybody imports them."""


def __getattr__(name: str) -> Any:
    if name in _ON_DEMAND:
        from importlib import import_module

        return import_module(f"{__name__}.{_ON_DEMAND[name]}")
    if name not in _parameters.HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(_parameters, name)
    return value


__all__ = [
    "RemoteScheduler",
    "RPCError",
    "LuigiStatusCode",
    "BoolParameter",
    "ChoiceListParameter",
    "ChoiceParameter",
    "Config",
    "DateHourParameter",
    "DateIntervalParameter",
    "DateMinuteParameter",
    "DateParameter",
    "DateSecondParameter",
    "DictParameter",
    "DynamicRequirements",
    "EnumListParameter",
    "EnumParameter",
    "Event",
    "ExternalTask",
    "FloatParameter",
    "IntParameter",
    "ListParameter",
    "LocalTarget",
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
    "OptionalTupleParameter",
    "Parameter",
    "PathParameter",
    "StrParameter",
    "Target",
    "Task",
    "TaskParameter",
    "TimeDeltaParameter",
    "TupleParameter",
    "WrapperTask",
    "YearParameter",
    "__version__",
    "auto_namespace",
    "build",
    "rpc",
    "configuration",
    "event",
    "interface",
    "local_target",
    "namespace",
    "parameter",
    "run",
    "target",
    "task",
]
