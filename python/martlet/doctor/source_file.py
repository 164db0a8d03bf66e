"""One Python file of an analysis, by its syntax tree: what it imports, names, changes and defines."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from ..data import Data

_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef, ast.GeneratorExp)
"""What yields for itself."""
_PATCHERS = frozenset({"patch", "setattr", "patch_object", "object"})
"""Functions that change something given by its name: mock.patch, monkeypatch.setattr, patch.object, …"""


class Mention(Data):
    """A place where something of another module is named."""

    name: str
    """In full, as far as this file tells."""
    line: int
    changed: bool = False
    """It is assigned to, not used."""


class Definition(Data):
    """A class of the analysis."""

    name: str
    line: int
    bases: tuple[str, ...]
    members: dict[str, int]
    """What its body assigns and defines, and what its methods use of self, with lines."""
    own: frozenset[str]
    """Those that the body assigns or defines."""
    texts: dict[str, str]
    """Assigned text constants."""
    parameters: frozenset[str]
    yields: int = 0
    """The line where run() yields; 0 if it does not."""


class SourceFile:
    """Reads one file. Raises OSError, SyntaxError or ValueError (not UTF-8, null bytes) when that cannot be done."""

    def __init__(self, path: Path, module: str) -> None:
        """`module`: its name, dotted, as others import it."""
        self.path = path
        self.module = module
        self.is_package = path.name == "__init__.py"
        tree = ast.parse(path.read_bytes(), str(path))
        self.imports: set[str] = set()
        """Modules that may be imported, dotted; the last part may be a name in a module."""
        self.bindings: dict[str, str] = {}
        """Names of this file that stand for something of another module."""
        self.stars: list[str] = []
        self.mentions: list[Mention] = []
        self.definitions: dict[str, Definition] = {}
        self.texts: set[str] = set()
        """Every text constant."""
        self._note_imports(tree)
        self._local = {node.name for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}
        _Uses(self).visit(tree)

    def name_of(self, node: ast.AST) -> str | None:
        """The full name that an expression such as `a.b.c` stands for; None if it begins with nothing imported."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return None
        root = self.bindings.get(node.id)
        if root is None and node.id in self._local:
            root = f"{self.module}.{node.id}"
        if root is None and self.stars:
            root = f"{self.module}.{node.id}"  # told apart where all files are known
        return ".".join([root, *reversed(parts)]) if root else None

    def _note_imports(self, tree: ast.AST) -> None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    self.imports.add(alias.name)
                    self.mentions.append(Mention(alias.name, node.lineno))
                    bound = alias.name if alias.asname else alias.name.partition(".")[0]
                    self.bindings[alias.asname or bound] = bound
            elif isinstance(node, ast.ImportFrom):
                home = self._home_of(node)
                self.imports.add(home)
                for alias in node.names:
                    if alias.name == "*":
                        self.stars.append(home)
                        continue
                    full = f"{home}.{alias.name}"
                    self.imports.add(full)
                    self.mentions.append(Mention(full, node.lineno))
                    self.bindings[alias.asname or alias.name] = full

    def _home_of(self, node: ast.ImportFrom) -> str:
        """The module of `from … import`, a relative one in full."""
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        package = package[: len(package) - node.level + int(self.is_package)]
        return ".".join([*package, *([node.module] if node.module else [])])


class _Uses(ast.NodeVisitor):
    """Walks a tree once and notes everything but its imports."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file

    def visit_Attribute(self, node: ast.Attribute) -> None:
        name = self._file.name_of(node)
        if name is None:
            self.generic_visit(node)
        else:
            self._note(name, node, changed=not isinstance(node.ctx, ast.Load))

    def visit_Name(self, node: ast.Name) -> None:
        name = self._file.name_of(node)
        if name is not None and isinstance(node.ctx, ast.Load):
            self._note(name, node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._file.texts.add(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        self._note_patch(node)
        if self._file.name_of(node.func) == "law.contrib.load":
            for argument in node.args:
                if text := _text(argument):
                    self._note(f"law.contrib.{text}", node)
        self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        bases = tuple([name for base in node.bases if (name := self._file.name_of(base))])
        own = dict(_assigned(node))
        used = {
            part.attr: part.lineno
            for part in ast.walk(node)
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id in ("self", "cls")
        }
        self._file.definitions[node.name] = Definition(
            node.name,
            node.lineno,
            bases,
            {**used, **{name: line for name, (line, _) in own.items()}},
            frozenset(own),
            {name: text for name, (_, value) in own.items() if (text := _text(value))},
            frozenset(name for name, (_, value) in own.items() if _is_parameter(value)),
            _yields(node),
        )
        self.generic_visit(node)

    def _note(self, name: str, node: ast.expr, *, changed: bool = False) -> None:
        self._file.mentions.append(Mention(name, node.lineno, changed))

    def _note_patch(self, node: ast.Call) -> None:
        """`setattr(luigi.worker.Worker, "run", …)`, `mock.patch("luigi.worker.Worker.run")` and their kin."""
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called not in _PATCHERS or not node.args:
            return
        first, *others = node.args
        if text := _text(first):
            self._note(text, node, changed=True)
        elif others and (text := _text(others[0])) and (name := self._file.name_of(first)):
            self._note(f"{name}.{text}", node, changed=True)


def _text(node: ast.AST | None) -> str:
    """What a text constant says; empty for all else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _is_parameter(node: ast.AST | None) -> bool:
    """A call of something that is called so: parameters may be of classes of the analysis's own."""
    called = node.func if isinstance(node, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
    return name.endswith("Parameter")


def _assigned(node: ast.ClassDef) -> Iterator[tuple[str, tuple[int, ast.AST | None]]]:
    """What the body of a class assigns and defines: name, line, and the value of an assignment."""
    for statement in node.body:
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name, (statement.lineno, None)
        elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, (statement.lineno, statement.value)
        elif isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    yield target.id, (statement.lineno, statement.value)


def _yields(node: ast.ClassDef) -> int:
    """Where its run() yields, not counting functions within."""
    for statement in node.body:
        if not (isinstance(statement, ast.FunctionDef) and statement.name == "run"):
            continue
        waiting: list[ast.AST] = list(statement.body)
        while waiting:
            part = waiting.pop(0)
            if isinstance(part, (ast.Yield, ast.YieldFrom)):
                return part.lineno
            if not isinstance(part, _INNER):
                waiting += ast.iter_child_nodes(part)
    return 0
