"""The courier whose stores are the engine's own, in front of a server that accepts and never answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
from martlet import storage
from martlet.storage import Kind, StorageError, launching
from running.processes import wait_until_gone
from running.waiting import until

SECRET = "hunter2-geheim"
ASK = """
import sys
from martlet import storage
from martlet.storage import launching
launching.use_settings([{"url": sys.argv[1], "token": sys.argv[2], "allow_http": True}])
print("asking", flush=True)
storage.stat([sys.argv[1] + "/x"])
"""


@pytest.fixture
def silent() -> Iterator[str]:
    """The URL of a server to which clients connect, and hear nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def ours() -> Iterator[None]:
    storage.end_couriers()
    yield
    launching.be_patient(600)
    launching.use_settings([])
    storage.end_couriers()


def children(pid: int) -> list[int]:
    """Processes that a process has started and that live."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(fields[1]) == pid and fields[0] not in "ZX":
                found.append(int(entry.name))
    return found


@pytest.mark.usefixtures("ours")
def test_a_server_that_never_answers_has_an_end(silent: str) -> None:
    others = set(children(os.getpid()))
    launching.use_settings([{"url": silent}])
    launching.be_patient(0.5)
    found = storage.look([f"{silent}/x"])
    assert isinstance(found[0], StorageError) and found[0].kind is Kind.TRANSIENT
    assert "no answer" in found[0].message
    assert set(children(os.getpid())) <= others


def asking(url: str, *flags: str) -> tuple[subprocess.Popen[str], int]:
    """A program that waits for an answer, and its courier."""
    package = str(Path(martlet.__file__).parents[1])
    program = subprocess.Popen(
        [sys.executable, *flags, "-c", ASK, url, SECRET],
        env={**os.environ, "PYTHONPATH": package}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        start_new_session=True,
    )  # fmt: skip
    assert program.stdout is not None and program.stdout.readline() == "asking\n"
    until(lambda: children(program.pid))
    (courier,) = children(program.pid)
    until(lambda: connected(courier))
    return program, courier


def connected(pid: int) -> bool:
    """Whether a process has a connection of TCP."""
    folder = Path(f"/proc/{pid}/fd")
    links = {os.readlink(entry) for entry in folder.iterdir() if entry.exists() or entry.is_symlink()}
    table = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return any(f"socket:[{line.split()[9]}]" in links for line in table)


def test_ctrl_c_ends_the_wait_and_the_courier(silent: str) -> None:
    program, courier = asking(silent)
    os.killpg(program.pid, signal.SIGINT)
    _, complaint = program.communicate(timeout=60)
    assert program.returncode == -signal.SIGINT and "KeyboardInterrupt" in complaint
    wait_until_gone(courier)


def test_it_ends_with_a_client_that_is_killed(silent: str) -> None:
    program, courier = asking(silent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(courier, number)
    program.kill()
    program.communicate()
    wait_until_gone(courier)


def test_secrets_are_in_no_command_line_and_no_environment(silent: str) -> None:
    program, courier = asking(silent)
    for name in ("cmdline", "environ"):
        seen = Path(f"/proc/{courier}/{name}").read_bytes()
        assert seen and SECRET.encode() not in seen
    assert os.listdir(f"/proc/{courier}/fd").count("3") == 1
    program.kill()
    program.communicate()
