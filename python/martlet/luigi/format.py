"""luigi.format"""

from ..formats import (
    UTF8,
    Bzip2,
    Bzip2Format,
    ChainFormat,
    Format,
    Gzip,
    GzipFormat,
    Nop,
    NopFormat,
    Text,
    TextFormat,
    get_default_format,
)

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
