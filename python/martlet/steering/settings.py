"""The settings of a run: one line each, from which configuration, environment, flags and documentation derive."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Union, cast

from ..diagnostics import Code, Diagnostic, MartletError

Setting = Union[str, int, float, bool, Path, None, "Mapping[str, float]", "Mapping[str, str]", "Mapping[str, Any]"]
"""What a setting's value can be."""


class Kind(NamedTuple):
    """A type of setting: how a text becomes a value and what is expected, in words."""

    name: str
    expected: str
    choices: tuple[str, ...] = ()
    several: bool = False
    """Of a kind that says something for families: any number of the choices."""


WHOLE = Kind("integer", "a whole number, at least 1")
COUNT = Kind("integer", "a whole number, at least 0")
AMOUNT = Kind("number", "a number, more than 0")
FLAG = Kind("boolean", "true or false")
TEXT = Kind("text", "a text")
PATH = Kind("path", "the path of a directory")
NUMBERS = Kind("table", "a table of names and numbers, e.g. memory = 8.0")
JOBS = Kind("jobs", "a table of what jobs ask for ([batch.md](batch.md#what-a-job-asks-for))")
RULES = "rules"
"""Name of the kinds that say something for families: `EVERYTHING`, or by shell patterns of their names."""
EVERYTHING = "*"


def choice(*values: str) -> Kind:
    return Kind("choice", f"one of {', '.join(values)}", values)


def rules(*values: str) -> Kind:
    """One of these for all families, or by pattern."""
    words = f"one of {', '.join(values)}, or a table of those by patterns of families"
    return Kind(RULES, words, values)


def several_rules(*values: str) -> Kind:
    """Any number of these (as text with commas between them, or a list) for all families, or by pattern."""
    words = f"some of {', '.join(values)} with commas between them, or a table of those by patterns of families"
    return Kind(RULES, words, values, several=True)


class Key(NamedTuple):
    """A setting: its name in the configuration, its type and default, its flag and its meaning."""

    name: str
    kind: Kind
    default: Setting
    help: str
    flag: str = ""
    metavar: str = ""

    @property
    def environment(self) -> str:
        """The variable that sets it; empty where a variable could not hold the value."""
        return "" if self.kind in (NUMBERS, JOBS) else "MARTLET_" + self.name.upper()


LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")

KEYS: tuple[Key, ...] = (
    Key("workers", WHOLE, 1, "Tasks at a time; one worker is the driver itself", "--workers", "N"),
    Key("fail_fast", FLAG, False, "Start nothing new after the first failure", "--fail-fast"),
    Key("gpus", TEXT, None, "GPUs for tasks, as in CUDA_VISIBLE_DEVICES; none: those found", "--gpus", "LIST"),
    Key("isolation", choice("none", "fork"), "none", "fork: every task in a process of its own", "--isolation", "HOW"),
    Key("tasks_per_worker", WHOLE, None, "Tasks after which a worker is replaced", "--tasks-per-worker", "N"),
    Key("memory_per_worker", AMOUNT, None, "Growth in GB at which a worker is replaced", "--memory-per-worker", "GB"),
    Key("planning", choice("auto", "first", "stream"), "auto",
        "When tasks start: after the plan (first), at once (stream), or while a large plan is made (auto)",
        "--planning", "HOW"),
    Key("state", PATH, None, "Directory of reports, ledger and logs", "--state", "DIR"),
    Key("progress", choice("auto", "rich", "plain", "none"), "auto", "How progress is shown", "--progress", "HOW"),
    Key("show_logs", FLAG, False, "Show what tasks of other processes print, with their titles", "--show-logs"),
    Key("log_level", choice(*LEVELS), "WARNING", "Level of Python's logging", "--log-level", "LEVEL"),
    Key("batch", TEXT, None, "Batch system that runs the tasks; none: workers here", "--batch", "NAME"),
    Key("jobs", JOBS, {}, "What jobs ask of their batch system", "--job", "NAME=VALUE"),
    Key("parallel_jobs", WHOLE, None, "Jobs in the batch system at a time", "--parallel-jobs", "N"),
    Key("tasks_per_job", WHOLE, 1, "Tasks that a job runs, one after the other", "--tasks-per-job", "N"),
    Key("pilots", WHOLE, None, "Jobs that take tasks one after the other until their time is over",
        "--pilots", "N"),
    Key("poll_interval", AMOUNT, None, "Seconds between two questions to the batch system",
        "--poll-interval", "SECONDS"),
    Key("job_retries", COUNT, None, "Further tries of tasks whose jobs are lost; none: as their classes say",
        "--retries", "N"),
    Key("on_interrupt", choice("ask", "leave", "cancel"), "ask",
        "What Ctrl-C does about jobs; without a terminal to ask on they are left", "--on-interrupt", "HOW"),
    Key("bundle", choice("auto", "always", "never"), "auto",
        "Whether code travels with jobs; auto: unless they are processes of this machine", "--bundle", "HOW"),
    Key("bundle_exclude", TEXT, None, "Files that do not travel: shell patterns with commas between them",
        "--bundle-exclude", "PATTERNS"),
    Key("bundle_packages", TEXT, None, "Installed packages that travel besides Martlet, with commas between them",
        "--bundle-packages", "NAMES"),
    Key("bundle_store", TEXT, None,
        "Store that computing elements fetch the bundle from; none: it is sent with each job",
        "--bundle-store", "NAME"),
    Key("leases", choice("auto", "local", "shared", "off"), "auto", "How runs keep apart", "--leases", "HOW"),
    Key("lease_timeout", WHOLE, 60, "Seconds until a silent run elsewhere is dead", "--lease-timeout", "SECONDS"),
    Key("complete_by", rules("targets", "reports", "both"), {},
        "What says that tasks are complete: their outputs, their reports, or both", "--complete-by", "[FAMILY=]WHAT"),
    Key("rerun_on", several_rules("code", "inputs", "environment"), {},
        "Changes since their reports that make tasks run again", "--rerun-on", "[FAMILY=]CHANGES"),
    Key("checksum", rules("adler32", "none"), {},
        "Checksums of outputs, for reports", "--checksum", "[FAMILY=]NAME"),
    Key("resources", NUMBERS, {}, "Limits of counted resources, one unit each by default", "--resource", "NAME=AMOUNT"),
)
"""A new setting is one line here."""

