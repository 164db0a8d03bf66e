"""The proxy of the tests: what it delays, cuts, truncates, damages and stalls."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from storage.servers.proxy import Proxy

ONE_WAY = 0.05


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that gives back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return  # the test is over
                threading.Thread(target=give_back, args=(connection,), daemon=True).start()

        def give_back(connection: socket.socket) -> None:
            with closing(connection):
                try:
                    while data := connection.recv(65536):
                        connection.sendall(data)
                except OSError:
                    pass  # reset, as some tests want it

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)


def connect(proxy: Proxy) -> socket.socket:
    return socket.create_connection(("127.0.0.1", proxy.port), timeout=20)


def received(connection: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count and (piece := connection.recv(count - len(data))):
        data += piece
    return data


def test_bytes_are_late_and_in_order(echo: int) -> None:
    sent = bytes(range(256)) * 40_000
    with Proxy(echo, ONE_WAY) as proxy, connect(proxy) as connection:
        began = time.monotonic()
        threading.Thread(target=connection.sendall, args=(sent,), daemon=True).start()
        assert received(connection, len(sent)) == sent
        # the handshake's round trip, there and back
        assert time.monotonic() - began >= 4 * ONE_WAY
        assert proxy.counts() == {"connections": 1, "up": len(sent), "down": len(sent), "stalled": 0}


def test_an_end_passes_through(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as connection:
        connection.sendall(b"last words")
        connection.shutdown(socket.SHUT_WR)
        assert received(connection, 100) == b"last words"


def test_what_is_stalled_flows_again(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as connection:
        proxy.stall()
        connection.sendall(b"patience")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(20)
        proxy.flow()
        assert received(connection, 8) == b"patience"


def test_it_stalls_when_enough_has_gone(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as connection:
        proxy.stall_after(3)
        connection.sendall(b"abc")
        assert received(connection, 3) == b"abc"
        connection.sendall(b"def")
        connection.settimeout(0.2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        assert proxy.counts()["stalled"] == 1
        connection.settimeout(20)
        proxy.flow()
        assert received(connection, 3) == b"def"


def test_a_cut_resets_what_there_is_and_what_comes(echo: int) -> None:
    with Proxy(echo) as proxy, connect(proxy) as connection:
        connection.sendall(b"x")
        assert received(connection, 1) == b"x"
        proxy.cut()
        with pytest.raises(ConnectionResetError):
            connection.recv(1)
        with connect(proxy) as another, pytest.raises(ConnectionResetError):
            another.recv(1)
        proxy.flow()
        with connect(proxy) as another:
            another.sendall(b"y")
            assert received(another, 1) == b"y"


def test_a_truncated_connection_ends_at_that_byte(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.truncate(500, times=2)
        for _ in range(2):
            with connect(proxy) as connection:
                connection.sendall(b"x" * 1000)
                assert received(connection, 1000) == b"x" * 500
        with connect(proxy) as connection:
            connection.sendall(b"x" * 1000)
            assert received(connection, 1000) == b"x" * 1000


def test_one_byte_is_another(echo: int) -> None:
    with Proxy(echo) as proxy:
        proxy.corrupt(3)
        with connect(proxy) as connection:
            connection.sendall(b"aaaaaa")
            assert received(connection, 6) == b"aaa`aa"
