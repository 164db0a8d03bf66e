"""gzip: the content, without the header's date and name. Of a tar archive within, the files and their modes."""

from __future__ import annotations

import gzip
import os
import shutil
import tarfile
from tempfile import TemporaryDirectory

from . import compare, plain_bytes

LEAVES_OUT = "dates and names in headers, and how it is compressed"


def difference(first: str, second: str) -> str | None:
    if first.lower().endswith((".tar.gz", ".tgz")):
        return _archives(first, second)
    name = os.path.basename(first)
    inner = name[: -len(".gz")] if name.lower().endswith(".gz") else name
    with TemporaryDirectory(prefix="martlet-") as folder:
        places = []
        for side, path in (("first", first), ("second", second)):
            place = os.path.join(folder, side, inner)
            os.makedirs(os.path.dirname(place))
            with gzip.open(path) as packed, open(place, "wb") as plain:
                shutil.copyfileobj(packed, plain)
            places.append(place)
        if plain_bytes.difference(*places) is None:
            return None
        found = compare(*places)
        return found.detail if found.finding == "different" else None


def _archives(first: str, second: str) -> str | None:
    with tarfile.open(first) as one, tarfile.open(second) as other:
        here = {member.name: member for member in one}
        there = {member.name: member for member in other}
        for name in sorted(here.keys() ^ there.keys()):
            return f"{name} is only in the {'first' if name in here else 'second'}"
        for name, member in here.items():
            twin = there[name]
            if (member.type, member.mode, member.linkname) != (twin.type, twin.mode, twin.linkname):
                return f"{name} is of another kind or mode"
            content, again = one.extractfile(member), other.extractfile(twin)
            if content is not None and again is not None and content.read() != again.read():
                return f"the content of {name}"
    return None
