"""luigi.toml: typed values."""

# Paths are text here, as in luigi.

from __future__ import annotations

import os
import sys
from typing import Any, ClassVar

from ...parameters.frozen import recursively_freeze
from ...register import forget_constructors
from .base_parser import BaseParser


def _load(path: str) -> dict[str, Any]:
    """The content of a file. Python 3.10 needs tomli for it, but only for those who have such a file."""
    if sys.version_info >= (3, 11):
        from tomllib import load
    else:
        from tomli import load
    with open(path, "rb") as file:
        return load(file)


class LuigiTomlParser(BaseParser):
    """Sections of typed values."""

    NO_DEFAULT: ClassVar[Any] = object()
    enabled = True
    _config_paths: ClassVar[list[str]] = ["/etc/luigi/luigi.toml", "luigi.toml"]

    def __init__(self) -> None:
        self.data: dict[str, Any] = {}

    def read(self, config_paths: list[str]) -> dict[str, Any]:
        """Reads those of the files that are there; later ones win, option by option. Tables become frozen dicts."""
        self.data = {}
        for path in config_paths:
            if os.path.isfile(path):
                for section, content in _load(path).items():
                    self.data.setdefault(section, {}).update(content)
        for content in self.data.values():
            for key, value in content.items():
                if isinstance(value, dict):
                    content[key] = recursively_freeze(value)
        return self.data

    def get(self, section: str, option: str, default: Any = NO_DEFAULT, **kwargs: Any) -> Any:
        """The value; KeyError if there is none and no default."""
        try:
            return self.data[section][option]
        except KeyError:
            if default is self.NO_DEFAULT:
                raise
            return default

    getboolean = getint = getfloat = get

    def getintdict(self, section: str) -> dict[str, Any]:
        """All options of a section."""
        options: dict[str, Any] = self.data.get(section, {})
        return options

    def set(self, section: str, option: str, value: Any = None) -> None:
        """Sets an option."""
        self.data.setdefault(section, {})[option] = value
        forget_constructors()

    def has_option(self, section: str, option: str) -> bool:
        """Whether there is such a value."""
        return option in self.data.get(section, {})

    def sections(self) -> list[str]:
        """The names of all sections."""
        return list(self.data)

    def __getitem__(self, name: str) -> Any:
        return self.data[name]
