"""The configuration: project file, user's file, environment, flags. Later wins, every value knows its source."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, cast

from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from ..unchanged import Unchanged
from . import configured_stores
from .settings import BY_NAME, EVERYTHING, KEYS, Setting, checked, from_text

FILE = "martlet.toml"
SECTION = "[tool.martlet]"
PARAMETERS = "parameters"
_BEGINNING = "MARTLET_"
"""Of our variables."""
_Content = TypeVar("_Content")


class Value(NamedTuple):
    """A value and where it comes from: `default`, a file, a variable or a flag."""

    value: Setting
    source: str


class ParameterText(NamedTuple):
    """A configured value of a task parameter, as the text a command line would hold, and its source."""

    text: str
    source: str


class Configuration:
    """Merged settings, and the configured values of task parameters by family and name."""

    def __init__(self) -> None:
        self.values = {key.name: Value(key.default, "default") for key in KEYS}
        self.parameters: dict[str, dict[str, ParameterText]] = {}
        self.stores: configured_stores.Stores = {}
        self.project_file: Path | None = None
        """The file of the project; the state directory is made beside it."""

    def __getitem__(self, name: str) -> Setting:
        return self.values[name].value

    def parameter(self, family: str, name: str) -> str | None:
        """The configured text of a parameter; None when there is none. `-` and `_` are one in names."""
        found = self.parameters.get(family, {}).get(name.replace("-", "_"))
        return None if found is None else found.text

    def set(self, name: str, value: Setting, source: str) -> None:
        old = self.values[name].value
        # what is said later for everything leaves nothing of what was said before
        if isinstance(value, Mapping) and isinstance(old, Mapping) and EVERYTHING not in value:
            value = cast(Setting, {**old, **value})
        self.values[name] = Value(value, source)


def find(script: Path | None, environ: Mapping[str, str] | None = None) -> Configuration:
    """The configuration that counts for a script: files and environment; flags are added by the command line.

    Without a script the search starts in the current directory.
    """
    environ = os.environ if environ is None else environ
    configuration = Configuration()
    # as text here and below: a Path for each folder on the way costs more than the look
    project = _project_file(os.getcwd() if script is None else os.path.dirname(os.path.realpath(script)))
    if project is not None:
        configuration.project_file = project[0]
        _merge(configuration, project[1], project[0])
    user = _user_file(environ)
    if os.path.isfile(user) and (project is None or os.path.realpath(user) != os.path.realpath(project[0])):
        _merge(configuration, _read(_tables, Path(user)), Path(user))
    ours = _ours(environ)
    _refuse_misspelt(ours)
    for variable, key in _VARIABLES.items():
        text = ours.get(variable, "")
        if text:
            source = f"${variable}"
            configuration.set(key.name, from_text(key, text, source, Path.cwd()), source)
    configured_stores.merge_variables(configuration.stores, ours)
    configured_stores.merge_flags(configuration.stores)
    return configuration


_VARIABLES = {key.environment: key for key in KEYS if key.environment}
"""Settings by the variables that set them."""
OTHER_VARIABLES = (
    "MARTLET_AUTORUN",
    "MARTLET_DEBUG",
    "MARTLET_FAIL",
    "MARTLET_FAIL_STATE",
    "MARTLET_LIBCURL",
    "MARTLET_LUIGI",
    "MARTLET_PYTHON",
)
"""Variables of ours that are no settings of a run."""


def _ours(environ: Mapping[str, str]) -> Mapping[str, str]:
    """The variables that may be ours."""
    # as CPython holds them: os.environ decodes each variable of any program that it is asked for
    held: Mapping[bytes, bytes] | None = getattr(environ, "_data", None)
    if held is None:
        return {name: text for name, text in environ.items() if name.startswith(_BEGINNING)}
    beginning = os.fsencode(_BEGINNING)
    return {os.fsdecode(name): os.fsdecode(text) for name, text in held.items() if name.startswith(beginning)}


def _refuse_misspelt(ours: Iterable[str]) -> None:
    """A variable that is nearly one of ours would be ignored in silence."""
    for name in ours:
        if name.startswith(configured_stores.VARIABLE):
            continue
        if name not in _VARIABLES and name not in OTHER_VARIABLES:
            import difflib  # 3 ms that only odd environments pay

            # only what is one slip away: other programs may have variables with this beginning
            near = difflib.get_close_matches(name, list(_VARIABLES), n=1, cutoff=0.9)
            if near:
                hint = f"did you mean ${near[0]}?"
                raise MartletError(Diagnostic(Code.UNKNOWN_KEY, f"${name}", "no setting has this variable", hint))


def _user_file(environ: Mapping[str, str]) -> str:
    """Empty where nobody says where it would be."""
    base = environ.get("XDG_CONFIG_HOME", "")
    if base:
        return os.path.join(base, "martlet", FILE)
    home = environ.get("HOME", "")
    return os.path.join(home, ".config", "martlet", FILE) if home else ""


def _project_file(start: str) -> tuple[Path, Mapping[str, Any]] | None:
    folder, below = start, ""
    while folder != below:
        own = os.path.join(folder, FILE)
        if os.path.isfile(own):
            return Path(own), _read(_tables, Path(own))
        shared = os.path.join(folder, "pyproject.toml")
        if os.path.isfile(shared):
            section = _read(_sections, Path(shared))
            if section is not None:
                return Path(shared), section
        folder, below = os.path.dirname(folder), folder
    return None


def _section(path: str) -> Mapping[str, Any] | None:
    """Of a pyproject.toml."""
    pyproject = Path(path)
    # the parser is imported and run only for files that speak of us
    if "martlet" not in _text(pyproject):
        return None
    tool = _table(path).get("tool", {})
    section = tool.get("martlet") if isinstance(tool, dict) else None
    return section if isinstance(section, dict) else None


def _unreadable(path: Path, error: OSError) -> MartletError:
    return MartletError(Diagnostic(Code.CONFIGURATION_UNREADABLE, str(path), error.strerror or str(error)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise _unreadable(path, error) from None
    except UnicodeDecodeError as error:
        cause = f"byte {error.start} is no UTF-8"
        raise MartletError(Diagnostic(Code.CONFIGURATION_MALFORMED, str(path), cause)) from None


def _table(path: str) -> Mapping[str, Any]:
    text = _text(Path(path))
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MartletError(Diagnostic(Code.CONFIGURATION_MALFORMED, path, str(error))) from None


_tables = Unchanged(_table)
_sections = Unchanged(_section)


def _read(kept: Unchanged[_Content], path: Path) -> _Content:
    """What a file holds; each run of a process asks, and seldom has it changed."""
    try:
        return kept.of(str(path))
    except OSError as error:
        raise _unreadable(path, error) from None


def _merge(configuration: Configuration, table: Mapping[str, Any], path: Path) -> None:
    for name, value in table.items():
        key = BY_NAME.get(name.replace("-", "_"))
        if name == PARAMETERS:
            _merge_parameters(configuration, value, path)
        elif name == configured_stores.TABLE:
            configured_stores.merge(configuration.stores, value, path)
        elif key is not None:
            configuration.set(key.name, checked(key, value, str(path), path.parent), str(path))
        else:
            known = [*BY_NAME, PARAMETERS, configured_stores.TABLE]
            hint = did_you_mean(name, known) or f"known keys are {', '.join(known)}"
            raise MartletError(Diagnostic(Code.UNKNOWN_KEY, str(path), name, hint))


def _merge_parameters(configuration: Configuration, table: object, path: Path) -> None:
    for family, name, value in _parameter_entries(table, path):
        text = parameter_text(value)
        if text is None:
            subject = f"{PARAMETERS}.{family}.{name} ({path})"
            cause = f"{value!r} can't be a parameter's value"
            raise MartletError(Diagnostic(Code.MALFORMED_VALUE, subject, cause, "give a text, number, date or list"))
        entries = configuration.parameters.setdefault(family, {})
        entries[name.replace("-", "_")] = ParameterText(text, str(path))


def _parameter_entries(table: object, path: Path) -> Iterator[tuple[str, str, object]]:
    if isinstance(table, dict):
        for family, entries in table.items():
            if not isinstance(entries, dict):
                break
            for name, value in entries.items():
                yield family, name, value
        else:
            return
    hint = f'write [{PARAMETERS}.Selection] and below it dataset = "ttH125"'
    cause = "a table of families is expected, and in each its parameters"
    raise MartletError(Diagnostic(Code.MALFORMED_VALUE, f"{PARAMETERS} ({path})", cause, hint))


def parameter_text(value: object) -> str | None:
    """A TOML value as the text that a command line would hold; None for what has no such text."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, (list, dict)):
        import json

        return json.dumps(value, default=str)
    return None


