"""Files and commands of another machine: a real server of ssh's on loopback, and programs in ssh's place that lie."""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import ssh_server
from martlet.luigi import format as formats
from martlet.luigi.contrib import ssh
from martlet.luigi.target import (
    FileAlreadyExists,
    FileSystemException,
    MissingParentDirectory,
    NotADirectory,
)

Server = dict[str, Any]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    missing = ssh_server.missing()
    if missing:
        pytest.skip(f"SKIPPED luigi.contrib.ssh WITH A SERVER: this machine lacks {missing}")
    with ssh_server.running(tmp_path_factory.mktemp("sshd")) as found:
        yield found


@pytest.fixture
def lying(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Any:
    """`lying("script")`: from now on this is the program ssh; $command is what the other side is to carry out."""

    folder = tmp_path_factory.mktemp("bin")

    def lie(script: str) -> None:
        program = folder / "ssh"
        program.write_text(f'#!/bin/bash\ncommand="${{@: -3}}"\n{script}\n')
        program.chmod(0o755)
        monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")

    return lie


@pytest.fixture
def near(lying: Any) -> Server:
    """A machine that is this one, without a server: a connection costs nothing."""
    lying('eval "$command"')
    return {"host": "near"}


def test_commands(server: Server) -> None:
    context = ssh.RemoteContext(**server)
    assert context.check_output(["printf", "luigi"]) == b"luigi"
    with pytest.raises(ssh.RemoteCalledProcessError, match=r"on host 127\.0\.0\.1 returned non-zero exit status 3"):
        context.check_output(["exit", "3"])
    other = ssh.RemoteContext(**server)
    assert other == context
    assert hash(other) == hash(context)


def test_a_host_that_cannot_be_reached_has_no_absent_files() -> None:
    nowhere = ssh.RemoteFileSystem("127.0.0.1", port=1, connect_timeout=1)
    for ask in (nowhere.exists, nowhere.isdir):
        with pytest.raises(subprocess.CalledProcessError):
            ask("/tmp")


def test_a_file_through_a_server(server: Server, tmp_path: Path) -> None:
    target = ssh.RemoteTarget(f"{tmp_path}/deep/it's a file", **server)
    assert not target.exists()
    with target.open("w") as file:
        file.write("é\n")
        assert not target.exists()
    with target.open() as file:
        assert file.read() == "é\n"
    assert target.fs.listdir(f"{tmp_path}/deep/") == [target.path]
    target.get(f"{tmp_path}/here")
    target.remove()
    assert not target.exists()
    target.put(f"{tmp_path}/here")
    assert Path(target.path).read_text() == "é\n"
    ssh.RemoteTarget(f"{tmp_path}/more", **server).put(f"{tmp_path}/deep")
    assert (tmp_path / "more" / "it's a file").read_text() == "é\n"


NAMES = ["plain", "with blank", "quo'te", 'dou"ble', "$HOME", "a;b", "*", "back\\slash", "-n", "é", "line\nend"]


@pytest.mark.parametrize("name", NAMES)
def test_files_of_any_name(name: str, near: Server, tmp_path: Path) -> None:
    target = ssh.RemoteTarget(f"{tmp_path}/deep/{name}", **near)
    assert not target.exists()
    with target.open("w") as file:
        file.write("é\n")
        assert not target.exists()
    assert (tmp_path / "deep" / name).read_text() == "é\n"
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == [name]
    with target.open() as file:
        assert file.read() == "é\n"
    assert target.fs.listdir(f"{tmp_path}/deep/") == [target.path]
    target.remove()
    assert not target.exists()


def test_paths_of_the_home_directory(near: Server) -> None:
    home = ssh.RemoteContext(**near).check_output(["echo", "$HOME"]).decode().strip()
    files = ssh.RemoteFileSystem(**near)
    assert files.isdir("~")
    assert files.exists("~/.") == Path(home).exists()
    assert not files.exists("~/no such $file")


@pytest.mark.parametrize("chain", [formats.Nop, formats.Gzip, formats.Nop >> formats.Bzip2])
def test_formats(chain: Any, near: Server, tmp_path: Path) -> None:
    target = ssh.RemoteTarget(f"{tmp_path}/a", format=chain, **near)
    with target.open("w") as file:
        file.write(b"\x00\xff" * 100_000)
    with target.open() as file:
        assert file.read() == b"\x00\xff" * 100_000


@pytest.mark.parametrize("how", ["exception", "forgotten"])
def test_what_is_dropped_leaves_nothing(how: str, near: Server, tmp_path: Path) -> None:
    target = ssh.RemoteTarget(f"{tmp_path}/a", **near)
    file = target.open("w")
    file.write("x")
    if how == "exception":
        with pytest.raises(KeyError), file:
            raise KeyError
    del file
    assert list(tmp_path.iterdir()) == []


def test_directories(near: Server, tmp_path: Path) -> None:
    files = ssh.RemoteFileSystem(**near)
    deep = f"{tmp_path}/a/b"
    with pytest.raises(MissingParentDirectory):
        files.mkdir(deep, parents=False)
    files.mkdir(deep)
    files.mkdir(deep)
    assert files.isdir(deep)
    with pytest.raises(FileAlreadyExists):
        files.mkdir(deep, raise_if_exists=True)
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectory):
        files.mkdir(f"{tmp_path}/file")
    with pytest.raises(subprocess.CalledProcessError):
        files.remove(deep, recursive=False)
    files.remove(f"{tmp_path}/a")
    assert not files.exists(deep)


