"""Workflows that the tests here share. What runs is noted in the file `ran` of the folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import martlet


class Noting(martlet.Task):
    """A task in a folder, which notes that it ran."""

    folder = martlet.Parameter()

    def note(self, name: str) -> None:
        with open(Path(self.folder, "ran"), "a") as file:
            file.write(f"{name}\n")

    def at(self, name: str) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/{name}")


class Prepare(Noting):
    """Needed by every branch of Make."""

    def output(self) -> Any:
        return self.at("prepared")

    def run(self) -> None:
        self.note("prepare")
        self.output().touch()


class Make(martlet.Workflow, Noting):
    """Branches of words, some of which fail."""

    words = martlet.ListParameter(default=("a", "b", "c"))
    fail = martlet.ListParameter(default=(), significant=False)

    def create_branch_map(self) -> Any:
        return list(self.words)

    def workflow_requires(self) -> Any:
        return self.clone(Prepare)

    def output(self) -> Any:
        return self.at(f"made-{self.branch}")

    def run(self) -> None:
        self.note(f"make-{self.branch}")
        if self.branch_data in ("bad", "worse"):
            raise ValueError(self.branch_data)
        with self.output().open("w") as file:
            file.write(self.branch_data)


class Raise(martlet.Workflow, Noting):
    """Each branch needs the branch of Make with its number."""

    words = martlet.ListParameter(default=("a", "b", "c"))

    def create_branch_map(self) -> Any:
        return dict(enumerate(self.words))

    def requires(self) -> Any:
        return self.clone(Make)

    def output(self) -> Any:
        return self.at(f"raised-{self.branch}")

    def run(self) -> None:
        self.note(f"raise-{self.branch}")
        with self.input().open() as made, self.output().open("w") as file:
            file.write(made.read().upper())


class Late(martlet.Workflow, Noting):
    """Its branches are the lines of a file that another task makes."""

    late_branch_map = True

    def create_branch_map(self) -> Any:
        with self.workflow_input().open() as file:
            return file.read().split()

    def workflow_requires(self) -> Any:
        return self.clone(Listing)

    def output(self) -> Any:
        return self.at(f"late-{self.branch}")

    def run(self) -> None:
        self.note(f"late-{self.branch}")
        if self.branch_data == "bad":
            raise ValueError(self.branch_data)
        with self.output().open("w") as file:
            file.write(self.branch_data)


class Listing(Noting):
    """Says which branches Late has: the lines of the file `words`, where that is there."""

    def output(self) -> Any:
        return self.at("listing")

    def run(self) -> None:
        self.note("listing")
        with self.output().open("w") as file:
            words = Path(self.folder, "words")
            file.write(words.read_text() if words.exists() else "x\ny\nz\n")


class Joined(martlet.MergeCascade, Noting):
    """All words of Raise in one file, three at a time."""

    words = martlet.ListParameter(default=("a", "b", "c"))
    merge_factor = 3

    def merge_requires(self) -> Any:
        return self.clone(Raise)

    def merge_output(self) -> Any:
        return self.at("joined.txt")

    def merge(self, inputs: Any, output: Any) -> None:
        self.note(f"join-{type(self).merge_places.serialize(self.merge_places) or 'all'}")
        with output.open("w") as file:
            for one in inputs:
                with one.open() as part:
                    file.write(part.read())


class Some(Joined):
    """Those words of Make that are there in one file."""

    def merge_requires(self) -> Any:
        return self.clone(Make, acceptance=0.5)


class Onward(martlet.Workflow, Noting):
    """More branches than Make has, all of which need all of Make. Its hooks are those of branches."""

    def create_branch_map(self) -> Any:
        return 10

    def workflow_requires(self) -> Any:
        return self.clone(Make)

    def output(self) -> Any:
        return self.at(f"onward-{self.branch}")

    def run(self) -> None:
        self.note(f"onward-{self.branch}")
        self.output().touch()

    def on_success(self) -> Any:
        return {"about": self.branch_data}


class Given(martlet.Workflow, martlet.ExternalTask):
    """Two files, one of which may be there."""

    folder = martlet.Parameter()

    def create_branch_map(self) -> Any:
        return 2

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/given-{self.branch}")


class Onto(martlet.Workflow, Noting):
    """What is made of each of them."""

    def create_branch_map(self) -> Any:
        return 2

    def requires(self) -> Any:
        return self.clone(Given)

    def output(self) -> Any:
        return self.at(f"onto-{self.branch}")

    def run(self) -> None:
        self.output().touch()


class Selected(martlet.Workflow, Noting):
    """Has a complete() of its own, and takes memory by its data."""

    def create_branch_map(self) -> Any:
        return 3

    @property
    def resources(self) -> Any:
        return {"memory_gb": self.branch_data}

    def complete(self) -> bool:
        return Path(self.folder, f"selected-{self.branch}").exists()

    def run(self) -> None:
        self.note(f"select-{self.branch}")
        Path(self.folder, f"selected-{self.branch}").touch()


class Sounded(martlet.Workflow, martlet.CommandTask):
    """A command a branch."""

    folder = martlet.Parameter()

    def create_branch_map(self) -> Any:
        return ["one", "two"]

    def command(self) -> Any:
        return f"echo {self.branch_data} > {{output}}"

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/{self.branch_data}")
