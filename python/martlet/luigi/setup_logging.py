"""luigi.setup_logging: how the loggers are set up, once a process, from the command line and the configuration."""

# Paths are text here, as in luigi.

from __future__ import annotations

import logging
import logging.config
import os
from typing import Any, ClassVar

from ..parameters.frozen import recursively_unfreeze
from .configuration import LuigiConfigParser, get_config


class _NoOptions:
    background: Any = None
    logdir: Any = None
    logging_conf_file: Any = None
    log_level = "DEBUG"


LINE = "%(levelname)s: %(message)s"
"""A line of the log of those who run tasks, unless they say otherwise."""


class BaseLogging:
    """Asks in this order: options, a file named by an option, the section [logging] of a luigi.toml, defaults."""

    config: ClassVar[Any] = get_config()
    _configured: ClassVar[bool] = False

    @classmethod
    def setup(cls, opts: Any = _NoOptions) -> bool:
        """Whether logging was set up now."""
        if cls._configured:
            return cls._tell("logging already configured", False)
        cls._configured = True
        if cls.config.getboolean("core", "no_configure_logging", False):
            return cls._tell("logging disabled in settings", False)
        if cls._cli(opts):
            return cls._tell("logging configured via special settings", True)
        if cls._conf(opts):
            return cls._tell("logging configured via *.conf file", True)
        if cls._section(opts):
            return cls._tell("logging configured via config section", True)
        if cls._default(opts):
            return cls._tell("logging configured by default settings", True)
        return False

    @staticmethod
    def _tell(text: str, answer: bool) -> bool:
        logging.getLogger("luigi").info(text)
        return answer

    @classmethod
    def _cli(cls, opts: Any) -> bool:
        return False

    @classmethod
    def _conf(cls, opts: Any) -> bool:
        return False

    @classmethod
    def _section(cls, opts: Any) -> bool:
        """The dictionary of `logging.config`, as a luigi.toml may hold it."""
        if isinstance(cls.config, LuigiConfigParser):
            return False
        try:
            section = cls.config["logging"]
        except (TypeError, KeyError):
            return False
        logging.config.dictConfig(recursively_unfreeze(section))
        return True

    @classmethod
    def _default(cls, opts: Any) -> bool:
        return False


def _existing(path: str) -> str:
    if not os.path.exists(path):
        raise OSError(f"Error: Unable to locate specified logging configuration file! ({path})")
    return path


class DaemonLogging(BaseLogging):
    """For luigid."""

    _configured = False
    _log_format = "%(asctime)s %(name)s[%(process)s] %(levelname)s: %(message)s"

    @classmethod
    def _cli(cls, opts: Any) -> bool:
        if opts.background:
            logging.getLogger().setLevel(logging.INFO)
            return True
        if opts.logdir:
            file = os.path.join(opts.logdir, "luigi-server.log")
            logging.basicConfig(level=logging.INFO, format=cls._log_format, filename=file)
            return True
        return False

    @classmethod
    def _conf(cls, opts: Any) -> bool:
        file = cls.config.get("core", "logging_conf_file", None)
        if file is None:
            return False
        logging.config.fileConfig(_existing(file))
        return True

    @classmethod
    def _default(cls, opts: Any) -> bool:
        logging.basicConfig(level=logging.INFO, format=cls._log_format)
        return True


class InterfaceLogging(BaseLogging):
    """For those who run tasks."""

    _configured = False

    @classmethod
    def _conf(cls, opts: Any) -> bool:
        if not opts.logging_conf_file:
            return False
        logging.config.fileConfig(_existing(opts.logging_conf_file), disable_existing_loggers=False)
        return True

    @classmethod
    def _default(cls, opts: Any) -> bool:
        level = getattr(logging, opts.log_level, logging.DEBUG)
        handler = logging.StreamHandler()
        handler.setLevel(level)
        handler.setFormatter(logging.Formatter(LINE))
        logger = logging.getLogger("luigi-interface")
        logger.setLevel(level)
        logger.addHandler(handler)
        return True


__all__ = ["BaseLogging", "DaemonLogging", "InterfaceLogging"]
