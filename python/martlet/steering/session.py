"""The ways into a run: a command line, luigi's functions, a notebook."""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from ..diagnostics import Code, Diagnostic, MartletError
from ..running.result import ExitCode, RunResult
from . import classes, configuration, configured_stores, definitions, flags, grammar, one_run, settings
from . import script as scripts
from .configuration import Configuration
from .grammar import Request

if TYPE_CHECKING:
    from ..running.differences import Difference
    from ..running.reporter import Reporter
    from ..running.witness import Witness
    from ..surveying import Survey

outcomes: list[ExitCode] = []
"""How the runs of this process ended that a script began itself, outermost ones only."""
_depth = 0


def run(argv: Sequence[str] | None = None) -> NoReturn:
    """Runs this script's command line (`sys.argv`) and exits with the documented code."""
    sys.exit(command_line(sys.argv[1:] if argv is None else list(argv)))


def command_line(arguments: Sequence[str]) -> ExitCode:
    """Runs a command line whose task classes are imported; errors are printed. The exit code."""
    definitions.reach_run()
    if sys.__stderr__ is not None:
        faulthandler.enable(sys.__stderr__)  # where a crash in compiled code came from
    debug = "--debug" in arguments
    try:
        return _carried_out(arguments).exit_code
    except MartletError as error:
        return one_run.failed(error, debug=debug)
    except KeyboardInterrupt:
        return one_run.failed(MartletError(Diagnostic(Code.INTERRUPTED, "")), debug=debug)


def build(
    tasks: Any,
    *,
    workers: int | None = None,
    fail_fast: bool | None = None,
    force: Sequence[str] = (),
    until: Sequence[str] = (),
    dry_run: bool = False,
    resources: Mapping[str, float] | None = None,
    state: str | Path | None = None,
    batch: str | None = None,
    planning: str | None = None,
    complete_by: str | Mapping[str, str] | None = None,
    rerun_on: str | Sequence[str] | Mapping[str, str] | None = None,
    progress: str | None = None,
    log_level: str | None = None,
    quiet: bool = False,
    verbose: bool = False,
    check_outputs: bool | None = None,
    no_wait: bool = False,
    reporter: Reporter | None = None,
) -> RunResult:
    """Runs tasks (one, or a sequence) and returns how it ended; what is not given comes from the configuration.

    For notebooks and programs: never exits. `no_wait`: jobs of a batch system are left to the next run; `reporter`: is
    told of progress, see `martlet.running.reporter.Reporter`, in place of what `progress` says.

    Raises MartletError when the settings are wrong or something is no task.
    """
    definitions.reach_run()
    given = {
        "workers": workers, "fail_fast": fail_fast, "resources": resources, "batch": batch, "progress": progress,
        "log_level": log_level, "state": None if state is None else str(state), "planning": planning,
        "complete_by": complete_by, "rerun_on": rerun_on,
    }  # fmt: skip
    source = main_script()
    settled = configuration.find(source)
    for name, value in given.items():
        if value is not None:
            key = settings.BY_NAME[name]
            settled.set(name, settings.checked(key, value, "build()", Path.cwd()), "build()")
    own = {
        "force": tuple(force), "until": tuple(until), "dry_run": dry_run, "quiet": quiet, "verbose": verbose,
        "check_outputs": check_outputs, "no_wait": no_wait, "reporter": reporter,
    }  # fmt: skip
    return _counted(lambda: one_run.carry_out(_roots(tasks), settled, own, source))


def drift(
    tasks: Any,
    *,
    state: str | Path | None = None,
    complete_by: str | Mapping[str, str] | None = None,
) -> list[Difference]:
    """What has changed since the reports of tasks (one, or a sequence) and of all that they need; nothing is run.

    Raises MartletError when the settings are wrong, something is no task, or there is a cycle.
    """
    definitions.reach_run()
    source = main_script()
    return one_run.drift(_roots(tasks), _settled("drift()", source, state, complete_by), source)


def survey(
    tasks: Any,
    *,
    state: str | Path | None = None,
    complete_by: str | Mapping[str, str] | None = None,
) -> Survey:
    """What tasks (one, or a sequence) and all that they need are made of, and how they stand; nothing is run.

    Raises MartletError when the settings are wrong, something is no task, or there is a cycle.
    """
    definitions.reach_run()
    source = main_script()
    return one_run.survey(_roots(tasks), _settled("survey()", source, state, complete_by), source)


def _settled(
    door: str, source: Path | None, state: str | Path | None, complete_by: str | Mapping[str, str] | None
) -> Configuration:
    """The configuration with what was given to a function put on top."""
    settled = configuration.find(source)
    given = {"state": None if state is None else str(state), "complete_by": complete_by}
    for name, value in given.items():
        if value is not None:
            settled.set(name, settings.checked(settings.BY_NAME[name], value, door, Path.cwd()), door)
    return settled


