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
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
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


@cache
def interpreters() -> list[Interpreter]:
    """MARTLET_TEST_PYTHONS (paths or names, separated by spaces), else every fitting CPython that is found."""
    wanted = os.environ.get("MARTLET_TEST_PYTHONS", "").split()
    found: dict[Path, Interpreter] = {}
    for candidate in wanted or _candidates():
        program = shutil.which(candidate)
        interpreter = examine(Path(program)) if program else None
        if interpreter is None:
            if wanted:
                raise ValueError(f"MARTLET_TEST_PYTHONS: {candidate} is no CPython 3.10 or later with ensurepip")
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


def make(interpreter: Interpreter, *wheels: Path) -> CleanEnvironment:
    """The environment with these wheels, made unless it is there; others like it are removed."""
    names = "+".join(wheel.name.split("-")[0] for wheel in wheels)
    digest = hashlib.sha256(b"".join(wheel.read_bytes() for wheel in wheels)).hexdigest()[:12]
    base = ROOT / ".venvs"
    folder = base / f"{interpreter.label}-{names}-{digest}"
    ready = folder / ".ready"
    if not ready.exists():
        for old in base.glob(f"{interpreter.label}-{names}-*"):
            shutil.rmtree(old)
        make_empty(interpreter, folder)
        install(folder, *wheels)
        ready.touch()
    return CleanEnvironment(folder, interpreter)


def face_wheel(folder: Path) -> Path:
    """Builds martlet-luigi into a folder."""
    source = ROOT / "python" / "martlet-luigi"
    # the same bytes each time, so that an environment with them is found again
    dated = {**os.environ, "SOURCE_DATE_EPOCH": "1500000000"}
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
    subprocess.run(build, check=True, cwd=source, env=dated, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    (wheel,) = folder.glob("*.whl")
    return wheel


def make_empty(interpreter: Interpreter, folder: Path) -> None:
    _call(interpreter.path, "-m", "venv", folder)


def install(folder: Path, *what: str | Path) -> None:
    """Installs wheels or requirements, with all that they depend on, into an environment."""
    _call(folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what)


def _call(*command: str | Path) -> None:
    subprocess.run(command, check=True, env=bare_environment() | _package_index(), stdin=subprocess.DEVNULL)


def _candidates() -> list[str]:
    # wrapper scripts are left out: what they start is found where it is installed
    names = re.compile(r"python3(\.\d+)?")
    folders = [Path(folder) for folder in dict.fromkeys(["/usr/bin", *os.get_exec_path()])]
    folders += sorted(Path.home().glob(".pyenv/versions/3.*/bin"))
    programs = [program for folder in folders if folder.is_dir() for program in sorted(folder.iterdir())]
    real = {program.resolve() for program in programs if names.fullmatch(program.name) and program.is_file()}
    return [str(program) for program in sorted(real) if not _is_script(program)]


def _is_script(program: Path) -> bool:
    with program.open("rb") as file:
        return file.read(2) == b"#!"


def _package_index() -> dict[str, str]:
    """pip's own settings: a site's mirror or proxy."""
    settings = os.environ.items()
    return {name: value for name, value in settings if name.startswith("PIP_") or name.lower().endswith("_proxy")}
