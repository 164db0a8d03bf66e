"""The name of a task: its id, made of its family and its significant, public parameters.

The text is luigi's, byte for byte, so that marker tables, file names and histories made by either agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .recipe import recipe_of, standard_method

TASK_ID_INCLUDE_PARAMS = 3
"""How many parameters, by sorted name, are spelled out in a task id."""
TASK_ID_TRUNCATE_PARAMS = 16
"""How many characters of each of them."""
TASK_ID_TRUNCATE_HASH = 10
"""How many hexadecimal digits of the digest of all parameters end the id."""

_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")
_quote: Callable[[str], str] | None = None
_md5: Any = None


def _load() -> Callable[[str], str]:
    """json and hashlib cost milliseconds to import and many runs never ask for an id."""
    global _quote, _md5
    from hashlib import md5
    from json.encoder import encode_basestring_ascii

    _md5 = md5
    _quote = encode_basestring_ascii
    return _quote


def _json(params: Mapping[str, Any], names: list[str], quote: Callable[[str], str]) -> str:
    """Canonical JSON: sorted names, no spaces, ASCII. Values are texts unless a parameter's serialize() is odd."""
    try:
        return "{" + ",".join([f"{quote(name)}:{quote(params[name])}" for name in names]) + "}"
    except TypeError:
        from json import dumps

        return dumps(params, separators=(",", ":"), sort_keys=True)


def task_id_str(task_family: str, params: Mapping[str, str]) -> str:
    """The id of a task with these serialised parameters.

    The family, the beginnings of the first three values by parameter name (anything but ASCII letters, digits and
    underscores replaced by underscores), and the first ten digits of the MD5 of the parameters as canonical JSON.
    """
    quote = _quote or _load()
    names = sorted(params)
    digest = _md5(_json(params, names, quote).encode(), usedforsecurity=False).hexdigest()
    summary = "_".join([params[name][:TASK_ID_TRUNCATE_PARAMS] for name in names[:TASK_ID_INCLUDE_PARAMS]])
    if not _PLAIN.issuperset(summary):
        summary = "".join([c if c in _PLAIN else "_" for c in summary])
    return f"{task_family}_{summary}_{digest[:TASK_ID_TRUNCATE_HASH]}"


def task_id(task: Any) -> str:
    """The id of a task, from the parameter values it was made with."""
    cls = type(task)
    recipe = recipe_of(cls)
    if recipe.names is task._names and standard_method(cls, "to_str_params"):
        values = task._values
        params = {name: serialize(values[i]) for i, name, serialize in recipe.identifying}
    else:
        params = task.to_str_params(only_significant=True, only_public=True)
    return task_id_str(cls.get_task_family(), params)
