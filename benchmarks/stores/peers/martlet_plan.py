"""Martlet as an analysis uses it: one task a file, all of which are asked for and none has to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import martlet
from martlet import storage


class File(martlet.ExternalTask):
    """A file that is there, or not."""

    url = martlet.Parameter()

    def output(self) -> martlet.RemoteTarget:
        return martlet.RemoteTarget(self.url)


class Everything(martlet.WrapperTask):
    """Needs them all."""

    wanted: ClassVar[list[str]] = []

    def requires(self) -> list[File]:
        return [File(url=url) for url in self.wanted]


def look(wanted: Mapping[str, Sequence[str]]) -> int:
    Everything.wanted = [f"{directory}/{name}" for directory, names in wanted.items() for name in names]
    result = martlet.build([Everything()], quiet=True)
    storage.end_couriers()
    return result.count("present")
