"""luigi.mock: targets in memory, for tests of tasks."""

# The names are luigi's.

from __future__ import annotations

import io
import sys
from collections.abc import MutableMapping
from typing import Any, ClassVar

from ..formats import get_default_format
from ..targets.shared import SharedContents
from .target import FileSystem, FileSystemTarget


class MockFileSystem(FileSystem):
    """All that MockTargets hold: one for all instances and for all workers of a run."""

    # made at import, before any worker is forked: what a worker writes must be seen by the others
    _data: ClassVar[MutableMapping[str, bytes]] = SharedContents()

    def get_all_data(self) -> MutableMapping[str, bytes]:
        """Contents by path; may be changed."""
        return MockFileSystem._data

    def get_data(self, fn: str) -> bytes:
        """The content at a path; KeyError if there is none."""
        return self.get_all_data()[fn]

    def exists(self, path: str) -> bool:
        return path in self.get_all_data()

    def remove(self, path: str, recursive: bool = True, skip_trash: bool = True) -> None:
        """Removes a path, and all that begin with it if `recursive`."""
        data = self.get_all_data()
        for name in self.listdir(path) if recursive else [path]:
            del data[name]

    def move(self, path: str, dest: str, raise_if_exists: bool = False) -> None:
        self.copy(path, dest, raise_if_exists)
        del self.get_all_data()[path]

    def copy(self, path: str, dest: str, raise_if_exists: bool = False) -> None:
        data = self.get_all_data()
        if raise_if_exists and dest in data:
            raise RuntimeError(f"Destination exists: {dest}")
        data[dest] = data[path]

    def listdir(self, path: str) -> list[str]:  # type: ignore[override]
        """All paths that begin with this one."""
        return [name for name in self.get_all_data() if name.startswith(path)]

    def isdir(self, path: str) -> bool:
        return bool(self.listdir(path))

    def mkdir(self, path: str, parents: bool = True, raise_if_exists: bool = False) -> None:
        """Does nothing: any path may be written to."""

    def clear(self) -> None:
        """Removes everything."""
        self.get_all_data().clear()


class _Written(io.BytesIO):
    """What is written to a target: kept under its path when closed."""

    def __init__(self, target: MockTarget) -> None:
        super().__init__()
        self._target = target
        self._at_line_start = True

    def write(self, data: Any, /) -> int:
        if self._target._mirror_on_stderr:
            text = bytes(data).decode("utf-8", "replace")
            sys.stderr.write(f"{self._target.path}: {text}" if self._at_line_start else text)
            self._at_line_start = text.endswith("\n")
        return super().write(data)

    def seekable(self) -> bool:
        return False

    def close(self) -> None:
        if not self.closed:
            self._target.fs.get_all_data()[self._target.path] = self.getvalue()
            super().close()

    def abort(self) -> None:
        """Drops it."""
        super().close()

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.close()
        else:
            self.abort()

    def __del__(self) -> None:
        self.abort()


class MockTarget(FileSystemTarget):
    """A file in memory."""

    fs: ClassVar[Any] = MockFileSystem()

    def __init__(self, fn: Any, is_tmp: Any = None, mirror_on_stderr: bool = False, format: Any = None) -> None:
        """
        :param fn: the path.
        :param is_tmp: means nothing.
        :param mirror_on_stderr: shows what is written on standard error too.
        :param format: as of LocalTarget.
        """
        super().__init__(fn)
        self._mirror_on_stderr = mirror_on_stderr
        self.format = format or get_default_format()

    def exists(self) -> bool:
        return self.path in self.fs.get_all_data()

    def move(self, path: str, raise_if_exists: bool = False) -> None:
        """Gives it another path."""
        self.fs.move(self.path, path, raise_if_exists)

    def rename(self, *args: Any, **kwargs: Any) -> None:
        """The same as move()."""
        self.move(*args, **kwargs)

    def open(self, mode: str = "r") -> Any:
        if not isinstance(mode, str):
            raise TypeError(f"mode must be 'r' or 'w' (got: {mode!r})")
        if mode[:1] == "w":
            return self.format.pipe_writer(_Written(self))
        return self.format.pipe_reader(io.BytesIO(self.fs.get_all_data()[self.path]))


__all__ = ["MockFileSystem", "MockTarget"]
