"""Dicts and lists that cannot change and can be hashed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class FrozenOrderedDict(Mapping[Any, Any]):
    """A mapping that keeps its order, equals a dict with the same items, and can be hashed if its values can."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._items = dict(*args, **kwargs)
        self._hash: int | None = None

    def __getitem__(self, key: Any) -> Any:
        return self._items[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return repr(self._items)

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self._items.items()))
        return self._hash

    def __getstate__(self) -> dict[str, Any]:
        """Without the hash: that of strings differs from process to process."""
        return {"_items": self._items, "_hash": None}

    def get_wrapped(self) -> dict[Any, Any]:
        """The dict itself, for encoders; not to be changed."""
        return self._items


def recursively_freeze(value: Any) -> Any:
    """Mappings as FrozenOrderedDict and lists as tuples, in any depth."""
    if isinstance(value, Mapping):
        return FrozenOrderedDict((key, recursively_freeze(item)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return tuple([recursively_freeze(item) for item in value])
    return value


def recursively_unfreeze(value: Any) -> Any:
    """Mappings as dict and tuples as lists, in any depth."""
    if isinstance(value, Mapping):
        return {key: recursively_unfreeze(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [recursively_unfreeze(item) for item in value]
    return value
