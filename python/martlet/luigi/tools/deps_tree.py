"""luigi.tools.deps_tree: what a task requires, as a tree.

`luigi-deps-tree --module reco Plots --date 2026-01-01` prints

    └─--[Plots-{'date': '2026-01-01'} (PENDING)]
        |--[Selection-{'dataset': 'ttH'} (COMPLETE)]
        └─--[Selection-{'dataset': 'ttZ'} (PENDING)]
"""

# The names are luigi's.

from __future__ import annotations

import sys
import warnings
from typing import Any

from ...structure import flatten
from .named_task import named_task


class bcolors:
    """How a terminal is told of colours."""

    OKBLUE = "\033[94m"
    OKGREEN = "\033[92m"
    ENDC = "\033[0m"


def _complete(task: Any) -> bool:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"Task .* without outputs has no custom complete\(\)")
        return bool(task.complete())


def print_tree(task: Any, indent: str = "", last: bool = True, *, colours: bool = True) -> str:
    """The tree below a task, each line after a line end; a task that several require is shown below each."""
    lines = []
    to_show = [(task, indent, last)]
    while to_show:
        shown, before, is_last = to_show.pop()
        colour, word = (bcolors.OKGREEN, "COMPLETE") if _complete(shown) else (bcolors.OKBLUE, "PENDING")
        state = f"{colour}{word}{bcolors.ENDC}" if colours else word
        branch, below = ("└─--", "    ") if is_last else ("|---", "|   ")
        name = type(shown).__name__
        lines.append(f"\n{before}{branch}[{name}-{shown.to_str_params(only_significant=True)} ({state})]")
        children = flatten(shown.requires())
        entries = [(child, before + below, number == len(children)) for number, child in enumerate(children, 1)]
        to_show += reversed(entries)
    return "".join(lines)


def main() -> None:
    """The program luigi-deps-tree."""
    with named_task() as task:
        print(print_tree(task, colours=sys.stdout.isatty()))


__all__ = ["bcolors", "main", "print_tree"]

if __name__ == "__main__":
    main()
