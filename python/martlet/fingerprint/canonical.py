"""A text of a syntax tree that is the same on every Python from 3.10 on, and for every way of writing the same code.

Comments, formatting, docstrings, the quotes of strings, `pass`, and whether an annotation is quoted leave no trace. Not
`ast.dump`: what that writes differs from version to version, and so does what some of them leave out.

The form: `Name(field=value,field=[value,value])` with the fields in the order of their names; fields that are empty are
left out, so that those which later versions add don't show. Constants are written with their type, in ASCII.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence

_Piece = str | ast.AST

_WITHOUT_MEANING = frozenset(("ctx", "kind", "type_comment", "type_ignores", "simple"))
"""Fields that say how something was written, or repeat what its place says."""
_ANNOTATIONS = frozenset(("annotation", "returns"))
_CONSTANTS = (ast.Constant, ast.MatchSingleton)


def text(nodes: ast.AST | Iterable[ast.AST]) -> str:
    """The canonical text of a node, or of several one after another. Goes as deep as the tree: no recursion."""
    written: list[str] = []
    rest: list[_Piece] = []
    rest += [nodes] if isinstance(nodes, ast.AST) else list(nodes)[::-1]
    while rest:
        piece = rest.pop()
        if isinstance(piece, str):
            written.append(piece)
        else:
            rest += _pieces(piece)[::-1]
    return "".join(written)


def is_empty(statement: ast.stmt) -> bool:
    """Whether a statement does nothing: a docstring, `pass`, `...`."""
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


def unquoted(annotation: ast.expr) -> ast.expr:
    """An annotation as its quoted text means it; itself where that is no expression."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        try:
            return ast.parse(annotation.value.strip(), mode="eval").body
        except (SyntaxError, ValueError):
            pass
    return annotation


def _pieces(node: ast.AST) -> list[_Piece]:
    if isinstance(node, _CONSTANTS):
        return [_constant(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["JoinedStr(", *_joined(node.values), ")"]
    pieces: list[_Piece] = [type(node).__name__, "("]
    for field in sorted(node._fields):
        if field in _WITHOUT_MEANING:
            continue
        value = getattr(node, field, None)
        if value is None or value == []:
            continue
        if field in _ANNOTATIONS:
            pieces += [f"{field}=", *_annotation(value), ","]
        elif isinstance(value, list):
            pieces += _list(field, value)
        else:
            pieces += [f"{field}=", value if isinstance(value, ast.AST) else _plain(value), ","]
    pieces.append(")")
    return pieces


def _list(field: str, values: Sequence[object]) -> list[_Piece]:
    kept = [value for value in values if not (isinstance(value, ast.stmt) and is_empty(value))]
    if not kept:
        return []
    pieces: list[_Piece] = [f"{field}=["]
    for value in kept:
        pieces += [value if isinstance(value, ast.AST) else _plain(value), ","]
    return [*pieces, "],"]


def _annotation(annotation: ast.expr) -> list[_Piece]:
    """An annotation without quotes, also those within it, but for texts that are meant as such: `Literal["a"]`."""
    annotation = unquoted(annotation)
    if not isinstance(annotation, ast.Subscript) or _last_name(annotation.value) in ("Literal", "Annotated"):
        return [annotation]
    inner = annotation.slice
    parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    pieces: list[_Piece] = ["Of(", annotation.value]
    for part in parts:
        pieces += [",", *_annotation(part)]
    return [*pieces, ")"]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _joined(values: Sequence[ast.expr]) -> list[_Piece]:
    """The parts of an f-string: versions differ in how they cut the text between the braces."""
    pieces: list[_Piece] = []
    plain = ""
    for value in values:
        if isinstance(value, ast.Constant):
            plain += str(value.value)
            continue
        if plain:
            pieces += [_constant(plain), ","]
            plain = ""
        pieces += [*_formatted(value), ","]
    if plain:
        pieces.append(_constant(plain))
    return pieces


def _formatted(value: ast.expr) -> list[_Piece]:
    if not isinstance(value, ast.FormattedValue):
        return [value]
    pieces: list[_Piece] = ["Value(", value.value, f",{value.conversion}"]
    specification = value.format_spec
    if isinstance(specification, ast.JoinedStr) and specification.values:
        pieces += [",", *_joined(specification.values)]
    return [*pieces, ")"]


def _constant(value: object) -> str:
    """A constant's value with its type."""
    if value is None or value is True or value is False or value is Ellipsis:
        return str(value)
    if isinstance(value, str):
        return f"'{_ascii(value)}'"
    if isinstance(value, bytes):
        return f"bytes({value.hex()})"
    if isinstance(value, int):
        return f"int({value:x})"  # decimal digits of large numbers are refused from 3.11 on
    return f"{type(value).__name__}({value!r})"


def _plain(value: object) -> str:
    """A name, or a number of the tree's own; None stands where an element may be left out."""
    return _ascii(value) if isinstance(value, str) else "None" if value is None else _constant(value)


def _ascii(text: str) -> str:
    """The same on every version, whatever it knows of Unicode."""
    if text.isascii() and text.isprintable() and "\\" not in text and "'" not in text:
        return sys.intern(text)
    return text.encode("unicode_escape").decode("ascii").replace("'", "\\'")
