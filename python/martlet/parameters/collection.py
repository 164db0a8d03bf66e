"""Parameters whose value is a list, a tuple or a dict, written as JSON."""

from __future__ import annotations

import warnings
from typing import Any, Generic, TypeVar

from .base import NO_VALUE, Parameter
from .frozen import FrozenOrderedDict, recursively_freeze, recursively_unfreeze

Value = TypeVar("Value")

_JSONSCHEMA_ENABLED = True
"""Whether values are checked against their schemas, if the package jsonschema is there."""


def _load(text: str) -> Any:
    from json import loads  # slow to import, and only needed by these parameters

    return loads(text, object_pairs_hook=FrozenOrderedDict)


def _dump(value: Any) -> str:
    from json import dumps

    return dumps(value, default=_wrapped)


def _wrapped(value: Any) -> dict[Any, Any]:
    if isinstance(value, FrozenOrderedDict):
        return value.get_wrapped()
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


class _JSONParameter(Parameter[Value], Generic[Value]):
    """What lists, tuples and dicts have in common: frozen values, and an optional JSON schema."""

    def __init__(self, default: Any = NO_VALUE, *, schema: Any = None, **kwargs: Any) -> None:
        """
        :param schema: a JSON schema, or an object with `validate`, that values must satisfy. Needs jsonschema.
        """
        self.schema = schema
        if schema is not None and not hasattr(schema, "validate") and _jsonschema() is None:
            warnings.warn(
                "The 'jsonschema' package is not installed so the parameter can not be validated "
                "even though a schema is given.",
                stacklevel=2,
            )
            self.schema = None
        super().__init__(default=default, **kwargs)

    def normalize(self, x: Any) -> Any:
        """The value with its dicts and lists frozen; raises what the schema's validator raises."""
        if self.schema is not None:
            x = recursively_unfreeze(x)
            if hasattr(self.schema, "validate"):
                self.schema.validate(x)  # may fill in defaults
            else:
                _jsonschema().validate(instance=x, schema=self.schema)
        return recursively_freeze(x)

    def serialize(self, x: Any) -> str:
        return _dump(x)


def _jsonschema() -> Any:
    if not _JSONSCHEMA_ENABLED:
        return None
    try:
        import jsonschema  # type: ignore[import-untyped,unused-ignore]
    except ImportError:
        return None
    return jsonschema


class DictParameter(_JSONParameter["FrozenOrderedDict"]):
    """A dict, read-only and hashable; a JSON object on the command line."""

    @property
    def expected(self) -> str:
        return 'a JSON object like {"name": 1}'

    def parse(self, x: Any) -> Any:
        return _load(x) if isinstance(x, str) else x


class ListParameter(_JSONParameter["tuple[Any, ...]"]):
    """A list, kept as a tuple; a JSON array on the command line."""

    @property
    def expected(self) -> str:
        return "a JSON array like [1, 2]"

    def parse(self, x: Any) -> Any:
        value = _load(x) if isinstance(x, str) else x
        return None if value is None else list(value)


class TupleParameter(ListParameter):
    """A tuple; a JSON array or a Python tuple like `((1, 2), (3, 4))` on the command line."""

    @property
    def expected(self) -> str:
        return "a JSON array or a tuple like (1, 2)"

    def parse(self, x: Any) -> Any:
        try:
            loaded = _load(x) if isinstance(x, str) else x
            return tuple([item if isinstance(item, str) else tuple(item) for item in loaded])
        except (ValueError, TypeError):
            from ast import literal_eval  # only for what is no array of arrays

            value = literal_eval(x)
            if isinstance(value, str):
                raise ValueError("Parsed result cannot be a string") from None
            return tuple(value)
