"""The name of a task: its id, made of its family and its significant, public parameters.

The text is luigi's, byte for byte, so that marker tables, file names and histories made by either agree.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .recipe import recipe_of

TASK_ID_INCLUDE_PARAMS = 3
"""How many parameters, by sorted name, are spelled out in a task id."""
TASK_ID_TRUNCATE_PARAMS = 16
"""How many characters of each of them."""
TASK_ID_TRUNCATE_HASH = 10
"""How many hexadecimal digits of the digest of all parameters end the id."""


class _OnlyPlain(dict[int, str]):
    """For str.translate: ASCII letters, digits and underscores stay, anything else becomes an underscore."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        kept = self[code] = character if code < 128 and (character.isalnum() or character == "_") else "_"
        return kept


_ONLY_PLAIN = _OnlyPlain()
ONLY_PLAIN_ASCII = bytes(code if chr(code).isalnum() and code < 128 else ord("_") for code in range(256))
_quote: Callable[[str], str] | None = None
_md5: Any = None


def _load() -> Callable[[str], str]:
    """json and hashlib cost milliseconds to import and many runs never ask for an id."""
    global _quote, _md5
    from json.encoder import encode_basestring_ascii

    try:
        # a third of the time that OpenSSL's takes for so short a text, and not refused where that is
        from _md5 import md5  # type: ignore[import-not-found]
    except ImportError:  # an interpreter built without it
        from functools import partial
        from hashlib import md5 as openssl

        md5 = partial(openssl, usedforsecurity=False)
    _md5 = md5
    _quote = encode_basestring_ascii
    return _quote


def md5() -> Callable[[bytes], Any]:
    """The constructor of the digest in ids."""
    if _md5 is None:
        _load()
    constructor: Callable[[bytes], Any] = _md5
    return constructor


def _canonical(names: list[str], texts: list[Any]) -> str:
    """Canonical JSON: sorted names, no spaces, ASCII. Values are texts unless a parameter's serialize() is odd."""
    quote = _quote or _load()
    try:
        return "{" + ",".join([f"{quote(name)}:{quote(text)}" for name, text in zip(names, texts, strict=True)]) + "}"
    except TypeError:
        from json import dumps

        return dumps(dict(zip(names, texts, strict=True)), separators=(",", ":"), sort_keys=True)


def id_of_texts(task_family: str, names: list[str], texts: list[str]) -> str:
    """The id of a task with these serialised parameters, sorted by name.

    The family, the beginnings of the first three values by parameter name (anything but ASCII letters, digits and
    underscores replaced by underscores), and the first ten digits of the MD5 of the parameters as canonical JSON.
    """
    summary = "_".join([text[:TASK_ID_TRUNCATE_PARAMS] for text in texts[:TASK_ID_INCLUDE_PARAMS]])
    return id_of_canonical(task_family, summary, _canonical(names, texts))


def id_of_canonical(task_family: str, summary: str, canonical: str) -> str:
    """The same from what is made of the parameters: the beginnings of the first values, and the canonical JSON."""
    digest = md5()(canonical.encode()).hexdigest()
    if summary.isascii():  # a sixth of the time
        plain = summary.encode().translate(ONLY_PLAIN_ASCII).decode()
    else:
        plain = summary.translate(_ONLY_PLAIN)
    return f"{task_family}_{plain}_{digest[:TASK_ID_TRUNCATE_HASH]}"


def task_id_str(task_family: str, params: Mapping[str, str]) -> str:
    """The id of a task with these serialised parameters: see `id_of_texts`."""
    names = sorted(params)
    return id_of_texts(task_family, names, [params[name] for name in names])


def task_id(task: Any) -> str:
    """The id of a task, from the parameter values it was made with."""
    cls = type(task)
    recipe = recipe_of(cls)
    if recipe.names is task._names and recipe.plain_text:
        values = task._values
        identifying = recipe.identifying
        texts = [serialize(values[i]) for i, _, serialize in identifying]
        return id_of_texts(recipe.family, [name for _, name, _ in identifying], texts)
    return task_id_str(cls.get_task_family(), task.to_str_params(only_significant=True, only_public=True))
