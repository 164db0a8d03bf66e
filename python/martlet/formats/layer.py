"""What formats are built from: files that stand in front of other files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .base import Format


class Layer:
    """A file in front of another, to which all that it does not define itself is handed on.

    Leaving a `with` block leaves that of the file below, which decides what an exception means to it.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        if name == "_stream":
            raise AttributeError(name)  # __init__ has not run
        return getattr(self._stream, name)

    def __enter__(self) -> Any:
        self._stream.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> Any:
        return self._stream.__exit__(kind, error, trace)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._stream)


class WrappedFormat(Format):
    """A format whose readers and writers are `wrapper_cls(file, *args, **kwargs)`."""

    wrapper_cls: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.args = args
        self.kwargs = kwargs

    def pipe_reader(self, input_pipe: Any) -> Any:
        return self.wrapper_cls(input_pipe, *self.args, **self.kwargs)

    def pipe_writer(self, output_pipe: Any) -> Any:
        return self.wrapper_cls(output_pipe, *self.args, **self.kwargs)
