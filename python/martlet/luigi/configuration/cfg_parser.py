"""luigi.cfg: sections of `option = value`."""

# Paths are text here, as in luigi.

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Callable
from configparser import (
    BasicInterpolation,
    ConfigParser,
    Interpolation,
    InterpolationError,
    NoOptionError,
    NoSectionError,
)
from typing import Any, ClassVar

from ...register import forget_constructors
from .base_parser import BaseParser

_VARIABLE = re.compile(r"\$\{([^}]+)\}")


class InterpolationMissingEnvvarError(InterpolationError):
    """A value refers to an environment variable that is not set."""

    def __init__(self, option: str, section: str, value: str, envvar: str) -> None:
        super().__init__(
            option,
            section,
            f"Config refers to a nonexisting environment variable {envvar}. "
            f"Section [{section}], option {option}={value}",
        )


class _LuigiInterpolation(BasicInterpolation):
    """`%(option)s` first, then `${VARIABLE}` of the environment."""

    def before_get(self, parser: Any, section: str, option: str, value: str, defaults: Any) -> str:
        text = super().before_get(parser, section, option, value, defaults)

        def of_environment(match: re.Match[str]) -> str:
            try:
                return os.environ[match[1]]
            except KeyError:
                raise InterpolationMissingEnvvarError(option, section, text, match[1]) from None

        return _VARIABLE.sub(of_environment, text) if isinstance(text, str) else text


class LuigiConfigParser(BaseParser, ConfigParser):
    """ConfigParser with case-sensitive options, environment variables, and a default for what is missing."""

    NO_DEFAULT: ClassVar[Any] = object()
    enabled = True
    _config_paths: ClassVar[list[str]] = [
        "/etc/luigi/client.cfg",
        "/etc/luigi/luigi.cfg",
        "client.cfg",
        "luigi.cfg",
    ]
    _DEFAULT_INTERPOLATION: ClassVar[Interpolation] = _LuigiInterpolation()

    def optionxform(self, optionstr: str) -> str:
        return optionstr

    @classmethod
    def reload(cls) -> Any:
        old = [path for path in cls._config_paths if os.path.basename(path) == "client.cfg" and os.path.exists(path)]
        if old:
            warnings.warn(
                "Luigi configuration files named 'client.cfg' are deprecated if favor of 'luigi.cfg'. "
                f"Found: {old!r}",
                DeprecationWarning,
                stacklevel=2,
            )
        return super().reload()

    def _lookup(
        self, method: Callable[..., Any], section: str, option: str, default: Any, expected: type | None, **kwargs: Any
    ) -> Any:
        """The option with underscores, else (with a warning) with dashes, else the default."""
        plain, dashed = option.replace("-", "_"), option.replace("_", "-")
        try:
            if ConfigParser.has_option(self, section, plain) or "fallback" in kwargs:
                return method(self, section, plain, **kwargs)
            value = method(self, section, dashed, **kwargs)
            _warn_of_dashes(section, dashed, plain)
            return value
        except (NoOptionError, NoSectionError):
            if default is LuigiConfigParser.NO_DEFAULT:
                raise
            if expected is not None and default is not None and not isinstance(default, expected):
                raise
            return default

    def has_option(self, section: str, option: str) -> bool:
        plain, dashed = option.replace("-", "_"), option.replace("_", "-")
        if ConfigParser.has_option(self, section, plain):
            return True
        if ConfigParser.has_option(self, section, dashed):
            _warn_of_dashes(section, dashed, plain)
            return True
        return False

    def get(self, section: str, option: str, default: Any = NO_DEFAULT, **kwargs: Any) -> Any:  # type: ignore[override]
        return self._lookup(ConfigParser.get, section, option, default, None, **kwargs)

    def getboolean(self, section: str, option: str, default: Any = NO_DEFAULT) -> Any:  # type: ignore[override]
        return self._lookup(ConfigParser.getboolean, section, option, default, bool)

    def getint(self, section: str, option: str, default: Any = NO_DEFAULT) -> Any:  # type: ignore[override]
        return self._lookup(ConfigParser.getint, section, option, default, int)

    def getfloat(self, section: str, option: str, default: Any = NO_DEFAULT) -> Any:  # type: ignore[override]
        return self._lookup(ConfigParser.getfloat, section, option, default, float)

    def getintdict(self, section: str) -> dict[str, int]:
        """All options of a section but those of [DEFAULT], as integers; empty without the section."""
        if not self.has_section(section):
            return {}
        return {key: int(value) for key, value in self.items(section) if key not in self.defaults()}

    def set(self, section: str, option: str, value: Any = None) -> None:
        """Sets an option, making its section if need be."""
        if section != self.default_section and not self.has_section(section):
            self.add_section(section)
        super().set(section, option, value)
        forget_constructors()


def _warn_of_dashes(section: str, dashed: str, plain: str) -> None:
    warnings.warn(
        f"Configuration [{section}] {dashed} (with dashes) should be avoided. Please use underscores: {plain}.",
        DeprecationWarning,
        stacklevel=4,
    )
