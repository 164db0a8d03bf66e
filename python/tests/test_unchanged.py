"""What is made from files and folders is made again when they are not what they were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from martlet.unchanged import Unchanged

LONG_AGO = 1_700_000_000_000_000_000


class Made:
    """Counts how often each path was read."""

    def __init__(self) -> None:
        self.count = 0
        self.kept = Unchanged(self._read)

    def _read(self, path: str) -> str:
        self.count += 1
        return Path(path).read_text()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "a"
    path.write_text("one")
    return path


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """ctime cannot be set back: here every state counts as settled."""
    monkeypatch.setattr("martlet.unchanged._SETTLED", -1)


def test_it_is_made_once(file: Path, settled: None) -> None:
    made = Made()
    assert [made.kept.of(str(file)) for _ in range(3)] == ["one"] * 3
    assert made.count == 1


def test_another_content_is_another_time(file: Path, settled: None) -> None:
    made = Made()
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    assert made.kept.of(str(file)) == "one"
    file.write_text("two")
    assert made.kept.of(str(file)) == "two"


def test_times_set_back_do_not_hide_a_change(file: Path, settled: None) -> None:
    made = Made()
    os.utime(file, ns=(LONG_AGO, LONG_AGO))
    assert made.kept.of(str(file)) == "one"
    file.with_name("b").write_text("two")
    os.utime(file.with_name("b"), ns=(LONG_AGO, LONG_AGO))
    file.with_name("b").rename(file)
    assert made.kept.of(str(file)) == "two"


def test_what_was_just_written_is_read_each_time(file: Path) -> None:
    made = Made()
    for _ in range(2):
        assert made.kept.of(str(file)) == "one"
    assert made.count == 2


def test_a_name_that_comes_or_goes_changes_a_folder(tmp_path: Path, settled: None) -> None:
    kept = Unchanged(lambda path: sorted(os.listdir(path)))
    os.utime(tmp_path, ns=(LONG_AGO, LONG_AGO))
    assert kept.of(str(tmp_path)) == []
    (tmp_path / "a").touch()
    assert kept.of(str(tmp_path)) == ["a"]
    os.utime(tmp_path, ns=(LONG_AGO, LONG_AGO))
    assert kept.of(str(tmp_path)) == ["a"]
    (tmp_path / "a").unlink()
    assert kept.of(str(tmp_path)) == []


def test_what_is_gone_is_not_remembered(file: Path, settled: None) -> None:
    made = Made()
    assert made.kept.of(str(file)) == "one"
    file.unlink()
    with pytest.raises(FileNotFoundError):
        made.kept.of(str(file))


def test_errors_are_not_kept(file: Path, settled: None) -> None:
    kept = Unchanged(lambda path: int(Path(path).read_text()))
    with pytest.raises(ValueError, match="invalid literal"):
        kept.of(str(file))
    file.write_text("3")
    assert kept.of(str(file)) == 3
