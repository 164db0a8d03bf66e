"""What the steering needs to know of task classes and their parameters: the only file here that looks at them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from .. import register, user_frames
from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from ..parameters import configured
from ..parameters.base import MissingParameterException, ParameterValueError


class ParameterInfo(NamedTuple):
    """One parameter of one task class, as the command line sees it."""

    family: str
    name: str
    parameter: Any
    without_family: bool = False
    """Its flag goes without the family's name also for other tasks (settings classes)."""

    @property
    def local_flag(self) -> str:
        return "--" + self.name.replace("_", "-")

    @property
    def flag(self) -> str:
        """The flag that sets it whichever task is run."""
        return self.local_flag if self.without_family else "--" + f"{self.family}-{self.name}".replace("_", "-")

    @property
    def description(self) -> str:
        return getattr(self.parameter, "description", None) or ""

    @property
    def always_in_help(self) -> bool:
        return bool(getattr(self.parameter, "always_in_help", False))

    @property
    def expected(self) -> str:
        """What a value looks like, in words that follow "expected"."""
        return str(self.parameter.expected)

    @property
    def default_text(self) -> str | None:
        """The value it has when none is given, as text; None when one must be given."""
        try:
            if not self.parameter.has_task_value(self.family, self.name):
                return None
            return str(self.parameter.serialize(self.parameter.task_value(self.family, self.name)))
        except Exception as error:  # user code: serialize(), a configured value
            return f"({user_frames.one_line(error)})"

    def parser_arguments(self) -> dict[str, Any]:
        """argparse's arguments for its flag, without `dest`."""
        arguments: dict[str, Any] = dict(self.parameter._parser_kwargs(self.name))
        arguments.pop("dest", None)
        return arguments


def families(*, builtin: bool = False) -> dict[str, Any]:
    """Task classes by family, in the order they were defined; our own base classes only if `builtin`."""
    found = register.Register._get_reg()
    ambiguous = register.Register.AMBIGUOUS_CLASS
    return {
        name: cls
        for name, cls in found.items()
        if cls is not ambiguous and (builtin or cls.__module__.partition(".")[0] not in ("martlet", "luigi"))
    }


def offered(name: str) -> bool:
    """Whether there is such a task, which nobody has imported so far."""
    offer = register.Register._offers.get(name)
    return offer is not None and offer.stands()


def accept_offers(words: Iterable[str]) -> None:
    """Imports those classes that are only offered so far, if the words are flags of theirs: `--email-force-send`."""
    for family in register.Register._offers:
        if any(word.startswith(f"--{family}-") for word in words):
            register.Register.accept_offer(family)


def task_class(name: str) -> Any:
    """The class of a family; one message names what is spelled alike when there is none."""
    try:
        return register.Register.get_task_cls(name)
    except register.TaskClassAmbigiousException:
        raise MartletError(Diagnostic(Code.AMBIGUOUS_TASK, name)) from None
    except register.TaskClassNotFoundException:
        known = list(families())
        raise MartletError(Diagnostic(Code.UNKNOWN_TASK, name, "", did_you_mean(name, known) or candidates())) from None


def candidates(most: int = 20) -> str:
    """The tasks to choose from, in one line."""
    names = list(families())
    if not names:
        return "the script defines no task class: derive one from martlet.Task or luigi.Task"
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"candidates are {', '.join(names[:most])}{more}"


def parameters(cls: Any) -> list[ParameterInfo]:
    """The parameters of a class in the order of their declaration."""
    family = cls.get_task_family()
    plain = not getattr(cls, "use_cmdline_section", True)
    return [ParameterInfo(family, name, parameter, plain) for name, parameter in cls.get_params()]


def first_line(cls: Any) -> str:
    """The first line of a class's own docstring."""
    text = cls.__dict__.get("__doc__") or ""
    return str(text).strip().partition("\n")[0].strip()


def make(cls: Any, texts: Mapping[str, str]) -> Any:
    """The task with these parameter texts; every mistake is one message naming parameter, value and expectation."""
    infos = {info.name: info for info in parameters(cls)}
    values = {name: parsed(infos[name], text, infos[name].local_flag) for name, text in texts.items()}
    try:
        return cls(**values)
    except Exception as error:  # user code: __init__
        if isinstance(error, MissingParameterException):
            raise _missing(cls, infos, texts) from None
        if isinstance(error, ParameterValueError):
            raise _malformed(error, "configuration") from None
        details = user_frames.text(error) if user_frames.has_user_frames(error) else ""
        raise MartletError(
            Diagnostic(Code.TASK_NOT_MADE, cls.get_task_family(), user_frames.one_line(error)), details
        ) from error


def parsed(info: ParameterInfo, text: str, where: str) -> Any:
    """A parameter's value from its text; `where` says who gave the text."""
    try:
        return info.parameter.from_text(text, info.name, info.family)
    except ParameterValueError as error:
        raise _malformed(error, where) from None


def _malformed(error: ParameterValueError, where: str) -> MartletError:
    shown = ascii(error.value) if str(error.value).isascii() else repr(error.value)
    shown = shown if len(shown) <= 80 else shown[:79] + "…"
    cause = f"{shown} given, expected {error.expected}"
    told = f"{error.family}.{error.parameter} ({where})"
    why = error.cause.strip().partition("\n")[0]
    if why.startswith(("invalid literal", "could not convert")):
        why = ""  # Python's own words for "not a number" add nothing
    return MartletError(Diagnostic(Code.MALFORMED_PARAMETER, told, f"{cause} ({why})" if why else cause))


def _missing(cls: Any, infos: Mapping[str, ParameterInfo], texts: Mapping[str, str]) -> MartletError:
    absent = [info for name, info in infos.items() if name not in texts and info.default_text is None]
    if not absent:
        return MartletError(Diagnostic(Code.MISSING_PARAMETER, cls.get_task_family()))
    hint = "; ".join(f"give {info.local_flag} {info.name.upper()} ({info.expected})" for info in absent)
    names = ", ".join(info.name for info in absent)
    return MartletError(Diagnostic(Code.MISSING_PARAMETER, cls.get_task_family(), names, hint))


def check_configured(configured: Mapping[str, Mapping[str, Any]]) -> None:
    """Looks at the configured parameters of the families that exist: unknown names and malformed values are errors.

    `configured`: family to name to an object with `text` and `source`.
    """
    known = families(builtin=True)
    for family, entries in configured.items():
        if family not in known:
            continue  # a configuration may serve several scripts
        infos = {info.name: info for info in parameters(known[family])}
        for name, entry in entries.items():
            if name not in infos:
                hint = did_you_mean(name, infos) or f"its parameters are {', '.join(infos) or '(none)'}"
                raise MartletError(Diagnostic(Code.UNKNOWN_PARAMETER, f"{family} ({entry.source})", name, hint))
            parsed(infos[name], entry.text, entry.source)


def set_configured(configured_text: configured.Lookup, content: object) -> None:
    """Makes this the configuration that parameters without a value are looked up in. `content`: all that it says."""
    configured.set_source(configured.Rank.CONFIGURATION, configured.Source(configured_text, content=content))


@contextlib.contextmanager
def command_line_values(texts: Mapping[tuple[str, str], str]) -> Iterator[None]:
    """While this is entered, parameters given as --Family-parameter count for every task of that family."""

    def lookup(family: str, name: str) -> str | None:
        return texts.get((family, name))

    configured.set_source(configured.Rank.COMMAND_LINE, configured.Source(lookup) if texts else None)
    try:
        yield
    finally:
        configured.set_source(configured.Rank.COMMAND_LINE, None)
