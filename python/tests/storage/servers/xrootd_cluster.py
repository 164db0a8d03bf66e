"""An XRootD cluster on loopback: a redirector, and servers each of which has part of the files."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from . import service, xrootd

PROGRAMS = {**xrootd.PROGRAMS, "cmsd": "xrootd-server"}
NAMES = ("first", "second")
"""The servers."""


@dataclass
class Cluster:
    """One that runs."""

    folder: Path
    port: int
    """The redirector's."""
    processes: dict[str, list[subprocess.Popen[bytes]]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"root://localhost:{self.port}//data"

    def write(self, server: str, path: str, content: bytes) -> None:
        """Lays a file into one of the servers."""
        file = self.folder / server / "data" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        for one in (file.parent, file):
            xrootd.own(one)

    def lose(self, server: str) -> None:
        """Ends a server."""
        for process in self.processes.pop(server):
            service.end(process)


@contextmanager
def cluster(folder: Path) -> Iterator[Cluster]:
    """Starts one. Its redirector asks for patience for some seconds until it knows the servers.

    `folder` must be one that others may enter, all the way from the root.
    """
    managing = service.free_port()
    running = Cluster(folder, service.free_port())
    with ExitStack() as stack:
        for name in ("redirector", *NAMES):
            port = running.port if name == "redirector" else service.free_port()
            # cmsd of a server listens nowhere: that its server does is awaited in its place
            ports = {"xrootd": port, "cmsd": managing if name == "redirector" else port}
            _configure(folder / name, managing, ports)
            started = running.processes[name] = []
            for program in ("xrootd", "cmsd"):
                command = _command(program, folder / name)
                started.append(
                    stack.enter_context(service.running(command, ports[program], folder / name / "out"))
                )
        yield running


def _command(program: str, folder: Path) -> Sequence[str | Path]:
    log = folder / "log" / f"{program}.log"
    words: list[str | Path] = [program, "-n", folder.name, "-c", folder / "cfg", "-l", log]
    return [*words, "-R", "xrootd"] if os.geteuid() == 0 else words


def _configure(folder: Path, managing: int, ports: dict[str, int]) -> None:
    for name in ("", "data", "run", "admin", "log"):
        (folder / name).mkdir()
        xrootd.own(folder / name)
    is_manager = ports["cmsd"] == managing
    lines = [
        "all.export /data",
        f"oss.localroot {folder}",
        f"all.adminpath {folder}/admin",
        f"all.pidpath {folder}/run",
        f"all.role {'manager' if is_manager else 'server'}",
        f"all.manager localhost:{managing}",
        "if exec cmsd",
        f"xrd.port {managing if is_manager else 'any'}",
        "else",
        f"xrd.port {ports['xrootd']}",
        "fi",
        "xrd.network nodnr",
        "xrd.allow host localhost",
        "cms.allow host *",
        # a server that is lost is not forgotten while a test lasts
        "cms.delay startup 2 servers 2 lookup 1 full 1 suspend 1 drop 10m",
        "cms.space min 1m 2m",
    ]
    (folder / "cfg").write_text("".join(f"{line}\n" for line in lines))
