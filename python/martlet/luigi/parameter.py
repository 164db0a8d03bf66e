"""luigi.parameter"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import parameters as _parameters
from ..parameters.base import NO_VALUE as _no_value

if TYPE_CHECKING:
    from ..parameters import *  # noqa: F403

__all__ = [*_parameters.__all__, "_no_value"]


def __getattr__(name: str) -> Any:
    value: Any
    if name == "_DateParameterBase":
        from ..parameters import date

        value = date._DateParameterBase
    elif name == "_DatetimeParameterBase":
        from ..parameters import moment

        value = moment._DatetimeParameterBase
    elif name in _parameters.HOMES:
        value = getattr(_parameters, name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
