from __future__ import annotations

import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from martlet.formats.newline import NewlineFormat, NewlineWrapper

pieces = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r", b"\r\n", b"x\r", b"\ny"]), max_size=8)


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.linesep", "\r\n")


def written(parts: list[bytes], newline: str | None) -> bytes:
    file = io.BytesIO()
    NewlineWrapper(file, newline).writelines(parts)
    return file.getvalue()


@given(pieces, st.sampled_from(["\n", "\r", "\r\n"]))
def test_where_a_line_end_is_cut_in_two_does_not_matter(parts: list[bytes], newline: str) -> None:
    whole = b"".join(parts)
    assert written(parts, newline) == re.sub(rb"\r\n|\r|\n", newline.encode(), whole)
    assert written(parts, "") == whole


@given(pieces, st.integers(1, 4))
def test_reading_gives_plain_line_ends_however_much_is_asked_for(parts: list[bytes], size: int) -> None:
    whole = b"".join(parts)
    plain = re.sub(rb"\r\n|\r|\n", b"\n", whole)
    assert NewlineWrapper(io.BytesIO(whole)).read() == plain
    slowly = NewlineWrapper(io.BytesIO(whole))
    assert b"".join(iter(lambda: slowly.read(size), b"")) == plain
    assert list(NewlineWrapper(io.BytesIO(whole))) == plain.splitlines(keepends=True)
    assert NewlineWrapper(io.BytesIO(whole)).readlines() == plain.splitlines(keepends=True)


@pytest.mark.usefixtures("windows")
def test_the_systems_line_end_is_what_a_file_has() -> None:
    assert written([b"a\nb\r"], None) == b"a\r\nb\r\n"


def test_other_line_ends_are_refused_and_given_ones_only_written() -> None:
    with pytest.raises(ValueError, match="newline must be one of"):
        NewlineWrapper(io.BytesIO(), "x")
    reader = NewlineFormat(newline="\r\n").pipe_reader(io.BytesIO(b"a\rb\r\n"))
    assert reader.readline() == b"a\rb\r\n"