def _roots(tasks: Any) -> list[Any]:
    return list(tasks) if isinstance(tasks, (list, tuple, set, frozenset)) or hasattr(tasks, "__next__") else [tasks]


def run_for_luigi(
    tasks: Sequence[Any],
    given: Mapping[str, Any],
    own: Mapping[str, Any],
    reporter: Reporter,
    witness: Witness | None = None,
) -> RunResult:
    """A run of luigi's face, which tells of it itself.

    `given`: settings by name, in front of the configuration's; `own`: as the flags of one run. Exits when interrupted:
    whoever stopped the run does not want the script to go on to the next one.
    """
    definitions.reach_run()
    source = main_script()
    settled = configuration.find(source)
    for name, value in given.items():
        settled.set(name, settings.checked(settings.BY_NAME[name], value, "luigi", Path.cwd()), "luigi")
    result = _counted(lambda: one_run.in_silence(tasks, settled, own, source, reporter, witness))
    if result.interrupted:
        sys.exit(result.exit_code)
    return result


def main_script() -> Path | None:
    """The script this process runs; None in a notebook, an interactive session or `python -c`."""
    filename = getattr(sys.modules.get("__main__"), "__file__", None)
    if scripts.executing is not None:
        return scripts.executing
    path = Path(filename) if filename else None
    return path if path is not None and path.name != "__main__.py" and path.exists() else None


def _carried_out(arguments: Sequence[str]) -> RunResult:
    """Takes a command line apart and does what it says."""
    source = main_script()
    request = grammar.parse(arguments)
    name = source.name if source is not None else "martlet run"
    if request.given("version"):
        print(version())
        return RunResult(ExitCode.OK)
    settled = configured(request, source)
    classes.set_configured(settled.parameter, settled.parameters)
    if request.given("help") or request.given("help_all"):
        from . import help_text  # not needed by runs

        text = (
            help_text.script(name, request.given("help_all"))
            if request.task is None
            else help_text.task(name, request.task)
        )
        print(text)
        return RunResult(ExitCode.OK)
    if request.task is None:
        raise MartletError(Diagnostic(Code.NO_TASK, name, "", classes.candidates()))
    classes.check_configured(settled.parameters)
    with classes.command_line_values(request.family_texts):
        task = classes.make(request.task, request.texts)
        _explain_luigi_flags(request)
        return _counted(lambda: one_run.carry_out([task], settled, request.flags, source))


def configured(request: Request, source: Path | None) -> Configuration:
    """The configuration with the request's flags put on top."""
    configured_stores.give(request.flags.get("store", ()))
    settled = configuration.find(source)
    for flag in flags.ALL:
        if not flag.setting or flag.name not in request.flags:
            continue
        key = settings.BY_NAME[flag.name]
        value = request.flags[flag.name]
        for text in value if isinstance(value, list) else [value]:
            where = flag.names[0]
            settled.set(key.name, settings.from_text(key, "true" if text is True else text, where, Path.cwd()), where)
    if request.given("keep_going"):
        if request.given("fail_fast"):
            cause = "--keep-going and --fail-fast exclude each other"
            raise MartletError(Diagnostic(Code.USAGE, "", cause, "give one of them"))
        settled.set("fail_fast", False, "--keep-going")
    _set_planning(request, settled)
    return settled


def _set_planning(request: Request, settled: Configuration) -> None:
    first, stream = request.given("plan_first"), request.given("stream")
    if first and stream:
        cause = "--plan-first and --stream exclude each other"
        raise MartletError(Diagnostic(Code.USAGE, "", cause, "give one of them"))
    if stream:
        for name in ("force", "until"):
            if request.given(name):
                cause = f"--stream and --{name} exclude each other: --{name} needs the whole plan"
                raise MartletError(Diagnostic(Code.USAGE, "", cause, "leave out --stream"))
    if first or stream:
        settled.set("planning", "first" if first else "stream", "--plan-first" if first else "--stream")


def version() -> str:
    """`martlet 0.1.0 (Python 3.12.1)`."""
    from importlib import metadata

    try:
        number = metadata.version("martlet")
    except metadata.PackageNotFoundError:
        number = "(not installed)"
    return f"martlet {number} (Python {sys.version.split()[0]})"


def _counted(carry_out: Callable[[], RunResult]) -> RunResult:
    """Carries a run out and remembers how it ended, unless it is one within a task of another."""
    global _depth
    _depth += 1
    try:
        result = carry_out()
    finally:
        _depth -= 1
    if _depth == 0:
        outcomes.append(result.exit_code)
    return result


def _explain_luigi_flags(request: Request) -> None:
    given = [flag.names[0] for flag in flags.ALL if flag.luigi and flag.name in request.flags]
    if given and not request.given("quiet"):
        text = f"martlet: {', '.join(given)}: accepted without effect, the engine runs in this process"
        print(text, file=sys.stderr)
