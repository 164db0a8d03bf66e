"""What a task is called in messages."""

from __future__ import annotations

from ..task import Task

_LONGEST = 200
"""Characters; of longer titles the middle is left out."""


def title(task: Task) -> str:
    """The task as an analyst writes it: its repr(), on one line and without control characters.

    Its family where the user's own repr() raises: a name must not end a run.
    """
    try:
        text = repr(task)
    except Exception as error:  # user code
        return f"{type(task).__name__}(repr() raised {type(error).__name__})"
    if not text.isprintable():
        text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
    if len(text) > _LONGEST:
        text = f"{text[: _LONGEST - 50]}…{text[-49:]}"
    return text
