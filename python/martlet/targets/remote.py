"""Files in stores: EOS, dCache, CERNBox, S3, Dropbox and whatever else has a back end."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory, mkstemp
from typing import TYPE_CHECKING, Any, ClassVar

from ..formats import Text
from . import location
from .atomic import AtomicBinaryFile
from .file import FileTarget
from .local import LocalTarget
from .remote_files import RemoteFileSystem

if TYPE_CHECKING:
    from ..formats import Format
    from ..storage import FileStatus


class RemoteTarget(FileTarget):
    """A file in a store, by its URL. What is written goes there under a temporary name: it appears whole or not at all.

    Behind the host stands the path as it is: nothing in it is encoded.
    """

    fs: ClassVar[Any] = RemoteFileSystem()

    def __init__(self, url: Any, format: Format | None = None) -> None:
        """
        :param url: text, e.g. `root://eosuser.cern.ch//eos/user/d/doe/fit.json`.
        :param format: how its content is encoded for open(); text by default, `martlet.formats.Nop` for bytes.
        """
        self.path = str(url)
        self.format: Any = Text if format is None else format
        if not location.is_remote(self.path):
            raise ValueError(f"{self.path!r} is no URL of a store: a local path is for LocalTarget")

    def __str__(self) -> str:
        return location.shown(self.path)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({location.shown(self.path)!r})"

    def exists(self) -> bool:
        """Whether it is there. Raises StorageError when that cannot be found out."""
        found: bool = self.fs.exists(self.path)
        return found

    def bulk_location(self) -> str | None:
        return self.path if type(self).exists is RemoteTarget.exists else None

    def stat(self) -> FileStatus:
        status: FileStatus = self.fs.stat(self.path)
        return status

    def open(self, mode: str = "r") -> Any:
        """Opens it to read ("r") or write ("w"); whether text or bytes is said by the format, not by the mode.

        To read, it is fetched as a whole first.
        """
        kind = mode if len(mode) == 1 else mode.replace("b", "").replace("t", "")
        if kind == "w":
            return self.format.pipe_writer(UploadedFile(self))
        if kind == "r":
            with self.localize("r") as local:
                # what is open stays readable when its name is gone
                return self.format.pipe_reader(open(local.path, "rb"))
        raise ValueError(f"mode must be 'r' or 'w' (got: {mode})")

    @contextmanager
    def localize(self, mode: str = "r") -> Iterator[LocalTarget]:
        with scratch(self.basename) as path:
            if mode == "r":
                yield self.copy_to_local(path)
            elif mode == "w":
                local = LocalTarget(path, self.format)
                yield local
                if not os.path.lexists(path):
                    raise FileNotFoundError(
                        f"nothing was written to {path}, the local file for {self}: "
                        "write to the path that the `with` block gives"
                    )
                self.copy_from_local(path)
            else:
                raise ValueError(f"mode must be 'r' or 'w' (got: {mode})")

    @contextmanager
    def temporary_path(self) -> Iterator[str]:
        """A local path for other programs and libraries to write the file to, which is uploaded after the block."""
        with self.localize("w") as local:
            yield local.path

    def copy_to_local(self, path: Any) -> LocalTarget:
        self.fs.fetch([(self.path, str(path))])
        return LocalTarget(path, self.format)

    def copy_from_local(self, path: Any) -> None:
        self.fs.store([(str(path), self.path)])


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
