"""Places for results: a folder, and servers of WebDAV, XRootD and S3 that tests start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any


class Place:
    """Somewhere for results: what martlet.toml says of it, and how to count what is there."""

    def __init__(self, lines: dict[str, Any], names: Callable[[], list[str]]) -> None:
        self.lines = lines
        self.names = names

    def within(self, folder: str) -> Place:
        """A folder of it for one test alone."""
        lines = {**self.lines, "url": f"{self.lines['url']}/{folder}"}
        return Place(lines, lambda: [name for name in self.names() if f"{folder}/" in name])

    @property
    def results(self) -> list[str]:
        """What has a name of its own, which temporary files have not."""
        return [name for name in self.names() if not name.rpartition("/")[2].startswith(".")]


def _files(folder: Path) -> Callable[[], list[str]]:
    return lambda: [str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()]


@contextmanager
def a_folder(folder: Path) -> Iterator[Place]:
    yield Place({"url": str(folder / "results")}, _files(folder / "results"))


@contextmanager
def webdav(folder: Path) -> Iterator[Place]:
    from storage.webdav_server import TOKEN, webdav_server

    with webdav_server(folder) as server:
        (folder / "token").write_text(TOKEN)
        lines = {"token_file": str(folder / "token"), "ca": str(server.certificates.authority)}
        yield Place({"url": f"{server.bearer}/tth", **lines}, _files(server.data))


@contextmanager
def xrootd(folder: Path) -> Iterator[Place]:
    from storage.servers.xrootd import serving

    with serving(folder) as servers:
        yield Place({"url": f"{servers['anonymous'].url}/tth"}, _files(servers["anonymous"].data))


@contextmanager
def s3(folder: Path) -> Iterator[Place]:
    from storage.s3_server import s3_server

    with s3_server(folder) as server:
        bucket = server.make_bucket()

        def keys() -> list[str]:
            found = [entry["Key"] for entry in server.client().list_objects_v2(Bucket=bucket).get("Contents", [])]
            return [key for key in found if not key.endswith("/")]  # those stand for directories

        yield Place({"url": f"s3://{bucket}/tth", **server.options}, keys)


PLACES = (a_folder, webdav, xrootd, s3)


@contextmanager
def opened(place: Callable[[Path], Any]) -> Iterator[Place]:
    """One of `PLACES`, in a folder of its own."""
    # not in pytest's folder, which it keeps to us: servers drop their rights, and must get through to their files
    with TemporaryDirectory(prefix="martlet-server-") as made:
        folder = Path(made)
        folder.chmod(0o755)
        with place(folder) as found:
            yield found
