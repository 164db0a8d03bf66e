from __future__ import annotations

import os
import struct

from hypothesis import given
from hypothesis import strategies as st

from martlet.targets.shared import SharedContents

names = st.sampled_from(["a", "b", "é/ü", ""])
steps = st.lists(st.tuples(st.sampled_from(["set", "delete", "clear", "other"]), names, st.binary(max_size=20)))


def in_a_fork(act: object) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            act()  # type: ignore[operator]
        except BaseException:
            os._exit(1)
        os._exit(0)
    assert os.waitpid(pid, 0)[1] == 0


@given(steps)
def test_it_is_a_dict(history: list[tuple[str, str, bytes]]) -> None:
    shared, plain = SharedContents(), dict[str, bytes]()
    for kind, name, content in history:
        if kind == "set":
            shared[name] = plain[name] = content
        elif kind == "clear":
            shared.clear()
            plain.clear()
        else:
            assert (name in shared) == (name in plain)
            assert shared.pop(name, None) == plain.pop(name, None)
        assert dict(shared) == plain
        assert len(shared) == len(plain)


def test_forked_processes_see_each_others_changes() -> None:
    shared = SharedContents()
    shared["before"] = b"1"

    def act() -> None:
        assert shared["before"] == b"1"
        shared["within"] = b"2" * 3_000_000
        del shared["before"]

    in_a_fork(act)
    assert dict(shared) == {"within": b"2" * 3_000_000}
    in_a_fork(lambda: shared.clear())
    assert "within" not in shared


def test_writers_at_the_same_time_lose_nothing() -> None:
    shared = SharedContents()
    children = []
    for child in range(4):
        pid = os.fork()
        if pid == 0:
            for n in range(200):
                shared[f"{child}-{n}"] = bytes([child]) * n
            os._exit(0)
        children.append(pid)
    for pid in children:
        assert os.waitpid(pid, 0)[1] == 0
    assert dict(shared) == {f"{child}-{n}": bytes([child]) * n for child in range(4) for n in range(200)}


def test_half_a_record_of_a_killed_process_is_overwritten() -> None:
    shared = SharedContents()
    shared["a"] = b"1"
    half = struct.pack("<BQQ", 0, 1, 100) + b"b" + b"x" * 50
    os.pwrite(shared._descriptor, half, os.fstat(shared._descriptor).st_size)
    assert dict(shared) == {"a": b"1"}
    shared["c"] = b"2"
    assert dict(shared) == {"a": b"1", "c": b"2"}
    in_a_fork(lambda: shared.__setitem__("d", shared["c"]))
    assert dict(shared) == {"a": b"1", "c": b"2", "d": b"2"}
