"""A courier whose stores are Python: answers its client's requests, one after another, until that hangs up."""

from __future__ import annotations

import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from .. import _bridge
from . import frames, looked
from .backend import Backend, of_system
from .backends import backend_of
from .errors import Kind, StorageError
from .values import DirectoryEntry, FileStatus, Transfer

VERSION = 1
_PACE = 0.1
"""Seconds between two words of how far transfers have come."""
_T = TypeVar("_T")
_Answer = dict[str, Any]


def main(descriptor: int) -> None:
    """Serves the client at the other end of a socket."""
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # it ends with whom it works for, not before
    connection = socket.socket(fileno=descriptor)
    connection.set_inheritable(False)  # programs that back ends start are no end of it
    threading.Thread(target=_end_with, args=(descriptor,), daemon=True).start()
    Courier(connection).serve()
    os._exit(0)  # threads of clients' libraries hang in their ends


def _end_with(descriptor: int) -> None:
    """Ends the process, whatever it is doing, when the client has hung up."""
    poller = select.poll()
    poller.register(descriptor, 0)
    poller.poll()
    os._exit(0)


class _Listener:
    """Tells the client how far transfers have come: now and then, and at last."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._last = 0.0
        self._untold: tuple[int, int, int, int] | None = None

    def __call__(self, *numbers: int) -> None:
        self._untold = numbers  # type: ignore[assignment]
        if time.monotonic() - self._last >= _PACE:
            self.tell()

    def tell(self) -> None:
        if self._untold is not None:
            frames.send(self._connection, {"progress": list(self._untold)})
            self._last = time.monotonic()
            self._untold = None


class Courier:
    """Finds the back end of each target, and has it answer its part of a batch."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._stores: list[dict[str, Any]] = []
        self._backends: dict[tuple[str, str], Backend] = {}
        """By the scheme, and the URL of the store whose settings count."""

    def serve(self) -> None:
        """Answers until the client has hung up."""
        while (frame := frames.receive(self._connection)) is not None:
            header, content = frame
            if header.get("op") == "hello":
                self._learn(header.get("settings") or [])
                frames.send(self._connection, {"version": VERSION})
                continue
            if header.get("op") == "look":
                self._send_looked(self._look(looked.parted(content), header.get("planning")))
                continue
            answers, content = self._answer(header, content)
            try:
                frames.send(self._connection, {"answers": answers}, content)
            except frames.Malformed as error:
                frames.send(self._connection, {"answers": [_too_long(error)] * len(answers)})

    def _send_looked(self, answers: Sequence[bool | _Answer]) -> None:
        reasons, content = looked.encoded(answers)
        try:
            frames.send(self._connection, {"reasons": reasons}, content)
        except frames.Malformed as error:
            reasons, content = looked.encoded([_too_long(error)] * len(answers))
            frames.send(self._connection, {"reasons": reasons}, content)

    def _learn(self, stores: Sequence[dict[str, Any]]) -> None:
        self._backends.clear()
        # the longest URL that fits counts
        self._stores = sorted(stores, key=lambda store: len(_slashless(store["url"])), reverse=True)

    def _settings(self, target: str) -> dict[str, Any]:
        for store in self._stores:
            url = _slashless(store["url"])
            if target == url or target.startswith(f"{url}/"):
                return store
        return {}

    def _backend(self, target: str) -> Backend:
        """Raises StorageError where there is none."""
        settings = self._settings(target)
        key = target.partition("://")[0].lower(), str(settings.get("url", ""))
        backend = self._backends.get(key)
        if backend is None:
            backend = self._backends[key] = backend_of(target, settings)(settings)
        return backend

    # ---- one request

    def _answer(self, request: dict[str, Any], content: bytes) -> tuple[list[_Answer], bytes]:
        operation, targets = request["op"], request["targets"]
        if operation == "read":
            return self._read(request, targets[0])
        if operation == "put":
            return [self._alone(targets[0], lambda backend: {"target": backend.put(content, targets[0])})], b""
        listener = _Listener(self._connection)
        answers = self._by_backend(targets, lambda b, places: self._perform(b, request, places, listener))
        listener.tell()
        return answers, b""

    def _look(self, targets: Sequence[str], planning: int | None) -> list[bool | _Answer]:
        def ask(backend: Backend, places: list[int]) -> list[bool | _Answer]:
            some = targets if len(places) == len(targets) else [targets[place] for place in places]
            said = backend.look(some, planning)
            if len(said) != len(places):
                raise TypeError(f"{len(said)} answers to {len(places)} questions")
            return [
                answer if answer is True or answer is False else _unknown(answer, targets[place])
                for place, answer in zip(places, said)
            ]

        return self._by_backend(targets, ask)

    def _read(self, request: dict[str, Any], target: str) -> tuple[list[_Answer], bytes]:
        content = b""

        def read(backend: Backend) -> _Answer:
            nonlocal content
            content = backend.read(target, request["offset"], request["count"])
            return {}

        return [self._alone(target, read)], content

    def _alone(self, target: str, ask: Callable[[Backend], _Answer]) -> _Answer:
        return self._by_backend([target], lambda backend, _: [{"ok": True, **ask(backend)}])[0]

    def _by_backend(
        self, targets: Sequence[str], ask: Callable[[Backend, list[int]], list[_T]]
    ) -> list[_T | _Answer]:
        answers: list[_T | _Answer] = [{}] * len(targets)
        groups: dict[int, tuple[Backend, list[int]]] = {}
        known: dict[str, Backend] = {}  # most targets of a batch are in few directories
        tops = {store["url"] for store in self._stores}
        for place, target in enumerate(targets):
            directory = target.rpartition("/")[0]
            try:
                backend = known.get(directory) or self._backend(target)
                if target not in tops:
                    known[directory] = backend
                groups.setdefault(id(backend), (backend, []))[1].append(place)
            except Exception as error:  # a back end that cannot be made is that target's trouble
                answers[place] = _refusal(error, target)
        for backend, places in groups.values():
            try:
                given: Sequence[_T | _Answer] = ask(backend, places)
                if len(given) != len(places):
                    raise TypeError(f"{len(given)} answers to {len(places)} questions")
            except Exception as error:  # whatever a back end raises is its answer
                given = [_refusal(error, targets[place]) for place in places]
            for place, answer in zip(places, given):
                answers[place] = answer
        return answers

    def _perform(
        self, backend: Backend, request: dict[str, Any], places: Sequence[int], listener: _Listener
    ) -> list[_Answer]:
        operation = request["op"]
        targets = [request["targets"][place] for place in places]
        if operation == "stat":
            return _all(targets, backend.stat(targets), _status)
        if operation == "list":
            return _all(targets, backend.list_directories(targets), _entries)
        if operation == "unfinished":
            return _all(targets, backend.unfinished(targets), lambda uploads: {"ok": True, "uploads": uploads})
        if operation == "checksum":
            sums = backend.checksum(targets)
            return _all(targets, sums, lambda s: {"ok": True, "algorithm": s.algorithm, "digest": s.digest})
        if operation == "delete":
            return _all(targets, backend.delete(targets), _done)
        if operation == "mkdir":
            return _all(targets, backend.mkdir(targets), _done)
        if operation == "commit":
            moves = [(request["temporaries"][place], request["targets"][place]) for place in places]
            return _all(targets, backend.commit(moves), _done)
        transfers = [
            Transfer(request["targets"][place], request["locals"][place], request["partials"][place])
            for place in places
        ]
        if operation == "fetch":
            return _all(targets, backend.fetch(transfers, listener), _status)
        if operation == "store":
            return _all(targets, backend.store(transfers, listener), _status)
        raise StorageError(Kind.UNSUPPORTED, "", f"there is no operation {operation}")


