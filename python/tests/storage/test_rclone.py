"""rclone behind connections that lose answers, hanging, ended and started from threads."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from martlet.storage import Kind, StorageError, patience
from martlet.storage.rclone import RClone
from martlet.storage.rclone import daemon as daemon_module
from martlet.storage.rclone.daemon import Daemon
from martlet.storage.values import Transfer
from martlet.storage.waits import Waits
from running.processes import is_gone
from running.waiting import until
from storage.servers import rclone
from storage.servers.doors import Losing, losing

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[rclone.RcloneServer]:
    with rclone.serving("webdav", tmp_path_factory.mktemp("rclone")) as running:
        yield running


@pytest.fixture
def door(server: rclone.RcloneServer) -> Iterator[Losing]:
    with losing(server.port) as opened:
        yield opened


@pytest.fixture
def store(server: rclone.RcloneServer, door: Losing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RClone:
    """`rclone://served/…`, through the door."""
    monkeypatch.setattr(patience.random, "uniform", lambda *_: 0)  # no test waits
    rclone.write_configuration(tmp_path / "rclone.conf", served=server.remote(door.port))
    return RClone({"config": str(tmp_path / "rclone.conf"), "retries": 2, "timeout": 5})


@pytest.fixture
def folder(server: rclone.RcloneServer, tmp_path: Path) -> Path:
    made = server.data / tmp_path.name
    made.mkdir()
    return made


def kinds(answers: Any) -> list[Kind | None]:
    return [answer.kind if isinstance(answer, StorageError) else None for answer in answers]


@pytest.mark.parametrize("earlier", [None, b"earlier"])
@pytest.mark.parametrize("times", [1, 2])
def test_a_commit_whose_answer_is_lost_was_one(
    store: RClone, door: Losing, folder: Path, earlier: bytes | None, times: int
) -> None:
    if earlier is not None:
        (folder / "a").write_bytes(earlier)
    url = f"rclone://served/{folder.name}/a"
    temporary = store.put(b"content", url)
    door.to_lose = ["MOVE /"] * times
    assert store.commit([(temporary, url)]) == [None]
    assert door.lost == ["MOVE /"] * min(times, 1 if earlier is None else 2)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"a": b"content"}


def test_a_commit_that_fails_leaves_what_was_there(store: RClone, folder: Path) -> None:
    (folder / "a").write_bytes(b"earlier")
    url = f"rclone://served/{folder.name}/a"
    temporary = store.put(b"content", url)
    (folder / temporary.rpartition("/")[2]).unlink()
    assert kinds(store.commit([(temporary, url)])) == [Kind.ABSENT]
    assert (folder / "a").read_bytes() == b"earlier"


def test_a_file_that_is_named_as_itself_stays(store: RClone, folder: Path) -> None:
    url = f"rclone://served/{folder.name}/a"
    temporary = store.put(b"content", url)
    assert kinds(store.commit([(temporary, temporary)])) == [Kind.UNSUPPORTED]
    assert [path.read_bytes() for path in folder.iterdir()] == [b"content"]


def test_a_delete_whose_answer_is_lost_was_one(store: RClone, door: Losing, folder: Path) -> None:
    (folder / "a").write_bytes(b"x")
    door.to_lose = ["DELETE /"]
    url = f"rclone://served/{folder.name}"
    assert kinds(store.delete([f"{url}/a", f"{url}/none"])) == [None, Kind.ABSENT]
    assert door.lost == ["DELETE /"]
    assert list(folder.iterdir()) == []


def test_how_far_a_transfer_has_come_is_told(store: RClone, folder: Path, tmp_path: Path) -> None:
    content = os.urandom(64 << 20)
    (folder / "large").write_bytes(content)
    told: list[tuple[int, ...]] = []
    transfer = Transfer(f"rclone://served/{folder.name}/large", str(tmp_path / "here"), str(tmp_path / "partial"))
    limited = RClone({"config": store._daemon._configuration, "retries": 0, "timeout": 5})
    os.environ["RCLONE_BWLIMIT"] = "32M"
    try:
        assert kinds(limited.fetch([transfer], lambda *numbers: told.append(numbers))) == [None]
    finally:
        del os.environ["RCLONE_BWLIMIT"]
    assert (tmp_path / "here").read_bytes() == content
    assert any(0 < numbers[0] < len(content) for numbers in told), told
    assert told[-1] == (len(content), len(content), 1, 1)


# ---- the daemon


@pytest.fixture
def daemon(tmp_path: Path) -> Daemon:
    (tmp_path / "rclone.conf").touch()
    return Daemon(str(tmp_path / "rclone.conf"), Waits(1, 1))


def pid(daemon: Daemon) -> int:
    assert daemon._process
    return daemon._process.pid


def test_threads_that_need_it_at_once_start_one(daemon: Daemon) -> None:
    with ThreadPoolExecutor(8) as pool:
        seen = list(pool.map(lambda _: daemon.call("core/pid", "x")["pid"], range(8)))
    assert len(set(seen)) == 1


def test_it_outlives_the_thread_that_started_it(daemon: Daemon) -> None:
    thread = threading.Thread(target=daemon.start)
    thread.start()
    thread.join()
    assert daemon.call("core/pid", "x")["pid"] == pid(daemon)


def test_killed_it_is_started_anew_wherever_it_is_needed(daemon: Daemon) -> None:
    first = daemon.call("core/pid", "x")["pid"]
    os.kill(first, signal.SIGKILL)
    # a zombie's other threads may hold its socket for a moment yet
    until(lambda: not Path(f"/proc/{first}").exists())
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(lambda: daemon.call("core/pid", "x")["pid"]).result()
    assert second != first
    assert daemon.call("core/pid", "x")["pid"] == second


def test_one_that_hangs_is_given_up_and_replaced(daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(daemon_module, "_SIGN_OF_LIFE", 0.5)
    first = daemon.call("core/pid", "x")["pid"]
    os.kill(first, signal.SIGSTOP)
    with pytest.raises(StorageError) as raised:
        daemon.call("core/pid", "x")
    assert raised.value.kind is Kind.TRANSIENT
    assert daemon.call("core/pid", "x")["pid"] != first


def test_a_program_that_never_begins_is_given_up(
    tmp_path: Path, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "rclone"
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.setattr(daemon_module, "_BEGINNING", 0.5)
    with pytest.raises(StorageError) as raised:
        daemon.start()
    assert raised.value.kind is Kind.TRANSIENT
    until(lambda: is_gone(pid(daemon)))
