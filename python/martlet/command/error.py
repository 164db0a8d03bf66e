"""How a command failed that was run by hand."""

from __future__ import annotations

from ..running.outcome import Kind


class CommandError(RuntimeError):
    """A command that did not do its task's work; `kind` decides about another try."""

    def __init__(self, cause: str, kind: Kind = Kind.RAISED) -> None:
        super().__init__(cause)
        self.kind = kind