# ---- answers


def _all(
    targets: Sequence[str], answers: Sequence[_T | StorageError], write: Callable[[_T], _Answer]
) -> list[_Answer]:
    if len(answers) != len(targets):
        raise TypeError(f"{len(answers)} answers to {len(targets)} questions")
    return [
        _refusal(answer, target) if isinstance(answer, StorageError) else write(answer)
        for target, answer in zip(targets, answers)
    ]


def _refusal(error: Exception, target: str) -> _Answer:
    """Nothing that a back end raises by mistake says that something is absent."""
    if isinstance(error, StorageError):
        about = "" if error.subject in ("", target) else f"{_bridge.without_credentials(error.subject)}: "
        return {"error": error.kind.value, "message": about + error.message}
    if isinstance(error, (TimeoutError, ConnectionError)):
        return {"error": Kind.TRANSIENT.value, "message": str(error) or type(error).__name__}
    if isinstance(error, OSError):
        refused = of_system(error, target)
        kind = Kind.TRANSIENT if refused.kind is Kind.ABSENT else refused.kind
        return {"error": kind.value, "message": refused.message}
    return {"error": Kind.UNSUPPORTED.value, "message": f"the back end raised {type(error).__name__}: {error}"}


def _too_long(error: frames.Malformed) -> _Answer:
    """Instead of an answer that would not go into a frame; nothing of that was sent."""
    words = f"the answer would be too long: {error}; hint: ask for less at once"
    return {"error": Kind.UNSUPPORTED.value, "message": words}


def _status(status: FileStatus) -> _Answer:
    size, modified, is_directory = status
    return {"ok": True, "size": size, "modified": modified, "directory": is_directory}


def _unknown(answer: object, target: str) -> bool | _Answer:
    """What is said of a target that is neither there nor not."""
    if not isinstance(answer, StorageError):
        return bool(answer)
    return False if answer.kind is Kind.ABSENT else _refusal(answer, target)


def _entries(entries: list[DirectoryEntry]) -> _Answer:
    return {"ok": True, "entries": sorted(entries, key=lambda entry: entry[0].encode("utf-8", "replace"))}


def _done(_: None) -> _Answer:
    return {"ok": True}


def _slashless(url: str) -> str:
    return url if url.endswith("://") else url.rstrip("/")
