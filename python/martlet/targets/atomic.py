"""Files that appear under their name when they are complete, or not at all."""

# Paths are text and calls go to os: pathlib costs as much as the file itself.

from __future__ import annotations

import io
import os
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from .. import fail_points
from .temporary import temporary_name

_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
_CHUNK = 1 << 20
"""Characters a text file keeps before it writes."""


def _open(temporary: str, path: str) -> int:
    """A descriptor of a new file; makes the directories above it if they lack. Errors name the final path."""
    try:
        if fail_points.armed:
            fail_points.reach("target.open")
        return os.open(temporary, _FLAGS, 0o666)
    except FileNotFoundError:
        pass  # its folder lacks
    except OSError as error:
        error.filename = path
        raise
    try:
        os.makedirs(os.path.dirname(temporary) or ".", exist_ok=True)
        return os.open(temporary, _FLAGS, 0o666)
    except OSError as error:
        error.filename = path
        raise


def _rename(temporary: str, path: str) -> None:
    if not fail_points.armed:
        return os.replace(temporary, path)
    if not fail_points.skips("target.rename"):
        os.replace(temporary, path)
    fail_points.reach("target.renamed")


def _discard(temporary: str) -> None:
    with suppress(FileNotFoundError):
        os.unlink(temporary)


class AtomicBinaryFile(io.BufferedWriter):
    """A binary file under a temporary name; close() gives it its own.

    An exception within the `with` block, abort(), or forgetting to close it drop it. A killed process leaves the
    temporary file behind, never a partial one under the final name.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.tmp_path = temporary_name(path)
        super().__init__(io.FileIO(_open(self.tmp_path, path), "w"))
        self._settled = False

    @property
    def name(self) -> str:
        """The path it will have."""
        return self.path

    def move_to_final_destination(self) -> None:
        """Gives the written file its own name."""
        _rename(self.tmp_path, self.path)

    def close(self) -> None:
        if self._settled:
            return
        self._settled = True
        try:
            if fail_points.armed and (kept := fail_points.torn("target.write")) is not None:
                self.truncate(kept)
                fail_points.die()
            super().close()
            self.move_to_final_destination()
        except BaseException:  # Ctrl-C too leaves nothing half written
            _discard(self.tmp_path)
            raise

    def abort(self) -> None:
        """Closes the file and drops what was written."""
        if self._settled:
            return
        self._settled = True
        try:
            super().close()
        finally:
            _discard(self.tmp_path)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        if not self.__dict__.get("_settled", True):
            self.abort()


class AtomicTextFile(io.TextIOBase):
    """A text file under a temporary name; close() gives it its own, as of AtomicBinaryFile.

    What is written is kept and goes to disk in one piece when that suffices, which for small files is twice as fast as
    Python's layers; these are put underneath when a file grows or something else than writing is asked of it.
    """

    _below: io.TextIOWrapper | None = None
    _size = 0
    _settled = False

    def __init__(self, path: str, encoding: str = "utf-8", errors: str = "strict") -> None:
        self.path = path
        self.tmp_path = temporary_name(path)
        self._encoding = encoding
        self._errors = errors
        self._parts: list[str] = []
        if not fail_points.armed:
            try:
                self._descriptor = os.open(self.tmp_path, _FLAGS, 0o666)
                return
            except OSError:
                pass  # told below, or mended: folders are made
        self._descriptor = _open(self.tmp_path, path)

    @property
    def name(self) -> str:
        """The path it will have."""
        return self.path

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self._encoding

    @property
    def errors(self) -> str:  # type: ignore[override]
        return self._errors

    @property
    def closed(self) -> bool:
        return self._settled

    def write(self, text: str, /) -> int:
        if self._below is not None:
            return self._below.write(text)
        if self._settled:
            raise ValueError("I/O operation on closed file.")
        if text.__class__ is not str and not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._parts.append(text)
        size = len(text)
        self._size += size
        if self._size > _CHUNK:
            self._layers()
        return size

    def writelines(self, lines: Iterable[str], /) -> None:  # type: ignore[override]
        for line in lines:
            self.write(line)

    def _layers(self) -> io.TextIOWrapper:
        """Python's own layers over the descriptor, with all that was written so far."""
        if self._below is None:
            if self._settled:
                raise ValueError("I/O operation on closed file.")
            raw = io.BufferedWriter(io.FileIO(self._descriptor, "w"))
            self._below = io.TextIOWrapper(raw, encoding=self._encoding, errors=self._errors, newline="")
            self._below.write("".join(self._parts))
            self._parts.clear()
        return self._below

    @property
    def buffer(self) -> Any:
        """The binary file below, for what writes bytes."""
        below = self._layers()
        below.flush()
        return below.buffer

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def fileno(self) -> int:
        self._layers().flush()
        return self._descriptor

    def flush(self) -> None:
        if not self._settled:
            self._layers().flush()

    def tell(self) -> int:
        return self._layers().tell()

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._layers().seek(offset, whence)

    def truncate(self, size: int | None = None, /) -> int:
        return self._layers().truncate(size)

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        if self._settled:
            return
        try:
            if self._below is not None:
                self._below.close()
            else:
                descriptor = self._descriptor
                if parts := self._parts:
                    text = parts[0] if len(parts) == 1 else "".join(parts)
                    self._write_all(descriptor, text.encode(self._encoding, self._errors))
                self._descriptor = -1
                os.close(descriptor)
            if fail_points.armed:
                _rename(self.tmp_path, self.path)
            else:
                os.replace(self.tmp_path, self.path)
        except BaseException:  # as above
            self.abort()
            raise
        self._settled = True

    def _write_all(self, descriptor: int, data: bytes) -> None:
        if fail_points.armed and (kept := fail_points.torn("target.write")) is not None:
            os.write(descriptor, data[:kept])
            fail_points.die()
        written = os.write(descriptor, data)
        while written < len(data):  # a signal, or a disk that is nearly full
            written += os.write(descriptor, memoryview(data)[written:])

    def _close_below(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if self._below is not None:
            self._below.close()
        elif descriptor >= 0:
            os.close(descriptor)

    def abort(self) -> None:
        """Closes the file and drops what was written."""
        if self._settled:
            return
        self._settled = True
        try:
            self._close_below()
        finally:
            _discard(self.tmp_path)

    def __enter__(self) -> AtomicTextFile:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        if not self._settled and "_descriptor" in self.__dict__:
            self.abort()
