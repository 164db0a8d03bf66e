"""How long a store may take."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple


class Waits(NamedTuple):
    """In whole seconds, which is as fine as some clients have it."""

    request: int = 60
    """Until a request has failed."""
    connection: int = 10
    """Until a server cannot be reached."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> Waits:
        """As a store's settings want it."""
        given = cls._field_defaults
        request = settings.get("timeout", given["request"])
        connection = settings.get("connect_timeout", given["connection"])
        return cls(max(1, math.ceil(request)), max(1, math.ceil(connection)))
