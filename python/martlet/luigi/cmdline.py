"""luigi.cmdline: the programs luigi and luigid."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from . import server
from .retcodes import run_with_retcodes
from .setup_logging import DaemonLogging


def luigi_run(argv: Sequence[str] | None = None) -> NoReturn:
    """`luigi`: runs a command line (`sys.argv`) and exits with the code that [retcode] says."""
    run_with_retcodes(sys.argv[1:] if argv is None else argv)


def luigid(argv: Sequence[str] | None = None) -> None:
    """`luigid`: luigi's central scheduler."""
    from argparse import ArgumentParser

    parser = ArgumentParser(description="Central luigi server")
    parser.add_argument("--background", help="Run in background mode", action="store_true")
    parser.add_argument("--pidfile", help="Write pidfile")
    parser.add_argument("--logdir", help="log directory")
    parser.add_argument("--state-path", help="Pickled state file")
    parser.add_argument("--address", help="Listening interface")
    parser.add_argument("--unix-socket", help="Unix socket path")
    parser.add_argument("--port", default=8082, help="Listening port")
    options = parser.parse_args(argv)
    DaemonLogging.setup(options)
    server.run(api_port=options.port, address=options.address, unix_socket=options.unix_socket)


__all__ = ["luigi_run", "luigid"]
