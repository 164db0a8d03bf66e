from __future__ import annotations

import gc
import io
import os
import pickle
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from martlet.formats import Gzip, Nop, Text
from martlet.targets import LocalTarget
from martlet.targets.atomic import AtomicBinaryFile, AtomicTextFile
from martlet.targets.temporary import temporary_name

FORMATS = [Text, Nop, Text >> Gzip]


def content(format: object) -> object:
    return b"new" if format is Nop else "new"


@pytest.mark.parametrize("format", FORMATS, ids=["text", "bytes", "gzip"])
def test_nothing_shows_before_close_and_all_of_it_after(tmp_path: Path, format: object) -> None:
    target = LocalTarget(tmp_path / "deep" / "er" / "out.txt", format=format)
    with target.open("w") as file:
        file.write(content(format))
        assert not target.exists()
    with target.open("r") as file:
        assert file.read() == content(format)
    assert [path.name for path in (tmp_path / "deep" / "er").iterdir()] == ["out.txt"]


@pytest.mark.parametrize("format", FORMATS, ids=["text", "bytes", "gzip"])
def test_an_exception_drops_it_and_keeps_what_was_there(tmp_path: Path, format: object) -> None:
    target = LocalTarget(tmp_path / "out.txt", format=format)
    (tmp_path / "out.txt").write_bytes(b"old")
    with pytest.raises(RuntimeError), target.open("w") as file:  # noqa: PT012
        file.write(content(format))
        raise RuntimeError
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]
    assert (tmp_path / "out.txt").read_bytes() == b"old"


@pytest.mark.parametrize("format", FORMATS, ids=["text", "bytes", "gzip"])
def test_forgetting_to_close_drops_it(tmp_path: Path, format: object) -> None:
    file = LocalTarget(tmp_path / "out.txt", format=format).open("w")
    file.write(content(format))
    del file
    gc.collect()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("format", FORMATS, ids=["text", "bytes", "gzip"])
def test_closing_twice_is_harmless(tmp_path: Path, format: object) -> None:
    file = LocalTarget(tmp_path / "out.txt", format=format).open("w")
    file.write(content(format))
    file.close()
    (tmp_path / "out.txt").unlink()
    file.close()
    assert list(tmp_path.iterdir()) == []
    assert file.closed


@pytest.mark.parametrize("format", FORMATS, ids=["text", "bytes", "gzip"])
def test_kill_leaves_no_partial_file_under_the_final_name(tmp_path: Path, format: object) -> None:
    name = ["Text", "Nop", "Text >> Gzip"][FORMATS.index(format)]
    script = textwrap.dedent(f"""
        import os, signal
        from martlet.formats import Gzip, Nop, Text
        from martlet.targets import LocalTarget
        file = LocalTarget({str(tmp_path / "out.txt")!r}, format={name}).open("w")
        for i in range(300000):
            file.write({content(format)!r} * 10)
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    ended = subprocess.run([sys.executable, "-c", script], check=False)
    assert ended.returncode == -signal.SIGKILL
    left = [path.name for path in tmp_path.iterdir()]
    assert "out.txt" not in left
    assert all(name.startswith(".out.tmp-") for name in left)


def test_temporary_names_are_unique_hidden_and_keep_the_suffix() -> None:
    names = {temporary_name("dir/plot.pdf") for _ in range(100)}
    assert len(names) == 100
    assert all(name.startswith("dir/.plot.tmp-") and name.endswith(".pdf") for name in names)
    assert temporary_name("noext").startswith(".noext.tmp-")
    assert temporary_name("d/.hidden").startswith("d/..hidden.tmp-")
    assert temporary_name("d/dir/").startswith("d/.dir.tmp-")


def test_temporary_names_fit_the_file_system(tmp_path: Path) -> None:
    for name in ("x" * 250 + ".txt", "é" * 120 + ".root"):
        with LocalTarget(tmp_path / name).open("w") as file:
            file.write("fits")
        assert (tmp_path / name).read_text() == "fits"


def test_a_forked_child_uses_other_names() -> None:
    here = temporary_name("x").split("-")[1]
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(write, temporary_name("x").split("-")[1].encode())
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(read, 100).decode() != here
    os.close(read)
    os.close(write)


def test_text_files_do_all_that_files_do(tmp_path: Path) -> None:
    file = LocalTarget(tmp_path / "out.txt").open("w")
    assert isinstance(file, io.TextIOBase)
    assert file.write("ab\n") == 3
    file.writelines(["c\n", "d\n"])
    print("printed", file=file)
    file.flush()
    assert os.fstat(file.fileno()).st_size == 15
    assert file.tell() == 15
    file.seek(0)
    file.write("AB")
    file.buffer.write(b"!")
    assert (file.writable(), file.readable(), file.isatty(), file.closed) == (True, False, False, False)
    assert file.name == str(tmp_path / "out.txt")
    file.close()
    assert (tmp_path / "out.txt").read_text() == "AB!c\nd\nprinted\n"
    with pytest.raises(ValueError, match="closed"):
        file.write("more")
    with pytest.raises(ValueError, match="closed"):
        file.fileno()


def test_large_and_non_ascii_text(tmp_path: Path) -> None:
    lines = [f"Zeile {i} – μ±σ\n" for i in range(100_000)]
    with LocalTarget(tmp_path / "out.txt").open("w") as file:
        for line in lines:
            file.write(line)
    with LocalTarget(tmp_path / "out.txt").open() as file:
        assert list(file) == lines


def test_text_files_refuse_bytes(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="must be str, not bytes"), AtomicTextFile(str(tmp_path / "x")) as file:
        file.write(b"x")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_text_that_cannot_be_encoded_leaves_nothing(tmp_path: Path) -> None:
    file = AtomicTextFile(str(tmp_path / "x"), "ascii")
    file.write("μ")
    with pytest.raises(UnicodeEncodeError):
        file.close()
    assert list(tmp_path.iterdir()) == []


def test_binary_files_take_pickles(tmp_path: Path) -> None:
    with AtomicBinaryFile(str(tmp_path / "x")) as file:
        pickle.dump({"a": list(range(10000))}, file)
    assert pickle.loads((tmp_path / "x").read_bytes()) == {"a": list(range(10000))}


def test_a_directory_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a directory")
    for format in FORMATS:
        with pytest.raises(OSError, match=f"'{tmp_path}/file/out.txt'"):
            LocalTarget(tmp_path / "file" / "out.txt", format=format).open("w")
