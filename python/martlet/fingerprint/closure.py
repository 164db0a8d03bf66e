"""All code that a task class is made of: its own, and what that uses in the repository, directly or through others."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence

from . import shelf
from .digest import short
from .module import Module
from .repository import Repository

_FOR_THE_GRAPH = frozenset(("requires", "workflow_requires", "deps"))
"""Methods that say what a task needs: what they use tells in which tasks that are, and those in their reports."""
_STEERING = frozenset(
    (
        "resources", "process_resources", "priority", "retry", "retry_count", "max_batch_size", "batchable", "disabled",
        "disable_hard_timeout", "disable_window", "worker_timeout", "time_limit", "isolation", "own_log",
        "check_outputs", "plans_first", "complete_by", "rerun_on", "checksum", "cpus", "gpus", "memory", "__doc__",
        "__slots__", "__annotations__", "on_failure",
    )
)  # fmt: skip
"""What decides where and when a task runs, not what it makes."""
_TASKS_OF = frozenset(("martlet", "luigi", "law"))
_NOTHING = short("")
_Place = tuple[str, str, str]
"""(kind, file, name): a piece of code. Kinds: name, class, member, module, effects."""


class Closure:
    """Pieces of code of one repository, found from one class on. Deterministic; nothing is imported."""

    def __init__(self, repository: Repository, modules: dict[str, Module | None]) -> None:
        """`modules`: what is known of source files by path, None for unreadable ones; shared by all classes."""
        self._repository = repository
        self._modules = modules
        self._packages: dict[str, str] = {}
        self._looked_at: set[str] = set()
        self._adding = {
            "name": self._add_name,
            "class": self._add_class,
            "member": self._add_member,
            "module": self._add_module,
            "effects": self._add_effects,
        }
        self.pieces: dict[tuple[str, str], str] = {}
        """By file and name, the digest of each piece."""
        self._parameters: frozenset[str] = frozenset()
        self._seen: set[_Place] = set()
        self._open: list[_Place] = []
        self._followed: set[tuple[str, str]] = set()
        """Uses of a file that were looked at: most are of the same few names."""

    # ---- from outside

    def add_task(self, file: str, module: str, name: str, parameters: Collection[str]) -> None:
        """Adds a task class with all that it uses. `parameters`: their names; values are the task's own matter."""
        self._packages[file] = _package(file, module)
        self._parameters = frozenset(parameters)
        self._turn_to("effects", file, "")
        examined = self._examine(file)
        if examined is None:
            return
        if name in examined.names:
            self._turn_to("class", file, name)
        else:  # made by a call
            self._turn_to("module", file, "")
        while self._open:
            kind, of, what = self._open.pop()
            self._adding[kind](of, what)

    def files(self) -> dict[str, str]:
        """By file of the repository, a digest of all pieces that count in it."""
        parts: dict[str, list[str]] = {}
        for (file, name), digest in sorted(self.pieces.items()):
            parts.setdefault(self._repository.name(file), []).append(f"{name}={digest}")
        return {file: short("\n".join(pieces)) for file, pieces in sorted(parts.items())}

    @property
    def sources(self) -> list[str]:
        """The files themselves."""
        return sorted({file for file, _ in self.pieces})

    @property
    def examined(self) -> dict[str, tuple[str, Module]] | None:
        """By path, the package and the content of all files that were looked at; None where one cannot be read."""
        found = {}
        for file in self._looked_at:
            known = self._modules[file]
            if known is None:
                return None
            found[file] = self._packages.get(file, ""), known
        return found

    # ---- pieces

    def _turn_to(self, kind: str, file: str, name: str) -> None:
        place = (kind, file, name)
        if place not in self._seen:
            self._seen.add(place)
            self._open.append(place)

    def _add_name(self, file: str, name: str) -> None:
        definition = self._known(file).names[name]
        self.pieces[file, name] = definition.digest
        self._follow(file, definition.uses)
        for base in definition.bases:
            self._follow(file, [base])
        for member, one in (definition.members or {}).items():
            self.pieces[file, f"{name}.{member}"] = one.digest
            self._follow(file, one.uses)

    def _add_class(self, file: str, name: str) -> None:
        """A task class, or one that it is derived from."""
        definition = self._known(file).names[name]
        self.pieces[file, name] = definition.digest
        bases = {tuple(base.split(".")) for base in definition.bases}
        self._follow(file, [use for use in definition.uses if tuple(use.split(".")) not in bases])
        for base in bases:
            self._follow_base(file, base)
        for member, one in (definition.members or {}).items():
            if member in self._parameters or member in _STEERING:
                continue
            self.pieces[file, f"{name}.{member}"] = one.digest
            if member not in _FOR_THE_GRAPH:
                self._follow(file, one.uses)

    def _add_member(self, file: str, name: str) -> None:
        owner, _, member = name.partition(".")
        found = self._known(file).names[owner].members or {}
        self.pieces[file, name] = found[member].digest
        self._follow(file, found[member].uses)

    def _add_module(self, file: str, _: str) -> None:
        """All of a module, but for the tasks in it."""
        self._turn_to("effects", file, "")
        examined = self._examine(file)
        for name in examined.names if examined is not None else ():
            if not self._is_task(file, name):
                self._turn_to("name", file, name)

    def _add_effects(self, file: str, _: str) -> None:
        """What happens when a module is imported, those that it imports included."""
        examined = self._examine(file)
        if examined is None:
            self.pieces[file, ""] = "unreadable"
            return
        if examined.effects.digest != _NOTHING:
            self.pieces[file, ""] = examined.effects.digest
            self._follow(file, examined.effects.uses)
        for module in examined.modules:
            self._follow_import(module)

    # ---- from use to piece

    def _follow(self, file: str, uses: Sequence[str]) -> None:
        followed = self._followed
        for use in uses:
            if (file, use) in followed:
                continue
            followed.add((file, use))
            if use.startswith("!"):
                self._follow_import(use[1:])
            elif use.startswith("="):
                module, _, rest = use[1:].partition(":")
                self._resolve_in(module, rest.split(".") if rest else [])
            else:
                self._resolve(file, use.split("."))

    def _follow_base(self, file: str, parts: Sequence[str]) -> None:
        found = self._locate(file, parts)
        if found is None:
            self._resolve(file, parts)  # where it comes from
            return
        base_file, rest = found
        if len(rest) == 1 and self._known(base_file).names[rest[0]].members is not None:
            self._turn_to("class", base_file, rest[0])
        else:
            self._resolve(base_file, rest)

    def _follow_import(self, module: str) -> None:
        """A module is imported, and the packages that it is in."""
        parts = module.split(".")
        for length in range(1, len(parts) + 1):
            file = self._file(".".join(parts[:length]))
            if file is not None:
                self._turn_to("effects", file, "")

    def _resolve(self, file: str, parts: Sequence[str]) -> bool:
        """A name of a module with its attributes. Returns whether the module has it."""
        examined = self._examine(file)
        if examined is None:
            return False
        head, rest = parts[0], parts[1:]
        known = head in examined.names
        if known:
            if not self._is_task(file, head):
                self._turn_to("name", file, head)
            elif rest and rest[0] in (examined.names[head].members or {}):
                self._turn_to("member", file, f"{head}.{rest[0]}")
        references = examined.imports.get(head, ())
        for reference in references:
            module, _, name = reference.partition(":")
            self._resolve_in(module, [*([name] if name else []), *rest])
        outside = [reference for reference in references if not self._is_ours(reference.partition(":")[0])]
        if outside:
            self.pieces[file, f"{head} from"] = short(",".join(sorted(outside)))
        known = known or bool(references)
        if not known:
            for module in examined.stars:
                star = self._file(module)
                if star is not None and star != file and self._resolve(star, parts):
                    return True
            outside = [module for module in examined.stars if not self._is_ours(module)]
            if outside:
                self.pieces[file, "* from"] = short(",".join(sorted(outside)))
        return known

    def _is_ours(self, module: str) -> bool:
        """Whether a module is one of the repository: then what is used of it is followed."""
        return self._file(module) is not None or self._may_hold(module)

    def _resolve_in(self, module: str, parts: Sequence[str]) -> None:
        """What stands behind `module.parts`, where the module is one of the repository."""
        self._follow_import(module)
        while True:
            file = self._file(module)
            below = f"{module}.{parts[0]}" if parts else ""
            if file is not None:
                if not parts:
                    return self._turn_to("module", file, "")
                if self._resolve(file, parts):
                    return None
            if not below or (file is None and not self._may_hold(module)):
                return None
            if self._file(below) is None and not self._may_hold(below):
                # made while it runs, or a module's `__getattr__`: then all of it counts
                return None if file is None else self._turn_to("module", file, "")
            self._follow_import(below)
            module, parts = below, parts[1:]

    def _locate(self, file: str, parts: Sequence[str], depth: int = 0) -> tuple[str, list[str]] | None:
        """The file in which a name is defined, and what of the name is left there; None outside of the repository."""
        examined = self._examine(file)
        if examined is None or depth > 20:  # names handed on from module to module; a circle ends here
            return None
        if parts[0] in examined.names:
            return file, list(parts)
        places: list[tuple[str, list[str]]] = []
        for reference in examined.imports.get(parts[0], ()):
            module, _, name = reference.partition(":")
            rest = [*([name] if name else []), *parts[1:]]
            while len(rest) > 1 and self._file(f"{module}.{rest[0]}") is not None:
                module, rest = f"{module}.{rest[0]}", rest[1:]
            target = self._file(module)
            if target is not None and rest:
                places.append((target, rest))
        if parts[0] not in examined.imports:
            stars = [star for module in examined.stars if (star := self._file(module)) is not None]
            places = [(star, list(parts)) for star in stars if star != file]
        for place, rest in places:
            found = self._locate(place, rest, depth + 1)
            if found is not None:
                return found
        return None

    def _is_task(self, file: str, name: str, depth: int = 0) -> bool:
        """Whether a name means a task class: tasks that others need are no part of their code."""
        examined = self._examine(file)
        definition = examined.names.get(name) if examined is not None else None
        if examined is None or definition is None or definition.members is None or depth > 20:
            return False
        for base in definition.bases:
            parts = base.split(".")
            found = self._locate(file, parts)
            if found is not None:
                if len(found[1]) == 1 and self._is_task(found[0], found[1][0], depth + 1):
                    return True
            elif _looks_like_a_task(parts, examined.imports):
                return True
        return False

    # ---- files

    def _file(self, module: str) -> str | None:
        file = self._repository.file(module)
        if file is not None:
            self._packages.setdefault(file, _package(file, module))
        return file

    def _may_hold(self, module: str) -> bool:
        """Whether it may be a package without a file of its own: a folder of the repository's."""
        return self._repository.has_folder(module)

    def _known(self, file: str) -> Module:
        examined = self._examine(file)
        assert examined is not None, "only what was read is turned to"
        return examined

    def _examine(self, file: str) -> Module | None:
        self._looked_at.add(file)
        if file not in self._modules:
            try:
                self._modules[file] = shelf.module(file, self._packages.get(file, ""))
            except (OSError, SyntaxError, ValueError):
                self._modules[file] = None
        return self._modules[file]


def _looks_like_a_task(parts: Sequence[str], imports: Mapping[str, Sequence[str]]) -> bool:
    """Whether a base from outside of the repository is one of ours, or of luigi's or law's, that makes a task."""
    for reference in imports.get(parts[0], ()):
        module, _, name = reference.partition(":")
        last = parts[-1] if len(parts) > 1 else name
        if module.partition(".")[0] in _TASKS_OF and ("Task" in last or "Workflow" in last):
            return True
    return False


def _package(file: str, module: str) -> str:
    """The package that a module's relative imports count from."""
    return module if os.path.basename(file) == "__init__.py" else module.rpartition(".")[0]
