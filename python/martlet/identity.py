"""The name of a task: its id, made of its family and its significant, public parameters.

The text is luigi's, byte for byte, so that marker tables, file names and histories made by either agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

TASK_ID_INCLUDE_PARAMS = 3
"""How many parameters, by sorted name, are spelled out in a task id."""
TASK_ID_TRUNCATE_PARAMS = 16
"""How many characters of each of them."""
TASK_ID_TRUNCATE_HASH = 10
"""How many hexadecimal digits of the digest of all parameters end the id."""

_encode: Callable[[Any], str] | None = None
_md5: Any = None
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_")


def _load() -> Callable[[Any], str]:
    """json and hashlib cost milliseconds to import and many runs never ask for an id."""
    global _encode, _md5
    from hashlib import md5
    from json import JSONEncoder

    _md5 = md5
    _encode = JSONEncoder(separators=(",", ":"), sort_keys=True).encode
    return _encode


def task_id_str(task_family: str, params: Mapping[str, str]) -> str:
    """The id of a task with these serialised parameters.

    The family, the beginnings of the first three values by parameter name (anything but ASCII letters, digits and
    underscores replaced by underscores), and the first ten digits of the MD5 of the parameters as canonical JSON.
    """
    encode = _encode or _load()
    digest = _md5(encode(params).encode("utf-8"), usedforsecurity=False).hexdigest()
    names = sorted(params)[:TASK_ID_INCLUDE_PARAMS]
    summary = "_".join([params[name][:TASK_ID_TRUNCATE_PARAMS] for name in names])
    if not _PLAIN.issuperset(summary):
        summary = "".join([c if c in _PLAIN else "_" for c in summary])
    return f"{task_family}_{summary}_{digest[:TASK_ID_TRUNCATE_HASH]}"


def task_id(task: Any) -> str:
    """The id of a task, from the parameter values it was made with."""
    return task_id_str(task.get_task_family(), task.to_str_params(only_significant=True, only_public=True))
