"""Taking a source text apart into what it defines."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from . import names
from .canonical import is_empty, text
from .digest import short
from .module import Definition, Module

_CHECKS_TYPES = ("TYPE_CHECKING", "typing.TYPE_CHECKING")


def examine(source: bytes | str, package: str) -> Module:
    """Takes a source text apart. `package`: the full name of the package that it is in; empty for none.

    Raises SyntaxError and ValueError where it is no Python.
    """
    reading = _Reading(package)
    reading.take_all(ast.parse(source).body)
    return reading.module()


class _Reading:
    """The statements of a module, taken in one after another."""

    def __init__(self, package: str) -> None:
        self._package = package
        self._names: dict[str, Definition] = {}
        self._imports: dict[str, list[str]] = {}
        self._own: set[str] = set()
        """Names that mean something made here: not an import, nor what is behind one."""
        self._stars: list[str] = []
        self._modules: list[str] = []
        self._effects: list[ast.stmt] = []

    def module(self) -> Module:
        """What was taken in."""
        return Module(self._names, self._imports, self._stars, self._modules, self._define(self._effects))

    def take_all(self, statements: Iterable[ast.stmt]) -> None:
        for statement in statements:
            if not is_empty(statement):
                self._take(statement)

    def _take(self, statement: ast.stmt) -> None:
        if isinstance(statement, (ast.Import, ast.ImportFrom)):
            self._take_import(statement, runs=True)
        elif isinstance(statement, ast.ClassDef):
            self._own.add(statement.name)
            self._name(statement.name, self._class(statement))
        elif isinstance(statement, ast.If) and _is_main_guard(statement.test):
            self.take_all(statement.orelse)
        elif isinstance(statement, ast.If) and ".".join(names.chain(statement.test) or ()) in _CHECKS_TYPES:
            for node in names.within(statement.body):
                if isinstance(node, (ast.Import, ast.ImportFrom)):
                    self._take_import(node, runs=False)
            self.take_all(statement.orelse)
        else:
            self._take_other(statement)

    def _take_import(self, statement: ast.Import | ast.ImportFrom, *, runs: bool) -> None:
        for alias, reference in names.imported(statement, self._package):
            if alias == "*":
                self._stars.append(reference.partition(":")[0])
            else:
                references = self._imports.setdefault(alias, [])
                if reference not in references:
                    references.append(reference)
        if runs:
            self._modules += names.modules(statement, self._package)

    def _take_other(self, statement: ast.stmt) -> None:
        nested = list(names.within([statement]))
        for node in nested:
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                self._take_import(node, runs=True)
        bound = names.bound([statement])
        changed = _changed(nested)
        if not self._hands_on(statement):
            self._own |= bound
        # what is done to things of other modules is seen by all who use those
        patches = not changed <= self._own
        bound |= changed & self._own
        if bound:
            definition = self._define([statement])
            for name in sorted(bound):
                self._name(name, definition)
        does_more = patches or not bound or any(isinstance(node, ast.Expr) and not is_empty(node) for node in nested)
        # what does nothing but import is told by what it imports
        if does_more and not all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in nested if _acts(node)):
            self._effects.append(statement)

    def _hands_on(self, statement: ast.stmt) -> bool:
        """Whether a statement gives another name to something of another module: `cuts = settings.cuts`."""
        if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or statement.value is None:
            return False
        parts = names.chain(statement.value)
        return parts is not None and parts[0] not in self._own

    def _name(self, name: str, definition: Definition) -> None:
        known = self._names.get(name)
        self._names[name] = definition if known is None else known.joined(definition)

    def _define(self, statements: Sequence[ast.stmt]) -> Definition:
        return Definition(short(text(statements)), names.uses(statements, self._package))

    def _class(self, node: ast.ClassDef) -> Definition:
        head = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
        written = text(head) + ",".join(keyword.arg or "**" for keyword in node.keywords)
        members: dict[str, Definition] = {}
        for statement in node.body:
            if is_empty(statement):
                continue
            member = self._define([statement])
            for name in sorted(names.bound([statement])) or [""]:
                members[name] = members[name].joined(member) if name in members else member
        bases = [".".join(parts) for base in node.bases if (parts := names.chain(_unsubscripted(base)))]
        return Definition(short(written), names.uses(head, self._package), members, bases)


def _unsubscripted(base: ast.expr) -> ast.expr:
    return base.value if isinstance(base, ast.Subscript) else base


def _is_main_guard(test: ast.expr) -> bool:
    return (
        isinstance(test, ast.Compare)
        and isinstance(test.left, ast.Name)
        and test.left.id == "__name__"
        and isinstance(test.comparators[0], ast.Constant)
        and test.comparators[0].value == "__main__"
    )


def _changed(nodes: Iterable[ast.AST]) -> set[str]:
    """Names whose objects are changed: `CUTS["loose"] = …`, `CUTS.limit += …`, `for CUTS[0] in …`, `del CUTS["a"]`."""
    changed = set()
    for node in nodes:
        if isinstance(node, (ast.Subscript, ast.Attribute)) and not isinstance(node.ctx, ast.Load):
            target = node.value
            while isinstance(target, (ast.Subscript, ast.Attribute)):
                target = target.value
            if isinstance(target, ast.Name):
                changed.add(target.id)
    return changed


def _acts(node: ast.AST) -> bool:
    """Whether a node is a simple statement, one that holds no others."""
    return isinstance(node, ast.stmt) and not hasattr(node, "body") and not is_empty(node)
