"""Virtual environments that hold the built wheel and nothing else, for end-to-end tests.

They live in `.venvs/`, named after the interpreter and the wheel's digest, so that a second run of the tests finds
them made.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
OLDEST = (3, 10)


@dataclass(frozen=True)
class Interpreter:
    """A CPython of this machine, 3.10 or later, that can make virtual environments."""

    path: Path
    version: str
    """As in `3.11.7`."""
    digest: str
    """Tells apart two installations of one version."""

    @property
    def label(self) -> str:
        return f"{self.version}-{self.digest}"


@dataclass(frozen=True)
class CleanEnvironment:
    """A virtual environment with the wheel and its dependencies."""

    folder: Path
    interpreter: Interpreter

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def martlet(self) -> Path:
        return self.folder / "bin" / "martlet"

    def run(
        self,
        *command: str | Path,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        timeout: float = 120,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Runs a program, `python` and `martlet` meaning this environment's, without activation.

        The environment is bare: no Swift on PATH, no settings of whoever runs the tests; `env` is added to it.
        """
        named = {"python": self.python, "martlet": self.martlet}
        words = [str(named.get(str(command[0]), command[0])), *map(str, command[1:])]
        return subprocess.run(
            words,
            cwd=cwd,
            env={**bare_environment(), **(env or {})},
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
        )


def bare_environment() -> dict[str, str]:
    """What a login on a machine without a toolchain has; caches stay where they are."""
    kept = {name: os.environ[name] for name in ("HOME", "TMPDIR", "USER") if name in os.environ}
    return {**kept, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}


def interpreters() -> list[Interpreter]:
    """MARTLET_TEST_PYTHONS (paths or names, separated by spaces), else every fitting CPython that is found."""
    wanted = os.environ.get("MARTLET_TEST_PYTHONS", "").split()
    found: dict[Path, Interpreter] = {}
    for candidate in wanted or _candidates():
        program = shutil.which(candidate)
        interpreter = examine(Path(program)) if program else None
        if interpreter is None:
            if wanted:
                raise ValueError(f"MARTLET_TEST_PYTHONS: {candidate} is no CPython 3.10 or later with venv and ensurepip")
            continue
        found.setdefault(interpreter.path, interpreter)
    return sorted(found.values(), key=lambda one: (*map(int, one.version.split(".")), one.digest))


def examine(program: Path) -> Interpreter | None:
    """The installation behind a program (a shim, a link, a virtual environment's); None when it does not fit."""
    question = (
        "import ensurepip, os, platform, sys, venv\n"
        "name = 'python%d.%d' % sys.version_info[:2]\n"
        "print(os.path.realpath(os.path.join(sys.base_prefix, 'bin', name)))\n"
        "print('.'.join(map(str, sys.version_info[:3])), platform.python_implementation())"
    )
    answer = subprocess.run([program, "-I", "-c", question], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if answer.returncode != 0:
        return None
    path, version, implementation = answer.stdout.split()
    if implementation != "CPython" or tuple(map(int, version.split(".")[:2])) < OLDEST or not Path(path).exists():
        return None
    return Interpreter(Path(path), version, hashlib.sha256(path.encode()).hexdigest()[:6])


def make(interpreter: Interpreter, wheel: Path) -> CleanEnvironment:
    """The environment with this wheel, made unless it is there; others of the interpreter are removed."""
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()[:12]
    base = ROOT / ".venvs"
    folder = base / f"{interpreter.label}-{digest}"
    ready = folder / ".ready"
    if not ready.exists():
        for old in base.glob(f"{interpreter.label}-*"):
            shutil.rmtree(old)
        commands: Sequence[Sequence[str | Path]] = (
            [interpreter.path, "-m", "venv", folder],
            [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel],
        )
        for command in commands:
            subprocess.run(command, check=True, env=bare_environment() | _package_index(), stdin=subprocess.DEVNULL)
        ready.touch()
    return CleanEnvironment(folder, interpreter)


def _candidates() -> list[str]:
    names = re.compile(r"python3(\.\d+)?")
    folders = [Path(folder) for folder in dict.fromkeys(["/usr/bin", *os.get_exec_path()])]
    folders += sorted(Path.home().glob(".pyenv/versions/3.*/bin"))
    return [
        str(program)
        for folder in folders
        if folder.is_dir()
        for program in sorted(folder.iterdir())
        if names.fullmatch(program.name)
    ]


def _package_index() -> dict[str, str]:
    """pip's own settings: a site's mirror or proxy."""
    return {name: value for name, value in os.environ.items() if name.startswith("PIP_") or name.lower().endswith("_proxy")}
