"""Tasks that are commands."""

from __future__ import annotations

from typing import Any

import martlet
from martlet.parameters import IntParameter, Parameter
from martlet.targets.local import LocalTarget


class Said(martlet.CommandTask):
    """A command that is its parameter."""

    folder = Parameter()
    line = Parameter(default="echo hello > {output}")
    name = Parameter(default="said")

    exit_codes = {3: "the input is truncated", 75: martlet.Exit.STORAGE, 9: martlet.Exit.SUCCESS}

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/out/{self.name}")

    def command(self) -> Any:
        return self.line


class SaidInSandbox(Said):
    """The same in a sandbox."""

    sandbox = "shell:/dev/null"


class SaidBriefly(Said):
    """The same, within a time limit."""

    time_limit = 0.3


class Counted(martlet.CommandTask):
    """Counts what others said: needs them, and is a pipe."""

    folder = Parameter()
    count = IntParameter()

    def requires(self) -> Any:
        return [Said(self.folder, "echo {name} > {output}", f"n{n}") for n in range(self.count)]

    def output(self) -> Any:
        return {"sum": LocalTarget(f"{self.folder}/sum"), "parts": LocalTarget(f"{self.folder}/parts/")}

    def command(self) -> Any:
        return "cat {input} | wc -l > {output[sum]} && mkdir {output[parts]} && cp {input} {output[parts]}"
