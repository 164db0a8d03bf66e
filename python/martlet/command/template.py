"""Texts with placeholders: `{output}`, `{input[key][0]}`, `{parameter}`; `{{` and `}}` are braces.

A placeholder is a name and any number of keys in brackets. A key of digits is a position of a list, or else a key.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class TemplateError(ValueError):
    """A text whose placeholders cannot be filled."""


class Field(NamedTuple):
    """A placeholder."""

    name: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return "{" + self.name + "".join(f"[{key}]" for key in self.keys) + "}"


Piece = str | Field
Resolve = Callable[[Field], Sequence[str]]
"""What a placeholder stands for: one text, or several."""

_known: dict[str, tuple[Piece, ...]] = {}
_MOST_KNOWN = 4096


def pieces(text: str) -> tuple[Piece, ...]:
    """Literal texts and placeholders, in order. Raises TemplateError for a lone brace."""
    found = _known.get(text)
    if found is None:
        found = tuple(_parse(text))
        if len(_known) < _MOST_KNOWN:  # texts made for one task each would fill it for nothing
            _known[text] = found
    return found


def _parse(text: str) -> list[Piece]:
    import re  # only tasks with commands need it

    found: list[Piece] = []
    literal = ""
    at = 0
    for match in re.finditer(r"\{\{|\}\}|\{([A-Za-z_]\w*)((?:\[[^\[\]{}]+\])*)\}|[{}]", text):
        literal += text[at : match.start()]
        at = match.end()
        if match.group() in ("{{", "}}"):
            literal += match.group()[0]
        elif match.group(1) is None:
            near = text[max(0, match.start() - 10) : match.start() + 20]
            raise TemplateError(f"a lone {match.group()} near {near!r}: write {{{{ and }}}} for its own braces")
        else:
            found += [literal] if literal else []
            literal = ""
            found.append(Field(match.group(1), tuple(re.findall(r"\[([^\]]+)\]", match.group(2)))))
    literal += text[at:]
    return [*found, literal] if literal else found


def text_of(text: str, resolve: Resolve) -> str:
    """The text with its placeholders filled in, each with one value."""
    return "".join([piece if isinstance(piece, str) else _single(piece, resolve(piece)) for piece in pieces(text)])


def words_of(text: str, resolve: Resolve) -> list[str]:
    """An argument with its placeholders filled in: several when it is one placeholder that stands for several."""
    parts = pieces(text)
    if len(parts) == 1 and isinstance(parts[0], Field):
        return list(resolve(parts[0]))
    return [text_of(text, resolve)]


def line_of(text: str, resolve: Resolve) -> str:
    """A shell line with its placeholders filled in: values are quoted, several are words of their own."""
    from shlex import quote  # only shell lines need it

    return "".join(
        [piece if isinstance(piece, str) else " ".join(map(quote, resolve(piece))) for piece in pieces(text)]
    )


def _single(field: Field, values: Sequence[str]) -> str:
    if len(values) != 1:
        raise TemplateError(f"{field} stands for {len(values)} values: give it an argument of its own, or one more key")
    return values[0]


def item(struct: Any, field: Field, known: Callable[[], str]) -> Any:
    """The part of a nested structure that the keys of a placeholder name. `known` words what there is."""
    for key in field.keys:
        try:
            if isinstance(struct, dict):
                struct = struct[key] if key in struct else struct[int(key)]
            elif isinstance(struct, (list, tuple)):
                struct = struct[int(key)]
            else:
                raise KeyError(key)
        except (KeyError, IndexError, ValueError):
            raise TemplateError(f"there is no {field}: {known_keys(struct, key) or known()}") from None
    return struct


def known_keys(struct: Any, wanted: str) -> str:
    """What stands at this level of a structure, the nearest first."""
    from ..diagnostics import did_you_mean  # needed by mistakes alone

    if isinstance(struct, dict):
        names = [str(key) for key in struct]
        return did_you_mean(wanted, names) or f"its keys are {', '.join(names)}"
    if isinstance(struct, (list, tuple)):
        return f"it has {len(struct)} entries, from 0 on"
    return ""
