"""What a script's syntax tree says about how it wants to be run."""

from __future__ import annotations

# `ast` costs six milliseconds to import, `_ast` nothing: this is read while a user's script starts
import _ast
import sys
from collections.abc import Iterator

_ONLY_TREE = 0x400  # ast.PyCF_ONLY_AST
_CONSTANT = (_ast.Constant, _ast.List, _ast.Tuple, _ast.Load)
_BUILTIN = frozenset(__builtins__ if isinstance(__builtins__, dict) else dir(__builtins__))
_STARTERS = frozenset({"run", "build", "process", "run_with_retcodes", "luigi_run"})
"""Names of functions that run tasks: luigi.run, luigi.build, martlet.run, b2luigi.process, …"""


class Shape:
    """One walk over a script's syntax tree. Raises SyntaxError or ValueError for what is no Python."""

    def __init__(self, source: bytes) -> None:
        tree = compile(source, "<script>", "exec", _ONLY_TREE, dont_inherit=True)
        self.guarded = False
        """There is an `if __name__ == …`."""
        self.reads_arguments = False
        """`sys.argv` or `sys.orig_argv` is used."""
        self.starts_run = False
        """A function that runs tasks is called outside of classes."""
        self.acts = False
        """The outer level calls something for its effect."""
        self.is_front = True
        """It does nothing but import, and name constants: its tasks are those of the modules that it imports."""
        self.imports: set[str] = set()
        """Top-level packages imported anywhere."""
        self._foreign: set[str] = set()
        self._tasklike: set[str] = set()
        assert isinstance(tree, _ast.Module)
        for node in _walk(tree, into_classes=True):
            self._note(node)
        for statement in tree.body:
            self._outer(statement)
            self.is_front = self.is_front and _is_of_a_front(statement)
        self.is_front = self.is_front and bool(self._foreign)
        self.starts_run = any(self._is_start(node) for node in _walk(tree, into_classes=False))

    @property
    def defines_tasks(self) -> bool:
        """A class derives from something that is neither built in, nor of the standard library, nor an exception."""
        return bool(self._tasklike)

    def _note(self, node: _ast.AST) -> None:
        if isinstance(node, _ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                self._bind(alias.asname or package, package)
        elif isinstance(node, _ast.ImportFrom):
            package = "." if node.level else (node.module or "").partition(".")[0]
            for alias in node.names:
                self._bind(alias.asname or alias.name, package)
                if package == "sys" and alias.name in ("argv", "orig_argv"):
                    self.reads_arguments = True
        elif isinstance(node, _ast.Attribute) and node.attr in ("argv", "orig_argv"):
            self.reads_arguments = True
        elif isinstance(node, _ast.If):
            names = (part.id for part in _walk(node.test, into_classes=True) if isinstance(part, _ast.Name))
            self.guarded = self.guarded or "__name__" in names

    def _bind(self, name: str, package: str) -> None:
        self.imports.add(package)
        if package not in sys.stdlib_module_names:
            self._foreign.add(name)

    def _outer(self, statement: _ast.AST) -> None:
        """Classes and effects at the outer level, also under `if` and `try`."""
        if isinstance(statement, _ast.ClassDef):
            if any(self._is_tasklike(base) for base in statement.bases):
                self._tasklike.add(statement.name)
        elif isinstance(statement, (_ast.For, _ast.While, _ast.With)):
            self.acts = True
        elif isinstance(statement, _ast.Expr):
            self.acts = self.acts or isinstance(statement.value, _ast.Call)
        elif isinstance(statement, (_ast.If, _ast.Try, _ast.ExceptHandler)):
            for child in _children(statement):
                self._outer(child)

    def _is_tasklike(self, base: _ast.expr) -> bool:
        root = _root(base)
        last = base.attr if isinstance(base, _ast.Attribute) else root
        if not root or last.endswith(("Error", "Exception", "Warning")):
            return False
        # a name out of a star import can't be told here: it is neither defined above nor built in
        return self._is_foreign(root) or root in self._tasklike

    def _is_foreign(self, name: str) -> bool:
        return name in self._foreign or ("*" in self._foreign and name not in _BUILTIN and name not in self.imports)

    def _is_start(self, node: _ast.AST) -> bool:
        if not isinstance(node, _ast.Call):
            return False
        called = node.func
        name = called.attr if isinstance(called, _ast.Attribute) else _root(called)
        return name in _STARTERS and self._is_foreign(_root(called))


def _is_of_a_front(statement: _ast.AST) -> bool:
    if isinstance(statement, (_ast.Import, _ast.ImportFrom)):
        return True
    if isinstance(statement, (_ast.Expr, _ast.Assign)):
        return all(isinstance(part, _CONSTANT) for part in _walk(statement.value, into_classes=True))
    return False


def _root(expression: _ast.AST) -> str:
    """`luigi` of `luigi.contrib.Task(x)[y]`; empty when the expression does not start with a name."""
    while isinstance(expression, (_ast.Attribute, _ast.Call, _ast.Subscript)):
        expression = expression.func if isinstance(expression, _ast.Call) else expression.value
    return expression.id if isinstance(expression, _ast.Name) else ""


def _children(node: _ast.AST) -> Iterator[_ast.AST]:
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, _ast.AST):
            yield value
        elif isinstance(value, list):
            yield from (entry for entry in value if isinstance(entry, _ast.AST))


def _walk(node: _ast.AST, *, into_classes: bool) -> Iterator[_ast.AST]:
    waiting = [node]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _ast.ClassDef) and not into_classes:
            continue
        yield node
        waiting.extend(_children(node))
