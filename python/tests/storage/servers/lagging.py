"""Stands before a WebDAV server and shows files late: they can be read at once, and are listed, or known, later."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from .doors import Asked, Door

_RESPONSE = re.compile(rb"<D:response\b.*?</D:response>\s*", re.DOTALL)


class Lagging(Door):
    """The server as it is seen from outside."""

    def __init__(self, upstream: int) -> None:
        super().__init__(upstream)
        self.withheld = 0
        """Entries that were left out of listings."""
        self.denied: Counter[str] = Counter()
        """How often a path was said not to be there, though it is."""
        self.denials = 0
        """So often each file that is there is said not to be, when it is asked for itself."""

    def answered(self, asked: Asked, status: int, content: bytes) -> tuple[int, bytes] | None:
        if asked.method == "PROPFIND" and status == 207:
            if asked.depth == "1":
                return status, self._shortened(content)
            if b"<D:collection/>" not in content and self._denies(asked.path):
                return 404, b""
        return status, content

    def _shortened(self, listing: bytes) -> bytes:
        """Without the files in it."""

        def left(match: re.Match[bytes]) -> bytes:
            if b"<D:collection/>" in match.group():
                return match.group()
            with self.lock:
                self.withheld += 1
            return b""

        return _RESPONSE.sub(left, listing)

    def _denies(self, path: str) -> bool:
        with self.lock:
            if self.denied[path] >= self.denials:
                return False
            self.denied[path] += 1
            return True


@contextmanager
def lagging(upstream: int) -> Iterator[Lagging]:
    """Before the server on that port of this machine."""
    server = Lagging(upstream)
    with server.open():
        yield server
