"""Where things lie: paths and URLs as text. What stands behind a URL's host is the path as it is, never encoded."""

from __future__ import annotations

import os
from typing import Any

_NO_NAMES = ("", ".", "..")


def scheme(location: str) -> str:
    """The URL scheme in lower case; empty for a path."""
    found, separator, _ = location.partition("://")
    named = found.replace("+", "a").replace("-", "a").replace(".", "a")
    return found.lower() if separator and named.isascii() and named.isalnum() else ""


def is_remote(location: str) -> bool:
    """Whether it is a URL of another kind than `file://`."""
    return "://" in location and scheme(location) not in ("", "file")


def without_file(location: str) -> str:
    """`file:///a` as the path /a, all else as it is."""
    return location[len("file://") :] if "://" in location and scheme(location) == "file" else location


def shown(location: str) -> str:
    """For people: without the user and password of a URL, and without what follows a `?name=`, which may be a key."""
    root, path = split(location)
    if not root:
        return location
    import re  # slow to import

    root = re.sub("(?<=://)[^/]*@", "", root)
    return root + re.sub(r"\?[\w.%~-]+=.*", "?…", path, flags=re.DOTALL)


def split(location: str) -> tuple[str, str]:
    """A location as what does not change within a store (`davs://host:443`; empty for a path), and the path."""
    length = len(scheme(location))
    if not length:
        return "", location
    slash = location.find("/", length + len("://"))
    return (location, "") if slash < 0 else (location[:slash], location[slash:])


def name(location: str) -> str:
    """The last part; empty for a root."""
    return split(location)[1].rstrip("/").rpartition("/")[2]


def parent(location: str) -> str:
    """The directory it lies in, without a slash at its end; a root is its own."""
    root, path = split(location)
    above = path.rstrip("/").rpartition("/")[0].rstrip("/")
    return root + above if root else above or ("/" if path.startswith("/") else ".")


def join(location: str, *names: Any) -> str:
    """A location within another. `names`: relative paths, or anything whose text is one.

    Raises ValueError for one that leads elsewhere: what is joined may come from a parameter.
    """
    parts: list[str] = []
    for given in names:
        text = given if given.__class__ is str else str(given)
        if "/" not in text and text not in _NO_NAMES and "\0" not in text and "\n" not in text:
            parts.append(text)  # by far the most
            continue
        found = [part for part in text.split("/") if part not in ("", ".")]
        if text.startswith("/") or ".." in found or "\0" in text or not found:
            raise ValueError(f"{text!r} names nothing within {shown(location)}: a relative path without .. is expected")
        if "\n" in text and is_remote(location):
            raise ValueError(f"{text!r} cannot be a name in a store: it has an end of line")
        parts += found
    within = "/".join(parts)
    return location + within if location.endswith("/") or not within else f"{location}/{within}"


def is_same(one: str, other: str) -> bool:
    """Whether two locations are one place, as far as their spelling tells: doubled slashes and `.` are nothing."""
    return _plain(one) == _plain(other)


def _plain(location: str) -> str:
    root, path = split(location)
    if root in ("", "file://"):
        return os.path.abspath(path)
    return f"{root}/{'/'.join(part for part in path.split('/') if part not in ('', '.'))}"
