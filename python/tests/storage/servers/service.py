"""A server's process: started on loopback, awaited, bounded in time, ended with all that it has started."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 30
"""Seconds until a server must answer, or be gone when it is told to."""
LONGEST = 3600
"""Seconds after which a server ends by itself, should whoever started it be unable to end it."""


def missing(programs: Mapping[str, str]) -> str:
    """The packages whose programs (by name or path) this machine lacks; empty if none."""
    return " ".join(sorted({package for name, package in programs.items() if shutil.which(name) is None}))


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running(
    command: Sequence[str | Path], port: int, log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a server in a session of its own until the block ends; what it says goes to `log`.

    It ends, too, when the thread ends that started it, as that of a killed pytest does. It answers
    on `port` when the block begins.
    """
    with_us = ["setpriv", "--pdeathsig", "TERM"]  # `timeout` hands it on
    words = [*with_us, "timeout", "--kill-after=5", str(LONGEST), *map(str, command)]
    with open(log, "ab") as output:
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
    try:
        _await(port, process, log)
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> None:
    """Ends a server and what it has started; who does not mind the signal is killed. Content with one that is gone."""
    try:
        os.killpg(process.pid, number)
        process.wait(PATIENCE)
    except ProcessLookupError:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        pass
    finally:
        try:  # whatever is left of its session
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def _await(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not begin: {log.read_text(errors='replace')[-3000:]}")
