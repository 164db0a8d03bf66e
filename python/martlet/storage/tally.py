"""How far many transfers have come, counted in threads and told from the calling one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from .backend import of_system
from .errors import StorageError
from .values import Progress, Transfer

Answer = TypeVar("Answer")

_INTERVAL = 0.2
"""Seconds between two words about how far it has come."""


class Tally:
    """Safe for use by several threads."""

    def __init__(self, files: int) -> None:
        self._lock = threading.Lock()
        self._bytes_done = 0
        self._bytes_total = 0
        self._files_done = 0
        self._files = files
        self._all_ended = threading.Event()

    def expects(self, count: int) -> None:
        """So many more bytes are to come."""
        with self._lock:
            self._bytes_total += count

    def moved(self, count: int) -> None:
        """So many more bytes have come; less than none where a file begins anew."""
        with self._lock:
            self._bytes_done += count

    def file_ended(self) -> None:
        """One has come, or will not."""
        with self._lock:
            self._files_done += 1
            if self._files_done == self._files:
                self._all_ended.set()

    def tell_until_all_ended(self, progress: Progress) -> None:
        ended = False
        while not ended:
            ended = self._all_ended.wait(_INTERVAL)
            progress(self._bytes_done, self._bytes_total, self._files_done, self._files)


def carry_out(
    transfers: Sequence[Transfer], one: Callable[[Transfer, Tally], Answer], progress: Progress, parallel: int
) -> list[Answer | StorageError]:
    """Calls `one` for each transfer, `parallel` at a time; what it raises as OSError is that transfer's answer."""
    if not transfers:
        return []
    tally = Tally(len(transfers))

    def attempt(transfer: Transfer) -> Answer | StorageError:
        try:
            return one(transfer, tally)
        except OSError as error:
            return of_system(error, transfer.local)
        finally:
            tally.file_ended()

    with ThreadPoolExecutor(min(parallel, len(transfers))) as pool:
        running: list[Future[Answer | StorageError]] = [pool.submit(attempt, transfer) for transfer in transfers]
        tally.tell_until_all_ended(progress)
    return [future.result() for future in running]
