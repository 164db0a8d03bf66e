"""Files that lie in a store, and are read and written by way of local ones."""

from __future__ import annotations

import abc
import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from tempfile import TemporaryDirectory, mkstemp
from typing import Any

from .atomic import AtomicBinaryFile
from .file import FileTarget, wrong_mode
from .local import LocalTarget


class StoredTarget(FileTarget):
    """What files of stores have in common. What is written goes there when it is whole, or not at all."""

    @abc.abstractmethod
    def _fetched(self) -> AbstractContextManager[LocalTarget]:
        """A local file with its content, to read within a `with` block."""

    def open(self, mode: str = "r") -> Any:
        """Opens it to read ("r") or write ("w"); whether text or bytes is said by the format, not by the mode.

        To read, it is fetched as a whole first, where it is not here already.
        """
        kind = mode if len(mode) == 1 else mode.replace("b", "").replace("t", "")
        if kind == "w":
            return self.format.pipe_writer(UploadedFile(self))
        if kind == "r":
            with self._fetched() as local:
                # what is open stays readable when its name is gone
                return self.format.pipe_reader(open(local.path, "rb"))
        raise wrong_mode(mode)

    @contextmanager
    def localize(self, mode: str = "r") -> Iterator[LocalTarget]:
        if mode == "r":
            with self._fetched() as local:
                yield local
        elif mode == "w":
            with scratch(self.basename) as path:
                yield LocalTarget(path, self.format)
                if not os.path.lexists(path):
                    raise FileNotFoundError(
                        f"nothing was written to {path}, the local file for {self}: "
                        "write to the path that the `with` block gives"
                    )
                self.copy_from_local(path)
        else:
            raise wrong_mode(mode)

    @contextmanager
    def temporary_path(self) -> Iterator[str]:
        """A local path for other programs and libraries to write the file to, which is stored after the block."""
        with self.localize("w") as local:
            yield local.path


class UploadedFile(AtomicBinaryFile):
    """A file that is written here, without being seen, and goes to a target's store when it is closed."""

    def __init__(self, target: FileTarget) -> None:
        self.path = target.path
        self._target = target
        descriptor, self.tmp_path = mkstemp(prefix="martlet-")
        # not AtomicBinaryFile's, which is for files beside the final one
        io.BufferedWriter.__init__(self, io.FileIO(descriptor, "w"))
        self._settled = False

    def move_to_final_destination(self) -> None:
        self._target.copy_from_local(self.tmp_path)
        os.unlink(self.tmp_path)


@contextmanager
def scratch(name: str) -> Iterator[str]:
    """A local path of this name, in a folder of its own that is gone after the `with` block with all that is in it."""
    with TemporaryDirectory(prefix="martlet-") as folder:
        yield os.path.join(folder, name or "content")
