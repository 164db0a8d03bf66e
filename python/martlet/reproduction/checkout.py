"""The code of an earlier commit, beside the repository that has it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


class Checkout:
    """A working tree of one commit in a folder of its own; the repository's own is left as it is."""

    def __init__(self, root: Path, folder: Path) -> None:
        """`root`: of the repository's working tree; `folder`: where the other one is."""
        self.root = root
        self.folder = folder

    @classmethod
    def of(cls, root: Path, revision: str, folder: Path) -> Checkout:
        """Makes one. Raises LookupError in git's words where the commit is not to be had."""
        # detached and not a branch: nobody's branches change
        command = ["worktree", "add", "--detach", "--force", str(folder), revision]
        finished = _git(root, *command)
        if finished.returncode != 0:
            raise LookupError(finished.stderr.strip().splitlines()[-1] if finished.stderr.strip() else "git failed")
        return cls(root, folder)

    def place(self, path: Path) -> Path:
        """Where a file of the repository is in it."""
        return self.folder / os.path.relpath(os.path.realpath(path), os.path.realpath(self.root))

    def remove(self) -> None:
        """Takes it away, and what git has noted of it."""
        _git(self.root, "worktree", "remove", "--force", str(self.folder))


def root_of(path: Path) -> Path | None:
    """The working tree that a file is in; None outside of git."""
    folder = path.resolve().parent
    for above in (folder, *folder.parents):
        if (above / ".git").exists():
            return above
    return None


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            # no hook of the repository is to run for this
            ["git", "-c", "core.hooksPath=/dev/null", "-C", str(root), *words],
            capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except FileNotFoundError:
        raise LookupError("git is not installed") from None
