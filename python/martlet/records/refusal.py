"""Questions that cannot be answered."""

from __future__ import annotations


class RecordsError(RuntimeError):
    """The records cannot be read, or do not hold what was asked for."""

    def __init__(self, code: str, line: str, hint: str) -> None:
        super().__init__(f"{line}\nhint: {hint}" if hint else line)
        self.code = code
        """`noRecords`, `unknownTask`, `ambiguousTask`, `recordUnreadable`, …"""
        self.hint = hint
        """The way out, in one line; may be empty."""
