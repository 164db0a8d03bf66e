"""Secrets of stores, and links that lead elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from martlet import storage
from storage.contract.area import Area
from storage.contract.place import Place

pytestmark = pytest.mark.e2e

SCRIPT = """
import os
import pathlib
import martlet

results = martlet.store("results")


class Make(martlet.Task):
    def output(self):
        return results / "made.txt"

    def run(self):
        self.output().dump("content")
        mark = f"MARTLET_TEST_AREA={os.environ['MARTLET_TEST_AREA']}".encode()
        lines = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:  # those of this run
                if mark in (process / "environ").read_bytes().split(b"\\0"):
                    lines.append((process / "cmdline").read_bytes())
            except OSError:  # gone, or another user's
                continue
        pathlib.Path("command-lines").write_bytes(b"\\n".join(lines))
        print(repr(self.output()), self.output().stat())
        raise ValueError(f"it failed with {self.output()}")
"""


@pytest.mark.parametrize(
    "place", ["webdav-token", "webdav-password", "s3", "dropbox", "fsspec-sftp", "rclone-webdav"], indirect=True
)
def test_secrets_are_told_nowhere(place: Place, client: Callable[[Place], Place], tmp_path: Path) -> None:
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    area = Area(tmp_path, place, SCRIPT)
    code, said = area.run("Make", "--show-logs", "--debug")
    assert code == 1
    assert "it failed with" in said
    assert (tmp_path / "command-lines").stat().st_size
    assert place.stranger
    area.configure(place.stranger)
    code, refused = area.run("Make", "--debug")
    assert code == 4, refused
    assert "refused" in refused
    configuration = (tmp_path / "martlet.toml").read_text()
    (tmp_path / "martlet.toml").unlink()
    written = {str(path): path.read_bytes().decode(errors="replace") for path in tmp_path.rglob("*") if path.is_file()}
    for secret in place.secrets:
        for where, text in {"its output": said, "its refusal": refused, **written}.items():
            assert secret not in text, f"{where} tells {secret} ({configuration})"


@pytest.mark.parametrize(
    "place", ["local", "webdav", "s3", "dropbox", "xrootd", "fsspec-sftp", "rclone-webdav"], indirect=True
)
def test_a_link_is_replaced_not_followed(place: Place, client: Callable[[Place], Place], tmp_path: Path) -> None:
    client(place)
    storage.value(storage.mkdir([place.url])[0])
    url = f"{place.url}/file"
    (tmp_path / "own").write_text("mine")
    (tmp_path / "link").symlink_to("own")
    storage.value(storage.store([(tmp_path / "link", url)])[0])
    assert storage.read(url) == b"mine"
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "here").symlink_to("precious")
    storage.value(storage.fetch([(url, tmp_path / "here")])[0])
    assert (tmp_path / "precious").read_text() == "precious"
    assert (tmp_path / "here").read_text() == "mine"
    assert not (tmp_path / "here").is_symlink()
