"""Looks names up: what is said of `luigi.worker.Worker`, of `luigi.Task`, of `law.contrib.slurm`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from types import ModuleType
from typing import Any

from ..diagnostics import did_you_mean
from . import law_names, luigi_contrib, luigi_members, luigi_names
from .verdict import Row, Verdict


class Dictionary:
    """The tables by name. `law.NAME` and `luigi.NAME` are found wherever they live."""

    def __init__(self, package: str, rows: Sequence[Row], members: Sequence[Row]) -> None:
        """`package`: luigi or law."""
        self._package = package
        self._rows = {(row.home, name): row for row in rows for name in row.names or ("",)}
        self._members = {(row.home, name): row for row in members for name in row.names}
        self._homes = {row.home for row in rows}

    def of_name(self, dotted: str) -> Row | None:
        """What is said of a name; None for the package itself, and for a module of which nothing is to be said."""
        home, *rest = self._split(dotted)
        if not rest:
            whole = self._rows.get((home, ""))
            return self._entry(whole, home, "") if whole else None
        name = rest[0]
        found = self._rows.get((home, name)) or self._rows.get((home, ""))
        if found is None and home == self._package:
            home, name, found = self._anywhere(rest)
        if found is None:
            return None
        if len(rest) > 1 and found.names:
            member = self._members.get((f"{home}.{name}", rest[1]))
            if member is not None:
                return self._entry(member, f"{home}.{name}", rest[1])
        return self._entry(found, found.home, name if found.names else ".".join(rest))

    def of_member(self, name: str, homes: Iterator[str] | Sequence[str]) -> Row | None:
        """What is said of an attribute of classes that derive from `homes` (in full)."""
        for home in homes:
            found = self._members.get((home, name))
            if found is not None:
                return self._entry(found, home, name)
        return None

    def member_homes(self) -> list[str]:
        """The classes whose members are listed."""
        return list(dict.fromkeys(home for home, _ in self._members))

    def _split(self, dotted: str) -> list[str]:
        """The longest module of the tables that the name begins with, and the parts after it."""
        parts = dotted.split(".")
        for end in range(len(parts), 0, -1):
            home = ".".join(parts[:end])
            if home in self._homes or end == 1:
                return [home, *parts[end:]]
        return parts

    def _anywhere(self, parts: Sequence[str]) -> tuple[str, str, Row | None]:
        """The package has names of its modules; of law, whose modules are many, the name alone is looked up."""
        hidden = "luigi.contrib"  # a module there is no name of luigi
        for part in parts[:1] if self._package == "luigi" else parts:
            for (home, known), found in self._rows.items():
                if known == part and home != hidden:
                    return home, part, found
        return self._package, "", None

    @staticmethod
    def _entry(found: Row, home: str, name: str) -> Row:
        return Row(home, (name,) if name else (), found.verdict, found.answer, found.difference)


def _contrib_rows() -> list[Row]:
    rows = [
        Row("luigi.contrib", part.names, part.verdict, part.own or "Martlet's own", part.difference)
        for part in luigi_contrib.PARTS
    ]
    return [*rows, Row("luigi.contrib", luigi_contrib.BORROWED, Verdict.WORKS, luigi_contrib.FROM_LUIGI)]


LUIGI = Dictionary("luigi", [*luigi_names.ROWS, *_contrib_rows()], luigi_members.ROWS)
LAW = Dictionary("law", law_names.ROWS, law_names.MEMBERS)
BY_PACKAGE: Mapping[str, Dictionary] = {"luigi": LUIGI, "law": LAW}


def on_the_face(dotted: str) -> Row | None:
    """What is said of a name of luigi that no table has: whether the face has it. None for a module that is there."""
    value: Any = import_module("martlet.luigi")
    home = "luigi"
    for part in dotted.split(".")[1:]:
        try:
            value = getattr(value, part)
        except AttributeError:
            try:
                value = import_module(f"{value.__name__}.{part}") if isinstance(value, ModuleType) else None
            except ImportError:
                value = None
            if value is None:
                return _absent(home, part)
        if not isinstance(value, ModuleType):
            return Row(home, tuple(dotted.removeprefix(f"{home}.").split(".")), Verdict.WORKS, "the same")
        home = f"{home}.{part}"
    return None


def _absent(home: str, name: str) -> Row:
    known = {name for row in luigi_names.ROWS for name in row.names}
    hint = did_you_mean(name, known) if not name.startswith("_") else ""
    why = "none: private to luigi" if name.startswith("_") else "none: luigi 3.8 has no such name, nor has Martlet"
    return Row(home, (name,), Verdict.NONE, f"{why}; {hint}" if hint else why)
