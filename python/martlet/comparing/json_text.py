"""JSON: what it says, not how it is laid out. The order of an object's members has no meaning."""

from __future__ import annotations

import json

from . import values

LEAVES_OUT = "layout and the order of members"


def difference(first: str, second: str) -> str | None:
    with open(first, encoding="utf-8") as one, open(second, encoding="utf-8") as other:
        return values.difference(json.load(one), json.load(other))
