"""Files that are read or written through another program."""

# The names are luigi's.

from __future__ import annotations

import io
from collections.abc import Iterator
from shutil import copyfileobj
from signal import SIGPIPE
from subprocess import PIPE, Popen
from tempfile import TemporaryFile
from typing import Any

_STOPPED_READING = (0, 128 + SIGPIPE, -SIGPIPE)
"""Exit codes of a program that did its work, as far as somebody read it."""


def _has_descriptor(file: Any) -> bool:
    try:
        file.fileno()
    except (AttributeError, io.UnsupportedOperation):
        return False
    return True


class InputPipeProcessWrapper(io.BufferedIOBase):
    """What a program writes to its standard output, as a binary file to read from.

    close() may come before everything was read. A program that failed raises RuntimeError at the end of an iteration
    or in close(). A file this is read from a method of, as in `open().read`, stays open as long as that method.
    """

    def __init__(self, command: Any, input_pipe: Any = None) -> None:
        """
        :param command: the words of the command; or a Popen object, whose standard output is a pipe.
        :param input_pipe: the program's standard input. One without a file descriptor is copied to disk first.
        """
        self._command = command
        if input_pipe is not None and not _has_descriptor(input_pipe):
            with input_pipe as source:
                input_pipe = TemporaryFile()
                copyfileobj(source, input_pipe)
            input_pipe.seek(0)
        self._input_pipe = input_pipe
        self._process: Any = command if isinstance(command, Popen) else self.create_subprocess(command)

    def create_subprocess(self, command: Any) -> Any:
        """Starts the program; SIGPIPE ends it as it would in a shell."""
        return Popen(command, stdin=self._input_pipe, stdout=PIPE)

    def _finish(self) -> None:
        # in this order, so that the program hears of nobody reading before its own input ends
        self._process.stdout.close()
        if self._input_pipe is not None:
            self._input_pipe.close()
        code = self._process.wait()
        if code not in _STOPPED_READING:
            raise RuntimeError(f"Error reading from pipe. Subcommand exited with non-zero exit status {code}.")

    @property
    def closed(self) -> bool:
        return bool(self._process.stdout.closed) if "_process" in self.__dict__ else True

    def close(self) -> None:
        """Stops reading and awaits the program's end."""
        if "_process" in self.__dict__:
            self._finish()

    def _abort(self) -> None:
        """Like close(), whatever has become of the program."""
        try:
            self.close()
        except (OSError, RuntimeError):
            pass  # what has gone wrong before matters more

    def __del__(self) -> None:
        self._abort()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self._abort()

    def __iter__(self) -> Iterator[bytes]:
        yield from self._process.stdout
        self._finish()

    def __next__(self) -> bytes:
        line: bytes = next(self._process.stdout)
        return line

    def __getattr__(self, name: str) -> Any:
        if name in ("_process", "_input_pipe"):
            raise AttributeError(name)  # __init__ has not come so far
        try:
            return getattr(self._process.stdout, name)
        except AttributeError:
            return getattr(self._input_pipe, name)

    def read(self, size: int | None = -1, /) -> bytes:
        data: bytes = self._process.stdout.read(-1 if size is None else size)
        return data

    def read1(self, size: int = -1, /) -> bytes:
        data: bytes = self._process.stdout.read1(size)
        return data

    def readinto(self, buffer: Any, /) -> int:
        count: int = self._process.stdout.readinto(buffer)
        return count

    def readline(self, size: int | None = -1, /) -> bytes:
        line: bytes = self._process.stdout.readline(-1 if size is None else size)
        return line

    def fileno(self) -> int:
        descriptor: int = self._process.stdout.fileno()
        return descriptor

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False


class OutputPipeProcessWrapper(io.BufferedIOBase):
    """A binary file to write to: the standard input of a program, which writes to a file.

    close() awaits the program and completes the file below; RuntimeError, and no file, if the program failed.
    """

    WRITES_BEFORE_FLUSH = 10000

    def __init__(self, command: Any, output_pipe: Any = None) -> None:
        """
        :param command: the words of the command.
        :param output_pipe: the program's standard output. One without a file descriptor is given all at the end.
        """
        self._command = command
        self._output_pipe = output_pipe
        self._kept: Any = None
        if output_pipe is not None and not _has_descriptor(output_pipe):
            self._kept = TemporaryFile()
        self._process: Any = Popen(command, stdin=PIPE, stdout=output_pipe if self._kept is None else self._kept)
        self._flushcount = 0

    @property
    def closed(self) -> bool:
        return self._process.returncode is not None if "_process" in self.__dict__ else True

    def write(self, data: Any, /) -> int:
        count: int = self._process.stdin.write(data)
        self._flushcount += 1
        if self._flushcount == self.WRITES_BEFORE_FLUSH:
            self.flush()
            self._flushcount = 0
        return count

    def writeLine(self, line: Any) -> None:
        """Writes one line, given without its end."""
        end = "\n" if isinstance(line, str) else b"\n"
        if end in line:
            raise ValueError(f"writeLine() takes one line without its end, not {line!r}")
        self.write(line + end)

    def _finish(self) -> None:
        """Ends the program's input and awaits it."""
        if self._process.returncode is None:
            try:
                self._process.stdin.close()
            except BrokenPipeError:
                pass  # the program is gone; its exit code says more
            self._process.wait()

    def close(self) -> None:
        """Completes what was written."""
        if self.closed:
            return
        self._finish()
        if self._process.returncode != 0:
            self._drop_output()
            raise RuntimeError(f"Error when executing command {self._command}")
        if self._output_pipe is not None:
            if self._kept is not None:
                self._kept.seek(0)
                copyfileobj(self._kept, self._output_pipe)
                self._kept.close()
            self._output_pipe.close()

    def abort(self) -> None:
        """Drops what was written."""
        if not self.closed:
            self._finish()
            self._drop_output()

    def _drop_output(self) -> None:
        if self._kept is not None:
            self._kept.close()
        if hasattr(self._output_pipe, "abort"):
            self._output_pipe.abort()

    def __del__(self) -> None:
        if not self.closed:
            self.abort()

    def __enter__(self) -> Any:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __getattr__(self, name: str) -> Any:
        if name in ("_process", "_output_pipe"):
            raise AttributeError(name)  # __init__ has not come so far
        try:
            return getattr(self._process.stdin, name)
        except AttributeError:
            return getattr(self._output_pipe, name)

    def flush(self) -> None:
        if not self.closed:
            self._process.stdin.flush()

    def fileno(self) -> int:
        descriptor: int = self._process.stdin.fileno()
        return descriptor

    def readable(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return False
