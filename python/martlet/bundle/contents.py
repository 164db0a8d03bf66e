"""Which files of an analysis belong to its code."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ..data import Data

MOST_BYTES = 100_000_000
"""Code is smaller; what is larger is data that got among it."""
_SECRETS = (".env", ".env.*", ".netrc", "*.pem", "*.key", "*.p12", "*.pfx", "x509up_*", "id_rsa*", "id_ed25519*",
            "id_ecdsa*", "*.kdbx", ".git-credentials", "credentials", ".pypirc")  # fmt: skip
"""Names of files that usually hold secrets: those that git does not track stay where they are."""
_NEVER = ("__pycache__", ".git", ".martlet", ".hg", ".svn", ".mypy_cache", ".ruff_cache", ".pytest_cache",
          ".ipynb_checkpoints")  # fmt: skip


class Contents(Data):
    """The files of a folder that travel, by their paths in it, sorted; and what was left out, in words."""

    root: Path
    files: Sequence[str]
    notes: Sequence[str]

    @classmethod
    def of(cls, root: Path, exclude: Iterable[str] = ()) -> Contents:
        """Looks at a folder.

        In a git repository: all that git tracks, as it is on disk, and new files that git does not ignore. Elsewhere
        all files but caches, hidden folders and virtual environments. Links that lead out of the
        folder stay behind, as do files that usually hold secrets unless git tracks them.

        :param exclude: shell patterns of paths in the folder.
        """
        root = root.resolve()
        tracked = _tracked(root)
        found = _walked(root) if tracked is None else {*tracked, *_new(root)}
        notes: list[str] = []
        files: list[str] = []
        patterns = tuple(exclude)
        for path in sorted(found):
            if _excluded(path, patterns) or not os.path.lexists(root / path):
                continue
            if (tracked is None or path not in tracked) and _may_be_secret(path):
                notes.append(f"{path} stays behind: files of this name usually hold secrets")
            elif _leads_out(root, path):
                notes.append(f"{path} stays behind: it is a link that leads out of {root}")
            elif os.path.islink(root / path) or os.path.isfile(root / path):
                files.append(path)
        return cls(root=root, files=tuple(files), notes=tuple(notes))

    def largest(self, count: int) -> list[tuple[str, int]]:
        """The largest files and their sizes in bytes."""
        sizes = [(path, os.lstat(self.root / path).st_size) for path in self.files]
        return sorted(sizes, key=lambda one: (-one[1], one[0]))[:count]


def root_of(script: Path) -> Path:
    """The folder that travels for a script: the git repository around it, else its own folder."""
    from ..running.revision import git_directory

    folder = script.resolve().parent
    for around in (folder, *folder.parents):
        if (around / ".git").exists() and git_directory(str(around)) is not None:
            return around
    return folder


def _tracked(root: Path) -> set[str] | None:
    """What git tracks below a folder, submodules too; None where there is no git or no repository."""
    listed = _git(root, "ls-files", "-z", "--cached", "--recurse-submodules")
    return None if listed is None else set(listed)


def _new(root: Path) -> list[str]:
    return _git(root, "ls-files", "-z", "--others", "--exclude-standard") or []


def _git(root: Path, *words: str) -> list[str] | None:
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False)
    except OSError:
        return None
    if done.returncode != 0:
        return None
    return [os.fsdecode(name) for name in done.stdout.split(b"\0") if name]


def _walked(root: Path) -> Iterator[str]:
    for folder, folders, names in os.walk(root):
        folders[:] = [
            name
            for name in folders
            if name not in _NEVER
            and not name.startswith(".")
            and not os.path.exists(os.path.join(folder, name, "pyvenv.cfg"))
        ]
        inside = os.path.relpath(folder, root)
        yield from (os.path.normpath(os.path.join(inside, name)) for name in names if not name.endswith(".pyc"))
        # links to folders are links all the same
        yield from (
            os.path.normpath(os.path.join(inside, name))
            for name in folders
            if os.path.islink(os.path.join(folder, name))
        )


def _excluded(path: str, patterns: Sequence[str]) -> bool:
    parts = path.split("/")
    return any(part in _NEVER for part in parts) or any(
        fnmatchcase(path, pattern) or fnmatchcase(path, f"{pattern.rstrip('/')}/*") for pattern in patterns
    )


def _may_be_secret(path: str) -> bool:
    name = path.rpartition("/")[2]
    return any(fnmatchcase(name, pattern) for pattern in _SECRETS)


def _leads_out(root: Path, path: str) -> bool:
    full = os.path.join(root, path)
    if not os.path.islink(full):
        return False
    aim = os.readlink(full)
    if os.path.isabs(aim):
        return True
    meant = os.path.normpath(os.path.join(os.path.dirname(path), aim))
    return meant == ".." or meant.startswith("../")