def listing(configuration: Configuration) -> str:
    """Each value with its source, one a line, for `martlet config`."""
    rows = [(name, _shown(entry.value), entry.source) for name, entry in configuration.values.items()]
    for family, entries in configuration.parameters.items():
        rows += [(f"{PARAMETERS}.{family}.{name}", entry.text, entry.source) for name, entry in entries.items()]
    rows += [(name, _shown(value), source) for name, value, source in configured_stores.rows(configuration.stores)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    return "\n".join(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {source}" for name, value, source in rows)


def listing_json(configuration: Configuration) -> str:
    """The same as one JSON object: name to {"value", "source"}."""
    import json

    rows: dict[str, dict[str, object]] = {
        name: {"value": entry.value, "source": entry.source} for name, entry in configuration.values.items()
    }
    for family, entries in configuration.parameters.items():
        for name, entry in entries.items():
            rows[f"{PARAMETERS}.{family}.{name}"] = {"value": entry.text, "source": entry.source}
    for name, value, source in configured_stores.rows(configuration.stores):
        rows[name] = {"value": value, "source": source}
    return json.dumps(rows, indent=2, default=str, ensure_ascii=False)


def _shown(value: Setting) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={_shown(amount)}" for name, amount in value.items()) or "-"
    return f"{value:g}" if isinstance(value, float) else str(value)
