"""`rclone rcd`: rclone as a process that stays, keeps its connections and is told what to do on loopback."""

from __future__ import annotations

import base64
import ctypes
import http.client
import json
import os
import queue
import re
import secrets
import shutil
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Mapping
from email.message import Message
from itertools import count
from typing import Any, NamedTuple
from urllib.parse import quote

from ..bounded import while_moving
from ..errors import StorageError
from ..waits import Waits
from . import errors

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
_LIBC = ctypes.CDLL(None)
_SERVING = re.compile(r"Serving remote control on http://127\.0\.0\.1:(\d+)/")
_USER = "martlet"
_OVERWRITES = {"IgnoreTimes": True}
"""Of two files with one size and one time rclone would think that they are one."""
_BEGINNING = 30
"""Seconds that it may take to begin."""
_SIGN_OF_LIFE = 5
"""Seconds in which it answers a question that it need not ask anybody about."""
_REQUESTS = 4
"""One call may take as long as so many requests that fail: listings come in pages, all of which it gathers."""


class Daemon:
    """Ends with the process that has started it. Safe for use by several threads."""

    def __init__(self, configuration: str | None, waits: Waits) -> None:
        self._configuration = configuration
        self._waits = waits
        self._limit = waits.connection + _REQUESTS * waits.request
        self._password = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._starting = threading.Lock()
        self._connections = threading.local()
        self._groups = (f"martlet-{number}" for number in count())

    def start(self) -> None:
        """Content with one that runs. Raises StorageError where there is no rclone, or it does not begin."""
        with self._starting:
            if self._process is not None and self._process.poll() is None:
                return
            program = shutil.which("rclone")
            if program is None:
                raise StorageError("unsupported", "rclone", "the program rclone is not on PATH; hint: install rclone")
            began: queue.SimpleQueue[int | StorageError] = queue.SimpleQueue()
            threading.Thread(target=self._tend, args=(program, began), daemon=True).start()
            try:
                said = began.get(timeout=_BEGINNING)
            except queue.Empty:
                self._kill()
                words = f"it did not begin within {_BEGINNING} seconds"
                raise StorageError("transient", "rclone", words) from None
            if isinstance(said, StorageError):
                raise said
            self._port = said

    def call(self, name: str, subject: str, **arguments: Any) -> Any:
        """The answer to a call of rclone's remote control, or StorageError about `subject`."""
        return self._called(self._connection(), name, subject, arguments)

    def transfer(self, name: str, subject: str, size: int, moved: Callable[[int], None], **arguments: Any) -> None:
        """A call that moves a file of so many bytes; given up when it stands still. `moved` is told of each piece."""
        self.start()
        group = next(self._groups)
        connection = http.client.HTTPConnection("127.0.0.1", self._port)  # however long that takes
        come = _Come(self, group)
        try:
            while_moving(
                self._waits.request,
                size,
                lambda: self._called(connection, name, subject, {**arguments, "_group": group}),
                come,
                moved,
            )
        except TimeoutError as error:
            raise StorageError("transient", subject, str(error)) from error
        finally:
            _hang_up(connection)  # it stops what nobody waits for

    def read(self, remote: str, path: str, offset: int, count: int, subject: str) -> bytes:
        """Bytes of a file, which must have them."""
        ranged = {"Range": f"bytes={offset}-{offset + count - 1}"}
        response = self._request(self._connection(), "GET", "/" + quote(f"[{remote}]/{path}"), subject, ranged)
        if response.status != http.client.PARTIAL_CONTENT:
            _answer(response, subject)
        return response.body

    def size(self, remote: str, path: str, subject: str) -> int | None:
        """Bytes of a file; None where there is none. Nothing is listed for it, as for the status of what is absent."""
        connection = self._connection()
        head = self._request(connection, "HEAD", "/" + quote(f"[{remote}]/{path}"), subject, {})
        if head.status == http.client.OK:
            return int(head.headers.get("Content-Length", 0))
        if head.status == http.client.NOT_FOUND:
            return None
        item = self.call("operations/stat", subject, fs=remote, remote=path)["item"]  # which tells why not
        return None if item is None else int(item["Size"])

    def _called(
        self, connection: http.client.HTTPConnection, name: str, subject: str, arguments: Mapping[str, Any]
    ) -> Any:
        body = json.dumps({**arguments, "_config": _OVERWRITES})
        json_body = {"Content-Type": "application/json"}
        return _answer(self._request(connection, "POST", "/" + name, subject, json_body, body), subject)

    def _request(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        subject: str,
        headers: Mapping[str, str],
        body: str | None = None,
    ) -> _Response:
        told = {**self._authorization, **headers}
        try:
            try:
                connection.request(method, path, body, told)
            except ConnectionRefusedError:  # nobody has heard it: it has ended a moment ago
                connection.close()
                self._replace(connection.port)
                connection.port = self._port
                connection.request(method, path, body, told)
            response = connection.getresponse()
            return _Response(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            if isinstance(error, TimeoutError) and not self._is_alive():
                self._kill()  # the next call starts another
            words = str(error) or type(error).__name__
            raise StorageError("transient", subject, f"rclone has ended, or does not answer: {words}") from error

    @property
    def _authorization(self) -> dict[str, str]:
        words = base64.b64encode(f"{_USER}:{self._password}".encode()).decode()
        return {"Authorization": f"Basic {words}"}

    def _is_alive(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=_SIGN_OF_LIFE)
        try:
            connection.request("POST", "/rc/noop", headers=self._authorization)
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _replace(self, port: int) -> None:
        """What listened there is gone, and another begins unless somebody has begun it already."""
        with self._starting:
            if self._port == port:
                self._kill()
        self.start()

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _connection(self) -> http.client.HTTPConnection:
        """This thread's own, to a daemon that runs."""
        self.start()
        connection: http.client.HTTPConnection | None = getattr(self._connections, "one", None)
        if connection is None or connection.port != self._port:
            if connection is not None:
                connection.close()
            connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=self._limit)
            self._connections.one = connection
        return connection

    def _environment(self) -> dict[str, str]:
        own = {
            "RCLONE_RC_USER": _USER,
            "RCLONE_RC_PASS": self._password,
            "RCLONE_LOW_LEVEL_RETRIES": "1",  # whoever calls tries again
            "RCLONE_TIMEOUT": f"{self._waits.request}s",
            "RCLONE_CONTIMEOUT": f"{self._waits.connection}s",
        }
        if self._configuration:
            own["RCLONE_CONFIG"] = os.path.expanduser(self._configuration)
        return {**os.environ, **own}

    def _tend(self, program: str, began: queue.SimpleQueue[int | StorageError]) -> None:
        """Starts it, and stays as long as it does: the kernel takes the end of a thread for the parent's.

        Tells its port, or why there is none. What it logs later is answered to its calls, too.
        """
        try:
            process = subprocess.Popen(
                [program, "rcd", "--rc-addr", "127.0.0.1:0", "--rc-serve", "--log-level", "NOTICE"],
                env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                text=True, errors="replace", preexec_fn=_die_with_parent,
            )  # fmt: skip
        except OSError as error:
            return began.put(StorageError("unsupported", "rclone", f"rclone did not begin: {error}"))
        self._process = process
        assert process.stderr
        said: list[str] = []
        for line in process.stderr:
            if found := _SERVING.search(line):
                began.put(int(found.group(1)))
                break
            said.append(line)
        else:
            words = "".join(said).strip() or f"it ended with {process.wait()}"
            began.put(StorageError("unsupported", "rclone", f"rclone did not begin: {words}"))
        for _ in process.stderr:
            pass
        process.wait()


class _Response(NamedTuple):
    status: int
    headers: Message
    body: bytes


class _Come:
    """How many bytes have come of what belongs to a group of rclone's statistics."""

    def __init__(self, daemon: Daemon, group: str) -> None:
        self._daemon = daemon
        self._group = group
        self._bytes = 0

    def __call__(self) -> int:
        try:
            self._bytes = self._daemon.call("core/stats", "rclone", group=self._group).get("bytes", 0)
        except StorageError:  # then the transfer itself will fail
            pass
        return self._bytes


def _hang_up(connection: http.client.HTTPConnection) -> None:
    """Also where another thread waits for its answer."""
    try:
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)
    except OSError:  # the other end was first
        pass
    connection.close()


def _die_with_parent() -> None:
    _LIBC.prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _answer(response: _Response, subject: str) -> Any:
    try:
        answer = json.loads(response.body)
    except ValueError:
        answer = {"error": response.body.decode(errors="replace").strip()[:500]}
    if response.status != http.client.OK:
        raise errors.told(response.status, str(answer.get("error", response.status)), subject)
    return answer
