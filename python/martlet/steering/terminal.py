"""What is known of the terminal: whether it is one, how wide, and whether it takes colours."""

from __future__ import annotations

import os
from typing import TextIO

_CODES = {"red": "31", "green": "32", "yellow": "33", "dim": "2", "bold": "1"}


def is_terminal(stream: TextIO) -> bool:
    """Whether a person watches the stream on something that can move its cursor."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


def takes_colour(stream: TextIO) -> bool:
    """NO_COLOR (any value but the empty one) switches colours off."""
    return is_terminal(stream) and not os.environ.get("NO_COLOR")


def ink(text: str, colour: str, stream: TextIO) -> str:
    """The text in a colour, where the stream takes it."""
    return f"\033[{_CODES[colour]}m{text}\033[0m" if takes_colour(stream) else text


def columns(stream: TextIO) -> int:
    """The width now: a terminal may be resized."""
    try:
        return max(20, os.get_terminal_size(stream.fileno()).columns)
    except (OSError, ValueError):
        return 100


def cell_width(text: str) -> int:
    """Columns a text takes: wide characters two, combining ones none."""
    if text.isascii():
        return len(text)
    import unicodedata

    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def shortened(text: str, most: int) -> str:
    """The text in at most `most` columns, an ellipsis where it was cut; control characters become `?`."""
    text = "".join(char if char.isprintable() else "?" for char in text)
    if cell_width(text) <= most:
        return text
    kept = ""
    taken = 1
    for char in text:
        taken += cell_width(char)
        if taken > most:
            break
        kept += char
    return kept + "…"


def duration(seconds: float) -> str:
    """`4.2 s`, `3 min 05 s`, `2 h 07 min`."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def rate(tasks_per_second: float) -> str:
    """`12.3/s`, or `4.5/min` where that reads better."""
    if tasks_per_second >= 1 or tasks_per_second <= 0:
        return f"{tasks_per_second:.1f}/s"
    return f"{tasks_per_second * 60:.1f}/min"
