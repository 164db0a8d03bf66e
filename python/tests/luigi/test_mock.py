from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi import format as formats
from martlet.luigi.mock import MockFileSystem, MockTarget


@pytest.fixture(autouse=True)
def empty() -> Iterator[None]:
    MockFileSystem().clear()
    yield
    MockFileSystem().clear()


def write(path: str, text: str = "x") -> None:
    with MockTarget(path).open("w") as file:
        file.write(text)


@pytest.mark.parametrize("chain", [formats.Text, formats.UTF8 >> formats.Gzip, formats.UTF8 >> formats.Bzip2])
def test_what_is_written_is_read(chain: formats.Format) -> None:
    target = MockTarget("a", format=chain)
    file = target.open("w")
    file.write("é\n")
    assert not target.exists()
    file.close()
    assert target.exists()
    with target.open() as read:
        assert list(read) == ["é\n"]


def test_what_is_dropped_is_not_there() -> None:
    def raise_within() -> None:
        with MockTarget("a").open("w") as file:
            file.write("x")
            raise KeyError

    with pytest.raises(KeyError):
        raise_within()
    forgotten = MockTarget("a", format=formats.Nop).open("w")
    forgotten.write(b"x")
    del forgotten
    assert not MockTarget("a").exists()
    with pytest.raises(TypeError):
        MockTarget("a").open(None)  # type: ignore[arg-type]


def test_the_file_system() -> None:
    files = MockFileSystem()
    for path in ("d/a", "d/b", "e"):
        write(path, path)
    assert files.isdir("d")
    assert sorted(files.listdir("d/")) == ["d/a", "d/b"]
    files.copy("e", "f")
    with pytest.raises(RuntimeError, match="Destination exists: e"):
        files.move("f", "e", raise_if_exists=True)
    MockTarget("f").rename("g")
    assert files.get_data("g") == b"e"
    files.remove("d")
    assert sorted(files.get_all_data()) == ["e", "g"]
    with pytest.raises(KeyError):
        files.remove("nowhere", recursive=False)
    with MockTarget("h").temporary_path() as path:
        write(path, "h")
    assert sorted(files.get_all_data()) == ["e", "g", "h"]


def test_it_is_shown_on_standard_error(capsys: pytest.CaptureFixture[str]) -> None:
    with MockTarget("a", mirror_on_stderr=True, format=formats.Nop).open("w") as file:
        file.write(b"x\ny")
        file.write(b"z\n")
        file.write(b"w")
    assert capsys.readouterr().err == "a: x\nyz\na: w"


class Made(luigi.Task):
    n = luigi.IntParameter()

    def requires(self) -> list[Made]:
        return [Made(n=2 * self.n), Made(n=2 * self.n + 1)] if self.n < 4 else []

    def output(self) -> MockTarget:
        return MockTarget(f"made/{self.n}")

    def run(self) -> None:
        below = [target.open().read() for target in self.input()]
        with self.output().open("w") as file:
            file.write(f"{self.n}({','.join(below)})")


@pytest.mark.parametrize("workers", [1, 2])
def test_all_workers_of_a_run_share_it(workers: int, tmp_path: Path) -> None:
    result = martlet.build([Made(n=1)], workers=workers, state=tmp_path, quiet=True)
    assert result
    assert MockTarget("made/1").open().read() == "1(2(4(),5()),3(6(),7()))"
