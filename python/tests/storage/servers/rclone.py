"""rclone as a server: a folder by sftp or WebDAV, on loopback, for one user with a password."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import service

PROGRAMS = {"rclone": "rclone"}
USER = "analyst"
PASSWORD = "correct-horse-battery"


@dataclass(frozen=True)
class RcloneServer:
    protocol: str
    """`sftp` or `webdav`."""
    port: int
    data: Path
    """The folder that it serves as `/`."""
    process: subprocess.Popen[bytes]

    def remote(self, port: int | None = None) -> dict[str, str]:
        """This server as a remote of rclone's, reached on another port where a proxy is in between."""
        reached = port or self.port
        if self.protocol == "sftp":
            own = {"host": "127.0.0.1", "port": str(reached), "shell_type": "none"}
        else:
            own = {"url": f"http://127.0.0.1:{reached}", "vendor": "other"}
        return {"type": self.protocol, "user": USER, "pass": obscured(PASSWORD), **own}


@contextmanager
def serving(protocol: str, folder: Path, data: Path | None = None) -> Iterator[RcloneServer]:
    """Serves `data`, else `folder`/data, until the block ends."""
    data = data or folder / "data"
    data.mkdir(parents=True, exist_ok=True)
    port = service.free_port()
    command = ["rclone", "serve", protocol, "--addr", f"127.0.0.1:{port}", "--dir-cache-time", "0s", str(data)]
    environment = {
        "RCLONE_USER": USER, "RCLONE_PASS": PASSWORD, "RCLONE_CONFIG": str(folder / "rclone.conf"),
        "RCLONE_CACHE_DIR": str(folder / "cache"), "RCLONE_VFS_CACHE_MODE": "off", "HOME": str(folder),
    }  # fmt: skip
    with service.running(command, port, folder / f"{protocol}.log", environment) as process:
        yield RcloneServer(protocol, port, data, process)


def write_configuration(path: Path, **remotes: dict[str, str]) -> None:
    """A configuration of rclone's with these remotes, readable by its owner alone."""
    path.touch(0o600)
    with path.open("w") as file:
        for name, own in remotes.items():
            file.write(f"[{name}]\n" + "".join(f"{key} = {value}\n" for key, value in own.items()))


def obscured(password: str) -> str:
    """A password as rclone's configuration holds it."""
    command = ["rclone", "obscure", "-"]
    return subprocess.run(command, input=password, check=True, capture_output=True, text=True).stdout.strip()
