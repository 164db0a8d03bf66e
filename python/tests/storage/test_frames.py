"""What does not go into a frame is refused in words, and the courier goes on."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from martlet.storage import frames, looked
from martlet.storage.courier import Courier


class Many:
    """A store whose directory has many entries, and that cannot tell of anything whether it is there."""

    def list_directories(self, directories: list[str]) -> list[list[tuple[str, bool, None, None]]]:
        return [[(f"entry-{number}", False, None, None) for number in range(1000)] for _ in directories]

    def look(self, targets: list[str], planning: int | None) -> list[bool]:
        return [True] * len(targets)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    monkeypatch.setattr(frames, "LONGEST", 4000)
    ours, theirs = socket.socketpair()
    courier = Courier(theirs)
    monkeypatch.setattr(courier, "_backend", lambda target: Many())
    thread = threading.Thread(target=courier.serve)
    thread.start()
    yield ours
    ours.close()
    thread.join()
    theirs.close()


def asked(client: socket.socket, header: dict[str, Any], content: bytes = b"") -> dict[str, Any]:
    frames.send(client, header, content)
    frame = frames.receive(client)
    assert frame is not None
    return frame[0]


def test_an_answer_that_is_too_long_is_refused_in_words(client: socket.socket) -> None:
    said = asked(client, {"op": "list", "targets": ["any://x/a", "any://x/b"]})
    assert [answer["error"] for answer in said["answers"]] == ["unsupported"] * 2
    assert "ask for less" in said["answers"][0]["message"]
    assert asked(client, {"op": "look"}, looked.joined(["any://x/a"])) == {"reasons": []}


def test_so_is_what_was_found_of_very_many(client: socket.socket) -> None:
    frames.send(client, {"op": "look"}, looked.joined(["a"] * 1900))
    frame = frames.receive(client)
    assert frame is not None
    assert frame[0] == {"reasons": []}  # two bytes each still fit
    assert frame[1] == b"\1\0" * 1900


def test_a_request_that_is_too_long_is_not_sent(client: socket.socket) -> None:
    with pytest.raises(frames.Malformed):
        frames.send(client, {"op": "put"}, bytes(5000))
    assert asked(client, {"op": "look"}, looked.joined(["any://x/a"])) == {"reasons": []}