def test_moving_copying_and_temporary_paths(near: Server, tmp_path: Path) -> None:
    target = ssh.RemoteTarget(f"{tmp_path}/a", **near)
    with target.temporary_path() as path:
        Path(path).write_text("x")
    target.fs.copy(target.path, f"{tmp_path}/to/b")
    target.fs.rename_dont_move(target.path, f"{tmp_path}/to/c")
    with pytest.raises(FileAlreadyExists):
        target.fs.rename_dont_move(f"{tmp_path}/to/b", f"{tmp_path}/to/c")
    assert sorted(target.fs.listdir(str(tmp_path))) == [f"{tmp_path}/to/b", f"{tmp_path}/to/c"]


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200_000))
def test_sending_and_fetching(near: Server, tmp_path: Path, content: bytes) -> None:
    target = ssh.RemoteTarget(f"{tmp_path}/there/file", **near)
    (tmp_path / "here").write_bytes(content)
    target.put(str(tmp_path / "here"))
    target.get(f"{tmp_path}/back/file")
    assert (tmp_path / "back" / "file").read_bytes() == content


def test_sending_a_directory_and_fetching_nothing(near: Server, tmp_path: Path) -> None:
    (tmp_path / "here" / "deep").mkdir(parents=True)
    (tmp_path / "here" / "deep" / "file").write_text("x")
    ssh.RemoteTarget(f"{tmp_path}/there", **near).put(str(tmp_path / "here"))
    assert (tmp_path / "there" / "deep" / "file").read_text() == "x"
    with pytest.raises(RuntimeError):
        ssh.RemoteTarget(f"{tmp_path}/nowhere", **near).get(f"{tmp_path}/back")
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["here", "there"]


def test_a_tunnel(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()

        def greet() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.sendall(b"hello")

        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        there = listener.getsockname()[1]
        tunnel = ssh.RemoteContext(**server).tunnel(port, there, "127.0.0.1")
        with tunnel, socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            assert connection.recv(5) == b"hello"
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), timeout=30)
        thread.join(30)


def test_a_tunnel_that_is_taken(server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        tunnel = ssh.RemoteContext(**server).tunnel(taken.getsockname()[1])
        with pytest.raises(ssh.RemoteCalledProcessError), tunnel:
            pass


def test_a_connection_that_says_nothing_is_no_answer(lying: Any) -> None:
    lying("exit 0")
    with pytest.raises(FileSystemException, match="did not say whether /data/a is there"):
        ssh.RemoteFileSystem("far").exists("/data/a")
    lying("exit 1")
    with pytest.raises(subprocess.CalledProcessError):
        ssh.RemoteFileSystem("far").exists("/data/a")
    lying("echo 'Welcome to far'; eval \"$command\"")
    assert ssh.RemoteFileSystem("far").exists("/")
    assert not ssh.RemoteFileSystem("far").exists("/nowhere at all")


CUT = 'case "$command" in *"cat >"*) head -c 5 | eval "$command"; cat > /dev/null;; *) eval "$command";; esac'


@pytest.mark.parametrize("how", ["open", "put"])
def test_a_file_of_which_only_a_part_arrives_is_not_there(how: str, lying: Any, tmp_path: Path) -> None:
    lying(CUT)
    target = ssh.RemoteTarget(f"{tmp_path}/there/file", "far")
    (tmp_path / "here").write_text("more than five")
    if how == "put":
        with pytest.raises(ssh.RemoteCalledProcessError):
            target.put(str(tmp_path / "here"))
    else:
        file = target.open("w")
        file.write("more than five")
        with pytest.raises(ssh.RemoteCalledProcessError):
            file.close()
    assert list((tmp_path / "there").iterdir()) == []


def test_a_file_that_comes_short_is_not_kept(lying: Any, tmp_path: Path) -> None:
    lying('eval "$command" | head -c 9')
    (tmp_path / "there").write_text("more than five")
    with pytest.raises((FileSystemException, RuntimeError)):
        ssh.RemoteTarget(f"{tmp_path}/there", "far").get(f"{tmp_path}/here")
    assert not (tmp_path / "here").exists()


def test_what_cannot_be_removed_is_logged(lying: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    lying('case "$command" in *rm*) exit 255;; *) eval "$command";; esac')
    file = ssh.RemoteTarget(f"{tmp_path}/a", "far").open("w")
    file.write("x")
    del file
    assert "is left on far" in caplog.text
