"""The tables of docs/migrate.md, luigi.md and luigi-contrib.md: `python -m martlet.doctor.tables` prints them."""

from __future__ import annotations

from collections.abc import Sequence

from . import law_names, luigi_contrib, luigi_members, luigi_names, luigi_settings
from .differences import DIFFERENCES
from .verdict import Row, Verdict


def differences() -> str:
    """What differs in runs."""
    rows = [(name, d.luigi, d.martlet, d.reason) for name, d in DIFFERENCES.items()]
    return _table(("difference", "luigi", "Martlet", "reason"), rows)


def luigis_names() -> str:
    """Every name of luigi."""
    own = [name for part in luigi_contrib.PARTS if part.verdict is not Verdict.NONE for name in part.names]
    unwanted = [name for part in luigi_contrib.PARTS if part.verdict is Verdict.NONE for name in part.names]
    rows = [
        (f"`luigi`: {luigi_names.EXPORTS[0]}", luigi_names.EXPORTS[1]),
        *(_cells(row) for row in luigi_names.ROWS),
        (f"`luigi.contrib`: {_named(own)}", "Martlet's own"),
        (f"`luigi.contrib`: {_named(luigi_contrib.BORROWED)}", luigi_contrib.FROM_LUIGI),
        (f"`luigi.contrib`: {_named(unwanted)}", "none: they measure luigi's scheduler, and there is none"),
        *((f"{row.home} {_named(row.names)}", row.answer) for row in luigi_names.PROGRAMS),
    ]
    return _table(("luigi", "in Martlet"), rows)


def luigis_members() -> str:
    """Members of luigi's classes that are not as in luigi."""
    rows = [_cells(row) for row in luigi_members.ROWS if row.verdict is not Verdict.WORKS]
    return _table(("members", "in Martlet"), rows)


def contrib() -> str:
    """The modules of luigi.contrib."""
    rows = [(_named(part.names), part.needs, part.own) for part in luigi_contrib.PARTS]
    return _table(("module", "needs", "of its own"), [*rows, ("all others", *luigi_contrib.OTHERS)])


def settings() -> str:
    """The sections of luigi.cfg."""
    rows = [
        (
            f"`[{section.name}]`",
            section.counting or ", ".join(section.counts),
            section.accepting or ", ".join(section.accepted),
        )
        for section in luigi_settings.SECTIONS
        if section.name not in luigi_settings.UNTOLD
    ]
    return _table(("section", "counts", "accepted without effect"), rows)


def from_law() -> str:
    """From law to Martlet, in general."""
    return _table(("law", "Martlet"), law_names.IN_GENERAL)


def laws_names() -> str:
    """The names of law."""
    return _table(("names of law", "in Martlet"), [_cells(row) for row in law_names.ROWS])


def laws_members() -> str:
    """What tasks of law have."""
    return _table(("members", "in Martlet"), [_cells(row) for row in law_names.MEMBERS])


ALL = {
    "migrate.md": (differences, luigis_names, luigis_members, from_law, laws_names, laws_members),
    "luigi.md": (settings,),
    "luigi-contrib.md": (contrib,),
}
"""The tables of each page."""


def _cells(row: Row) -> tuple[str, str]:
    if row.home in ("law", "law.contrib"):
        prefix = "" if row.home == "law" else f"{row.home}."
        return ", ".join(f"`{prefix}{name}`" for name in row.names), row.answer
    return f"`{row.home}`{': ' if row.names else ''}{_named(row.names)}", row.answer


def _named(names: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    return "\n".join([*lines, *(f"| {' | '.join(cells)} |".replace("|  |", "| |") for cells in rows)])


if __name__ == "__main__":
    for page, tables in ALL.items():
        print(f"<!-- docs/{page} -->", *(table() for table in tables), sep="\n\n", end="\n\n")
