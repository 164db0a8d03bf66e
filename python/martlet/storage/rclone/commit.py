"""Files of a remote that get their own names, over all tries of one batch."""

from __future__ import annotations

from typing import NamedTuple

from ...targets.temporary import temporary_name
from ..errors import StorageError
from .daemon import Daemon


class Place(NamedTuple):
    """A target as rclone names it."""

    remote: str
    path: str


class Naming(NamedTuple):
    """A temporary file, and the name that it is to have."""

    temporary: Place
    target: Place
    subject: str
    """The target, as it is told of."""


class Commit:
    """Used from several threads, for one file in one at a time.

    Where a remote renames, rclone first removes what is there. So that a connection that breaks then does not cost an
    earlier result, that one is called otherwise before, and removed, or called back, at the end.
    """

    def __init__(self, daemon: Daemon) -> None:
        self._daemon = daemon
        self._sizes: dict[Place, int] = {}
        self._aside: dict[Place, Place] = {}
        """By the target: what is called otherwise meanwhile."""

    def carry_out(self, naming: Naming, replaces: bool) -> None:
        """One try. `replaces`: the remote does that in one step."""
        size = self._daemon.size(*naming.temporary, naming.subject)
        if size is None:
            raise StorageError("absent", naming.subject, f"{naming.temporary.path} is not there")
        self._sizes[naming.temporary] = size
        if not replaces and self._daemon.size(*naming.target, naming.subject) is not None:
            self._put_aside(naming)
        self._move(naming.temporary, naming.target, naming.subject)

    def _put_aside(self, naming: Naming) -> None:
        other = Place(naming.target.remote, temporary_name(naming.target.path))
        # another try takes the same name: the answer to the first may have been lost
        aside = self._aside.setdefault(naming.target, other)
        try:
            self._move(naming.target, aside, naming.subject)
        except StorageError as error:
            if error.kind != "absent":  # it was there: rclone itself has tried again what had been done
                raise

    def end(self, naming: Naming, answer: StorageError | None) -> StorageError | None:
        """After all tries: what came of it."""
        if isinstance(answer, StorageError):
            answer = self._meaning(naming, answer)
        aside = self._aside.pop(naming.target, None)
        if aside is None:
            return answer
        try:
            if answer is None:
                self._daemon.call("operations/deletefile", naming.subject, fs=aside.remote, remote=aside.path)
            elif self._daemon.size(*naming.target, naming.subject) is None:
                self._move(aside, naming.target, naming.subject)
        except StorageError as left:
            # a file that was not removed has the name of a temporary one, which nobody takes for a result
            if answer is not None and left.kind != "absent":
                words = f"{answer.message}; what it was to replace is called {aside.path} now"
                return StorageError(answer.kind, naming.subject, words)
        return answer

    def _meaning(self, naming: Naming, error: StorageError) -> None | StorageError:
        """Where the temporary file has gone since a try began, that one was heard, and its answer lost."""
        size = self._sizes.get(naming.temporary)
        if error.kind != "absent" or size is None:
            return error
        try:
            if self._daemon.size(*naming.temporary, naming.subject) is not None:
                return error
            if self._daemon.size(*naming.target, naming.subject) == size:
                return None
        except StorageError as unknown:
            return unknown
        words = "it is not known whether it was renamed: the answer was lost"
        return StorageError("transient", naming.subject, words)

    def _move(self, place: Place, other: Place, subject: str) -> None:
        self._daemon.call(
            "operations/movefile", subject,
            srcFs=place.remote, srcRemote=place.path, dstFs=other.remote, dstRemote=other.path,
        )  # fmt: skip