BY_NAME: Mapping[str, Key] = {key.name: key for key in KEYS}


def _refused(key: Key, where: str, value: object) -> MartletError:
    cause = f"{value!r} is not {key.kind.expected}"
    return MartletError(Diagnostic(Code.MALFORMED_VALUE, f"{key.name} ({where})", cause, f"give {key.kind.expected}"))


def checked(key: Key, value: object, where: str, base: Path) -> Setting:
    """A value of a TOML file as the setting's type; relative paths count from `base`."""
    kind = key.kind
    if kind.name == RULES:
        return _rules(key, value, where)
    if kind is WHOLE and isinstance(value, int) and not isinstance(value, bool) and value >= 1:
        return value
    if kind is COUNT and isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if kind is JOBS and isinstance(value, Mapping):
        return cast(Setting, _jobs().table(value, f"[jobs], {where}"))
    if kind is AMOUNT and isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
        return float(value)
    if kind is FLAG and isinstance(value, bool):
        return value
    if kind is TEXT and isinstance(value, str):
        return value
    if kind is PATH and isinstance(value, str) and value:
        return base / Path(value).expanduser()
    if kind.choices and isinstance(value, str):
        for known in kind.choices:
            if known.lower() == value.lower():
                return known
    if kind is NUMBERS and isinstance(value, Mapping):
        for name, amount in value.items():
            if isinstance(amount, bool) or not isinstance(amount, (int, float)) or not amount >= 0:
                cause = f"{amount!r} is not a number, 0 or more"
                raise MartletError(Diagnostic(Code.MALFORMED_VALUE, f"{key.name}.{name} ({where})", cause))
        return {str(name): float(amount) for name, amount in value.items()}
    raise _refused(key, where, value)


def _jobs() -> ModuleType:
    from ..running import job_options  # only for runs that say something of jobs

    return job_options


def _rules(key: Key, value: object, where: str) -> Mapping[str, str]:
    """What is said for families, by pattern; several choices with commas between them, in their own order."""
    said = value if isinstance(value, Mapping) else {EVERYTHING: value}
    found = {}
    for pattern, what in said.items():
        if what is True and key.name == "checksum":
            what = "adler32"
        words = what.replace(",", " ").split() if isinstance(what, str) else what
        if not isinstance(words, (list, tuple)) or not isinstance(pattern, str):
            raise _refused(key, where, what)
        if not all(word in key.kind.choices for word in words) or (len(words) != 1 and not key.kind.several):
            raise _refused(key, where, what)
        found[pattern] = ",".join(choice for choice in key.kind.choices if choice in words)
    return found


def from_text(key: Key, text: str, where: str, base: Path) -> Setting:
    """A value given as text, by a flag or a variable."""
    kind = key.kind
    value: object = text
    if kind is JOBS:
        return cast(Setting, _jobs().flag(text))
    if kind in (WHOLE, COUNT, AMOUNT):
        try:
            value = float(text) if kind is AMOUNT else int(text)
        except ValueError:
            raise _refused(key, where, text) from None
    elif kind is FLAG:
        value = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}.get(text.lower(), text)
    elif kind is NUMBERS:
        name, separator, amount = text.partition("=")
        try:
            value = {name.strip(): float(amount)}
        except ValueError:
            separator = ""
        if not separator or not name.strip():
            cause = f"{text!r} is not name=amount"
            hint = "give a name and a number, e.g. memory=8"
            raise MartletError(Diagnostic(Code.MALFORMED_VALUE, f"{key.name} ({where})", cause, hint))
    elif kind.name == RULES and "=" in text:
        pattern, _, what = text.partition("=")
        value = {pattern.strip(): what}
    return checked(key, value, where, base)
