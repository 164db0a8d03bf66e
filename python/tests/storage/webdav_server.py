"""apache's mod_dav on loopback: WebDAV over http and https, open and behind a token, a password or a certificate."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .servers import certificates, service

PACKAGES = {"apache2": "apache2", "openssl": "openssl"}
"""Debian's packages by the programs that are needed of them."""
TOKEN = "test-token-7c1d"
USER, PASSWORD = "doe", "test-password-93fe"
_MODULES = Path("/usr/lib/apache2/modules")
_LOADED = (
    "mpm_event authn_core authn_file authz_core authz_host authz_user auth_basic alias dav dav_fs dav_lock ssl "
    "socache_shmcb setenvif headers mime"
)


@dataclass(frozen=True)
class WebDAVServer:
    """A server that runs. All its areas show the same folder."""

    data: Path
    """What it serves; the server's own user owns it."""
    log: Path
    access_log: Path
    """A line a request: its method, path and status."""
    port: int
    tls_port: int
    certificates: certificates.Certificates
    client_certificate: Path
    """A certificate with its key in one file, as an X.509 proxy is."""

    @property
    def http(self) -> str:
        """Open to everybody."""
        return f"http://localhost:{self.port}/dav"

    @property
    def https(self) -> str:
        return f"https://localhost:{self.tls_port}/dav"

    @property
    def bearer(self) -> str:
        """Wants `TOKEN`."""
        return f"https://localhost:{self.tls_port}/bearer"

    @property
    def basic(self) -> str:
        """Wants `USER` and `PASSWORD`."""
        return f"https://localhost:{self.tls_port}/basic"

    @property
    def certified(self) -> str:
        """Wants a client certificate of the test's authority."""
        return f"https://localhost:{self.tls_port}/certified"

    @property
    def read_only(self) -> str:
        """Refuses every change."""
        return f"http://localhost:{self.port}/read-only"

    @property
    def plain(self) -> str:
        """The same files without WebDAV."""
        return f"http://localhost:{self.port}/plain"


@contextmanager
def webdav_server(folder: Path, data: Path | None = None) -> Iterator[WebDAVServer]:
    """A server whose files are in `data`, which may be a file system of its own; else in a new folder."""
    owner = "www-data" if os.geteuid() == 0 else None
    made = certificates.make(folder / "ca", owner)
    server = WebDAVServer(
        data or folder / "data", folder / "error.log", folder / "access.log", service.free_port(), service.free_port(),
        made, _client_certificate(made),
    )  # fmt: skip
    for path in (server.data, folder / "run"):
        path.mkdir(exist_ok=True)
        if owner:
            shutil.chown(path, owner)
    _passable(folder)
    _password_file(folder / "passwords")
    (folder / "httpd.conf").write_text(_configuration(server, folder, owner))
    command: list[str | Path] = [_apache(), "-d", folder, "-f", folder / "httpd.conf", "-D", "FOREGROUND"]
    with service.running(command, server.port, folder / "apache.log"):
        yield server


def _apache() -> str:
    return shutil.which("apache2", path=f"{os.environ.get('PATH', '')}:/usr/sbin") or "apache2"


def _passable(folder: Path) -> None:
    """The server's own user may pass through the folders of a test."""
    for path in (folder, *folder.parents):
        if path.stat().st_uid == os.geteuid() and path != Path("/"):
            path.chmod(path.stat().st_mode | 0o011)


def _password_file(path: Path) -> None:
    digest = subprocess.run(
        ["openssl", "passwd", "-apr1", "-stdin"], input=PASSWORD, check=True, capture_output=True, text=True
    ).stdout.strip()
    path.write_text(f"{USER}:{digest}\n")


def _client_certificate(made: certificates.Certificates) -> Path:
    """One for a user, of the test's authority, in one file with its key."""
    folder = made.folder
    path = folder / "user.pem"

    def openssl(*words: str) -> None:
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl(
        "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/DC=test/CN=John Doe", "-keyout", "user.key",
        "-out", "user.csr",
    )  # fmt: skip
    openssl(
        "x509", "-req", "-in", "user.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
        "-out", "user.crt",
    )  # fmt: skip
    path.write_bytes((folder / "user.crt").read_bytes() + (folder / "user.key").read_bytes())
    path.chmod(0o600)
    return path


def _configuration(server: WebDAVServer, folder: Path, owner: str | None) -> str:
    loaded = "\n".join(f"LoadModule {name}_module {_MODULES}/mod_{name}.so" for name in _LOADED.split())
    identity = f"User {owner}\nGroup {owner}" if owner else ""
    aliases = "\n".join(f"Alias /{area} {server.data}" for area in _AREAS)
    areas = "\n".join(
        f"<Location /{area}>\n{rules.format(folder=folder)}\n</Location>" for area, rules in _AREAS.items()
    )
    return f"""{loaded}
{identity}
ServerName localhost
Listen 127.0.0.1:{server.port}
Listen 127.0.0.1:{server.tls_port}
PidFile {folder}/run/httpd.pid
Mutex file:{folder}/run
ErrorLog {server.log}
CustomLog {server.access_log} "%m %U %>s"
DocumentRoot {server.data}
DavLockDB {folder}/run/davlock
TypesConfig /dev/null
KeepAlive On
MaxKeepAliveRequests 0
SetEnvIf Authorization "^Bearer {TOKEN}$" has_token
{aliases}
<Location />
Require all denied
</Location>
{areas}
<VirtualHost 127.0.0.1:{server.tls_port}>
SSLEngine on
SSLCertificateFile {server.certificates.host}
SSLCertificateKeyFile {server.certificates.host_key}
SSLCACertificateFile {server.certificates.authority}
# asked for by all areas, wanted by one: TLS 1.3 has no asking later that clients must understand
SSLVerifyClient optional
</VirtualHost>
"""


_AREAS = {
    "dav": "Dav On\nRequire all granted",
    "bearer": "Dav On\nRequire env has_token",
    "basic": "Dav On\nAuthType Basic\nAuthName test\nAuthUserFile {folder}/passwords\nRequire valid-user",
    "certified": "Dav On\nSSLOptions +StdEnvVars\nRequire ssl-verify-client",
    "read-only": "Dav On\nRequire method GET HEAD OPTIONS PROPFIND",
    "plain": "Require all granted",
}

if __name__ == "__main__":  # by hand: python -m storage.webdav_server FOLDER
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    with webdav_server(place) as by_hand:
        for name in ("http", "https", "bearer", "basic", "certified", "read_only", "plain"):
            print(f"{name:10} {getattr(by_hand, name)}", flush=True)
        sys.stdin.read()
