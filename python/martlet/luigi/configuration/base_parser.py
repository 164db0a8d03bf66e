"""One parser of each kind, which everything that was read or set is in."""

from __future__ import annotations

import os
from abc import ABCMeta
from typing import Any, ClassVar

from ...register import forget_constructors


class Singleton(ABCMeta):
    """Metaclass of parsers: replacing the one instance makes values of parameters be looked up anew."""

    def __setattr__(cls, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in ("_instance", "_config_paths"):
            forget_constructors()


class BaseParser(metaclass=Singleton):
    """The files that are read, and the one parser that has read them."""

    _instance: ClassVar[Any] = None
    _config_paths: ClassVar[list[str]]

    @classmethod
    def instance(cls, *args: Any, **kwargs: Any) -> Any:
        """The parser, made and filled at the first call."""
        if cls._instance is None:
            cls._instance = cls(*args, **kwargs)
            cls.reload()
        return cls._instance

    @classmethod
    def add_config_path(cls, path: str) -> None:
        """Reads one more file, which wins over those before."""
        cls._config_paths.append(path)
        cls.reload()

    @classmethod
    def reload(cls) -> Any:
        """Reads all files (again)."""
        loaded = cls.instance().read([os.fspath(path) for path in cls._config_paths])
        forget_constructors()
        return loaded
