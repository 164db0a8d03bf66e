"""A place in a store that runs, as tests see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Place:
    """Somewhere to write, with all that a client has to know."""

    url: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Of the store that it is in."""
    top: str = ""
    """URL of that store, if it is not the place itself."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What clients find in their environment."""
    shape: str = "tree"
    """`tree` where directories are made, `objects` where they are what names have in common, `caseless`: `A` is `a`."""
    port: int | None = None
    """Where its server listens; None where there is none."""
    elsewhere: Callable[[int], Mapping[str, Any]] | None = None
    """Settings for that server on another port, where it is not the location that says the port."""
    data: Path | None = None
    """The folder in which its files lie; None where that is not known."""
    refused: frozenset[str] = frozenset()
    """Characters that no name can have there."""
    secrets: tuple[str, ...] = ()
    """What nobody may read who is not told it: of the place and of its stranger."""
    has_digests: bool = False
    """Whether it says of each file which digest it has."""
    limit: Callable[[int], None] | None = None
    """Lets the store hold so many bytes from now on; None where only a small file system does that."""
    close: Callable[[], None] | None = None
    """Has the store take nothing from now on; None where only its file system does that."""
    stranger: Place | None = None
    """The same place as one sees it whom it does not let in."""

    def below(self, name: str) -> Place:
        """A place of its own within this one."""
        stranger = self.stranger and self.stranger.below(name)
        top = self.top or self.url
        return replace(self, url=f"{self.url}/{name}", top=top, data=self.data and self.data / name, stranger=stranger)

    def through(self, port: int) -> Place:
        """The same place, reached through a proxy."""
        assert self.port is not None
        settings = self.elsewhere(port) if self.elsewhere else self.settings
        url, top = _via(self.url, self.port, port), _via(self.top, self.port, port)
        return replace(self, url=url, top=top, settings=settings)

    def knowing(self, **settings: Any) -> Place:
        """With other settings."""
        return replace(self, settings={**self.settings, **settings})

    @property
    def stores(self) -> list[dict[str, Any]]:
        """The settings as clients are told them."""
        return [{"name": "place", "url": self.top or self.url, **self.settings}]


def _via(url: str, port: int, other: int) -> str:
    return url.replace(f":{port}", f":{other}")
