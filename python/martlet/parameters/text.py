"""Parameters whose value is text."""

from __future__ import annotations

from .base import Parameter


class StrParameter(Parameter[str]):
    """A text. Unlike `Parameter` it does not warn of other values."""

    def parse(self, x: str) -> str:
        return str(x)
