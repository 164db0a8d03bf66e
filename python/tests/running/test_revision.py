"""What git's own files say of the commit that is checked out, held against git's answer."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from martlet.running import revision

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed: nothing to compare with")


def git(directory: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    command = ["git", "-C", str(directory), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with two commits and a folder within it."""
    area = tmp_path / "area"
    (area / "analysis").mkdir(parents=True)
    git(area, "init", "-q")
    for text in ("one", "two"):
        (area / "analysis" / "reco.py").write_text(text)
        git(area, "add", ".")
        git(area, "commit", "-q", "-m", text)
    return area


def checked_out(directory: Path) -> str:
    return git(directory, "rev-parse", "HEAD")


def test_branch(repository: Path) -> None:
    assert revision.of(str(repository)) == checked_out(repository)
    assert revision.of(str(repository / "analysis")) == checked_out(repository)


def test_branch_with_a_slash_after_packing(repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "top/main")
    git(repository, "commit", "-q", "--allow-empty", "-m", "three")
    git(repository, "pack-refs", "--all")
    assert not (repository / ".git" / "refs" / "heads" / "top" / "main").exists()
    assert revision.of(str(repository)) == checked_out(repository)
    git(repository, "commit", "-q", "--allow-empty", "-m", "four")  # the packed reference is older now
    assert revision.of(str(repository)) == checked_out(repository)


def test_detached_head(repository: Path) -> None:
    git(repository, "checkout", "-q", "--detach", "HEAD~1")
    assert revision.of(str(repository)) == checked_out(repository)


def test_worktree(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", "-b", "other", str(tmp_path / "other"), "HEAD~1")
    assert checked_out(tmp_path / "other") != checked_out(repository)
    assert revision.of(str(tmp_path / "other")) == checked_out(tmp_path / "other")
    git(repository, "pack-refs", "--all")
    assert revision.of(str(tmp_path / "other" / "analysis")) == checked_out(tmp_path / "other")


def test_submodule(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    git(outer, "init", "-q")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(repository), "inner")
    assert revision.of(str(outer / "inner")) == checked_out(repository)
    assert revision.of(str(outer)) is None  # no commit of its own yet


def test_outside_a_repository(tmp_path: Path) -> None:
    assert revision.of(str(tmp_path)) is None


@pytest.mark.parametrize("head", ["", "ref: refs/heads/nothing\n", "ref: HEAD\n", "ref: \n", "not a commit\n"])
def test_head_that_names_nothing(repository: Path, head: str) -> None:
    (repository / ".git" / "HEAD").write_text(head)
    assert revision.of(str(repository)) is None


def test_files_that_cannot_be_read(repository: Path) -> None:
    (repository / ".git" / "HEAD").write_bytes(b"ref: refs/heads/\xff\0\n")
    assert revision.of(str(repository)) is None
