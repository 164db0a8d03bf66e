"""The program `martlet` as far as it needs Python: what concerns tasks and scripts."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from ..running.result import ExitCode
from . import configuration, flags, grammar, one_run, output_commands, script, session, state

__all__ = ["main"]

COMMANDS = (
    "run", "deps", "outputs", "remove", "fetch", "gc", "graph", "config", "doctor", "reproduce", "completion", "job",
)  # fmt: skip
RECORD_COMMANDS = ("status", "explain", "reports", "logs", "jobs")
"""Answered by the executable from the records, without Python."""


def main(arguments: Sequence[str] | None = None) -> int:
    """The whole program; returns its exit code. SystemExit of a user's script passes through."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    try:
        code = int(_dispatch(words))
        sys.stdout.flush()  # a reader that has left is told of here, not at exit
        return code
    except MartletError as error:
        return int(one_run.failed(error, debug=debug))
    except KeyboardInterrupt:
        return int(one_run.failed(MartletError(Diagnostic(Code.INTERRUPTED, "")), debug=debug))
    except BrokenPipeError:
        # whoever read our output has left; keep the interpreter from complaining at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        # of a run nobody knows any more how it ended
        return int(ExitCode.INTERNAL if _is_run(words) else ExitCode.OK)
    except Exception as error:  # a fault of Martlet's own: told as one line, with its traceback where that is asked for
        if debug:
            traceback.print_exc()
        cause = f"{type(error).__name__}: {error}"
        return int(one_run.failed(MartletError(Diagnostic(Code.INTERNAL, "", cause))))


def _is_run(words: list[str]) -> bool:
    """Whether the words ask for a run; its command may be left out."""
    first = words[0] if words else ""
    return first in ("run", "--module") or first.endswith(".py") or first.startswith("--module=")


def _dispatch(words: list[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        _print_help()
        return ExitCode.OK if words else ExitCode.USAGE
    if words[0] == "--version":
        print(session.version())
        return ExitCode.OK
    command, rest = words[0], words[1:]
    if _is_run(words):
        return run_command(rest if command == "run" else words)
    if command in output_commands.NAMES:
        words = output_commands.as_run(command, rest)
        return run_command(words) if words else ExitCode.OK
    if command == "config":
        return config_command(rest)
    if command == "doctor":
        return doctor_command(rest)
    if command == "reproduce":
        from ..reproduction import command as reproduction  # not needed by runs

        return reproduction.run(rest)
    if command == "graph":
        return graph_command(rest)
    if command in ("completion", "candidates"):
        from ..completion import command as completion  # not needed by runs

        return completion.run(rest) if command == "completion" else completion.answer(rest)
    if command == "job":
        return job_command(rest)
    known = [*COMMANDS, *RECORD_COMMANDS]
    hint = did_you_mean(command, known) or f"commands are {', '.join(known)}"
    cause = "the executable `martlet` answers it" if command in RECORD_COMMANDS else ""
    raise MartletError(Diagnostic(Code.USAGE, f"martlet {command}", cause, "" if cause else hint))


def job_command(words: Sequence[str]) -> int:
    """`martlet job FILE INDEX [--code FOLDER]`: a job in a process of its own; what drivers and batch systems call."""
    from .. import job

    if len(words) not in (2, 4) or not words[1].isdecimal() or words[2:3] not in ([], ["--code"]):
        cause = "it takes a file that a driver wrote, and the number of a job in it"
        raise MartletError(Diagnostic(Code.USAGE, "martlet job", cause))
    return job.main(Path(words[0]), int(words[1]), Path(words[3]) if len(words) == 4 else None)


def doctor_command(words: Sequence[str]) -> ExitCode:
    """`martlet doctor SCRIPT …`: what an analysis of luigi or law uses, and what of it works."""
    from ..doctor import command  # not needed by runs

    return command.run(words)


def graph_command(words: Sequence[str]) -> ExitCode:
    """`martlet graph SCRIPT TASK …`: a run that draws what would be run."""
    from ..graph import command  # not needed by runs

    run = command.run_words(words)
    if run is None:
        print(command.HELP)
        return ExitCode.OK if words else ExitCode.USAGE
    return run_command(run)


def run_command(words: Sequence[str]) -> ExitCode:
    """`martlet run SCRIPT …`: executes the script; unless it made a run of its own, its command line is run then."""
    path, rest = flags.split_script(words)
    if path is None:
        request, _ = grammar.parse_flags(rest)
        if request.given("module"):
            return session.command_line(rest)
        return _without_script(request)
    before = len(session.outcomes)
    script.execute(path, rest)
    own = session.outcomes[before:]
    if own:
        return next((code for code in own if code != ExitCode.OK), ExitCode.OK)
    return session.command_line(rest)


def _print_help() -> None:
    from . import help_text  # not needed by runs

    print(help_text.program())


def _without_script(request: grammar.Request) -> ExitCode:
    if request.given("version"):
        print(session.version())
        return ExitCode.OK
    if request.given("help") or request.given("help_all"):
        _print_help()
        return ExitCode.OK
    hint = "name a script, e.g. `martlet run reco.py Reconstruction`, or give --module"
    raise MartletError(Diagnostic(Code.USAGE, "martlet run", "no script given", hint))


def config_command(words: Sequence[str]) -> ExitCode:
    """`martlet config [--json] [SCRIPT]`: each value with its source."""
    unknown = [word for word in words if word.startswith("-") and word not in ("--json", "--debug")]
    if "-h" in words or "--help" in words:
        print("usage: martlet config [--json] [SCRIPT]\n\nPrints each setting with the place its value comes from.")
        return ExitCode.OK
    if unknown:
        raise MartletError(Diagnostic(Code.UNKNOWN_FLAG, unknown[0], "", "martlet config knows --json"))
    scripts = [word for word in words if not word.startswith("-")]
    if len(scripts) > 1:
        raise MartletError(Diagnostic(Code.USAGE, "martlet config", f"unexpected {scripts[1]!r}", "name one script"))
    path = Path(scripts[0]) if scripts else None
    if path is not None and not path.exists():
        raise MartletError(Diagnostic(Code.SCRIPT_ABSENT, str(path)))
    settled = configuration.find(path)
    settled.values["state"] = state.located(settled, path)
    print(configuration.listing_json(settled) if "--json" in words else configuration.listing(settled))
    return ExitCode.OK
