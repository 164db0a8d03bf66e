"""What is made from files and folders is made again when they are not what they were."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from martlet import unchanged
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


def test_times_set_back_in_place_do_not_hide_a_change(file: Path, settled: None) -> None:
    made = Made()
    before = os.stat(file)
    assert made.kept.of(str(file)) == "one"
    file.write_text("two")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert made.kept.of(str(file)) == "two"


def test_a_link_that_leads_elsewhere_is_another_file(tmp_path: Path, settled: None) -> None:
    made = Made()
    for text in ("one", "two"):
        (tmp_path / text).write_text(text)
        os.utime(tmp_path / text, ns=(LONG_AGO, LONG_AGO))
    link = tmp_path / "link"
    for text in ("one", "two", "one"):
        link.unlink(missing_ok=True)
        link.symlink_to(text)
        assert made.kept.of(str(link)) == text


def test_a_name_means_another_file_in_another_folder(
    tmp_path: Path, settled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Made()
    for text in ("one", "two"):
        (tmp_path / text).mkdir()
        (tmp_path / text / "file").write_text(text)
        monkeypatch.chdir(tmp_path / text)
        assert made.kept.of("file") == text


def test_a_forked_process_sees_what_changed_since(file: Path, settled: None) -> None:
    made = Made()
    assert made.kept.of(str(file)) == "one"
    file.write_text("two")
    child = os.fork()
    if child == 0:
        os._exit(0 if made.kept.of(str(file)) == "two" else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_reading_for_long_settles_nothing(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Written again within the tick in which it was looked at, and read for longer than a tick lasts."""
    clock = [os.stat(file).st_mtime_ns]
    monkeypatch.setattr(unchanged.time, "time_ns", lambda: clock[0])
    monkeypatch.setattr(unchanged, "state", lambda status: (status.st_ino, status.st_size, status.st_mtime_ns))
    monkeypatch.setattr(unchanged, "_SETTLED", 2_000_000_000)

    def read(path: str) -> str:
        found, before = file.read_text(), os.stat(file)
        file.write_text("two")
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        clock[0] += 10_000_000_000
        return found

    kept = Unchanged(read)
    assert kept.of(str(file)) == "one"
    assert kept.of(str(file)) == "two"
