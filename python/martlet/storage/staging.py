"""Whole files between a store and here: compared, and under their names only then.

`Staging` does that for any back end that can bring the bytes of one file and take them there; it is made of the back
end's own operations otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from ..targets.temporary import temporary_name
from . import digests, local_files
from .answers import only
from .errors import StorageError
from .patience import Patience
from .tally import Tally, carry_out
from .values import Checksum, FileStatus, Progress, Transfer

Moved = Callable[[int], None]
"""Is told of so many more bytes."""


class Store(Protocol):
    """What is asked of the back end, from several threads at once."""

    def stat(self, targets: Sequence[str]) -> list[FileStatus | StorageError]: ...
    def commit(self, moves: Sequence[tuple[str, str]]) -> list[None | StorageError]: ...
    def checksum(self, targets: Sequence[str]) -> list[Checksum | StorageError]: ...
    def delete(self, targets: Sequence[str]) -> list[None | StorageError]: ...

    def download(self, target: str, local: str, begin: int, size: int, moved: Moved) -> None:
        """Writes bytes `begin..<size` of a file to the same places of a local one, which is there.

        Calls `moved` in the order of the bytes: what it was told of is not asked for again.
        """

    def upload(self, temporary: str, local: str, size: int, moved: Moved) -> None:
        """Writes a local file under a temporary name in the store, and makes directories that lack above it.

        Begins anew where an earlier try has left something.
        """


@dataclass(frozen=True)
class Staging:
    """The `fetch` and `store` of a back end."""

    store_end: Store
    patience: Patience
    parallel: int = 8
    """Files under way."""
    compares_digests: bool = True
    """Whether what the store says of its files' digests is compared, besides their sizes."""

    def fetch(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        return carry_out(transfers, self._fetch, progress, self.parallel)

    def store(self, transfers: Sequence[Transfer], progress: Progress) -> list[FileStatus | StorageError]:
        return carry_out(transfers, self._store, progress, self.parallel)

    def _fetch(self, transfer: Transfer, tally: Tally) -> FileStatus:
        status = only(self.store_end.stat([transfer.target]))
        if status.is_directory:
            raise StorageError("unsupported", transfer.target, "it is a directory")
        tally.expects(status.size)
        here = _Count(tally)
        with local_files.arriving(transfer.partial, transfer.local):
            self.patience.repeat(
                lambda: self.store_end.download(transfer.target, transfer.partial, here.bytes, status.size, here.moved)
            )
            _compare_sizes(transfer.target, os.stat(transfer.partial).st_size, status.size)
            self._compare_digests(transfer.target, transfer.partial)
        return status

    def _store(self, transfer: Transfer, tally: Tally) -> FileStatus:
        with local_files.telling(transfer.local):
            size = os.stat(transfer.local).st_size
        tally.expects(size)
        temporary = temporary_name(transfer.target)
        try:
            self.patience.repeat(partial(self._upload, temporary, transfer.local, size, tally))
            status = only(self.store_end.stat([temporary]))
            _compare_sizes(transfer.target, status.size, size)
            self._compare_digests(temporary, transfer.local)
            only(self.store_end.commit([(temporary, transfer.target)]))
        except BaseException:
            self.store_end.delete([temporary])  # what went wrong before is what is told of
            raise
        return status

    def _upload(self, temporary: str, local: str, size: int, tally: Tally) -> None:
        there = _Count(tally)
        try:
            self.store_end.upload(temporary, local, size, there.moved)
        except StorageError:
            tally.moved(-there.bytes)  # another try begins anew
            raise

    def _compare_digests(self, target: str, local: str) -> None:
        """Raises StorageError unless a file in the store has the digest of a local one, or the store has none."""
        if not self.compares_digests:
            return
        (there,) = self.store_end.checksum([target])
        if isinstance(there, StorageError):
            if there.kind == "unsupported":
                return
            raise there
        with local_files.telling(local):
            here = digests.of_file(local, there.algorithm)
        if here is not None and here != there.digest:
            words = f"its {there.algorithm} is {there.digest} in the store and {here} here"
            raise StorageError("corrupt", target, words)


class _Count:
    """Bytes of one file."""

    def __init__(self, tally: Tally) -> None:
        self.bytes = 0
        self._tally = tally

    def moved(self, count: int) -> None:
        self.bytes += count
        self._tally.moved(count)


def _compare_sizes(target: str, arrived: int, expected: int) -> None:
    if arrived != expected:
        raise StorageError("corrupt", target, f"{arrived:,} of {expected:,} bytes arrived")
