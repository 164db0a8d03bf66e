"""Tracebacks as users want them: their own frames, none of ours, chained exceptions kept."""



from __future__ import annotations

import os
from collections.abc import Iterator
from types import TracebackType

_LONGEST_LINE = 500
_LONGEST_TEXT = 20_000
"""Characters of a message that are kept: some exceptions carry whole files."""
_OURS = os.path.dirname(os.path.abspath(__file__)) + os.sep


def is_users(filename: str) -> bool:
    """Whether a frame of this file belongs to the user (or a library of theirs) rather than to the machinery."""
    if filename.startswith("<frozen importlib") or filename in ("<frozen runpy>", "<frozen zipimport>"):
        return False
    if os.path.abspath(filename).startswith(_OURS):
        return False
    parts = filename.replace("\\", "/").rsplit("/", 2)
    return parts[-1] != "runpy.py" and parts[-2:-1] != ["importlib"]


def stripped(error: BaseException) -> BaseException:
    """The same exception with our frames taken out of it and of all it is chained to.

    Frames are relinked in place, so that whatever prints the exception later prints the same. When no frame of the
    user is left the frames stay: something is better than nothing.
    """
    for link in _chain(error):
        kept = _relinked(link.__traceback__)
        if kept is not None:
            link.__traceback__ = kept
    return error


def text(error: BaseException, *, whole: bool = False) -> str:
    """The traceback of an exception as Python prints it, without our frames unless `whole`."""
    import traceback  # needed by failures alone

    shown = error if whole else stripped(error)
    # the frames of a syntax error are those of whoever compiled; its own lines say file and line
    frames = shown.__traceback__ if whole or has_user_frames(shown) else None
    formed = "".join(traceback.format_exception(type(shown), shown, frames)).rstrip("\n")
    if len(formed) > _LONGEST_TEXT:
        half = _LONGEST_TEXT // 2
        formed = f"{formed[:half]}\n… {len(formed) - 2 * half} characters left out …\n{formed[-half:]}"
    return formed


def has_user_frames(error: BaseException) -> bool:
    """Whether user code took part at all."""
    link = error.__traceback__
    while link is not None:
        if is_users(link.tb_frame.f_code.co_filename):
            return True
        link = link.tb_next
    return False


def one_line(error: BaseException) -> str:
    """`ValueError: first line of the message`, as the cause of a diagnostic."""
    try:
        message = str(error).strip()
    except Exception as another:  # user code
        message = f"its message could not be formed: {type(another).__name__}"
    first = message.splitlines()[0] if message else ""
    if len(first) > _LONGEST_LINE:
        first = first[:_LONGEST_LINE] + " …"
    name = type(error).__name__
    return f"{name}: {first}" if first else name


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        link = waiting.pop()
        if link is None or id(link) in seen:
            continue
        seen.add(id(link))
        yield link
        waiting += [link.__cause__, link.__context__]
        # the members of an exception group (Python 3.11)
        waiting += [member for member in getattr(link, "exceptions", ()) if isinstance(member, BaseException)]


def _relinked(frames: TracebackType | None) -> TracebackType | None:
    kept: list[TracebackType] = []
    while frames is not None:
        if is_users(frames.tb_frame.f_code.co_filename):
            kept.append(frames)
        frames = frames.tb_next
    below: TracebackType | None = None
    for link in reversed(kept):
        below = TracebackType(below, link.tb_frame, link.tb_lasti, link.tb_lineno)
    return below
