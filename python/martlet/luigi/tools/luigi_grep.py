"""luigi.tools.luigi_grep: finds tasks by the beginning of their names or by how they are.

`luigi-grep --prefix Selection` looks through Martlet's records, as `martlet reports` does; with --scheduler-host it
asks a scheduler of luigi's.
"""

# The names are luigi's.

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from typing import Any, NoReturn
from urllib.request import urlopen

_PATIENCE = 30
"""Seconds to wait for the scheduler."""


class LuigiGrep:
    """What a scheduler of luigi's knows."""

    def __init__(self, host: str, port: str | int) -> None:
        self._host = host
        self._port = port

    @property
    def graph_url(self) -> str:
        """Where the scheduler tells of all tasks."""
        return f"http://{self._host}:{self._port}/api/graph"

    def _fetch_json(self) -> Any:
        print(f"Fetching from url: {self.graph_url}")
        with urlopen(self.graph_url, timeout=_PATIENCE) as answer:
            return json.load(answer)

    def _found(self, fits: Callable[[str, Any], bool]) -> Iterator[dict[str, Any]]:
        tasks = self._fetch_json()["response"]
        for name, task in tasks.items():
            if fits(name, task):
                by_status: dict[str, list[str]] = {}
                for needed in task["deps"]:
                    status = tasks[needed]["status"] if needed in tasks else "UNKNOWN"
                    by_status.setdefault(status, []).append(needed)
                yield {"name": name, "status": task["status"], "deps_by_status": by_status}

    def prefix_search(self, job_name_prefix: str) -> Iterator[dict[str, Any]]:
        """Tasks whose names begin like this: name, status, and names of what they need by status."""
        return self._found(lambda name, _: name.startswith(job_name_prefix))

    def status_search(self, status: str) -> Iterator[dict[str, Any]]:
        """Tasks with this status, in capitals or not."""
        return self._found(lambda _, task: task["status"].lower() == status.lower())


def _reports(prefix: str | None, status: str | None) -> NoReturn:
    """Becomes `martlet reports`."""
    beside = os.path.join(os.path.dirname(sys.executable), "martlet")
    program = beside if os.path.exists(beside) else shutil.which("martlet")
    if program is None:
        sys.exit("luigi-grep: the program martlet was not found; install Martlet's wheel, or give --scheduler-host")
    if status is not None and status.upper() != "FAILED":
        sys.exit(
            f"luigi-grep: Martlet's records do not know the status {status}: FAILED can be searched for, `martlet "
            "status` shows what the last run left; --scheduler-host asks a scheduler of luigi's"
        )
    failed = ["--failed"] if status else []
    os.execv(program, [program, "reports", f"{prefix or ''}*", *failed])


def main(arguments: list[str] | None = None) -> None:
    """The program luigi-grep."""
    about = "Finds tasks in Martlet's records, or in a scheduler of luigi's."
    parser = argparse.ArgumentParser("luigi-grep", description=about)
    parser.add_argument("--scheduler-host", help="ask the scheduler of luigi's on this host")
    parser.add_argument("--scheduler-port", default="8082", help="its port")
    parser.add_argument("--prefix", help="tasks whose names begin like this")
    parser.add_argument("--status", help="tasks with this status, e.g. FAILED")
    given = parser.parse_args(arguments)
    if given.scheduler_host is None:
        _reports(given.prefix, given.status)
    grep = LuigiGrep(given.scheduler_host, given.scheduler_port)
    found: Iterator[dict[str, Any]] = iter(())
    if given.prefix:
        found = grep.prefix_search(given.prefix)
    elif given.status:
        found = grep.status_search(given.status)
    for task in found:
        print(f"{task['name']}: {task['status']}, Dependencies:")
        for status, names in task["deps_by_status"].items():
            print(f"  status={status}", *[f"    {name}" for name in names], sep="\n")


__all__ = ["LuigiGrep", "main"]

if __name__ == "__main__":
    main()
