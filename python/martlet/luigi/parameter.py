"""luigi.parameter"""

from __future__ import annotations

import sys
import warnings  # noqa: F401 - whoever replaces it means the warnings of parameters
from types import ModuleType
from typing import TYPE_CHECKING, Any

from .. import parameters as _parameters
from ..parameters.base import NO_VALUE as _no_value

_JSONSCHEMA_ENABLED = True
"""Whether values are checked against their schemas, if the package jsonschema is there."""

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


class _OneNamespace(ModuleType):
    """In luigi all of this is one module: who replaces a name in it (a warning, an exception) means every use of it."""

    def __setattr__(self, name: str, value: Any) -> None:
        before = self.__dict__.get(name, self)
        super().__setattr__(name, value)
        for module, home in list(sys.modules.items()):
            if module.startswith(_parameters.__name__ + ".") and home.__dict__.get(name) is before:
                setattr(home, name, value)


sys.modules[__name__].__class__ = _OneNamespace
