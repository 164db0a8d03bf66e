"""What a source file defines, piece by piece: a digest of each definition and what it uses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..data import Data
from .digest import short


class Definition(Data):
    """Something that a name means: a function, a constant, a class."""

    digest: str
    uses: Sequence[str]
    """See `names.uses`; of a class only what its head uses."""
    members: dict[str, Definition] | None = None
    """Of a class: what its body defines; under '' what stands there besides."""
    bases: Sequence[str] = ()

    def joined(self, other: Definition) -> Definition:
        """Both, where one name is defined twice."""
        members = self.members
        if members is not None and other.members is not None:
            members = dict(members)
            for name, member in other.members.items():
                members[name] = members[name].joined(member) if name in members else member
        return Definition(
            short(self.digest + other.digest),
            sorted({*self.uses, *other.uses}),
            other.members if members is None else members,
            [*self.bases, *other.bases],
        )

    def plain(self) -> list[Any]:
        """As JSON has it."""
        members = None if self.members is None else {name: one.plain() for name, one in self.members.items()}
        return [self.digest, list(self.uses), members, list(self.bases)]

    @classmethod
    def of(cls, plain: Sequence[Any]) -> Definition:
        """Back from `plain`. Raises ValueError, TypeError or AttributeError for anything else."""
        digest, uses, members, bases = plain
        known = None if members is None else {str(name): cls.of(one) for name, one in members.items()}
        return cls(str(digest), [str(use) for use in uses], known, [str(base) for base in bases])


class Module(Data):
    """A source file: what its names mean, what it imports, and what happens when it is imported."""

    names: dict[str, Definition]
    imports: Mapping[str, Sequence[str]]
    """By alias, references as `names.imported` gives them: several where it depends (`try`, `if`)."""
    stars: Sequence[str]
    """Modules all of whose names are imported."""
    modules: Sequence[str]
    """All modules that are imported when this one is."""
    effects: Definition
    """Statements that do more than define names."""

    def plain(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "names": {name: one.plain() for name, one in self.names.items()},
            "imports": {alias: list(references) for alias, references in self.imports.items()},
            "stars": list(self.stars),
            "modules": list(self.modules),
            "effects": self.effects.plain(),
        }

    @classmethod
    def of(cls, plain: dict[str, Any]) -> Module:
        """Back from `plain`. Raises KeyError, ValueError, TypeError or AttributeError for anything else."""
        return cls(
            {str(name): Definition.of(one) for name, one in plain["names"].items()},
            {str(alias): [str(one) for one in references] for alias, references in plain["imports"].items()},
            [str(name) for name in plain["stars"]],
            [str(name) for name in plain["modules"]],
            Definition.of(plain["effects"]),
        )
