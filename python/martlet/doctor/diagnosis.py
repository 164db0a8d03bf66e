"""All that `martlet doctor` finds out of an analysis."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.machinery import PathFinder
from pathlib import Path

from ..data import Data
from . import findings, settings_files
from .analysis import FOREIGN, Analysis, is_installed
from .finding import Finding, Place
from .findings import shown
from .importing import LONGEST, Imported, imported
from .settings_files import Family
from .verdict import Verdict

_ORDER = {verdict: number for number, verdict in enumerate((Verdict.NONE, Verdict.REWRITTEN, Verdict.DIFFERS,
                                                            Verdict.UNKNOWN, Verdict.WORKS))}  # fmt: skip


class Trouble(Data):
    """A module that could not be read or imported."""

    module: str
    cause: str
    details: str = ""


class Diagnosis(Data):
    """What an analysis uses, and how it fares."""

    package: str
    """luigi or law; empty when it uses neither."""
    files: tuple[str, ...]
    """What was read."""
    families: tuple[str, ...]
    findings: tuple[Finding, ...]
    """The worst first."""
    troubles: tuple[Trouble, ...]
    notes: tuple[str, ...]
    printed: str
    """What the analysis printed when it was imported."""

    @property
    def stands_in_the_way(self) -> bool:
        """Whether the analysis does not run as it stands."""
        return any(finding.verdict.stands_in_the_way for finding in self.findings)


def of(names: Sequence[str], *, imports: bool = True, longest: float = LONGEST) -> Diagnosis:
    """Reads scripts, packages or modules, and has them imported unless `imports` is False.

    Raises MartletError for a name that is not there.
    """
    analysis = Analysis(names)
    package = "law" if "law" in analysis.uses else "luigi" if analysis.uses else ""
    notes: list[str] = []
    seen = Imported()
    if imports and _can_import(package, notes):
        folders = list(dict.fromkeys([*_homes(analysis), Path.cwd()]))
        seen = imported(analysis.roots, folders, real=package == "law", longest=longest)
        for module, file in seen.modules.items():
            if module.partition(".")[0] not in (*FOREIGN, "__main__") and not is_installed(file):
                analysis.add(Path(file), module)
    found = findings.of_files(analysis, has_luigi=_has("luigi"))
    found += _changes(seen, found)
    found += _settings(analysis, seen, package)
    notes += [f"{ending['module']} begins a run when it is imported; it was left there"
              for ending in seen.endings if ending["ended"] == "run"]  # fmt: skip
    return Diagnosis(
        package,
        tuple(shown(file.path) for file in analysis.files.values()),
        tuple(dict.fromkeys(task["family"] for task in seen.tasks)),
        tuple(sorted(found, key=lambda one: (_ORDER[one.verdict], one.subject))),
        tuple(_troubles(analysis, seen)),
        tuple(notes),
        seen.printed,
    )


def _has(package: str) -> bool:
    """Whether a package is installed, whoever stands in for it."""
    return PathFinder.find_spec(package, sys.path) is not None


def _can_import(package: str, notes: list[str]) -> bool:
    if package == "law" and not (_has("law") and _has("luigi")):
        notes.append("law is not installed here: the files were read, not imported")
        return False
    return True


def _homes(analysis: Analysis) -> list[Path]:
    """The folders from which the modules that were named are imported."""
    homes = []
    for module, path in analysis.roots:
        folder = path.absolute().parent
        depth = module.count(".") + (path.name == "__init__.py")
        homes.append(folder.parents[depth - 1] if depth else folder)
    return homes


def _changes(seen: Imported, known: Sequence[Finding]) -> list[Finding]:
    """Changes to luigi's classes that the files do not show as such."""
    said = {finding.subject for finding in known}
    why = "a function of the analysis stands in its place; code of luigi's own that would call it is the engine's"
    way_out = "override it in a class of the analysis instead"
    found = []
    for change in seen.changes:
        subject = f"{change['name']} is changed"
        if subject not in said:
            place = Place(shown(Path(change["file"])), change["line"])
            found.append(Finding("change", subject, Verdict.DIFFERS, why, (place,), way_out))
    return found


def _settings(analysis: Analysis, seen: Imported, package: str) -> list[Finding]:
    folders = list(dict.fromkeys([Path.cwd(), *_homes(analysis)]))
    texts = {text for file in analysis.files.values() for text in file.texts}
    families = [Family(task["family"], frozenset(task["parameters"])) for task in seen.tasks]
    if not families:
        families = _families(analysis)
    found: list[Finding] = []
    for path in settings_files.luigi_files(folders):
        found += settings_files.of_luigi(path, shown(path), families, texts)
    if package == "law":
        for path in settings_files.law_files(folders):
            found += settings_files.of_law(path, shown(path))
    return found


def _families(analysis: Analysis) -> list[Family]:
    """As the files tell: without namespaces that are set by calls."""
    families = []
    for file in analysis.files.values():
        for definition in file.definitions.values():
            above = [known for known in analysis.lineage(definition) if not isinstance(known, str)]
            parameters = [name for known in (definition, *above) for name in known.parameters]
            namespace = definition.texts.get("task_namespace")
            name = f"{namespace}.{definition.name}" if namespace else definition.name
            families.append(Family(name, frozenset(parameters)))
    return families


def _troubles(analysis: Analysis, seen: Imported) -> list[Trouble]:
    troubles = [Trouble(shown(path), why) for path, why in analysis.unread.items()]
    if seen.trouble:
        troubles.append(Trouble(", ".join(module for module, _ in analysis.roots), seen.trouble, seen.printed))
    for ending in seen.endings:
        if ending["ended"] in ("exit", "error"):
            troubles.append(Trouble(ending["module"], ending["cause"], ending["details"]))
    return troubles
