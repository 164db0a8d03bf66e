"""Stores by name: where results lie is said in the configuration, not in tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..targets import location as locations
from ..targets.by_location import file_at
from ..targets.file import FileTarget
from ..targets.local import LocalTarget

if TYPE_CHECKING:
    from ..steering.configured_stores import Place
    from ..targets.directory import DirectoryTarget


def places() -> Mapping[str, Place]:
    """The stores that count in this process, by name."""
    # one of the doors to the steering: a notebook may read from a store without ever making a run
    from ..steering import configured_stores

    return configured_stores.current()


def table() -> list[dict[str, Any]]:
    """Name, URL and options of each store that has a URL, for those who connect to them. Holds secrets."""
    return [
        {"name": name, "url": place.url, **place.options}
        for name, place in places().items()
        if locations.is_remote(place.url)
    ]


class UnknownStore(LookupError):
    """The configuration has no store of this name."""


class Store:
    """A store by its name. Where it lies is looked up when it is used, so that flags of a run count.

        eos = martlet.store("eos")
        eos.target("tth", "fit.json")       # or: eos / "tth" / "fit.json"
    """

    def __init__(self, name: str, default: Any = None) -> None:
        """`default`: where it lies when the configuration does not say: a URL, or a path from where the run begins."""
        self.name = name
        self.default = None if default is None else str(default)
        self._seen: Mapping[str, Place] | None = None
        self._place: Place | None = None

    @property
    def place(self) -> Place:
        """What the configuration says of it. Raises UnknownStore."""
        known = places()
        if self._seen is not known or self._place is None:
            self._place, self._seen = self._found(known), known
        return self._place

    def _found(self, known: Mapping[str, Place]) -> Place:
        if self.name in known:
            return known[self.name]
        if self.default is not None:
            from ..steering.configured_stores import Place

            return Place(self.default, {})
        from ..diagnostics import did_you_mean  # needed by mistakes alone

        hint = did_you_mean(self.name, known) or f"write [stores.{self.name}] and below it url = …"
        raise UnknownStore(f"the configuration has no store {self.name!r}: {hint}")

    @property
    def url(self) -> str:
        """Where it lies: a URL or a path."""
        return self.place.url

    def target(self, *names: Any, format: Any = None) -> FileTarget:
        """A file within. `names`: relative paths, or what is one as text; none may lead out of the store."""
        place = self.place
        target = file_at(locations.join(place.url, *names), format)
        copies = place.options.get("mirror") or place.options.get("mount")
        if not copies or isinstance(target, LocalTarget):
            return target
        from ..targets.mirrored import MirroredTarget  # for the few stores that have one

        return MirroredTarget(target, locations.join(copies, *names), mounted="mirror" not in place.options)

    def directory(self, *names: Any) -> DirectoryTarget:
        """A directory within; the whole store without `names`."""
        from ..targets.directory import DirectoryTarget  # for those who have some

        return DirectoryTarget(locations.join(self.url, *names) if names else self.url)

    def __truediv__(self, name: Any) -> FileTarget:
        return self.target(name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Store) and (self.name, self.default) == (other.name, other.default)

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"store({self.name!r})"

    def __reduce__(self) -> tuple[type[Store], tuple[str, str | None]]:
        return Store, (self.name, self.default)


def store(name: str, default: Any = None) -> Store:
    """The store of this name, as `[stores.NAME]` of the configuration, $MARTLET_STORE_NAME or --store NAME=URL has it.

    :param default: where it lies when none of them says so; without it, an unknown name is an error once it is used.
    """
    return Store(name, default)
