"""An analysis of a few families, for the tests of surveys and of what is done with outputs."""

from __future__ import annotations

from typing import Any

import martlet

results = martlet.store("results", default="out")


class Raw(martlet.ExternalTask):
    def output(self) -> Any:
        return martlet.LocalTarget("raw.txt")


class Events(martlet.Task):
    number = martlet.IntParameter()
    key = martlet.StrParameter(default="hidden", visibility=martlet.ParameterVisibility.PRIVATE)

    def requires(self) -> Any:
        return Raw()

    def output(self) -> Any:
        return results.target("events", f"{self.number}.txt")

    def run(self) -> None:
        self.output().dump(f"events {self.number}", "txt")


class Merged(martlet.Task):
    count = martlet.IntParameter(default=10)

    def requires(self) -> Any:
        return [Events(number) for number in range(self.count)]

    def output(self) -> Any:
        return results.target("merged.txt")

    def run(self) -> None:
        self.output().dump("merged", "txt")


class Plots(martlet.Task):
    count = martlet.IntParameter(default=10)

    def requires(self) -> Any:
        return [Merged(self.count), Events(0)]

    def output(self) -> Any:
        return results.directory("plots")

    def run(self) -> None:
        with self.output().localize("w") as local:
            for name in ("a.txt", "b.txt"):
                local.child(name).dump(name, "txt")
