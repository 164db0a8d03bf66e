"""A certificate authority of the tests, and what it says of `localhost`."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_NAMES = "subjectAltName=DNS:localhost,IP:127.0.0.1"


@dataclass(frozen=True)
class Certificates:
    """Files in one folder; that folder is a directory of CAs too, by hash, as grid clients want it."""

    folder: Path

    @property
    def authority(self) -> Path:
        return self.folder / "ca.pem"

    @property
    def host(self) -> Path:
        return self.folder / "host.pem"

    @property
    def host_key(self) -> Path:
        return self.folder / "host.key"


def make(folder: Path, owner: str | None = None, days: int = 2) -> Certificates:
    """Makes an authority and a host certificate for localhost, good for `days`; the keys belong to `owner`, if one is
    named."""
    folder.mkdir(parents=True)
    made = Certificates(folder)
    _openssl(
        folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", "/DC=test/CN=Test CA",
        "-keyout", "ca.key", "-out", made.authority,
    )  # fmt: skip
    _openssl(
        folder, "req", "-newkey", "rsa:2048", "-nodes", "-subj", "/DC=test/CN=localhost",
        "-keyout", made.host_key, "-out", "host.csr",
    )  # fmt: skip
    (folder / "names").write_text(_NAMES)
    _openssl(
        folder, "x509", "-req", "-in", "host.csr", "-CA", made.authority, "-CAkey", "ca.key", "-CAcreateserial",
        "-days", str(days), "-out", made.host, "-extfile", "names",
    )  # fmt: skip
    digest = _openssl(folder, "x509", "-hash", "-noout", "-in", made.authority).strip()
    shutil.copy(made.authority, folder / f"{digest}.0")
    for key in (made.host_key, folder / "ca.key"):
        key.chmod(0o600)
    if owner:
        for path in [folder, *folder.iterdir()]:
            shutil.chown(path, owner)
    return made


def _openssl(folder: Path, *words: str | Path) -> str:
    command = ["openssl", *map(str, words)]
    return subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout
