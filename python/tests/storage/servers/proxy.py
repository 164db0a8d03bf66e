"""A TCP proxy on loopback that delays what passes, cuts, truncates, damages and stalls it.

`Proxy(port, latency)` runs it as a process of its own, so that nobody's interpreter lock is in its way; as a program,
`python proxy.py PORT LATENCY`, it prints its own port and then obeys commands, a line of JSON each, on standard input.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

_CHUNK = 1 << 18
_QUEUED = 64
"""Chunks under way in one direction of a connection: enough for a gigabyte a second at ten milliseconds."""


class Proxy:
    """The proxy as its user sees it; usable in a `with` statement."""

    def __init__(self, upstream: int, latency: float = 0.0) -> None:
        """Leads to port `upstream`; `latency` is in seconds, one way: what goes and what comes each take so long.

        A connection's first bytes take a round trip longer, as the handshake would.
        """
        words = [sys.executable, "-I", os.path.abspath(__file__), str(upstream), str(latency)]
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        self.port = int(self._process.stdout.readline())

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._process.communicate()  # it ends with its standard input

    def flow(self) -> None:
        """Everything passes again, new connections and those that are stalled."""
        self._tell(flow=True)

    def stall(self) -> None:
        """Nothing passes; connections are taken, and stay."""
        self._tell(stall=True)

    def stall_after(self, sent: int) -> None:
        """Once so many bytes have gone to the server from now on, nothing passes."""
        self._tell(stall_after=sent)

    def cut(self) -> None:
        """All connections are reset, and so is each new one, until `flow`."""
        self._tell(cut=True)

    def truncate(self, after: int, times: int = 1) -> None:
        """The next `times` connections end orderly when so many bytes have come through them from the server."""
        self._tell(truncate=after, times=times)

    def corrupt(self, after: int, times: int = 1) -> None:
        """In the next `times` connections one bit of the byte number `after` from the server is another one."""
        self._tell(corrupt=after, times=times)

    def counts(self) -> dict[str, int]:
        """Since the beginning: `connections`, bytes `up` to the server and `down` from it; `stalled` is 1 or 0."""
        return self._tell(counts=True)

    def _tell(self, **command: Any) -> dict[str, int]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        answer: dict[str, int] = json.loads(self._process.stdout.readline())
        return answer


@dataclass
class _Fault:
    """What is to befall connections."""

    kind: str
    after: int
    times: int


@dataclass(eq=False)
class _Connection:
    client: asyncio.StreamWriter
    fault: _Fault | None
    server: asyncio.StreamWriter | None = None
    down: int = 0

    def end(self) -> None:
        """Orderly, to both sides; content with one that has ended."""
        for writer in (self.client, self.server):
            if writer:
                writer.close()


@dataclass
class _Relay:
    """The proxy as its own process sees it."""

    upstream: int
    latency: float
    flows: asyncio.Event = field(default_factory=asyncio.Event)
    refuses: bool = False
    stalls_at: int | None = None
    faults: list[_Fault] = field(default_factory=list)
    connections: set[_Connection] = field(default_factory=set)
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(("connections", "up", "down"), 0))

    async def serve(self) -> None:
        self.flows.set()
        server = await asyncio.start_server(self._take, "127.0.0.1", 0, limit=_CHUNK)
        print(server.sockets[0].getsockname()[1], flush=True)
        commands = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(commands), sys.stdin.buffer
        )
        while line := await commands.readline():
            self._obey(json.loads(line))
            print(json.dumps({**self.counts, "stalled": int(not self.flows.is_set())}), flush=True)
        os._exit(0)  # connections end with the process; nobody wants to hear that their tasks were cancelled

    def _obey(self, command: dict[str, Any]) -> None:
        if "flow" in command:
            self.refuses = False
            self.flows.set()
        elif "stall" in command:
            self.flows.clear()
        elif "stall_after" in command:
            self.stalls_at = self.counts["up"] + command["stall_after"]
        elif "cut" in command:
            self.refuses = True
            for connection in list(self.connections):
                _reset(connection)
        for kind in ("truncate", "corrupt"):
            if kind in command:
                self.faults.append(_Fault(kind, command[kind], command["times"]))

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.counts["connections"] += 1
        connection = _Connection(writer, self._next_fault())
        self.connections.add(connection)
        try:
            if self.refuses:
                return _reset(connection)
            from_server, connection.server = await asyncio.open_connection("127.0.0.1", self.upstream, limit=_CHUNK)
            for one in (writer, connection.server):
                one.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            await asyncio.gather(
                self._pass(reader, connection.server, "up", connection),
                self._pass(from_server, writer, "down", connection),
            )
        except OSError:
            _reset(connection)
        finally:
            self.connections.discard(connection)
            connection.end()

    def _next_fault(self) -> _Fault | None:
        if not self.faults:
            return None
        fault = self.faults[0]
        fault.times -= 1
        if not fault.times:
            self.faults.pop(0)
        return fault

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: str, connection: _Connection
    ) -> None:
        """One direction: what is read is due a latency later, and leaves in the order in which it came."""
        queue: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(_QUEUED)
        sending = asyncio.create_task(self._send(queue, writer, way, connection))
        clock = asyncio.get_running_loop().time
        delay = self.latency * (3 if way == "up" else 1)
        try:
            while chunk := await reader.read(_CHUNK):
                await queue.put((clock() + delay, chunk))
                delay = self.latency
        finally:
            await queue.put((clock() + delay, b""))
            await sending

    async def _send(
        self, queue: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter, way: str, connection: _Connection
    ) -> None:
        clock = asyncio.get_running_loop().time
        due = 0.0
        while True:
            at, chunk = await queue.get()
            due = max(due, at)  # the first bytes are late, and nothing overtakes them
            if (wait := due - clock()) > 0:
                await asyncio.sleep(wait)
            if way == "up" and self.stalls_at is not None and self.counts["up"] >= self.stalls_at:
                self.stalls_at = None
                self.flows.clear()
            await self.flows.wait()
            if not chunk:
                break
            if writer.is_closing():
                continue  # until whoever reads has heard of it too
            ends = False
            if way == "down":
                chunk, ends = _befall(connection, chunk)
            self.counts[way] += len(chunk)
            writer.write(chunk)
            try:
                await writer.drain()
            except ConnectionError:
                _reset(connection)
            if ends:
                connection.end()
        if not writer.is_closing():
            try:
                writer.write_eof()
            except OSError:
                pass


def _befall(connection: _Connection, chunk: bytes) -> tuple[bytes, bool]:
    """What becomes of a chunk from the server, and whether the connection ends after it."""
    fault, begin = connection.fault, connection.down
    connection.down += len(chunk)
    if fault is None or not begin <= fault.after < connection.down:
        return chunk, False
    at = fault.after - begin
    if fault.kind == "truncate":
        return chunk[:at], True
    return chunk[:at] + bytes([chunk[at] ^ 1]) + chunk[at + 1 :], False


def _reset(connection: _Connection) -> None:
    """Ends a connection with a reset, not with an end-of-file."""
    for writer in (connection.client, connection.server):
        if writer is not None and not writer.is_closing():
            try:
                writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            except OSError:
                pass
            writer.transport.abort()


if __name__ == "__main__":
    asyncio.run(_Relay(int(sys.argv[1]), float(sys.argv[2])).serve())
