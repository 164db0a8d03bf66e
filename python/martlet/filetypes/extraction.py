"""Taking archives apart whose members may be hostile: only files and folders, and nothing gets out of the folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from typing import IO, Any, NamedTuple

from ..targets.temporary import temporary_name
from .base import UnfitContent

MOST_BYTES = 1 << 30
"""What an archive may hold that is loaded into memory, in all."""
_CHUNK = 1 << 20


class Member(NamedTuple):
    """Something in an archive."""

    name: str
    kind: str
    """`file`, `folder`, or what else it is, in words."""
    content: IO[bytes] | None


def parts(name: str) -> list[str]:
    """The names of the folders and the file on a member's way. Raises UnfitContent for one that leads elsewhere."""
    if name.startswith("/") or "\0" in name or "\\" in name:
        raise UnfitContent(f"the archive has a member {name!r}, which is no relative path")
    found = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in found:
        raise UnfitContent(f"the archive has a member {name!r}, which leads out of its folder")
    return found


def checked(members: Iterable[Member]) -> Iterator[tuple[list[str], Member]]:
    """Members with their ways. Raises UnfitContent for the first that must not be extracted."""
    for member in members:
        if member.kind not in ("file", "folder"):
            raise UnfitContent(f"the archive has a member {member.name!r} that is a {member.kind}: it is not extracted")
        yield parts(member.name), member


def contents(members: Iterable[Member], limit: int = MOST_BYTES) -> dict[str, bytes]:
    """The files of an archive by name. Raises UnfitContent beyond `limit` bytes."""
    found: dict[str, bytes] = {}
    left = limit
    for way, member in checked(members):
        if member.content is not None and way:
            # the archive may lie about sizes
            data = member.content.read(left + 1)
            left -= len(data)
            if left < 0:
                raise UnfitContent(f"the archive holds more than {limit} bytes: extract it with load(into=FOLDER)")
            found["/".join(way)] = data
    return found


def extract(members: Iterable[Member], folder: str) -> str:
    """Extracts into a folder that must not be there before; it appears when it is complete. Returns its path."""
    if os.path.lexists(folder):
        raise FileExistsError(f"{folder} is there already: an archive is extracted into a folder of its own")
    temporary = temporary_name(folder)
    os.makedirs(temporary)
    try:
        for way, member in checked(members):
            _place(os.path.join(temporary, *way), member)
        os.rename(temporary, folder)
    except BaseException:  # Ctrl-C too leaves nothing half extracted
        shutil.rmtree(temporary, ignore_errors=True)
        raise
    return folder


def _place(path: str, member: Member) -> None:
    if member.content is None:
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    # what comes twice stays as it came first: the folder is ours alone, so nothing else can be in the way
    with open(path, "xb") as file:
        shutil.copyfileobj(member.content, file, _CHUNK)


def to_pack(obj: Any) -> Iterator[tuple[str, str | bytes]]:
    """What is to be packed: names, sorted, each with a path of a file or the bytes themselves.

    `obj`: a folder (a path or a target), or a dict from names to bytes, texts, or files (pathlib's paths or targets).
    A link to a file is packed as that file. Raises UnfitContent for links to folders, which could lead in a circle, and
    for what is no file.
    """
    if isinstance(obj, dict):
        for name in sorted(obj):
            content = obj[name]
            if isinstance(content, str):
                content = content.encode()
            yield "/".join(parts(name)), content if isinstance(content, bytes) else _path(content)
        return
    folder = _path(obj)
    if not os.path.isdir(folder):
        raise UnfitContent(f"an archive is made of a folder or of a dict; {folder!r} is no folder")
    for above, folders, files in os.walk(folder):
        folders.sort()
        for path in (os.path.join(above, name) for name in folders):
            if os.path.islink(path):
                raise UnfitContent(f"{path!r} is a link to a folder: it is not packed; hint: a copy is")
        for path in (os.path.join(above, name) for name in sorted(files)):
            if not os.path.isfile(path):
                words = "a link to nothing" if os.path.islink(path) else "no file"
                raise UnfitContent(f"{path!r} is {words}: it is not packed")
            yield os.path.relpath(path, folder), path


def _path(thing: Any) -> str:
    path = thing if isinstance(thing, (str, os.PathLike)) else getattr(thing, "path", None)
    if path is None:
        raise UnfitContent(f"an archive holds files, not {type(thing).__name__}")
    return os.fspath(path)
