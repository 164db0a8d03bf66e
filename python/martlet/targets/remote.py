"""Files in stores: EOS, dCache, CERNBox, S3, Dropbox and whatever else has a back end."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, ClassVar

from ..formats import Text
from . import location
from .local import LocalTarget
from .remote_files import RemoteFileSystem
from .stored import StoredTarget, scratch

if TYPE_CHECKING:
    from ..formats import Format
    from ..storage import FileStatus


class RemoteTarget(StoredTarget):
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

    def open_parts(self) -> IO[bytes]:
        from .parts import opened  # for those who want parts

        return opened(self.path)

    @contextmanager
    def _fetched(self) -> Iterator[LocalTarget]:
        with scratch(self.basename) as path:
            yield self.copy_to_local(path)

    def copy_to_local(self, path: Any) -> LocalTarget:
        self.fs.fetch([(self.path, str(path))])
        return LocalTarget(path, self.format)

    def copy_from_local(self, path: Any) -> None:
        self.fs.store([(str(path), self.path)])
