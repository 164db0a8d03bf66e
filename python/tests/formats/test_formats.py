from __future__ import annotations

import bz2
import gzip
from pathlib import Path
from typing import Any

import pytest

from martlet.formats import UTF8, Bzip2, Gzip, GzipFormat, Nop, Text, TextFormat
from martlet.targets import LocalTarget


@pytest.mark.parametrize(
    ("format", "content", "raw"),
    [
        (Text, "μ\n", "μ\n".encode()),
        (UTF8, "μ\n", "μ\n".encode()),
        (TextFormat(encoding="latin-1"), "µ\n", b"\xb5\n"),
        (TextFormat(newline="\r\n"), "a\n", b"a\r\n"),
        (Nop, b"\x00\xff", b"\x00\xff"),
    ],
)
def test_content_and_bytes(tmp_path: Path, format: Any, content: Any, raw: bytes) -> None:
    with LocalTarget(tmp_path / "x", format=format).open("w") as file:
        file.write(content)
    assert (tmp_path / "x").read_bytes() == raw
    with LocalTarget(tmp_path / "x", format=format).open() as file:
        assert file.read() == content or format.newline


@pytest.mark.parametrize(("format", "decompress"), [(Gzip, gzip.decompress), (Bzip2, bz2.decompress)])
def test_compressed(tmp_path: Path, format: Any, decompress: Any) -> None:
    text = "line\n" * 9
    for chain, content in ((format, text.encode()), (Text >> format, text), (Text >> format >> Nop, text)):
        target = LocalTarget(tmp_path / "x", format=chain)
        with target.open("w") as file:
            file.write(content)
        assert decompress((tmp_path / "x").read_bytes()) == b"line\n" * 9
        with target.open() as file:
            assert file.read() == content
        with target.open() as file:
            assert list(file) == [content[:5]] * 9


def test_the_same_content_gives_the_same_compressed_bytes(tmp_path: Path) -> None:
    for name in "ab":
        with LocalTarget(tmp_path / name, format=GzipFormat(9)).open("w") as file:
            file.write(b"same")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_chains_that_cannot_work_are_refused() -> None:
    with pytest.raises(TypeError, match="TextFormat expect unicode but GzipFormat provide bytes"):
        Gzip >> Text


@pytest.mark.parametrize("layers", [Gzip, Bzip2, Text >> Gzip, Text >> Bzip2])
def test_the_file_below_can_be_asked(layers: Any, tmp_path: Path) -> None:
    writer = LocalTarget(tmp_path / "a", format=layers).open("w")
    assert writer.tmp_path.startswith(str(tmp_path))
    with pytest.raises(AttributeError):
        _ = writer.no_such_attribute
    writer.close()
