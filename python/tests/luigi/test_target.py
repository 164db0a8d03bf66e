from __future__ import annotations

import gc
import os
import re
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi.target import AtomicLocalFile, FileAlreadyExists, FileSystemTarget


def test_temporary_paths_are_luigis(tmp_path: Path) -> None:
    target = luigi.LocalTarget(tmp_path / "deep" / "out.txt")
    with target.temporary_path() as path:
        assert re.fullmatch(re.escape(str(target)) + r"-luigi-tmp-\d{10}", path)
        Path(path).write_text("x")
    assert Path(target.path).read_text() == "x"
    folder = luigi.LocalTarget(f"{tmp_path}/folder/")
    with folder.temporary_path() as path:
        assert re.search(r"/folder-luigi-tmp-\d{10}/$", path)
        os.mkdir(path)
    assert folder.exists()


def test_a_temporary_path_replaces_nothing_and_is_removed_after_an_exception(tmp_path: Path) -> None:
    target = luigi.LocalTarget(tmp_path / "out")

    def raise_within() -> None:
        with target.temporary_path() as path:
            os.mkdir(path)
            raise KeyError

    with pytest.raises(KeyError):
        raise_within()
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "out").write_text("old")
    with pytest.raises(FileAlreadyExists), target.temporary_path() as path:
        Path(path).write_text("new")
    assert (tmp_path / "out").read_text() == "old"


def test_targets_are_martlets() -> None:
    assert issubclass(luigi.LocalTarget, martlet.LocalTarget)
    assert issubclass(FileSystemTarget, martlet.FileSystemTarget)
    assert luigi.LocalTarget("a").bulk_path() == "a"


def test_an_exception_of_luigi_where_something_is_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    with pytest.raises(RuntimeError, match="Destination exists"):
        luigi.LocalTarget(tmp_path / "a").copy(tmp_path / "b", raise_if_exists=True)
    luigi.LocalTarget(tmp_path / "a").copy(tmp_path / "b")
    assert (tmp_path / "b").read_text() == "a"


def test_a_temporary_target_is_removed_when_forgotten(tmp_path: Path) -> None:
    target = luigi.LocalTarget(is_tmp=True)
    target._touchz()
    path = Path(target.path)
    assert path.exists()
    del target
    gc.collect()
    assert not path.exists()
    late = luigi.LocalTarget(tmp_path / "late")
    late._touchz()
    late.is_tmp = True
    del late
    gc.collect()
    assert not (tmp_path / "late").exists()


class Sent(AtomicLocalFile):
    sent: list[tuple[str, bytes]] = []

    def move_to_final_destination(self) -> None:
        self.sent.append((self.path, Path(self.tmp_path).read_bytes()))


def test_a_file_that_goes_elsewhere() -> None:
    Sent.sent.clear()
    with Sent("far/away") as file:
        file.write(b"x")
        kept = Path(file.tmp_path)
        assert kept.exists()
    file.close()
    assert Sent.sent == [("far/away", b"x")]
    assert not kept.exists()


@pytest.mark.parametrize("how", ["exception", "forgotten", "abort"])
def test_a_file_that_is_dropped_goes_nowhere(how: str) -> None:
    Sent.sent.clear()
    file: Any = Sent("far/away")
    kept = Path(file.tmp_path)
    file.write(b"x")
    if how == "exception":
        with pytest.raises(KeyError), file:
            raise KeyError
    elif how == "abort":
        file.abort()
    del file
    gc.collect()
    assert Sent.sent == []
    assert not kept.exists()


def test_who_does_not_say_where_to_is_told() -> None:
    with pytest.raises(NotImplementedError, match="move_to_final_destination"):
        AtomicLocalFile("x").close()


def test_atomic_file(tmp_path: Path) -> None:
    path = str(tmp_path / "a")
    with luigi.local_target.atomic_file(path) as file:
        file.write(b"x")
        assert not os.path.exists(path)
    assert Path(path).read_bytes() == b"x"
    file = luigi.local_target.atomic_file(path)
    file.write(b"y")
    with pytest.raises(KeyError), file:
        raise KeyError
    assert [entry.name for entry in tmp_path.iterdir()] == ["a"]
