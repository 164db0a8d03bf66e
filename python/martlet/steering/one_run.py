"""One run from settings to summary, the same for every door."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from ..diagnostics import Code, Diagnostic, MartletError
from ..running.options import Options
from ..running.reporter import Reporter, Silent
from ..running.result import ExitCode, RunResult
from . import classes, configured_stores, state, terminal
from .configuration import Configuration
from .plain import PlainReporter

if TYPE_CHECKING:
    from ..running.differences import Difference
    from ..running.witness import Witness
    from ..surveying import Survey
    from . import dryrun


WITH_OUTPUTS = (
    "print_status", "print_deps", "print_output", "remove_output", "fetch_output", "collect_garbage", "estimate",
)  # fmt: skip
"""Flags that ask for something else than a run."""


class Engine(Protocol):
    """`martlet.running.build`."""

    def run(
        self, tasks: Sequence[Any], options: Options, reporter: Reporter, witness: Witness | None = None
    ) -> RunResult: ...

    def plan(self, tasks: Sequence[Any], options: Options, reporter: Reporter) -> dryrun.Plan: ...

    def history(self, options: Options, tasks: Mapping[str, str]) -> Mapping[str, Mapping[str, Any]]: ...


def engine() -> Engine:
    """The run loop; imported when something is to be run, since it loads the compiled engine."""
    from ..running import build

    return build


def options(configuration: Configuration, flags: Mapping[str, Any], script: Path | None) -> Options:
    """The options of a run from its settings and the flags of this one run."""
    values = {name: entry.value for name, entry in configuration.values.items()}
    resources = values["resources"]
    return Options(
        workers=cast(int, values["workers"]),
        fail_fast=bool(values["fail_fast"]),
        planning=str(values["planning"]),
        force=tuple(flags.get("force", ())),
        until=tuple(flags.get("until", ())),
        dry_run=bool(flags.get("dry_run")),
        state=state.directory(configuration, script),
        resources=cast("Mapping[str, float]", resources) if isinstance(resources, Mapping) else {},
        gpus=cast("str | None", values["gpus"]),
        isolation=str(values["isolation"]),
        tasks_per_worker=cast("int | None", values["tasks_per_worker"]),
        memory_per_worker=cast("float | None", values["memory_per_worker"]),
        show_logs=bool(values["show_logs"]),
        batch=cast("str | None", values["batch"]),
        jobs=jobs if isinstance(jobs := values["jobs"], Mapping) else {},
        parallel_jobs=cast("int | None", values["parallel_jobs"]),
        tasks_per_job=cast(int, values["tasks_per_job"]),
        pilots=cast("int | None", values["pilots"]),
        poll_interval=cast("float | None", values["poll_interval"]),
        retries=cast("int | None", values["job_retries"]),
        no_wait=_no_wait(flags, values["batch"]),
        on_interrupt=str(values["on_interrupt"]),
        bundle="never" if flags.get("no_bundle") else cast(str, values["bundle"]),
        bundle_exclude=_words(values["bundle_exclude"]),
        bundle_packages=_words(values["bundle_packages"]),
        bundle_store=cast("str | None", values["bundle_store"]),
        leases=cast(str, values["leases"]),
        lease_timeout=cast(int, values["lease_timeout"]),
        complete_by=_rules(values["complete_by"]),
        complete_by_store=tuple(configured_stores.complete_by()),
        rerun_on=_rules(values["rerun_on"]),
        checksum=_rules(values["checksum"]),
        differences=bool(flags.get("status") or flags.get("graph")),
        check_outputs=flags.get("check_outputs"),
        task_limit=flags.get("task_limit"),
        retry_external=bool(flags.get("retry_external")),
        around_cycles=bool(flags.get("around_cycles")),
        script=script,
        stores=configured_stores.told(),
    )


def _no_wait(flags: Mapping[str, Any], batch: object) -> bool:
    if flags.get("no_wait") and batch is None:
        cause = "there are no jobs without a batch system"
        raise MartletError(Diagnostic(Code.USAGE, "--no-wait", cause, "give --batch NAME, or leave out --no-wait"))
    return bool(flags.get("no_wait"))


def _words(value: object) -> tuple[str, ...]:
    """A text with commas in it."""
    return tuple(word.strip() for word in str(value or "").split(",") if word.strip())


def _rules(value: object) -> Mapping[str, str]:
    return {str(pattern): str(what) for pattern, what in value.items()} if isinstance(value, Mapping) else {}


def reporter(configuration: Configuration, flags: Mapping[str, Any]) -> Reporter:
    """How progress is shown: as asked for, else a panel on a terminal and plain lines elsewhere."""
    given: Reporter | None = flags.get("reporter")
    if given is not None:
        return given
    how = configuration["progress"]
    if flags.get("quiet") or how == "none":
        return Silent()
    from importlib.util import find_spec  # quiet runs need not know

    has_rich = find_spec("rich") is not None
    if how == "rich" and not has_rich:
        cause = "the package rich is not installed"
        raise MartletError(Diagnostic(Code.FLAG_VALUE, "progress = rich", cause, "pip install rich, or use plain"))
    if how == "rich" or (how == "auto" and has_rich and terminal.is_terminal(sys.stderr)):
        from .display import RichDisplay

        return RichDisplay(sys.stderr)
    return PlainReporter(sys.stderr)


def carry_out(
    tasks: Sequence[Any], configuration: Configuration, flags: Mapping[str, Any], script: Path | None
) -> RunResult:
    """Runs tasks (or says what would be run) and tells how it ended. Raises MartletError before anything has run."""
    _check_tasks(tasks)
    classes.set_configured(configuration.parameter, configuration.parameters)
    classes.check_configured(configuration.parameters)
    configured_stores.settle(configuration.stores)
    _set_up_logging(configuration)
    wanted = options(configuration, flags, script)
    if explained := flags.get("explain"):
        return _explain(tasks, wanted, explained, flags)
    if wish := flags.get("graph"):
        return _draw(tasks, wanted, wish)
    if any(flags.get(name) for name in WITH_OUTPUTS):
        from . import with_outputs  # not needed by runs

        ended = with_outputs.carry_out(tasks, wanted, flags, script)
        if ended is not None:
            return ended
    if wanted.differences:
        return _tell_drift(tasks, wanted, flags)
    if wanted.dry_run:
        from . import dryrun  # not needed by runs

        plan = engine().plan(tasks, wanted, Silent())
        print(dryrun.text(plan, sys.stdout, verbose=bool(flags.get("verbose"))))
        return RunResult(dryrun.exit_code(plan), tuple(plan.families), tuple(plan.endings), state=str(wanted.state))
    shown = reporter(configuration, flags)
    result = engine().run(tasks, wanted, shown)
    from . import summary  # after the run: what comes first shall start quickly

    sys.stdout.flush()
    last = summary.text(result, sys.stderr, quiet=bool(flags.get("quiet")), verbose=bool(flags.get("verbose")))
    if last:
        with suppress(OSError):  # the terminal was closed: how the run ended is its exit code
            print(last, file=sys.stderr, flush=True)
    return result


def in_silence(
    tasks: Sequence[Any],
    configuration: Configuration,
    flags: Mapping[str, Any],
    script: Path | None,
    reporter: Reporter,
    witness: Witness | None,
) -> RunResult:
    """The same without a word: whoever asks tells of it. Logging is theirs too."""
    _check_tasks(tasks)
    classes.set_configured(configuration.parameter, configuration.parameters)
    classes.check_configured(configuration.parameters)
    configured_stores.settle(configuration.stores)
    return engine().run(tasks, options(configuration, flags, script), reporter, witness)


def _explain(
    tasks: Sequence[Any], wanted: Options, explained: Sequence[str], flags: Mapping[str, Any]
) -> RunResult:
    """Says of some tasks why they would run, or not."""
    from .explain import Explanation  # not needed by runs

    plan = engine().plan(tasks, wanted.replaced(differences=True, dry_run=True), Silent())
    explanation = Explanation(plan, explained, lambda names: engine().history(wanted, names))
    print(explanation.json() if flags.get("json") else explanation.text(verbose=bool(flags.get("verbose"))))
    return RunResult(ExitCode.OK, tuple(plan.families), tuple(plan.endings), state=str(wanted.state))


def drift(tasks: Sequence[Any], configuration: Configuration, script: Path | None) -> list[Difference]:
    """What has changed since the reports of tasks and of all that they need."""
    from . import dryrun  # not needed by runs

    _check_tasks(tasks)
    classes.set_configured(configuration.parameter, configuration.parameters)
    configured_stores.settle(configuration.stores)
    plan = engine().plan(tasks, options(configuration, {"status": True}, script), Silent())
    dryrun.refuse_cycle(plan)
    return list(plan.differences)


def survey(tasks: Sequence[Any], configuration: Configuration, script: Path | None) -> Survey:
    """An analysis as one plan finds it, complete tasks and all that they need too; nothing is touched."""
    _check_tasks(tasks)
    classes.set_configured(configuration.parameter, configuration.parameters)
    classes.check_configured(configuration.parameters)
    configured_stores.settle(configuration.stores)
    return surveyed(tasks, options(configuration, {}, script))


def surveyed(tasks: Sequence[Any], wanted: Options) -> Survey:
    from ..surveying.taking import survey_of  # not needed by runs
    from . import dryrun

    plan = engine().plan(tasks, wanted.replaced(differences=True), Silent())
    dryrun.refuse_cycle(plan)
    stores = {place.url.rstrip("/"): name for name, place in configured_stores.current().items()}
    return survey_of(plan, stores, str(wanted.state))


def _draw(tasks: Sequence[Any], wanted: Options, wish: str) -> RunResult:
    """Draws what tasks need."""
    from ..graph import command  # not needed by runs

    command.draw(surveyed(tasks, wanted), wish)
    return RunResult(ExitCode.OK, state=str(wanted.state))


def _tell_drift(tasks: Sequence[Any], wanted: Options, flags: Mapping[str, Any]) -> RunResult:
    """Says what has changed since the reports of all tasks."""
    from . import drift as words  # not needed by runs
    from . import dryrun

    plan = engine().plan(tasks, wanted, Silent())
    dryrun.refuse_cycle(plan)
    found = plan.differences
    print(words.json_text(found) if flags.get("json") else words.text(found, verbose=bool(flags.get("verbose"))))
    return RunResult(ExitCode.OK, tuple(plan.families), tuple(plan.endings), state=str(wanted.state))


def _check_tasks(tasks: Sequence[Any]) -> None:
    for task in tasks:
        if not (hasattr(task, "requires") and hasattr(task, "output")) or isinstance(task, type):
            raise MartletError(Diagnostic(Code.NOT_A_TASK, repr(task)))


def _set_up_logging(configuration: Configuration) -> None:
    entry = configuration.values["log_level"]
    # a program that configures logging itself, or never asked for a level, keeps what it has
    if entry.source == "default":
        return
    import logging  # as rarely set as it is slow to import

    if not logging.getLogger().handlers:
        logging.basicConfig(level=str(entry.value), format="%(levelname)s %(name)s: %(message)s")


def failed(error: MartletError, *, debug: bool = False) -> ExitCode:
    """Prints an error the way every command ends with one: the user's traceback if any, then what, why, way out."""
    sys.stdout.flush()
    if debug:
        import traceback

        traceback.print_exception(type(error), error, error.__traceback__)
    elif error.details:
        print(error.details, file=sys.stderr)
    print(error.diagnostic.text(), file=sys.stderr, flush=True)
    return error.exit_code
