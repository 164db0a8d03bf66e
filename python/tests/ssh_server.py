"""A server of ssh's on loopback, with keys of its own, for as long as tests need it."""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

PATIENCE = 30
"""Seconds until the server must answer."""


def missing() -> str:
    """What this machine lacks for it; empty if nothing."""
    programs = {"ssh": "openssh-client", "ssh-keygen": "openssh-client", "/usr/sbin/sshd": "openssh-server"}
    return " ".join(sorted({package for name, package in programs.items() if shutil.which(name) is None}))


@contextmanager
def running(folder: Path) -> Iterator[dict[str, Any]]:
    """Gives the arguments of RemoteContext that lead to it: the host too."""
    for name in ("host", "user"):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)], check=True)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # where root's servers lock themselves in
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "config").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/user.pub\n"
        f"PidFile {folder}/pid\nUsePAM no\nStrictModes no\nPermitRootLogin yes\nPasswordAuthentication no\n"
    )
    command = ["/usr/sbin/sshd", "-D", "-e", "-f", str(folder / "config")]
    with open(folder / "log", "wb") as log, subprocess.Popen(command, stderr=log, stdin=subprocess.DEVNULL) as server:
        try:
            _await(port, server, folder)
            yield {
                "host": "127.0.0.1", "port": port, "username": getpass.getuser(), "key_file": str(folder / "user"),
                "no_host_key_check": True, "connect_timeout": PATIENCE,
            }  # fmt: skip
        finally:
            server.terminate()


def _await(port: int, server: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError(f"the server of ssh's did not begin: {(folder / 'log').read_text()}")
