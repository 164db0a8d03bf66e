"""luigi.retcodes: exit codes of the program luigi, by what happened."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from ..parameters import IntParameter
from . import execution_summary, interface
from .cmdline_parser import CmdlineParser
from .task import Config


class retcode(Config):
    """The section [retcode]. Of all that happened the greatest code counts; nearly all are 0 unless configured."""

    unhandled_exception = IntParameter(default=4, description="An error outside of tasks.")
    missing_data = IntParameter(default=0, description="External data is missing.")
    task_failed = IntParameter(default=0, description="The run() of a task failed.")
    already_running = IntParameter(default=0, description="Another process with this command line is at work.")
    scheduling_error = IntParameter(
        default=0, description="The complete() or requires() of a task failed, or [worker] task_limit was reached."
    )
    not_run = IntParameter(default=0, description="A task was not given leave to run.")


def run_with_retcodes(argv: Sequence[str]) -> NoReturn:
    """Runs a command line and exits with the configured code."""
    with CmdlineParser.global_instance(argv):
        codes = retcode()
    try:
        worker = interface._run(argv).worker
    except interface.PidLockAlreadyTakenExit:
        sys.exit(codes.already_running)
    except Exception:
        import logging  # not needed by runs that go well

        from .setup_logging import InterfaceLogging

        InterfaceLogging.setup(interface.core())
        logging.getLogger("luigi-interface").exception("Uncaught exception in luigi")
        sys.exit(codes.unhandled_exception)
    with CmdlineParser.global_instance(argv):
        groups = execution_summary._summary_dict(worker)
        root = execution_summary._root_task(worker)
    code = max(
        codes.missing_data if groups["still_pending_ext"] else 0,
        codes.task_failed if groups["failed"] else 0,
        codes.already_running if groups["run_by_other_worker"] else 0,
        codes.scheduling_error if groups["scheduling_error"] else 0,
        codes.not_run if groups["not_run"] else 0,
    )
    if code == 0 and root not in groups["completed"] and root not in groups["already_done"]:
        code = codes.not_run
    sys.exit(code)


__all__ = ["retcode", "run_with_retcodes"]
