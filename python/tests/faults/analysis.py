"""The analysis under test: a graph read from graph.json, each task a file made from the files that it needs.

Every run() says that it begins and that it ended in a history that no fault reaches.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import martlet
from faults.history import History
from faults.scenario import Node, content

GRAPH = [Node(**node) for node in json.loads(Path("graph.json").read_text())]
HISTORY = History(Path(os.environ["FAULTS_HISTORY"]))


class Step(martlet.Task):
    """One node of the graph."""

    n = martlet.IntParameter()

    def requires(self) -> list[martlet.Task]:
        return [step(n) for n in GRAPH[self.n].needs]

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"target/{self.n}.txt")

    def run(self) -> None:
        HISTORY.begin(self.n)
        node = GRAPH[self.n]
        child = subprocess.Popen(["sleep", "120"]) if node.child else None
        try:
            needed = []
            for target in self.input():
                with target.open() as file:
                    needed.append(file.read())
            text = content(self.n, needed, node.size)
            print(text[:2000])  # fills the worker's log
            with self.output().open("w") as file:
                file.write(text[: len(text) // 2])
                if node.flushes:
                    file.flush()
                time.sleep(node.pause)
                file.write(text[len(text) // 2 :])
            HISTORY.end(self.n)
        finally:
            # what a worker's task leaves behind must go with the worker; in the driver the task cleans up itself
            if child is not None and os.environ.get("FAULTS_TIDY"):
                child.kill()
                child.wait()


class Command(martlet.CommandTask):
    """The same, as a program that the engine starts."""

    n = martlet.IntParameter()
    shell = "sh -e"

    def requires(self) -> list[martlet.Task]:
        return [step(n) for n in GRAPH[self.n].needs]

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"target/{self.n}.txt")

    def command(self) -> str:
        node = GRAPH[self.n]
        tell = 'printf \'{{"what":"%s","task":%d,"pid":%d,"parent":%d}}\\n\' '
        return (
            f'{tell} begin {self.n} $$ $PPID >> "$FAULTS_HISTORY"; '
            "digest=$(cat /dev/null {input} | sha256sum | cut -c -64); "
            f'line="task {self.n} of {len(node.needs)} inputs $digest"; '
            f'yes "$line" | head -c {node.size} > {{output}}; sleep {node.pause}; echo end >> {{output}}; '
            f'{tell} end {self.n} $$ $PPID >> "$FAULTS_HISTORY"'
        )


def step(n: int) -> martlet.Task:
    return Command(n=n) if GRAPH[n].command else Step(n=n)


class Whole(martlet.WrapperTask):
    """All that is asked for."""

    def requires(self) -> list[martlet.Task]:
        return [step(n) for n in range(len(GRAPH))]
