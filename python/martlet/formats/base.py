"""What every format is: layers between a program and the bytes of a file."""

from __future__ import annotations

from itertools import pairwise
from typing import Any


def drop(file: Any, *exception: Any) -> None:
    """Drops what was written to the file a format stands on.

    One without abort(), which is nobody of ours, decides itself what an exception means to it.
    """
    if hasattr(file, "abort"):
        file.abort()
    elif exception:
        file.__exit__(*exception)


class Format:
    """How the content of a file is encoded. `a >> b` passes what is written through `a`, then through `b`.

    Readers close what they read from. Writers have close(), which completes the file, and abort(), which drops it;
    leaving a `with` block calls the one or, upon an exception, the other.
    """

    input: str
    """What it takes when writing: "unicode" or "bytes". Formats that take either do not say."""
    output: str
    """What it gives when writing."""

    def pipe_reader(self, input_pipe: Any) -> Any:
        """A file to read from, over a binary file to read from."""
        raise NotImplementedError

    def pipe_writer(self, output_pipe: Any) -> Any:
        """A file to write to, over a binary file to write to."""
        raise NotImplementedError

    def __rshift__(self, other: Format) -> ChainFormat:
        return ChainFormat(self, other)


class ChainFormat(Format):
    """Several formats, the one next to the program first."""

    def __init__(self, *args: Format, check_consistency: bool = True) -> None:
        """Raises TypeError if a format does not take what the one before gives."""
        self.args = args
        if hasattr(args[0], "input"):
            self.input = args[0].input
        if hasattr(args[-1], "output"):
            self.output = args[-1].output
        for left, right in pairwise(args) if check_consistency else ():
            given, taken = getattr(left, "output", None), getattr(right, "input", None)
            if given is not None and taken is not None and given != taken:
                raise TypeError(
                    f"The format chaining is not valid, {type(right).__name__} expect {taken} "
                    f"but {type(left).__name__} provide {given}"
                )

    def pipe_reader(self, input_pipe: Any) -> Any:
        for layer in reversed(self.args):
            input_pipe = layer.pipe_reader(input_pipe)
        return input_pipe

    def pipe_writer(self, output_pipe: Any) -> Any:
        for layer in reversed(self.args):
            output_pipe = layer.pipe_writer(output_pipe)
        return output_pipe


class NopFormat(Format):
    """Bytes as they are."""

    def pipe_reader(self, input_pipe: Any) -> Any:
        return input_pipe

    def pipe_writer(self, output_pipe: Any) -> Any:
        return output_pipe
