"""The servers that targets are on, and questions to many of them at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeVar

from pyxrootd import client as inner
from XRootD import client
from XRootD.client.flags import DirListFlags, HostTypes
from XRootD.client.responses import XRootDStatus

from ..answers import each
from ..bounded import within
from ..errors import StorageError
from ..patience import Patience
from ..waits import Waits
from .requests import Hear, all_at_once
from .status import check, error

Item = TypeVar("Item")
Answer = TypeVar("Answer")
Question = Callable[[Item, Hear], Any]
"""Sends the request about an item; gives the status of the sending, or raises StorageError."""
Send = Callable[[Any, str, int, Hear], Any]
"""Sends a request to a server, about a path, with a time limit; gives the status of the sending."""

_LISTINGS = 64
"""Directories that are listed at a time."""


def parted(target: str) -> tuple[str, str]:
    """A target's server and the path on it: `root://host//a/b` is on `root://host`, at `/a/b`."""
    scheme, _, rest = target.partition("://")
    host, _, path = rest.partition("/")
    if not host:
        raise StorageError("unsupported", target, "it names no server")
    for character, name in (("?", "a question mark"), ("\n", "a line break"), ("\r", "a line break"), ("\0", "a NUL")):
        if character in path:
            raise StorageError("unsupported", target, f"XRootD has no way to say {name} in a name")
    path = "/" + path.lstrip("/")
    if ".." in path.split("/"):
        raise StorageError("unsupported", target, "`..` could lead out of the store")
    return f"{scheme}://{host}", path


class Servers:
    """Safe for use by several threads."""

    def __init__(self, waits: Waits, patience: Patience) -> None:
        self.timeout = waits.request
        self.patience = patience
        self._known: dict[str, Any] = {}
        self._listing_flags: dict[str, int] = {}
        self._lock = threading.Lock()
        _fail_soon(waits.connection)

    def at(self, target: str) -> tuple[Any, str]:
        """The client's FileSystem that a target is on, and its path there."""
        url, path = parted(target)
        with self._lock:
            files = self._known.get(url)
            if files is None:
                files = self._known[url] = client.FileSystem(url)
        return files, path

    def ask(
        self,
        items: Sequence[Item],
        question: Question[Item],
        value: Callable[[Any], Answer],
        subject: Callable[[Item], str] = str,
    ) -> list[Answer | StorageError]:
        """What the servers say of all items: `value` of the response. Tries transient failures again.

        `subject` is what an error is about.
        """

        def once(some: list[Item]) -> list[Answer | StorageError]:
            said = all_at_once([partial(question, item) for item in some])
            return [
                answer if isinstance(answer, StorageError)
                else value(answer[1]) if answer[0].ok
                else error(answer[0], subject(item))
                for item, answer in zip(some, said)
            ]  # fmt: skip

        return self.patience.ask(once, items)

    def each(
        self,
        targets: Sequence[str],
        send: Send,
        value: Callable[[Any], Answer],
    ) -> list[Answer | StorageError]:
        """The same, of one request a target."""

        def question(target: str, hear: Hear) -> Any:
            files, path = self.at(target)
            return send(files, path, self.timeout, hear)

        return self.ask(targets, question, value)

    def entries(self, directories: Sequence[str], value: Callable[[Any], Answer]) -> list[Answer | StorageError]:
        """`value` of each directory's entries, with their StatInfo."""

        return self._listed(directories, lambda directory: value(self._entries(directory)))

    def names(self, directories: Sequence[str]) -> list[frozenset[str] | StorageError]:
        """Those of the entries of each directory."""
        return self._listed(directories, self._names)

    def _listed(self, directories: Sequence[str], one: Callable[[str], Answer]) -> list[Answer | StorageError]:
        def once(some: list[str]) -> list[Answer | StorageError]:
            # of each server one directory first, so that not all ask what it is
            first = {directory.partition("://")[2].partition("/")[0]: directory for directory in some}
            each(list(first.values()), self._flags, _LISTINGS)
            return each(some, bounded, _LISTINGS)

        def bounded(directory: str) -> Answer:
            try:
                # in a cluster the client's own limit is one for each server, and may be none for one that has gone
                return within(2 * self.timeout, lambda: one(directory))
            except TimeoutError as error:
                raise StorageError("transient", directory, str(error)) from error

        return self.patience.ask(once, directories)

    def _entries(self, directory: str) -> Any:
        files, path = self.at(directory)
        status, listed = files.dirlist(path, self._flags(directory) | DirListFlags.STAT, self.timeout)
        check(status, directory, complete=True)
        return listed or ()

    def _names(self, directory: str) -> frozenset[str]:
        """By the client's inner layer: the outer one makes an object of each, which costs more than the listing."""
        url, path = parted(directory)
        said, listed = inner.FileSystem(url).dirlist(path, self._flags(directory), self.timeout)
        check(XRootDStatus(said), directory, complete=True)
        return frozenset(entry["name"] for entry in listed["dirlist"]) if listed else frozenset()

    def _flags(self, target: str) -> int:
        """In a cluster all servers that may have part of a directory are to be asked. One question a server."""
        url = parted(target)[0]
        if url not in self._listing_flags:
            status, protocol = self.at(target)[0].protocol(self.timeout)
            check(status, target)
            manages = protocol.hostinfo & HostTypes.IS_MANAGER
            self._listing_flags[url] = DirListFlags.LOCATE | DirListFlags.MERGE if manages else DirListFlags.NONE
        return self._listing_flags[url]


def _fail_soon(seconds: int) -> None:
    """A server that cannot be reached is told of soon, and asked again by the next request.

    The client's own settings wait for minutes, and remember a failure for half an hour. `XRD_` variables of the
    environment overrule these.
    """
    client.EnvPutInt("ConnectionWindow", seconds)
    client.EnvPutInt("ConnectionRetry", 1)
    client.EnvPutInt("StreamErrorWindow", 0)
    client.EnvPutInt("TimeoutResolution", 1)
