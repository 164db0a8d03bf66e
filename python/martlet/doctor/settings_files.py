"""luigi.cfg, luigi.toml and law.cfg by section and option, with lines."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..data import Data
from ..diagnostics import did_you_mean
from .finding import Finding, Place
from .luigi_settings import OF_CONTRIB, OF_LUIGID, OF_LUIGID_IN_CORE, OLDER_NAMES, SECTIONS
from .verdict import Verdict

_SECTION = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+")
_OPTION = re.compile(r"""["']?([A-Za-z_][\w.-]*)["']?\s*[=:]""")
_NO_SCHEDULER = "accepted: there is no luigid and none is needed ([luigi.md](luigi.md#settings))"

_OTHERWISE = "martlet.toml ([configuration.md](configuration.md)); values of parameters go to `[parameters.FAMILY]`"
_OF_LAW = {
    "modules": "none needed: scripts, or `--module`, are named on the command line",
    "logging": "`log_level` in martlet.toml ([configuration.md](configuration.md))",
}


class Family(Data):
    """A task family, and its parameters as far as they are known."""

    name: str
    parameters: frozenset[str]


class Option(Data):
    """One option of a file."""

    section: str
    name: str
    line: int


def luigi_files(folders: Iterable[Path]) -> list[Path]:
    """The files that luigi reads in these folders, and the one that LUIGI_CONFIG_PATH names."""
    named = os.environ.get("LUIGI_CONFIG_PATH")
    toml = os.environ.get("LUIGI_CONFIG_PARSER") == "toml"
    names = ["luigi.toml"] if toml else ["client.cfg", "luigi.cfg"]
    files = [folder / name for folder in folders for name in names] + ([Path(named)] if named else [])
    return [path for path in dict.fromkeys(files) if path.is_file()]


def law_files(folders: Iterable[Path]) -> list[Path]:
    """The file that law reads, or would in these folders."""
    named = os.environ.get("LAW_CONFIG_FILE")
    files = ([Path(named)] if named else []) + [folder / "law.cfg" for folder in folders]
    return [path for path in dict.fromkeys(files) if path.is_file()]


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8", errors="replace").splitlines()


def options(path: Path) -> Iterator[Option]:
    """Every option with its line. Raises OSError when the file cannot be read."""
    section = ""
    for number, line in enumerate(_lines(path), 1):
        if found := _SECTION.match(line):
            section = found[1].strip("\"'")
        elif found := _OPTION.match(line):  # what is indented continues a value
            yield Option(section, found[1], number)


def of_luigi(path: Path, shown: str, families: Iterable[Family], texts: Iterable[str]) -> Iterator[Finding]:
    """What becomes of each option. `texts`: the text constants of the analysis, which may read sections by name."""
    by_name = {family.name: family for family in families}
    own = set(texts)
    for option in options(path):
        verdict, why = _judged(option, by_name, own)
        subject = f"[{option.section}] {option.name}"
        yield Finding("setting", subject, verdict, why, (Place(shown, option.line),))


def of_law(path: Path, shown: str) -> Iterator[Finding]:
    """law.cfg as a whole, by section."""
    for number, line in enumerate(_lines(path), 1):
        if found := _SECTION.match(line):
            why = _OF_LAW.get(found[1], _OTHERWISE)
            yield Finding("setting", f"[{found[1]}]", Verdict.REWRITTEN, why, (Place(shown, number),))


def _judged(option: Option, families: dict[str, Family], own: set[str]) -> tuple[Verdict, str]:
    name = option.name.replace("-", "_")
    section, name = OLDER_NAMES.get((option.section, name), (option.section, name))
    known = next((entry for entry in SECTIONS if entry.name == section), None)
    if known is not None:
        if known.anything or name in known.counts:
            return Verdict.WORKS, "the same"
        if name in known.accepted:
            return Verdict.DIFFERS, _NO_SCHEDULER
        if section == "core" and name in OF_LUIGID_IN_CORE:
            return Verdict.DIFFERS, _NO_SCHEDULER
        if option.name in own:
            return Verdict.WORKS, "read by the analysis itself"
        return _unknown(f"[{section}] has no such option", name, (*known.counts, *known.accepted))
    if section in families:
        family = families[section]
        if option.name in family.parameters or name in family.parameters:
            return Verdict.WORKS, "the value of a parameter"
        return _unknown(f"{section} has no such parameter", option.name, family.parameters)
    if section in OF_LUIGID:
        return Verdict.DIFFERS, _NO_SCHEDULER
    if section in OF_CONTRIB:
        return Verdict.WORKS, "read by luigi.contrib"
    if section in own or section.upper() == "DEFAULT":
        return Verdict.WORKS, "read by the analysis itself"
    known_names = [*families, *(entry.name for entry in SECTIONS)]
    return _unknown("no task of these files and no part of luigi is called so", section, known_names)


def _unknown(why: str, name: str, known: Iterable[str]) -> tuple[Verdict, str]:
    hint = did_you_mean(name, known)
    return Verdict.UNKNOWN, f"{why}; {hint}" if hint else why
