"""The stores that there are. Each starts in an empty folder, whose `data`, if it is there already, holds its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from storage import dropbox_server, s3_server, webdav_server
from storage.servers import rclone, xrootd

from .place import Place

_WRONG = "wrong-credential-4e17"
"""What a stranger shows."""


@contextmanager
def local(folder: Path) -> Iterator[Place]:
    (folder / "data").mkdir(exist_ok=True)
    yield Place(f"{folder}/data", data=folder / "data", has_digests=True)


@contextmanager
def file(folder: Path) -> Iterator[Place]:
    with local(folder) as place:
        yield replace(place, url=f"file://{place.url}")


@contextmanager
def webdav(folder: Path) -> Iterator[Place]:
    with webdav_server.webdav_server(folder, folder / "data") as server:
        yield Place(server.http, port=server.port, data=server.data)


@contextmanager
def webdav_token(folder: Path) -> Iterator[Place]:
    with webdav_server.webdav_server(folder, folder / "data") as server:
        known = {"ca": str(server.certificates.authority)}
        (folder / "token").write_text(webdav_server.TOKEN)
        stranger = Place(server.bearer, {**known, "token": _WRONG})
        settings = {**known, "token_file": str(folder / "token")}
        yield Place(
            server.bearer, settings, port=server.tls_port, data=server.data, stranger=stranger,
            secrets=(webdav_server.TOKEN, _WRONG),
        )  # fmt: skip


@contextmanager
def webdav_password(folder: Path) -> Iterator[Place]:
    with webdav_server.webdav_server(folder, folder / "data") as server:
        known = {"ca": str(server.certificates.authority), "user": webdav_server.USER}
        stranger = Place(server.basic, {**known, "password": _WRONG})
        settings = {**known, "password": webdav_server.PASSWORD}
        yield Place(
            server.basic, settings, port=server.tls_port, data=server.data, stranger=stranger,
            secrets=(webdav_server.PASSWORD, _WRONG),
        )  # fmt: skip


@contextmanager
def s3(folder: Path) -> Iterator[Place]:
    with s3_server.s3_server(folder) as server:
        bucket = server.make_bucket()
        url = f"s3://{bucket}"

        def reached(port: int) -> dict[str, str]:
            return {**server.options, "endpoint": f"http://127.0.0.1:{port}"}

        stranger = Place(url, {**server.options, "profile": "stranger"})
        yield Place(
            url, server.options, port=server.port, elsewhere=reached, has_digests=True,
            limit=partial(server.limit, bucket), close=server.close, stranger=stranger,
            secrets=(s3_server.SECRET_KEY,),
        )  # fmt: skip


@contextmanager
def dropbox(folder: Path) -> Iterator[Place]:
    with dropbox_server.dropbox_server() as server:
        (folder / "token").write_text(dropbox_server.TOKEN)
        port = int(server.endpoint.rpartition(":")[2])

        def reached(port: int) -> dict[str, str]:
            return {"endpoint": f"http://127.0.0.1:{port}", "token_file": str(folder / "token")}

        stranger = Place("dropbox:///tests", {"endpoint": server.endpoint, "token": _WRONG})
        yield Place(
            "dropbox:///tests", reached(port), shape="caseless", port=port, elsewhere=reached, has_digests=True,
            limit=server.limit, close=server.close, stranger=stranger, secrets=(dropbox_server.TOKEN, _WRONG),
        )  # fmt: skip


@contextmanager
def xrootd_anonymous(folder: Path) -> Iterator[Place]:
    with xrootd.serving(folder) as servers:
        yield _xrootd(servers["anonymous"])


@contextmanager
def xrootd_sss(folder: Path) -> Iterator[Place]:
    with xrootd.serving(folder, ["sss"]) as servers:
        place = _xrootd(servers["sss"])
        yield replace(place, stranger=replace(place, environment={"XrdSecPROTOCOL": "unix"}))


@contextmanager
def xrootd_tls(folder: Path) -> Iterator[Place]:
    with xrootd.serving(folder, ["tls"]) as servers:
        yield _xrootd(servers["tls"])


def _xrootd(server: xrootd.XRootDServer) -> Place:
    return Place(
        server.url, environment=server.environment, port=server.port, data=server.data, refused=frozenset("?"),
        has_digests=True,
    )  # fmt: skip


@contextmanager
def fsspec_memory(folder: Path) -> Iterator[Place]:
    yield Place(f"fsspec+memory://{folder.name}")


@contextmanager
def fsspec_sftp(folder: Path) -> Iterator[Place]:
    with rclone.serving("sftp", folder) as server:
        (folder / "password").write_text(rclone.PASSWORD)
        settings = {"user": rclone.USER, "password_file": str(folder / "password")}
        url = f"fsspec+sftp://127.0.0.1:{server.port}"
        stranger = Place(url, {**settings, "password_file": "/dev/null"})
        known = Place(
            url, settings, port=server.port, data=server.data, stranger=stranger, secrets=(rclone.PASSWORD,)
        )
        yield replace(known, refused=frozenset("?"))


@contextmanager
def rclone_sftp(folder: Path) -> Iterator[Place]:
    with _rclone("sftp", folder) as place:
        yield place


@contextmanager
def rclone_webdav(folder: Path) -> Iterator[Place]:
    with _rclone("webdav", folder) as place:
        yield place


@contextmanager
def _rclone(protocol: str, folder: Path) -> Iterator[Place]:
    with rclone.serving(protocol, folder) as server:

        def reached(port: int) -> dict[str, str]:
            remote = server.remote(port)
            remotes = {"served": remote, "refused": {**remote, "pass": rclone.obscured(_WRONG)}}
            rclone.write_configuration(folder / f"{port}.conf", **remotes)
            return {"config": str(folder / f"{port}.conf")}

        settings = reached(server.port)
        stranger = Place("rclone://refused", settings)
        yield Place(
            "rclone://served", settings, port=server.port, elsewhere=reached, data=server.data, stranger=stranger,
            secrets=(rclone.PASSWORD, _WRONG),
        )  # fmt: skip


@contextmanager
def rclone_local(folder: Path) -> Iterator[Place]:
    (folder / "data").mkdir(exist_ok=True)
    rclone.write_configuration(folder / "remotes.conf", here={"type": "alias", "remote": str(folder / "data")})
    settings = {"config": str(folder / "remotes.conf")}
    yield Place("rclone://here", settings, data=folder / "data", has_digests=True)


PLACES: dict[str, Callable[[Path], AbstractContextManager[Place]]] = {
    "local": local,
    "file": file,
    "webdav": webdav,
    "webdav-token": webdav_token,
    "webdav-password": webdav_password,
    "s3": s3,
    "dropbox": dropbox,
    "xrootd": xrootd_anonymous,
    "xrootd-sss": xrootd_sss,
    "xrootd-tls": xrootd_tls,
    "fsspec-memory": fsspec_memory,
    "fsspec-sftp": fsspec_sftp,
    "rclone-sftp": rclone_sftp,
    "rclone-webdav": rclone_webdav,
    "rclone-local": rclone_local,
}
