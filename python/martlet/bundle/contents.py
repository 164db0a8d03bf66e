"""Which files of an analysis belong to its code."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from ..data import Data
from .arrival import BundleError

MOST_BYTES = 100_000_000
"""Code is smaller; what is larger is data that got among it."""
_SECRETS = (
    ".env", "*.env", ".env.*", ".envrc", ".netrc", "_netrc", ".pypirc", ".pgpass", ".my.cnf", ".s3cfg", ".boto",
    ".git-credentials", ".vault-token", ".htpasswd", "rclone.conf", "kubeconfig", "*.kubeconfig", "*.ovpn",
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "*.gpg", "*.keytab", "krb5cc_*", "x509up_*", "bt_u[0-9]*",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", "credentials", "credentials.*", "*-credentials.json",
    "client_secret*", "service_account*.json", "secret", "secret.*", "secrets", "secrets.*", "token", "token.*",
    "*.token", "password", "password.*", "passwords", "passwords.*",
)  # fmt: skip
"""Names, in small letters, of files that usually hold secrets: those that git does not track stay where they are."""
_NEVER = ("__pycache__", ".git", ".martlet", ".hg", ".svn", ".mypy_cache", ".ruff_cache", ".pytest_cache",
          ".ipynb_checkpoints")  # fmt: skip
_FOREIGN = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_PREFIX")
"""Variables of git's hooks, which name another repository than the one that is asked about."""


class Contents(Data):
    """The files of a folder that travel, by their paths in it, sorted; and what was left out, in words."""

    root: Path
    files: Sequence[str]
    new: Sequence[str]
    """Those of them that git does not track; empty without git."""
    notes: Sequence[str]

    @classmethod
    def of(cls, root: Path, exclude: Iterable[str] = ()) -> Contents:
        """Looks at a folder.

        In a git repository: all that git tracks, as it is on disk, and new files that git does not ignore. Elsewhere
        all files but caches and virtual environments. What git does not track stays behind where it is hidden, or
        usually holds secrets; so do links that lead out of the folder.

        :param exclude: shell patterns of paths in the folder.

        Raises BundleError for a folder that holds more than an analysis, and where git does not tell what is in it.
        """
        root = root.resolve()
        _must_be_of_its_own(root)
        with_git = _is_repository(root)
        tracked, untracked = _listed(root) if with_git else (set[str](), set(_walked(root)))
        files: list[str] = []
        stays: dict[str, list[str]] = {}
        patterns = tuple(exclude)
        for path in sorted(tracked | untracked):
            full = root / path
            if _excluded(path, patterns) or not (full.is_symlink() or full.is_file()):
                continue
            if why := _why_it_stays(root, path, path in tracked):
                stays.setdefault(why, []).append(path)
            else:
                files.append(path)
        new = tuple(path for path in files if path not in tracked) if with_git else ()
        return cls(root=root, files=tuple(files), new=new, notes=tuple(_told(why, some) for why, some in stays.items()))

    def largest(self, count: int) -> list[tuple[str, int]]:
        """The largest files and their sizes in bytes."""
        sizes = [(path, size_of(self.root / path)) for path in self.files]
        return sorted(sizes, key=lambda one: (-one[1], one[0]))[:count]


def size_of(path: Path) -> int:
    """In bytes; 0 for what has gone meanwhile."""
    try:
        return os.lstat(path).st_size
    except FileNotFoundError:
        return 0


def few(paths: Sequence[str], most: int = 3) -> str:
    """Some of many paths, for people."""
    shown = ", ".join(path if path.isprintable() else ascii(path) for path in paths[:most])
    return shown if len(paths) <= most else f"{shown} and {len(paths) - most} more"


def _told(why: str, paths: Sequence[str]) -> str:
    return f"{few(paths)} {'stays' if len(paths) == 1 else 'stay'} behind: {why}"


def _why_it_stays(root: Path, path: str, is_tracked: bool) -> str:
    """Why a file does not travel; empty for one that does."""
    if not is_tracked:
        if _may_be_secret(path):
            return "files of such names usually hold secrets"
        if any(part.startswith(".") for part in path.split("/")):
            return "what is hidden travels where git tracks it"
    if _leads_out(root, path):
        return f"links that lead out of {root}"
    return ""


def _must_be_of_its_own(root: Path) -> None:
    """All that lies in a home directory, or where anybody may write, is not the code of an analysis."""
    if _home().is_relative_to(root):
        raise BundleError(f"{root} holds all of your home directory: put the script into a folder of its own")
    mode = os.stat(root).st_mode
    if mode & stat.S_ISVTX and mode & stat.S_IWOTH:
        raise BundleError(f"{root} is everybody's: put the script into a folder of its own")


def root_of(script: Path) -> Path:
    """The folder that travels for a script: the git repository around it, else its own folder.

    A repository that is the home directory, of settings mostly, is none of an analysis.
    """
    from ..running.revision import git_directory

    folder = script.resolve().parent
    for around in (folder, *folder.parents):
        if _home().is_relative_to(around):
            break
        if (around / ".git").exists() and git_directory(str(around)) is not None:
            return around
    return folder


def _home() -> Path:
    return Path(os.path.expanduser("~")).resolve()


def _is_repository(root: Path) -> bool:
    """Whether a folder lies in a git repository that is none of settings in a home directory."""
    from ..running.revision import git_directory

    repository = git_directory(str(root))
    return repository is not None and not _home().is_relative_to(Path(repository).resolve().parent)


def _listed(root: Path) -> tuple[set[str], set[str]]:
    """What git tracks below a folder, and what it neither tracks nor ignores; also in repositories inside."""
    tracked, new = set[str](), set[str]()
    inside = []
    for line in _git(root, "ls-files", "-z", "--cached", "--stage"):
        about, _, path = line.partition("\t")
        if about.startswith("160000 "):  # a submodule; it may not have been fetched
            inside += [path] if (root / path / ".git").exists() else []
        else:
            tracked.add(path)
    for path in _git(root, "ls-files", "-z", "--others", "--exclude-standard"):
        if path.endswith("/"):  # a repository that is no submodule
            inside.append(path.rstrip("/"))
        else:
            new.add(path)
    for path in inside:
        below = _listed(root / path)
        tracked |= {f"{path}/{one}" for one in below[0]}
        new |= {f"{path}/{one}" for one in below[1]}
    return tracked, new


def _git(root: Path, *words: str) -> list[str]:
    """What git lists. Raises BundleError where it lists nothing."""
    environment = {name: value for name, value in os.environ.items() if name not in _FOREIGN}
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, check=False, env=environment)
        why = os.fsdecode(done.stderr).strip().partition("\n")[0] if done.returncode != 0 else ""
    except OSError as error:
        done, why = None, f"git cannot be started: {error.strerror}"
    if done is None or done.returncode != 0:
        raise BundleError(
            f"git does not tell which files of {root} are code and which are ignored: {why}; hint: `--no-bundle` has "
            "jobs take the code from where it is"
        )
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
    name = path.rpartition("/")[2].lower()
    return any(fnmatchcase(name, pattern) for pattern in _SECRETS)


def _leads_out(root: Path, path: str) -> bool:
    full = root / path
    if not full.is_symlink():
        return False
    return os.path.isabs(os.readlink(full)) or not Path(os.path.realpath(full)).is_relative_to(root)
