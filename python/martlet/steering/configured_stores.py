"""Stores in the configuration: `[stores.NAME]` of its files, $MARTLET_STORE_NAME, --store NAME=URL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..data import Data
from ..diagnostics import Code, Diagnostic, MartletError, did_you_mean
from ..targets import location as locations

if TYPE_CHECKING:
    from .store_options import Option

TABLE = "stores"
VARIABLE = "MARTLET_STORE_"
FLAG = "--store"
_HIDDEN = "(hidden)"


class Entry(Data):
    """What is said of a store, and where."""

    value: Any
    source: str


Stores = dict[str, dict[str, Entry]]
"""By name of the store and of the option."""


class Place(Data):
    """A store as those see it who use it."""

    url: str
    """A URL, or an absolute path."""
    options: Mapping[str, Any]
    """All else that is said of it. May hold secrets."""


class Origin(Data):
    """The folder that a bundle was packed from. Files of the configuration that did not travel are there, if at all."""

    folder: Path
    copy: Path
    """Where the bundle is unpacked."""

    def place(self, path: str) -> str:
        if not Path(path).is_relative_to(self.copy) or Path(path).exists():
            return path
        return str(self.folder / Path(path).relative_to(self.copy))


_given: dict[str, str] = {}
_script: Path | None = None
_origin: Origin | None = None
_settled: Mapping[str, Place] | None = None


def give(texts: Sequence[str]) -> None:
    """The command line of this process says `--store` so, as `NAME=URL`: that counts for each run in it.

    Relative paths count from where the process is now.
    """
    global _given
    _given = {}
    for text in texts:
        name, equals, url = text.partition("=")
        if not equals or not url:
            hint = f"give a name and a URL or path, e.g. {FLAG} results=/tmp/elsewhere"
            raise MartletError(Diagnostic(Code.FLAG_VALUE, FLAG, f"{locations.shown(text)!r} is not NAME=URL", hint))
        said: Stores = {}
        _place(said, name.strip(), url, FLAG)
        _given[name.strip()] = said[name.strip()]["url"].value


def told() -> tuple[str, ...]:
    """Where all stores of this process lie, as `NAME=URL`, for programs that run one of its tasks.

    They may see another environment, and the configuration's files in another folder, from which nothing may count.
    """
    return tuple(f"{name}={place.url}" for name, place in current().items())


def settle(stores: Stores) -> None:
    """Makes these the stores of this process. Raises MartletError for one that is nowhere."""
    global _settled
    places = {name: _as_place(name, said) for name, said in stores.items()}
    if places != _settled:  # those who have asked know them by the object
        _settled = places


def run_for(script: Path | None, origin: Origin | None = None) -> None:
    """This process runs a task of another program's script: its stores count, once somebody asks for them."""
    global _script, _origin, _settled
    _script, _origin, _settled = script, origin, None


def current() -> Mapping[str, Place]:
    """The stores of this process, by name: those of its last run, before one those of its script or folder."""
    if _settled is None:
        from .configuration import find  # it imports this
        from .session import main_script

        settle(find(_script or main_script()).stores)
        assert _settled is not None
    return _settled


def complete_by() -> Iterator[tuple[str, str]]:
    """Where stores lie that say what makes tasks complete whose outputs lie in them, and what that is."""
    for place in current().values():
        if "complete_by" in place.options:
            yield place.url, str(place.options["complete_by"])


def merge(stores: Stores, table: object, path: Path) -> None:
    """Takes in the `[stores]` of a file; what it says of a store comes before what is known of it."""
    from . import store_options as options  # for those who have stores

    if not isinstance(table, dict) or not all(isinstance(said, dict) for said in table.values()):
        hint = f'write [{TABLE}.eos] and below it url = "root://eosuser.cern.ch//eos/user/d/doe"'
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, f"{TABLE} ({path})", "a table of stores is expected", hint))
    for name, said in table.items():
        _check_name(name, str(path))
        for key, value in said.items():
            option = options.BY_NAME.get(key.replace("-", "_"))
            if option is None:
                hint = did_you_mean(key, options.BY_NAME) or f"known are {', '.join(options.BY_NAME)}"
                raise MartletError(Diagnostic(Code.UNKNOWN_KEY, f"{TABLE}.{name} ({path})", key, hint))
            stores.setdefault(name, {})[option.name] = _entry(name, option, value, path.parent, str(path))


