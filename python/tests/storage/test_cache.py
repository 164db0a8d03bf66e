"""The cache of a store, used by many processes at once, that are killed and run out of space."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from faults import mounts
from martlet import storage
from martlet.storage import launching, value
from storage import dropbox_server
from storage.dropbox_server import TOKEN, DropboxServer

pytestmark = pytest.mark.e2e

FILES, SIZE = 12, 100_000


@pytest.fixture
def server() -> Iterator[DropboxServer]:
    with dropbox_server.dropbox_server() as running:
        for number in range(FILES):
            running.files._keep(f"/f{number}", content(number))
        yield running
    launching.end_couriers()
    launching.use_settings([])


def content(number: int) -> bytes:
    return random.Random(number).randbytes(SIZE)


def settings(server: DropboxServer, cache: Path, **more: object) -> list[dict[str, Any]]:
    return [{"name": "box", "url": "dropbox:///", **server.options, "token": TOKEN, "cache": str(cache), **more}]


def kept(cache: Path) -> dict[str, int]:
    """Contents and their sizes."""
    return {path.name: path.stat().st_size for path in cache.glob("martlet-*/*.data")}


CLIENT = """
import json, sys
from pathlib import Path
from martlet import storage
from martlet.storage import launching

settings, out, numbers, small = json.load(sys.stdin)
if small:
    from faults import mounts
    mounts.small(Path(small), 300)
launching.use_settings(settings)
transfers = [(f"dropbox:///f{number}", f"{out}/{number}") for number in numbers]
print("began", flush=True)
for answer in storage.fetch(transfers, lambda *progress: print(*progress, flush=True)):
    storage.value(answer)
if small:
    print(sum(path.stat().st_size for path in Path(small).rglob("*") if path.is_file()) <= 300 * 1024)
"""


def client(words: list[str], request: list[Any], **more: Any) -> subprocess.Popen[str]:
    tests = str(Path(__file__).parents[1])
    path = os.pathsep.join([tests, *filter(None, [os.environ.get("PYTHONPATH")])])
    process = subprocess.Popen(
        [*words, sys.executable, "-c", CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": path}, **more,
    )  # fmt: skip
    assert process.stdin
    with process.stdin as stdin:
        json.dump(request, stdin)
    process.stdin = None
    return process


def check(out: Path, numbers: range) -> None:
    assert sorted(path.name for path in out.iterdir()) == sorted(map(str, numbers))
    for number in numbers:
        assert (out / str(number)).read_bytes() == content(number)


def test_many_processes_fetch_each_file_once(server: DropboxServer, tmp_path: Path) -> None:
    numbers = range(FILES)
    processes = []
    for place in "abcd":
        (tmp_path / place).mkdir()
        order = random.Random(place).sample(numbers, FILES)
        processes.append(client([], [settings(server, tmp_path / "cache"), str(tmp_path / place), order, None]))
    for process in processes:
        process.communicate(timeout=120)
        assert process.returncode == 0
    for place in "abcd":
        check(tmp_path / place, numbers)
    assert server.calls.count("download") == FILES
    assert len(kept(tmp_path / "cache")) == FILES


@pytest.mark.parametrize("lines", [1, 2, 3, 5, 8])
def test_killed_processes_leave_nothing_wrong(server: DropboxServer, tmp_path: Path, lines: int) -> None:
    numbers = range(FILES)
    for place in ("a", "b"):
        (tmp_path / place).mkdir()
    request = [settings(server, tmp_path / "cache", parallel=1), str(tmp_path / "a"), list(numbers), None]
    process = client([], request, start_new_session=True)
    assert process.stdout
    with process.stdout:
        for _ in range(lines):
            process.stdout.readline()
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for path in (tmp_path / "a").iterdir():  # what has its own name is whole
        assert path.name.startswith(".") or path.read_bytes() == content(int(path.name))
    launching.use_settings(settings(server, tmp_path / "cache"))
    for answer in storage.fetch([(f"dropbox:///f{number}", tmp_path / "b" / str(number)) for number in numbers]):
        value(answer)
    check(tmp_path / "b", numbers)
    server.files._keep("/new", b"x")
    value(storage.fetch([("dropbox:///new", tmp_path / "new")])[0])
    names = [path.name for path in (tmp_path / "cache").glob("martlet-*/*")]
    mine = f"-{os.getpid()}-"
    assert [name for name in names if name.startswith("incoming-") and mine not in name] == []
    assert sum(name.endswith(".data") for name in names) == FILES + 1


def test_a_limit_holds_and_files_in_use_stay(server: DropboxServer, tmp_path: Path) -> None:
    launching.use_settings(settings(server, tmp_path / "cache", cache_limit=3 * SIZE))
    for number in range(FILES):
        value(storage.fetch([(f"dropbox:///f{number}", tmp_path / str(number))])[0])
        assert sum(kept(tmp_path / "cache").values()) <= 3 * SIZE
    assert len(kept(tmp_path / "cache")) == 3
    for number in range(FILES):
        assert (tmp_path / str(number)).read_bytes() == content(number)
    before = server.calls.count("download")
    value(storage.fetch([(f"dropbox:///f{FILES - 1}", tmp_path / "again")])[0])
    assert server.calls.count("download") == before


@pytest.mark.skipif(not mounts.possible(), reason="MISSING: neither root nor `unshare -rm` is to be had")
def test_a_full_disk_costs_time_alone(server: DropboxServer, tmp_path: Path) -> None:
    """Three files of twelve have room where the cache is."""
    (tmp_path / "out").mkdir()
    (tmp_path / "cache").mkdir()
    request = [settings(server, tmp_path / "cache"), str(tmp_path / "out"), list(range(FILES)), str(tmp_path / "cache")]
    flags = mounts._namespace()
    process = client(["unshare", flags], request)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    assert output.split()[-1] == "True"
    check(tmp_path / "out", range(FILES))


def test_a_cache_that_cannot_be_made_is_told_of(server: DropboxServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    launching.use_settings(settings(server, tmp_path / "file"))
    (answer,) = storage.fetch([("dropbox:///f1", tmp_path / "x")])
    assert isinstance(answer, storage.StorageError)
    assert "the cache cannot be used" in str(answer)
