"""Comparers: what differs each time is left out, anything else is found, with its place."""

from __future__ import annotations

import gzip
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from martlet import comparing


@pytest.fixture
def pair(tmp_path: Path) -> Callable[[str], tuple[Path, Path]]:
    def paths(name: str) -> tuple[Path, Path]:
        for side in ("one", "other"):
            (tmp_path / side).mkdir()
        return tmp_path / "one" / name, tmp_path / "other" / name

    return paths


Pair = Callable[[str], tuple[Path, Path]]


def compare(first: Path, second: Path) -> comparing.Comparison:
    return comparing.compare(str(first), str(second))


def test_bytes(pair: Pair) -> None:
    one, other = pair("a.txt")
    one.write_text("first\nsecond\n")
    other.write_text("first\nsecond\n")
    assert compare(one, other) == ("same", "")
    other.write_text("first\nthird\n")
    assert compare(one, other) == ("different", "line 2: 'second' and 'third' (13 and 12 bytes)")


def test_json(pair: Pair) -> None:
    one, other = pair("a.json")
    one.write_text('{"a": [1, 2.5], "b": true}')
    other.write_text('{"b":true,"a":[1,2.5]}')
    assert compare(one, other).finding == "same but"
    other.write_text('{"b":true,"a":[1,2.6]}')
    assert compare(one, other) == ("different", "a[1]: 2.5 and 2.6")
    other.write_text('{"b":1,"a":[1,2.5]}')
    assert compare(one, other) == ("different", "b: True and 1")


def test_gzip(pair: Pair) -> None:
    one, other = pair("a.json.gz")
    one.write_bytes(gzip.compress(b'{"a": 1}', mtime=1))
    other.write_bytes(gzip.compress(b'{"a": 1}', mtime=2))
    assert compare(one, other).finding == "same but"
    other.write_bytes(gzip.compress(b'{"a": 2}', mtime=1))
    assert compare(one, other) == ("different", "a: 1 and 2")


def test_npz(pair: Pair) -> None:
    numpy = pytest.importorskip("numpy")
    one, other = pair("a.npz")
    values = numpy.arange(6.0).reshape(2, 3)
    numpy.savez(one, x=values)
    with zipfile.ZipFile(one) as archive, zipfile.ZipFile(other, "w") as copy:
        copy.writestr(zipfile.ZipInfo("x.npy", (2001, 1, 1, 0, 0, 0)), archive.read("x.npy"))
    assert compare(one, other).finding == "same but"
    values[1, 2] = 7
    numpy.savez(other, x=values)
    assert compare(one, other) == ("different", "x[1, 2]: 5.0 and 7.0 (1 of 6 differ)")


def test_parquet(pair: Pair) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    one, other = pair("a.parquet")
    parquet.write_table(pyarrow.table({"pt": [1.0, 2.0]}), one)
    parquet.write_table(pyarrow.table({"pt": [1.0, 2.0]}).replace_schema_metadata({"date": "today"}), other)
    assert compare(one, other).finding == "same but"
    parquet.write_table(pyarrow.table({"pt": [1.0, 3.0]}), other)
    assert compare(one, other) == ("different", "pt[1]: 2.0 and 3.0")


def test_root(pair: Pair) -> None:
    uproot = pytest.importorskip("uproot")
    numpy = pytest.importorskip("numpy")
    one, other = pair("a.root")

    def write(path: Path, pt: list[float], counts: list[int]) -> None:
        with uproot.recreate(path) as file:
            file["events"] = {"pt": numpy.array(pt), "n": numpy.arange(len(pt))}
            file["cuts/h"] = numpy.array(counts), numpy.array([0.0, 1.0, 2.0])

    write(one, [1.0, float("nan"), 3.0], [4, 5])
    write(other, [1.0, float("nan"), 3.0], [4, 5])
    assert one.read_bytes() != other.read_bytes()  # the file's identifier
    assert compare(one, other).finding == "same but"
    other.unlink()
    write(other, [1.0, float("nan"), 3.5], [4, 5])
    assert compare(one, other) == ("different", "events;1:pt[2]: 3.0 and 3.5")
    other.unlink()
    write(other, [1.0, float("nan"), 3.0], [4, 6])
    assert compare(one, other).detail.startswith("values of cuts/h;1[2]: 5.0 and 6.0")


def _png(path: Path, pixels: bytes, remark: bytes, level: int) -> None:
    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0)
    content = chunk(b"IHDR", head) + chunk(b"tEXt", remark) + chunk(b"IDAT", zlib.compress(pixels, level))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + content + chunk(b"IEND", b""))


def test_png(pair: Pair) -> None:
    one, other = pair("a.png")
    _png(one, b"\0\1\2\0\3\4", b"Date\0yesterday", 9)
    _png(other, b"\0\1\2\0\3\4", b"Date\0today", 1)
    assert compare(one, other).finding == "same but"
    _png(other, b"\0\1\2\0\3\5", b"Date\0today", 1)
    assert compare(one, other) == ("different", "pixels: 1 of 6 bytes differ")


def test_pdf(pair: Pair) -> None:
    pytest.importorskip("matplotlib").use("Agg")
    from datetime import datetime

    from matplotlib import pyplot

    one, other = pair("a.pdf")
    figure, axes = pyplot.subplots()
    axes.plot([1, 2])
    figure.savefig(one, metadata={"CreationDate": datetime(2001, 1, 1)})
    figure.savefig(other, metadata={"CreationDate": datetime(2026, 11, 30)})
    assert compare(one, other).finding == "same but"
    axes.plot([2, 1])
    figure.savefig(other, metadata={"CreationDate": datetime(2001, 1, 1)})
    assert compare(one, other).finding == "different"
    pyplot.close(figure)


def test_folders(pair: Pair) -> None:
    one, other = pair("folder")
    for place, text in ((one, '{"a":1}'), (other, '{"a": 1}')):
        place.mkdir()
        (place / "x.json").write_text(text)
    assert compare(one, other).finding == "same but"
    (other / "y").touch()
    assert compare(one, other) == ("different", "y is only in the second")


def test_damaged_files_are_compared_by_bytes(pair: Pair) -> None:
    one, other = pair("a.npz")
    one.write_bytes(b"PK no archive")
    other.write_bytes(b"PK no Archive")
    found = compare(one, other)
    assert found.finding == "different" and "could not be looked into" in found.detail


def test_comparers_of_users(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    class Lhe:
        LEAVES_OUT = "the banner"

        def difference(self, first: str, second: str) -> str | None:
            here, there = (Path(path).read_text().splitlines()[1:] for path in (first, second))
            return None if here == there else "an event"

    monkeypatch.setattr(comparing, "_registered", {})
    comparing.register("lhe", Lhe())
    one, other = pair("a.lhe")
    one.write_text("banner of today\nevents\n")
    other.write_text("banner of tomorrow\nevents\n")
    assert compare(one, other) == ("same but", "the banner")
    no_comparer: Any = json
    with pytest.raises(TypeError, match="no comparer"):
        comparing.register(".lhe", no_comparer)
