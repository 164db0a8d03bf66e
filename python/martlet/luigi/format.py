"""luigi.format"""

from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from ..formats.layer import Layer as BaseWrapper
    from ..formats.layer import Layer as FileWrapper
    from ..formats.layer import WrappedFormat
    from ..formats.mixed import MixedUnicodeBytesFormat, MixedUnicodeBytesWrapper
    from ..formats.newline import NewlineFormat, NewlineWrapper
    from ..formats.process import InputPipeProcessWrapper, OutputPipeProcessWrapper
    from ..formats.text import TextWriter as TextWrapper

    MixedUnicodeBytes: MixedUnicodeBytesFormat
    SysNewLine: NewlineFormat

_ON_DEMAND = {
    "BaseWrapper": ("layer", "Layer"),
    "FileWrapper": ("layer", "Layer"),
    "InputPipeProcessWrapper": ("process", "InputPipeProcessWrapper"),
    "MixedUnicodeBytesFormat": ("mixed", "MixedUnicodeBytesFormat"),
    "MixedUnicodeBytesWrapper": ("mixed", "MixedUnicodeBytesWrapper"),
    "NewlineFormat": ("newline", "NewlineFormat"),
    "NewlineWrapper": ("newline", "NewlineWrapper"),
    "OutputPipeProcessWrapper": ("process", "OutputPipeProcessWrapper"),
    "TextWrapper": ("text", "TextWriter"),
    "WrappedFormat": ("layer", "WrappedFormat"),
}
"""Names that few scripts use: the module of `martlet.formats`, and the name there."""
_INSTANCES = {"MixedUnicodeBytes": "MixedUnicodeBytesFormat", "SysNewLine": "NewlineFormat"}


def __getattr__(name: str) -> Any:
    value: Any
    if name in _INSTANCES:
        value = __getattr__(_INSTANCES[name])()
    elif name in _ON_DEMAND:
        from importlib import import_module

        module, theirs = _ON_DEMAND[name]
        value = getattr(import_module(f"martlet.formats.{module}"), theirs)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


__all__ = [
    "UTF8",
    "BaseWrapper",
    "Bzip2",
    "Bzip2Format",
    "ChainFormat",
    "FileWrapper",
    "Format",
    "Gzip",
    "GzipFormat",
    "InputPipeProcessWrapper",
    "MixedUnicodeBytes",
    "MixedUnicodeBytesFormat",
    "MixedUnicodeBytesWrapper",
    "NewlineFormat",
    "NewlineWrapper",
    "Nop",
    "NopFormat",
    "OutputPipeProcessWrapper",
    "SysNewLine",
    "Text",
    "TextFormat",
    "TextWrapper",
    "WrappedFormat",
    "get_default_format",
]
