"""What `martlet doctor` prints."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Sequence
from typing import TextIO

from ..steering import terminal
from .diagnosis import Diagnosis
from .differences import DIFFERENCES
from .finding import Finding, Place
from .verdict import Verdict

_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")
_COLOURS = {Verdict.NONE: "red", Verdict.REWRITTEN: "yellow", Verdict.DIFFERS: "yellow", Verdict.UNKNOWN: "dim"}
_MOST_PLACES = 4
_ENDINGS = {
    "": "no import of luigi or law was found",
    "luigi": "`martlet run SCRIPT TASK` runs it; docs/migrate.md has every name, and all that differs",
    "law": "docs/migrate.md has the way from law to Martlet, name by name",
}


def text(diagnosis: Diagnosis, stream: TextIO, *, verbose: bool = False) -> str:
    """For people. What works is listed only if `verbose`; so is what the analysis printed."""
    width = min(100, terminal.columns(stream))
    lines = [_headline(diagnosis)]
    for trouble in diagnosis.troubles:
        lines += ["", terminal.ink(f"{trouble.module}: {trouble.cause}", "red", stream)]
        lines += textwrap.indent(trouble.details.rstrip(), "  ").splitlines()
    for verdict in (Verdict.NONE, Verdict.REWRITTEN, Verdict.DIFFERS, Verdict.UNKNOWN, Verdict.WORKS):
        fitting = [finding for finding in diagnosis.findings if finding.verdict is verdict]
        if fitting and (verbose or verdict is not Verdict.WORKS):
            lines += ["", terminal.ink(verdict.value, _COLOURS.get(verdict, "green"), stream)]
            for finding in fitting:
                lines += _block(finding, width)
    if verbose and diagnosis.printed.strip():
        lines += ["", "printed while it was imported", *textwrap.indent(diagnosis.printed.rstrip(), "  ").splitlines()]
    lines += ["", *(f"note: {note}" for note in diagnosis.notes), _summary(diagnosis, verbose)]
    return "\n".join(lines)


def as_json(diagnosis: Diagnosis) -> str:
    """For programs: everything."""
    return json.dumps(
        {
            "package": diagnosis.package,
            "stands_in_the_way": diagnosis.stands_in_the_way,
            "files": diagnosis.files,
            "families": diagnosis.families,
            "findings": [_members(finding) for finding in diagnosis.findings],
            "troubles": [{"module": t.module, "cause": t.cause, "details": t.details} for t in diagnosis.troubles],
            "notes": diagnosis.notes,
            "printed": diagnosis.printed,
        },
        indent=1,
    )


def _members(finding: Finding) -> dict[str, object]:
    return {
        "kind": finding.kind,
        "subject": finding.subject,
        "verdict": finding.verdict.value,
        "why": plain(finding.why),
        "way_out": plain(finding.way_out),
        "difference": finding.difference,
        "places": [{"file": place.file, "line": place.line} for place in finding.places],
    }


def _headline(diagnosis: Diagnosis) -> str:
    families = f", {_counted(len(diagnosis.families), 'task family', 'task families')}" if diagnosis.families else ""
    kind = f"an analysis of {diagnosis.package}" if diagnosis.package else "no analysis of luigi or law"
    return f"{kind}: {_counted(len(diagnosis.files), 'file', 'files')} read{families}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def _block(finding: Finding, width: int) -> list[str]:
    lines = [f"  {finding.subject}", f"      {_places(finding.places)}"]
    lines += _wrapped(plain(finding.why), width)
    known = DIFFERENCES.get(finding.difference)
    if known is not None:
        lines += _wrapped(plain(f"luigi: {known.luigi}; Martlet: {known.martlet} ({known.reason})"), width)
    if finding.way_out:
        lines += _wrapped(f"hint: {plain(finding.way_out)}", width)
    return lines


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent=" " * 6, subsequent_indent=" " * 8, break_on_hyphens=False)


def _places(places: Sequence[Place]) -> str:
    """`reco.py:3, 8; base.py:2 and 5 more`."""
    by_file: dict[str, list[str]] = {}
    for place in places[:_MOST_PLACES]:
        by_file.setdefault(place.file, []).append(str(place.line))
    told = "; ".join(f"{file}:{', '.join(lines)}" for file, lines in by_file.items())
    more = len(places) - _MOST_PLACES
    return f"{told} and {more} more" if more > 0 else told


def _summary(diagnosis: Diagnosis, verbose: bool) -> str:
    counts = dict.fromkeys(Verdict, 0)
    for finding in diagnosis.findings:
        counts[finding.verdict] += 1
    told = [
        _counted(counts[Verdict.WORKS], "works", "work") + ("" if verbose else " (-v lists them)"),
        _counted(counts[Verdict.DIFFERS], "works differently", "work differently"),
        _counted(counts[Verdict.REWRITTEN], "is written differently", "are written differently"),
        _counted(counts[Verdict.NONE], "has no counterpart", "have no counterpart"),
    ]
    if counts[Verdict.UNKNOWN]:
        told.append(_counted(counts[Verdict.UNKNOWN], "setting is not known", "settings are not known"))
    if diagnosis.troubles:
        told.append(f"{len(diagnosis.troubles)} could not be imported")
    return f"{', '.join(told)}\n{_ENDINGS[diagnosis.package]}"


def plain(markdown: str) -> str:
    """Without marks; links as the file they lead to, below docs/."""
    text = _LINK.sub(lambda link: link[1] if "://" in link[2] else f"docs/{link[2]}", markdown)
    return text.replace("`", "").removeprefix("none: ")
