"""Which files differ from the commit, held against git's own answer."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from martlet import unchanged
from martlet.fingerprint import dirtiness
from martlet.fingerprint.dirtiness import Dirtiness

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed: nothing to compare with")
NAMES = ("a.py", "package/b.py", "package/c.py")


def git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", str(directory), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def area(tmp_path: Path) -> Path:
    (tmp_path / "package").mkdir()
    git(tmp_path, "init", "-q")
    for name in NAMES:
        (tmp_path / name).write_text(f"{name}\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "all")
    return tmp_path


def dirty(area: Path) -> list[str]:
    found = Dirtiness(str(area)).of([str(area / name) for name in (*NAMES, "new.py") if (area / name).exists()])
    assert found is not None
    told = {line[3:] for line in git(area, "status", "--porcelain=v1", "-uall", "--no-renames").splitlines()}
    assert {os.path.relpath(path, area) for path in found} == told
    return sorted(told)


def test_nothing_differs_after_a_commit(area: Path) -> None:
    assert dirty(area) == []


def test_what_was_edited_differs_until_it_is_as_before(area: Path) -> None:
    (area / "package/b.py").write_text("other\n")
    assert dirty(area) == ["package/b.py"]
    (area / "package/b.py").write_text("package/b.py\n")
    assert dirty(area) == []


def test_what_has_as_many_bytes_differs_too(area: Path) -> None:
    before = os.stat(area / "a.py")
    (area / "a.py").write_text("b.py\n")
    os.utime(area / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns + 1))
    assert dirty(area) == ["a.py"]


def test_what_git_does_not_know_differs(area: Path) -> None:
    (area / "new.py").write_text("new\n")
    assert dirty(area) == ["new.py"]


def test_what_is_added_and_not_committed_differs(area: Path) -> None:
    (area / "a.py").write_text("added\n")
    git(area, "add", "a.py")
    assert dirty(area) == ["a.py"]
    git(area, "commit", "-q", "-m", "added")
    assert dirty(area) == []


def test_outside_of_a_repository_nothing_is_known(tmp_path: Path) -> None:
    assert Dirtiness(str(tmp_path)).revision is None


def test_git_itself_need_not_be_run(area: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("git was run"))
    assert Dirtiness(str(area)).of([str(area / "a.py")]) == []


def test_times_set_back_do_not_hide_an_edit(area: Path) -> None:
    before = os.stat(area / "a.py")
    (area / "a.py").write_text("b.py\n")
    os.utime(area / "a.py", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert dirty(area) == ["a.py"]


def test_an_edit_within_the_tick_of_the_commit(area: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # the times are those of the index's entry, as one tick of the clock leaves them
    entry = dirtiness._index((area / ".git" / "index").read_bytes(), 20)[0][b"a.py"]
    (area / "a.py").write_text("b.py\n")
    times = {"st_mtime_ns": entry.modified, "st_ctime_ns": entry.changed}
    status = SimpleNamespace(st_size=5, **{name: at[0] * 10**9 + at[1] for name, at in times.items()})
    monkeypatch.setattr(dirtiness.os, "stat", lambda _: status)
    assert dirtiness._differs(str(area / "a.py"), entry, entry.modified), "the index is of the same tick"
    later = (entry.modified[0] + 1, 0)
    assert not dirtiness._differs(str(area / "a.py"), entry, later), "nothing tells it from what was committed"


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_what_is_added_and_then_given_up_differs(
    area: Path, packed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".git" / "cache"))
    (area / "a.py").write_text("two\n")
    git(area, "commit", "-q", "-a", "-m", "two")
    if packed:
        git(area, "gc", "-q")
    assert dirty(area) == []
    git(area, "reset", "-q", "--soft", "HEAD~1")
    assert dirty(area) == ["a.py"]
    git(area, "reset", "-q", "--hard", "HEAD")
    assert dirty(area) == []
    (area / "a.py").write_text("six\n")
    git(area, "add", ".")
    git(area, "write-tree")  # as a commit does before its hooks and its message give it up
    assert dirty(area) == ["a.py"]


def test_the_tree_of_a_packed_commit_is_asked_for_once(
    area: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / ".git" / "cache"))
    git(area, "gc", "-q")
    dirtiness._trees.clear()
    assert dirty(area) == []
    dirtiness._trees.clear()
    dirtiness._known.clear()
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("git was run"))
    assert Dirtiness(str(area)).of([str(area / "a.py")]) == []


@pytest.mark.parametrize("form", ["--split-index", "--index-version=4"])
def test_other_forms_of_an_index_are_left_to_git(area: Path, form: str) -> None:
    git(area, "update-index", *form.split("="))
    (area / "package/c.py").write_text("other\n")
    assert dirty(area) == ["package/c.py"]
    git(area, "commit", "-q", "-a", "-m", "more")
    assert dirty(area) == []


def test_an_index_that_was_just_written_is_not_kept(area: Path) -> None:
    dirtiness._known.clear()
    assert dirty(area) == []
    assert not dirtiness._known


def test_the_index_is_read_once_until_git_writes_another(area: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unchanged, "_SETTLED", -1)
    files = [str(area / name) for name in NAMES]
    assert Dirtiness(str(area)).of(files) == []
    parse = dirtiness._index
    monkeypatch.setattr(dirtiness, "_index", lambda *_: pytest.fail("it is known"))
    assert Dirtiness(str(area)).of(files) == []
    parsed: list[object] = []
    monkeypatch.setattr(dirtiness, "_index", lambda *given: parsed.append(given) or parse(*given))
    (area / "a.py").write_text("other\n")
    assert dirty(area) == ["a.py"], "the file itself is looked at each time"
    git(area, "commit", "-q", "-a", "-m", "more")
    assert dirty(area) == []
    assert parsed


def test_a_file_that_was_not_asked_for_before_is_looked_up(area: Path) -> None:
    assert Dirtiness(str(area)).of([str(area / "a.py")]) == []
    assert Dirtiness(str(area)).of([str(area / "package/b.py")]) == []
    (area / "new.py").write_text("new\n")
    assert dirty(area) == ["new.py"]
    git(area, "add", "new.py")
    git(area, "commit", "-q", "-m", "new")
    assert dirty(area) == []
