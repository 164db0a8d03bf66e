"""Ceph's object gateway on loopback, over a cluster in memory: S3 that checks signatures, quotas and digests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .servers import service

PACKAGES = {
    "ceph-mon": "ceph-mon", "ceph-osd": "ceph-osd", "radosgw": "radosgw", "radosgw-admin": "radosgw",
    "monmaptool": "ceph-mon", "ceph": "ceph-common", "ceph-authtool": "ceph-common",
}  # fmt: skip
"""Debian's packages by the programs that are needed of them."""
REGION = "us-east-1"
ACCESS_KEY, SECRET_KEY = "AKIDMARTLETTEST", "test/secret+key=3a7b"
"""A secret with characters that are easily encoded once too often."""
USER = "martlet"
MEMORY = 4 << 30
"""Bytes that all objects together may have."""


@dataclass(frozen=True)
class S3Server:
    """A gateway that runs."""

    folder: Path
    port: int

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def key_file(self) -> Path:
        """In the form of AWS: the user `default`, and one with a wrong secret, `stranger`."""
        return self.folder / "credentials"

    @property
    def options(self) -> dict[str, Any]:
        """What a store of the configuration has to say."""
        return {"endpoint": self.endpoint, "key_file": str(self.key_file)}

    def client(self) -> Any:
        """boto3's."""
        import boto3
        from botocore.config import Config

        config = Config(
            s3={"addressing_style": "path"}, request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        )  # fmt: skip
        return boto3.client(
            "s3", endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY, config=config,
        )  # fmt: skip

    def make_bucket(self, name: str | None = None) -> str:
        """A new bucket, empty."""
        name = name or f"b{uuid.uuid4().hex[:12]}"
        self.client().create_bucket(Bucket=name)
        return name

    def limit(self, bucket: str, size: int | None) -> None:
        """Lets a bucket have so many bytes at the most; None takes the limit away."""
        names = ("--bucket", bucket)
        if size is None:
            self._administer("quota", "disable", "--quota-scope=bucket", *names)
        else:
            self._administer("quota", "set", "--quota-scope=bucket", *names, f"--max-size={size}")
            self._administer("quota", "enable", "--quota-scope=bucket", *names)

    def close(self) -> None:
        """Lets the user read, and nothing else, from now on."""
        self._administer("user", "modify", f"--uid={USER}", "--op-mask=read")

    def uploads(self, bucket: str) -> list[str]:
        """Keys of uploads that were begun and neither completed nor given up."""
        return [upload["Key"] for upload in self.client().list_multipart_uploads(Bucket=bucket).get("Uploads", [])]

    def _administer(self, *words: str) -> str:
        return _run(self.folder, "radosgw-admin", *words)


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A gateway with one user and no bucket. It takes some ten seconds to begin."""
    server = S3Server(folder, service.free_port())
    for name in ("mon", "osd"):
        (folder / name).mkdir()
    monitor_port = service.free_port()
    cluster, osd = str(uuid.uuid4()), str(uuid.uuid4())
    (folder / "ceph.conf").write_text(_configuration(server, cluster, monitor_port))
    # one keyring for all: the monitor takes in what is in it when it is made
    all_rights = [word for daemon in ("mon", "osd") for word in ("--cap", daemon, "allow *")]
    for name in ("mon.", "client.admin", "osd.0"):
        create = ["--create-keyring"] if name == "mon." else []
        _run(folder, "ceph-authtool", str(folder / "keyring"), *create, "--gen-key", "-n", name, *all_rights)
    server.key_file.write_text(
        f"[default]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = {SECRET_KEY}\n"
        f"[stranger]\naws_access_key_id = {ACCESS_KEY}\naws_secret_access_key = another\n"
    )
    address = f"[v2:127.0.0.1:{monitor_port}]"
    _run(folder, "monmaptool", "--create", "--addv", "a", address, "--fsid", cluster, str(folder / "monmap"))
    keyring = ("--keyring", str(folder / "keyring"))
    _run(folder, "ceph-mon", "--mkfs", "-i", "a", "--monmap", str(folder / "monmap"), *keyring)
    with ExitStack() as stack:

        def start(port: int, *words: str) -> None:
            environment = {"CEPH_CONF": str(folder / "ceph.conf")}
            stack.enter_context(service.running([*words, "-f"], port, folder / f"{words[0]}.out", environment))

        start(monitor_port, "ceph-mon", "-i", "a")
        _run(folder, "ceph", "osd", "new", osd, "0")
        _run(folder, "ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        start(monitor_port, "ceph-osd", "-i", "0")
        keys = (f"--access-key={ACCESS_KEY}", f"--secret-key={SECRET_KEY}")
        _run(folder, "radosgw-admin", "user", "create", f"--uid={USER}", f"--display-name={USER}", *keys)
        start(server.port, "radosgw", "-n", "client.admin")
        yield server


def _run(folder: Path, *words: str) -> str:
    """A command of Ceph's, which waits for the cluster as long as it takes to begin."""
    done = subprocess.run(
        words, env={**os.environ, "CEPH_CONF": str(folder / "ceph.conf")}, capture_output=True, text=True, timeout=120
    )
    if done.returncode != 0:
        raise RuntimeError(f"{words[:2]} failed: {done.stderr[-2000:]}")
    return done.stdout


def _configuration(server: S3Server, cluster: str, monitor_port: int) -> str:
    folder = server.folder
    return f"""[global]
fsid = {cluster}
mon host = [v2:127.0.0.1:{monitor_port}]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.asok
log file = {folder}/$name.log
mon data = {folder}/mon
mon allow pool size one = true
osd data = {folder}/osd
osd objectstore = memstore
memstore device bytes = {MEMORY}
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
rgw frontends = beast endpoint=127.0.0.1:{server.port} tcp_nodelay=1
rgw dynamic resharding = false
rgw run sync thread = false
# quotas count at once
rgw bucket quota ttl = 0
rgw bucket quota cache size = 0
"""


if __name__ == "__main__":  # by hand: python -m storage.s3_server FOLDER
    place = Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with s3_server(place) as by_hand:
        by_hand.make_bucket("test")
        print(f"s3://test after {time.monotonic() - began:.1f} s:", json.dumps(by_hand.options), flush=True)
        sys.stdin.read()
