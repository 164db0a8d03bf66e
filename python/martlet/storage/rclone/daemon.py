"""`rclone rcd`: rclone as a process that stays, keeps its connections and is told what to do on loopback."""

from __future__ import annotations

import base64
import ctypes
import http.client
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import threading
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from ..errors import StorageError
from ..waits import Waits
from . import errors

_DIE_WITH_PARENT = 1  # PR_SET_PDEATHSIG of <linux/prctl.h>
_SERVING = re.compile(r"Serving remote control on http://127\.0\.0\.1:(\d+)/")
_USER = "martlet"
_OVERWRITES = {"IgnoreTimes": True}
"""Of two files with one size and one time rclone would think that they are one."""


class Daemon:
    """Ends with the process that has started it. Calls may come from several threads; `start` from the main one alone,
    since the kernel takes its end for the parent's.
    """

    def __init__(self, configuration: str | None, waits: Waits) -> None:
        self._configuration = configuration
        self._timeouts = {"RCLONE_TIMEOUT": f"{waits.request}s", "RCLONE_CONTIMEOUT": f"{waits.connection}s"}
        self._password = secrets.token_urlsafe(24)
        self._process: subprocess.Popen[str] | None = None
        self._port = 0
        self._connections = threading.local()

    def start(self) -> None:
        """Content with one that runs. Raises StorageError where there is no rclone, or it does not begin."""
        if self._process is not None and self._process.poll() is None:
            return
        program = shutil.which("rclone")
        if program is None:
            raise StorageError("unsupported", "rclone", "the program rclone is not on PATH; hint: install rclone")
        self._process = subprocess.Popen(
            [program, "rcd", "--rc-addr", "127.0.0.1:0", "--rc-serve", "--log-level", "NOTICE"],
            env=self._environment(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
            text=True, errors="replace", preexec_fn=_die_with_parent,
        )  # fmt: skip
        self._port = self._listen()
        # what it logs later is answered to its calls, too
        threading.Thread(target=self._drain, daemon=True).start()

    def call(self, name: str, subject: str, **arguments: Any) -> Any:
        """The answer to a call of rclone's remote control, or StorageError about `subject`."""
        body = json.dumps({**arguments, "_config": _OVERWRITES})
        status, answer = self._request("POST", "/" + name, subject, {"Content-Type": "application/json"}, body)
        return _answer(status, answer, subject)

    def read(self, remote: str, path: str, offset: int, count: int, subject: str) -> bytes:
        """Bytes of a file, which must have them."""
        ranged = {"Range": f"bytes={offset}-{offset + count - 1}"}
        status, data = self._request("GET", "/" + quote(f"[{remote}]/{path}"), subject, ranged)
        if status != http.client.PARTIAL_CONTENT:
            _answer(status, data, subject)
        return data

    def _request(
        self, method: str, path: str, subject: str, headers: Mapping[str, str], body: str | None = None
    ) -> tuple[int, bytes]:
        words = base64.b64encode(f"{_USER}:{self._password}".encode()).decode()
        connection = self._connection()
        try:
            connection.request(method, path, body, {"Authorization": f"Basic {words}", **headers})
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            words = str(error) or type(error).__name__
            raise StorageError("transient", subject, f"rclone has ended, or does not answer: {words}") from error

    def _connection(self) -> http.client.HTTPConnection:
        """This thread's own."""
        connection: http.client.HTTPConnection | None = getattr(self._connections, "one", None)
        if connection is None or connection.port != self._port:
            connection = self._connections.one = http.client.HTTPConnection("127.0.0.1", self._port)
        return connection

    def _environment(self) -> dict[str, str]:
        own = {
            "RCLONE_RC_USER": _USER,
            "RCLONE_RC_PASS": self._password,
            "RCLONE_LOW_LEVEL_RETRIES": "1",  # whoever calls tries again
            **self._timeouts,
        }
        if self._configuration:
            own["RCLONE_CONFIG"] = os.path.expanduser(self._configuration)
        return {**os.environ, **own}

    def _listen(self) -> int:
        """The port that it says it serves on."""
        assert self._process and self._process.stderr
        said = []
        for line in self._process.stderr:
            if found := _SERVING.search(line):
                return int(found.group(1))
            said.append(line)
        words = "".join(said).strip() or f"it ended with {self._process.wait()}"
        raise StorageError("unsupported", "rclone", f"rclone did not begin: {words}")

    def _drain(self) -> None:
        assert self._process and self._process.stderr
        for _ in self._process.stderr:
            pass


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)


def _answer(status: int, body: bytes, subject: str) -> Any:
    try:
        answer = json.loads(body)
    except ValueError:
        answer = {"error": body.decode(errors="replace").strip()[:500]}
    if status != http.client.OK:
        raise errors.told(status, str(answer.get("error", status)), subject)
    return answer
