"""What the files of an analysis use, each name once with all its places."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from . import dictionary, law_names
from .analysis import FOREIGN, Analysis
from .dictionary import BY_PACKAGE, LUIGI
from .finding import Finding, Place
from .luigi_contrib import BORROWED
from .source_file import Definition, Mention, SourceFile
from .verdict import Row, Verdict

REAL = "MARTLET_LUIGI=real runs the analysis on luigi itself"
_WORKERS = ("luigi.worker.Worker", "luigi.scheduler.Scheduler", "luigi.rpc.RemoteScheduler")


def of_files(analysis: Analysis, *, has_luigi: bool) -> list[Finding]:
    """Everything, in no order. `has_luigi`: a luigi is installed, from which the rest of luigi.contrib comes."""
    found: dict[tuple[str, str], Finding] = {}
    for finding in _all(analysis, has_luigi):
        key = (finding.kind, finding.subject)
        known = found.get(key)
        if known is not None:
            places = dict.fromkeys([*known.places, *finding.places])
            finding = known.replaced(places=tuple(places))
        found[key] = finding
    return list(found.values())


def shown(path: Path) -> str:
    """A file as it is named: relative to where we are, if it lies below."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _all(analysis: Analysis, has_luigi: bool) -> Iterator[Finding]:
    for file in analysis.files.values():
        for mention in file.mentions:
            name = analysis.full_name(mention.name)
            if name.partition(".")[0] in FOREIGN:
                yield from _named(file, mention, name, has_luigi)
            elif (owner := analysis.definition(name.rpartition(".")[0])) is not None:
                yield from _member(file, mention, name.rpartition(".")[2], analysis.ancestors(owner[1]))
        for definition in file.definitions.values():
            ancestors = analysis.ancestors(definition)
            if ancestors:
                yield from _defined(file, definition, ancestors)


def _place(file: SourceFile, line: int) -> tuple[Place, ...]:
    return (Place(shown(file.path), line),)


def _named(file: SourceFile, mention: Mention, name: str, has_luigi: bool) -> Iterator[Finding]:
    package = name.partition(".")[0]
    entry = BY_PACKAGE[package].of_name(name)
    if entry is None and package == "luigi":
        entry = dictionary.on_the_face(name)
    elif entry is None and name != "law":
        entry = Row("law", tuple(name.split(".")[1:]), Verdict.NONE, "none: law's own machinery")
    if entry is None:
        return
    places = _place(file, mention.line)
    if mention.changed:
        yield _changed(entry, name, places)
        return
    verdict, way_out = entry.verdict, ""
    if entry.home == "luigi.contrib" and entry.names[0] in BORROWED and not has_luigi:
        verdict, way_out = Verdict.NONE, "pip install luigi beside Martlet: its contrib modules then work on Martlet"
    elif verdict is Verdict.NONE and package == "luigi":
        way_out = REAL
    yield Finding("name", entry.name, verdict, entry.answer, places, way_out, entry.difference)


def _changed(entry: Row, name: str, places: tuple[Place, ...]) -> Finding:
    """Something of luigi's is replaced from outside."""
    last = entry.names[-1] if entry.names else ""
    below = name.partition(f".{last}.")[2]
    subject = f"{entry.name}{'.' * bool(below)}{below} is changed"
    if entry.verdict is Verdict.NONE or entry.home.startswith("law"):
        return Finding("change", subject, Verdict.NONE, entry.answer, places, REAL)
    why = "the change is made to Martlet's; code of luigi's own that would call it is the engine's here"
    return Finding("change", subject, Verdict.DIFFERS, why, places, "override it in a class of the analysis instead")


def _defined(file: SourceFile, definition: Definition, ancestors: list[str]) -> Iterator[Finding]:
    """What a class that derives from one of luigi's or law's does in its own way."""
    bases = [_home_of(name) for name in ancestors]
    package = "law" if any(name.startswith("law") for name in ancestors) else "luigi"
    for base in bases:
        if base in _WORKERS:
            yield from _of_machinery(file, definition, base)
            return
    for name, line in definition.members.items():
        yield from _member(file, Mention(name, line), name, ancestors)
    if definition.yields:
        why = "run() goes on after a `yield` where it was; it does not start from the top"
        difference = "dynamic requirements"
        places = _place(file, definition.yields)
        yield Finding("construct", "run() that yields tasks", Verdict.DIFFERS, why, places, "", difference)
    if "sandbox" in definition.texts and package == "law":
        yield _sandbox(file, definition)


def _member(file: SourceFile, mention: Mention, name: str, ancestors: list[str]) -> Iterator[Finding]:
    """Something that tasks have, or a class of them."""
    package = "law" if any(known.startswith("law") for known in ancestors) else "luigi"
    homes = ["luigi.task.Task"] if package == "luigi" else BY_PACKAGE["law"].member_homes()
    entry = BY_PACKAGE[package].of_member(name, homes)
    if entry is not None:
        places = _place(file, mention.line)
        yield Finding("member", entry.name, entry.verdict, entry.answer, places, "", entry.difference)


def _home_of(name: str) -> str:
    """The full name of a class of luigi or law, with the module it lives in."""
    entry = BY_PACKAGE[name.partition(".")[0]].of_name(name)
    return entry.name if entry is not None else name


def _of_machinery(file: SourceFile, definition: Definition, base: str) -> Iterator[Finding]:
    """Subclasses of luigi's worker and scheduler."""
    why = "a subclass is made and handed around as luigi does ([luigi.md](luigi.md#of-its-own))"
    yield Finding("subclass", f"a subclass of {base}", Verdict.DIFFERS, why, _place(file, definition.line))
    for name in definition.own:
        entry = LUIGI.of_member(name, [base])
        if entry is not None:
            verdict, places = entry.verdict, _place(file, definition.members[name])
            way_out = REAL if verdict is Verdict.NONE else ""
            yield Finding("subclass", f"{base}.{name} is overridden", verdict, entry.answer, places, way_out)


def _sandbox(file: SourceFile, definition: Definition) -> Finding:
    text = definition.texts["sandbox"]
    kind = text.partition("::")[0]
    ours = dict(law_names.SCHEMES).get(kind, "")
    places = _place(file, definition.members["sandbox"])
    subject = f'sandbox = "{text}"'
    if ours:
        return Finding("sandbox", subject, Verdict.REWRITTEN, f"`{ours}`", places)
    why = "none: `shell:` and `venv:` are there; `CommandTask` runs a container by its engine's command"
    return Finding("sandbox", subject, Verdict.NONE, why, places)
