from __future__ import annotations

import io
import subprocess
from pathlib import Path
from typing import Any

import pytest

from martlet.formats import Text
from martlet.formats.process import InputPipeProcessWrapper, OutputPipeProcessWrapper
from martlet.targets.atomic import AtomicBinaryFile


def raise_within(file: Any, content: Any) -> None:
    with file:
        file.write(content)
        raise KeyError


def test_reading_a_program() -> None:
    with InputPipeProcessWrapper(["printf", "a\\nb\\n"]) as file:
        assert file.readable()
        assert not file.writable()
        assert file.readline() == b"a\n"
        assert file.read() == b"b\n"
    assert file.closed
    assert list(InputPipeProcessWrapper(["printf", "a\\nb\\n"])) == [b"a\n", b"b\n"]
    assert Text.pipe_reader(InputPipeProcessWrapper(["printf", "\\303\\251"])).read() == "é"
    given = subprocess.Popen(["printf", "x"], stdout=subprocess.PIPE)
    assert InputPipeProcessWrapper(given).read(1) == b"x"


def test_a_method_keeps_the_file_open() -> None:
    assert InputPipeProcessWrapper(["printf", "abc"]).read() == b"abc"
    read = InputPipeProcessWrapper(["printf", "abc"]).read
    assert read() == b"abc"


def test_standard_input_is_a_file_or_anything_that_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "in").write_bytes(b"b\na\n")
    assert InputPipeProcessWrapper(["sort"], (tmp_path / "in").open("rb")).read() == b"a\nb\n"
    memory = io.BytesIO(b"b\na\n")
    assert InputPipeProcessWrapper(["sort"], memory).read() == b"a\nb\n"
    assert memory.closed


def test_who_stops_reading_is_not_told_of_a_broken_pipe() -> None:
    file = InputPipeProcessWrapper(["yes"])
    assert file.readline() == b"y\n"
    file.close()
    file.close()


def test_a_program_that_fails_is_told_of() -> None:
    failing = ["sh", "-c", "echo a; exit 3"]
    with pytest.raises(RuntimeError, match="non-zero exit status 3"):
        list(InputPipeProcessWrapper(failing))
    with pytest.raises(KeyError), InputPipeProcessWrapper(failing):
        raise KeyError  # what went wrong first is what is seen
    with pytest.raises(RuntimeError), InputPipeProcessWrapper(failing) as file:
        file.read()


def test_writing_through_a_program(tmp_path: Path) -> None:
    path = str(tmp_path / "out")
    with OutputPipeProcessWrapper(["sort"], AtomicBinaryFile(path)) as file:
        assert file.writable()
        file.write(b"b\n")
        file.writeLine(b"a")
        assert not (tmp_path / "out").exists()
    assert (tmp_path / "out").read_bytes() == b"a\nb\n"
    with pytest.raises(ValueError, match="one line"):
        file.writeLine(b"a\nb")


def test_a_file_in_memory_gets_all_at_the_end() -> None:
    class Kept(io.BytesIO):
        def close(self) -> None:
            self.content = self.getvalue()
            super().close()

    below = Kept()
    text = Text.pipe_writer(OutputPipeProcessWrapper(["sort"], below))
    text.write("b\na\n")
    text.close()
    assert below.content == b"a\nb\n"


@pytest.mark.parametrize("command", [["false"], ["sh", "-c", "cat; exit 1"]])
def test_a_program_that_fails_leaves_no_file(command: list[str], tmp_path: Path) -> None:
    file = OutputPipeProcessWrapper(command, AtomicBinaryFile(str(tmp_path / "out")))
    file.write(b"x")
    with pytest.raises(RuntimeError, match="Error when executing command"):
        file.close()
    assert list(tmp_path.iterdir()) == []


def test_what_is_aborted_or_forgotten_leaves_no_file(tmp_path: Path) -> None:
    def through_cat(name: str) -> OutputPipeProcessWrapper:
        return OutputPipeProcessWrapper(["cat"], AtomicBinaryFile(str(tmp_path / name)))

    with pytest.raises(KeyError):
        raise_within(through_cat("a"), b"x")
    with pytest.raises(KeyError):
        raise_within(Text.pipe_writer(through_cat("b")), "x")
    forgotten = through_cat("c")
    forgotten.write(b"x")
    del forgotten
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_somebody_else_decides_what_an_exception_means() -> None:
    class Theirs(io.BytesIO):
        told: object = None

        def __exit__(self, kind: object, error: object, trace: object) -> None:
            self.told = kind

    below = Theirs()
    with pytest.raises(KeyError):
        raise_within(Text.pipe_writer(below), "x")
    assert below.told is KeyError
