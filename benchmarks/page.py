"""The blocks of pages that are made from results, and the programs that renew them."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .results import Results

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "performance.md"


@dataclass(frozen=True)
class Block:
    """What stands between `<!-- NAME: RESULTS -->` and `<!-- end of NAME -->`."""

    name: str
    on_page: Callable[[Results], str]
    on_terminal: Callable[[Results], str]
    page: Path = PAGE

    def renewed(self, page: str, path: str | None = None) -> str:
        """The page with this block made from the results it names, or from others."""
        whole = rf"<!-- {self.name}: (?P<path>\S+) -->\n(?P<body>.*?)<!-- end of {self.name} -->\n"
        found = re.search(whole, page, re.DOTALL)
        if found is None:
            between = f"between `<!-- {self.name}: … -->` and `<!-- end of {self.name} -->`"
            raise ValueError(f"{self.page} has no block {between}")
        path = path or found["path"]
        made = self.on_page(Results.read(ROOT / path))
        block = f"<!-- {self.name}: {path} -->\n{made}<!-- end of {self.name} -->\n"
        return page[: found.start()] + block + page[found.end() :]

    def main(self, program: str, arguments: list[str]) -> int:
        """Prints results as tables, or renews those of the page."""
        parser = argparse.ArgumentParser(prog=program, description="Results as tables")
        parser.add_argument("results", type=Path)
        parser.add_argument("--write", action="store_true", help=f"renew the tables of docs/{self.page.name}")
        given = parser.parse_args(arguments)
        if given.write:
            self.page.write_text(self.renewed(self.page.read_text(), str(given.results.resolve().relative_to(ROOT))))
        else:
            print(self.on_terminal(Results.read(given.results)))
        return 0
