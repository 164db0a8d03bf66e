"""Which names of its module a piece of code uses."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence

from .canonical import unquoted

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_OWN_SCOPE = (*_FUNCTIONS, ast.ClassDef, ast.Lambda, *_COMPREHENSIONS)

Bound = Mapping[str, str]
"""Names that mean something else than the module's; those that were imported have the reference to that, others ''."""


def uses(nodes: Iterable[ast.AST], package: str) -> list[str]:
    """What code uses of what is around it, sorted.

    `name.attribute…` for a name of its module, as far as the attributes go; `=module:name.attribute…` for something
    that it imports itself; `!module` for a module that is imported at all. `package`: what relative imports count from.
    """
    found: set[str] = set()
    _look(list(nodes), {}, package, found)
    return sorted(found)


def imported(statement: ast.stmt, package: str) -> Iterator[tuple[str, str]]:
    """The names that an import binds, with references `module:name`, or `module:` for the module itself.

    A star binds `*`.
    """
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, f"{alias.name}:"
            else:
                yield alias.name.partition(".")[0], f"{alias.name.partition('.')[0]}:"
    elif isinstance(statement, ast.ImportFrom):
        module = absolute(statement, package)
        for alias in statement.names:
            yield alias.asname or alias.name, f"{module}:{alias.name}"


def modules(statement: ast.stmt, package: str) -> Iterator[str]:
    """The modules that an import statement names."""
    if isinstance(statement, ast.Import):
        yield from (alias.name for alias in statement.names)
    elif isinstance(statement, ast.ImportFrom):
        yield absolute(statement, package)


def absolute(statement: ast.ImportFrom, package: str) -> str:
    """The full name of the module that is imported from."""
    if not statement.level:
        return statement.module or ""
    parts = package.split(".") if package else []
    parts = parts[: len(parts) - (statement.level - 1)]
    return ".".join([*parts, *([statement.module] if statement.module else [])])


def bound(nodes: Iterable[ast.AST]) -> set[str]:
    """Names that these statements bind where they stand, but for imports."""
    return {name for node in within(nodes) for name in _binds(node)}


def chain(node: ast.AST) -> list[str] | None:
    """`a.b.c` as its parts; None for anything else than attributes of a name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) else None


def within(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """These nodes and those in them, as far as they belong to the same scope; of a nested one only its own node."""
    rest = list(nodes)
    while rest:
        node = rest.pop()
        yield node
        if not isinstance(node, _OWN_SCOPE):
            rest += ast.iter_child_nodes(node)


def _binds(node: ast.AST) -> Sequence[str]:
    if isinstance(node, ast.Name):
        return [] if isinstance(node.ctx, ast.Load) else [node.id]
    if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        return [node.name]
    if isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)):
        return [node.name] if node.name else []
    if isinstance(node, ast.MatchMapping):
        return [node.rest] if node.rest else []
    return []


def _look(nodes: Sequence[ast.AST], known: Bound, package: str, found: set[str]) -> None:
    """Adds what the nodes of one scope use; `known` holds what is bound around them and in the scope itself."""
    rest = list(nodes)
    while rest:
        node = rest.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            found.update(f"!{module}" for module in modules(node, package))
        elif isinstance(node, ast.Global):
            found.update(node.names)
        elif isinstance(node, (ast.Attribute, ast.Name)) and (parts := chain(node)):
            if isinstance(node, ast.Attribute) or isinstance(node.ctx, ast.Load):
                _note(parts, known, found)
        elif isinstance(node, _OWN_SCOPE):
            rest += _enter(node, known, package, found)
        elif isinstance(node, ast.AnnAssign):
            rest += [node.target, unquoted(node.annotation), *([node.value] if node.value else [])]
        else:
            rest += ast.iter_child_nodes(node)


def _note(parts: Sequence[str], known: Bound, found: set[str]) -> None:
    reference = known.get(parts[0])
    if reference is None:
        found.add(".".join(parts))
    elif reference:
        end = "" if reference.endswith(":") else "."
        found.add(f"={reference}{end if len(parts) > 1 else ''}{'.'.join(parts[1:])}")


def _enter(node: ast.AST, known: Bound, package: str, found: set[str]) -> list[ast.AST]:
    """Looks into a nested scope. Returns what of the node belongs to the scope around it."""
    if isinstance(node, _FUNCTIONS):
        inner, outer = list(node.body), [*node.decorator_list, *_around(node.args)]
        if node.returns:
            outer.append(unquoted(node.returns))
        _look(inner, _scope(inner, _arguments(node.args), known, package), package, found)
        return outer
    if isinstance(node, ast.Lambda):
        _look([node.body], _scope([node.body], _arguments(node.args), known, package), package, found)
        return _around(node.args)
    if isinstance(node, ast.ClassDef):
        # names of a class body are no names of its methods
        _look(node.body, known, package, found)
        return [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
    assert isinstance(node, _COMPREHENSIONS)
    parts = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    first, *others = node.generators
    rest: list[ast.AST] = [*parts, first.target, *first.ifs, *others]
    targets = bound([generator.target for generator in node.generators])
    _look(rest, {**known, **dict.fromkeys(targets, "")}, package, found)
    return [first.iter]


def _scope(body: Sequence[ast.AST], arguments: Iterable[str], known: Bound, package: str) -> dict[str, str]:
    """What names mean in a function."""
    names = {**known, **dict.fromkeys(arguments, ""), **dict.fromkeys(bound(body), "")}
    for node in within(body):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names.update(imported(node, package))
    for node in within(body):
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            for name in node.names:
                if name in known and isinstance(node, ast.Nonlocal):
                    names[name] = known[name]
                else:
                    names.pop(name, None)
    return names


def _arguments(arguments: ast.arguments) -> list[str]:
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    return [one.arg for one in every if one is not None]


def _around(arguments: ast.arguments) -> list[ast.AST]:
    """Defaults and annotations: they are evaluated where the function is defined."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    annotations = [unquoted(one.annotation) for one in every if one is not None and one.annotation is not None]
    return [*arguments.defaults, *(one for one in arguments.kw_defaults if one is not None), *annotations]
