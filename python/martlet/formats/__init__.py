"""Formats: how the content of a file is encoded. `Text >> Gzip` is text, compressed."""

from .base import ChainFormat, Format, NopFormat
from .compressed import Bzip2Format, GzipFormat
from .text import TextFormat

Text = TextFormat()
UTF8 = TextFormat(encoding="utf-8")
Nop = NopFormat()
Gzip = GzipFormat()
Bzip2 = Bzip2Format()


def get_default_format() -> Format:
    """The format of a target that names none: text."""
    return Text


__all__ = [
    "UTF8",
    "Bzip2",
    "Bzip2Format",
    "ChainFormat",
    "Format",
    "Gzip",
    "GzipFormat",
    "Nop",
    "NopFormat",
    "Text",
    "TextFormat",
    "get_default_format",
]
