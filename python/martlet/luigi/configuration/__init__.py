"""luigi.configuration: luigi.cfg and luigi.toml, read as luigi reads them."""

from .cfg_parser import InterpolationMissingEnvvarError, LuigiConfigParser
from .core import add_config_path, get_config
from .toml_parser import LuigiTomlParser

__all__ = [
    "InterpolationMissingEnvvarError",
    "LuigiConfigParser",
    "LuigiTomlParser",
    "add_config_path",
    "get_config",
]
