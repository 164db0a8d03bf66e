"""Bundles in stores: put there once, told of by URLs that computing elements understand."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from martlet.bundle import BundleError
from martlet.bundle.depot import deposit
from martlet.running.code import Code
from martlet.running.options import Options
from martlet.storage import StorageError, end_couriers
from storage.servers import service
from storage.webdav_server import PACKAGES, WebDAVServer, webdav_server


@pytest.fixture(scope="module")
def server() -> Iterator[WebDAVServer]:
    if lacks := service.missing(PACKAGES):
        pytest.skip(f"BUNDLES IN STORES ARE NOT TESTED: a store needs {lacks}")
    # pytest's own folders are closed to the user that the server runs as
    with tempfile.TemporaryDirectory(prefix="martlet-depot-") as folder, webdav_server(Path(folder)) as running:
        yield running
    end_couriers()


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    path = tmp_path / "b.tar.gz"
    path.write_bytes(b"a bundle of " + tmp_path.name.encode())
    return path


def test_it_is_sent_once_under_the_name_that_its_content_makes(server: WebDAVServer, bundle: Path) -> None:
    store = f"dav://localhost:{server.port}/dav/an analysis"
    url, is_new = deposit(bundle, store)
    assert is_new and url.startswith(f"http://localhost:{server.port}/dav/an%20analysis/bundles/"), url
    assert deposit(bundle, store) == (url, False)
    (stored,) = (server.data / "an analysis" / "bundles").iterdir()
    assert stored.read_bytes() == bundle.read_bytes() and stored.name in url


def test_a_url_that_says_who_sends_it_is_refused(server: WebDAVServer, bundle: Path) -> None:
    with pytest.raises(StorageError, match="a URL with a user in it"):
        deposit(bundle, server.http.replace("://", "://a-token@"))


def test_what_somebody_left_there_in_part_is_replaced(server: WebDAVServer, bundle: Path) -> None:
    store = f"{server.http}/broken"
    deposit(bundle, store)
    (stored,) = (server.data / "broken" / "bundles").iterdir()
    stored.write_bytes(b"a bun")
    assert deposit(bundle, store)[1]
    assert stored.read_bytes() == bundle.read_bytes()


def test_a_store_that_is_down_is_not_one_that_lacks_it(bundle: Path) -> None:
    with pytest.raises(OSError, match="could not be reached"):
        deposit(bundle, f"http://localhost:{service.free_port()}/dav")


@pytest.mark.parametrize("store", ["dropbox:///tth", "s3://bucket/tth", "/data/doe", "rclone://desk/tth"])
def test_stores_are_refused_that_nobody_else_can_fetch_from(bundle: Path, store: str) -> None:
    with pytest.raises(BundleError, match="is no store that jobs are brought files from: .*davs://"):
        deposit(bundle, store)


def test_without_a_proxy_or_another_system_it_is_sent_with_each_job(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X509_USER_PROXY", str(tmp_path / "none"))
    told: list[str] = []
    for system in ("arc", "slurm"):
        options = Options(batch=system, state=tmp_path, bundle_store="nowhere")
        assert Code(options, tmp_path, told.append).sources() == {}
    assert told == ["the bundle goes with each job: arc needs a proxy to fetch it from the store nowhere"]
