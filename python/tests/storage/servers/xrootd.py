"""XRootD servers on loopback over one folder: without authentication, with shared secrets (sss), with TLS, and with a
door for WebDAV."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import certificates, service

PROGRAMS = {"xrootd": "xrootd-server", "xrdsssadmin": "xrootd-server", "openssl": "openssl"}
_USER = "xrootd"
"""Whose rights a server takes that root starts: it refuses to be root itself."""


@dataclass(frozen=True)
class XRootDServer:
    kind: str
    """`anonymous`, `sss`, `tls` or `http`."""
    port: int
    data: Path
    """The folder that it serves as `//data`."""
    folder: Path
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return self.through(self.port)

    def through(self, port: int) -> str:
        """The served folder as it is reached by another port, where a proxy is in between."""
        if self.kind == "http":
            return f"http://localhost:{port}/data"
        return f"{'roots' if self.kind == 'tls' else 'root'}://localhost:{port}//data"

    @property
    def environment(self) -> dict[str, str]:
        """What a client needs in its environment to be let in."""
        if self.kind == "sss":
            return {"XrdSecPROTOCOL": "sss", "XrdSecSSSKT": str(self.folder / "client.keytab")}
        if self.kind == "tls":
            return {"X509_CERT_DIR": str(self.folder / "ca")}
        return {}


def own(path: Path) -> None:
    """Gives a path to whom the servers run as."""
    if os.geteuid() == 0:
        shutil.chown(path, _USER, _USER)


@contextmanager
def serving(folder: Path, kinds: Sequence[str] = ("anonymous",)) -> Iterator[dict[str, XRootDServer]]:
    """Starts a server of each kind over `folder`/data until the block ends.

    `folder` must be one that others may enter, all the way from the root: pytest's temporary folders are not.
    """
    for name in ("data", "run", "admin", "log"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        own(folder / name)
    with ExitStack() as stack:
        yield {kind: stack.enter_context(_one(kind, folder)) for kind in kinds}


@contextmanager
def _one(kind: str, folder: Path) -> Iterator[XRootDServer]:
    port = service.free_port()
    configuration = folder / f"{kind}.cfg"
    lines = [*_common(folder, kind, port), *_KINDS[kind](folder)]
    configuration.write_text("".join(f"{line}\n" for line in lines))
    log = folder / "log" / f"{kind}.log"
    command: list[str | Path] = ["xrootd", "-n", kind, "-c", configuration, "-l", log]
    if os.geteuid() == 0:
        command += ["-R", _USER]
    with service.running(command, port, folder / "log" / f"{kind}.out") as process:
        yield XRootDServer(kind, port, folder / "data", folder, process)


def _common(folder: Path, kind: str, port: int) -> list[str]:
    return [
        "all.export /data",
        f"oss.localroot {folder}",
        f"all.adminpath {folder}/admin",
        f"all.pidpath {folder}/run",
        f"xrd.port {port}",
        "xrd.network nodnr",
        "xrd.allow host localhost",
        "xrootd.chksum max 4 adler32 crc32 md5",
        "xrootd.async off",
    ]


def _anonymous(folder: Path) -> list[str]:
    return []


def _sss(folder: Path) -> list[str]:
    """Clients are known by a key that both sides have."""
    client, server = folder / "client.keytab", folder / "server.keytab"
    if not client.exists():
        command = ["xrdsssadmin", "-k", "tests", "-u", "analyst", "-g", "analysts", "add", str(client)]
        subprocess.run(command, input="y\n", text=True, check=True, capture_output=True)
        shutil.copy(client, server)
        for path in (client, server):
            path.chmod(0o600)
        own(server)
    return ["xrootd.seclib libXrdSec.so", f"sec.protocol sss -s {server}", "sec.protbind * only sss"]


def _tls(folder: Path) -> list[str]:
    if not (folder / "ca").exists():
        certificates.make(folder / "ca", _USER if os.geteuid() == 0 else None)
    return [
        f"xrd.tls {folder}/ca/host.pem {folder}/ca/host.key",
        f"xrd.tlsca certdir {folder}/ca",
        "xrootd.tls all",
    ]


def _http(folder: Path) -> list[str]:
    """The same port takes both protocols."""
    return ["xrd.protocol http libXrdHttp.so", "http.listingdeny no"]


_KINDS = {"anonymous": _anonymous, "sss": _sss, "tls": _tls, "http": _http}
