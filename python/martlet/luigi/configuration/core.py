"""Which configuration is read, and how parameters find their values in it."""

# Paths are text here, as in luigi.

from __future__ import annotations

import os
import warnings
from configparser import NoOptionError, NoSectionError
from typing import Any

from ...parameters.configured import Rank, Source, set_source
from .cfg_parser import LuigiConfigParser
from .toml_parser import LuigiTomlParser

PARSERS: dict[str, Any] = {
    "cfg": LuigiConfigParser,
    "conf": LuigiConfigParser,
    "ini": LuigiConfigParser,
    "toml": LuigiTomlParser,
}
DEFAULT_PARSER = "cfg"


def _default_parser() -> str:
    parser = os.environ.get("LUIGI_CONFIG_PARSER", DEFAULT_PARSER)
    if parser not in PARSERS:
        warnings.warn(f"Invalid parser: {parser}", stacklevel=2)
        return DEFAULT_PARSER
    return parser


def _enabled(parser: str) -> Any:
    """The class of a parser that may be used; ImportError if it was switched off."""
    found = PARSERS[parser]
    if not found.enabled:
        raise ImportError(f"The configuration's parser {parser} is switched off: {found.__name__}.enabled is False")
    return found


def get_config(parser: str | None = None) -> Any:
    """The configuration: luigi.cfg's, or that of the parser named here or by LUIGI_CONFIG_PARSER."""
    return _enabled(parser or _default_parser()).instance()


def add_config_path(path: str) -> bool:
    """Reads one more file; False, with a warning, if it is not there."""
    if not os.path.isfile(path):
        warnings.warn(f"Config file does not exist: {path}", stacklevel=2)
        return False
    default = _default_parser()
    suffix = os.path.splitext(path)[1][1:]
    parser = suffix if suffix in PARSERS else default
    if PARSERS[parser] is not PARSERS[default]:
        warnings.warn(
            f"Config for {parser} parser added, but used {default} parser. "
            f"Set up right parser via env var: export LUIGI_CONFIG_PARSER={parser}",
            stacklevel=2,
        )
    _enabled(parser).add_config_path(path)
    return True


def _configured(section: str, name: str) -> Any:
    try:
        return get_config().get(section, name)
    except (NoSectionError, NoOptionError, KeyError):
        return None


def _keys(section: str) -> list[tuple[str, Any]]:
    config = get_config()
    if section not in config.sections():
        return []
    if isinstance(config, LuigiConfigParser):
        return config.items(section, raw=True)  # a variable that is not set matters only to who uses the value
    return list(config[section].items())


def read_parameters() -> None:
    """Makes luigi's configuration a source of parameter values; done by importing luigi."""
    if "LUIGI_CONFIG_PATH" in os.environ:
        add_config_path(os.environ["LUIGI_CONFIG_PATH"])
    set_source(Rank.LUIGI_CONFIGURATION, Source(_configured, _keys))