def merge_variables(stores: Stores, environ: Mapping[str, str]) -> None:
    """Takes in variables such as MARTLET_STORE_EOS; a store that no file has gets the name in lower case."""
    for variable in environ:
        if variable.startswith(VARIABLE) and (text := environ[variable]):
            spelt = variable.removeprefix(VARIABLE)
            name = next((known for known in stores if known.replace("-", "_").upper() == spelt), spelt.lower())
            _place(stores, name, text, f"${variable}")


def merge_flags(stores: Stores) -> None:
    """Takes in what the command line gives."""
    for name, url in _given.items():
        stores.setdefault(name, {})["url"] = Entry(url, FLAG)


def _place(stores: Stores, name: str, url: str, source: str) -> None:
    from . import store_options as options

    _check_name(name, source)
    stores.setdefault(name, {})["url"] = _entry(name, options.BY_NAME["url"], url, Path.cwd(), source)


def _check_name(name: str, source: str) -> None:
    plain = name.replace("-", "a").replace("_", "a")
    if not (plain.isascii() and plain.isalnum() and name[0].isalnum()):
        cause = f"{name!r} cannot be the name of a store"
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, source, cause, "use letters, digits, - and _"))


def _entry(store: str, option: Option, value: object, base: Path, source: str) -> Entry:
    from . import store_options as options

    subject = f"{TABLE}.{store}.{option.name} ({source})"
    try:
        fitting = options.checked(option, value, base)
    except ValueError as expected:
        given = "the value" if option.secret else repr(value)
        cause = f"{given} is not {expected}"
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, subject, cause, f"give {expected}")) from None
    if option.name == "url":
        fitting = _url(fitting, base, subject)
    return Entry(fitting, source)


def _url(text: str, base: Path, subject: str) -> str:
    """A URL as it is, a path as an absolute one. A URL with a password in it is refused: it would be seen."""
    if not locations.is_remote(text):
        return str(base / Path(locations.without_file(text)).expanduser())
    root, path = locations.split(text)
    user = root.rpartition("@")[0].partition("://")[2]
    if ":" in user or locations.shown(root + path) != locations.shown(root) + path:
        hint = "name a file with the secret: password_file or token_file, beside `url`"
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, subject, "a URL is no place for a password or key", hint))
    return text


def _as_place(name: str, said: Mapping[str, Entry]) -> Place:
    if "url" not in said:
        source = next(iter(said.values())).source
        cause = "nothing says where the store lies"
        raise MartletError(Diagnostic(Code.MALFORMED_VALUE, f"{TABLE}.{name} ({source})", cause, "give its url"))
    values = {option: entry.value for option, entry in said.items()}
    if _origin is not None:
        values.update(_at_origin(values, _origin))
    return Place(values.pop("url"), values)


def _at_origin(values: Mapping[str, Any], origin: Origin) -> Iterator[tuple[str, str]]:
    from . import store_options as options

    for name, value in values.items():
        if options.BY_NAME[name].kind.startswith("path") and isinstance(value, str):
            yield name, origin.place(value)


def rows(stores: Stores) -> Iterator[tuple[str, Any, str]]:
    """Name, value and source of all that is said, secrets hidden, for listings."""
    from . import store_options as options

    for name, said in stores.items():
        for option, entry in said.items():
            value = _HIDDEN if options.BY_NAME[option].secret else entry.value
            if option == "options":  # who knows what a back end of somebody's own takes
                value = dict.fromkeys(entry.value, _HIDDEN)
            yield f"{TABLE}.{name}.{option}", locations.shown(value) if option == "url" else value, entry.source
