"""The packages and the Python that a report names: how those here differ, and an environment that has them."""

from __future__ import annotations

import os
import site
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..fingerprint import installed
from . import interpreters
from .values import Environment, PackageDifference

_TOOLS = frozenset(("pip", "setuptools", "wheel", "martlet", "martlet-luigi"))
"""Which version of these is there changes no result, or is not a matter of pip."""


class Place(NamedTuple):
    """A Python, and what has to be around it."""

    python: str
    search: tuple[str, ...] | None
    """Its search path; None: what the environment variables say, as for a task in a sandbox."""
    environment: Environment
    activated: str = ""
    """The virtual environment that is set up around the task, as its `activate` does."""


class Base(NamedTuple):
    """An environment that is there: one with the recorded versions takes from it what it has in that version."""

    python: str
    """The program."""
    version: str
    """As in `3.12.4`."""
    packages: Mapping[str, str]
    folders: tuple[str, ...]
    """Where its packages are."""

    @classmethod
    def ours(cls) -> Base:
        """That of this process."""
        own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
        seen = {os.path.realpath(entry) for entry in sys.path if entry}
        folders = sorted(entry for entry in own if os.path.realpath(entry) in seen)
        return cls(sys.executable, sys.version.split()[0], installed.packages(), tuple(folders))

    @classmethod
    def at(cls, folder: Path) -> Base | None:
        """A virtual environment; None where there is none whose Python runs."""
        program = str(folder / "bin" / "python")
        version = interpreters.version_of(program)
        if version is None:
            return None
        folders = sorted(str(place) for place in folder.glob("lib/python*/site-packages"))
        return cls(program, version, installed.in_environment(str(folder)), tuple(folders))

    def compared(self, recorded: Mapping[str, Any], where: str, *notes: str) -> Environment:
        """How it differs from the recorded one."""
        differing = differences(recorded.get("packages") or {}, self.packages, self.packages)
        return Environment(str(recorded.get("python", "")), self.version, differing, where, notes)


def here(recorded: Mapping[str, Any]) -> Place:
    """This environment, with how it differs from the recorded one."""
    return Place(sys.executable, tuple(entry for entry in sys.path if entry), Base.ours().compared(recorded, "here"))


def differences(
    recorded: Mapping[str, str], found: Mapping[str, str], used: Mapping[str, str]
) -> tuple[PackageDifference, ...]:
    """Packages of which there is another version than was recorded, by name."""
    names = sorted(name for name in {*recorded, *found} - _TOOLS if recorded.get(name) != found.get(name))
    return tuple(PackageDifference(name, recorded.get(name), found.get(name), used.get(name)) for name in names)


def made(recorded: Mapping[str, Any], folder: Path, base: Base | None, links: Sequence[str] = ()) -> Place:
    """A virtual environment with the recorded versions, as far as they can be had.

    What `base` has in that version is taken from there, so that only the others are looked for: where pip is told
    to (its own settings, `links`: folders of wheels). Raises LookupError where no such environment can be made at all.
    """
    wanted = str(recorded.get("python", ""))
    python, notes = _python(wanted, base)
    _call([python, "-m", "venv", "--without-pip", str(folder)])
    program = str(folder / "bin" / "python")
    version, site_packages = _asked(program)
    if base is not None and _short(version) != _short(base.version):
        base = None  # what is compiled for one Python is nothing to another
    found = {} if base is None else base.packages
    before = recorded.get("packages") or {}
    missing = {name: version for name, version in before.items() if name not in _TOOLS and found.get(name) != version}
    pip = _pip(program, sys.executable, python) if missing else None
    had = _install(missing, pip, links) if pip else {}
    without = "" if pip or not missing else f": there is no pip for Python {version}"
    notes += [f"{name} {missing[name]} can't be had{without}" for name in missing if name not in had]
    _lead(site_packages, folder / "martlet", () if base is None else base.folders)
    environment = Environment(wanted, version, differences(before, found, {**found, **had}), "venv", tuple(notes))
    return Place(program, (), environment)


def _python(wanted: str, base: Base | None) -> tuple[str, list[str]]:
    """An interpreter of the recorded version, or of the one that is there, and what is to be said of that."""
    usual = base or Base.ours()
    if not wanted or _short(wanted) == _short(usual.version):
        return usual.python, []
    if found := interpreters.find(wanted):
        return found, []
    return usual.python, [f"Python {_short(wanted)} is not installed"]


def _short(version: str) -> str:
    """`3.12` of `3.12.4`."""
    return ".".join(version.split(".")[:2])


def _asked(python: str) -> tuple[str, Path]:
    """The version of an environment's Python, and where its packages are."""
    question = "import sys, sysconfig; print(sys.version.split()[0]); print(sysconfig.get_path('purelib'))"
    version, folder = _call([python, "-c", question]).splitlines()
    return version, Path(folder)


def _install(wanted: Mapping[str, str], pip: Sequence[str], links: Sequence[str]) -> dict[str, str]:
    """Installs these versions; all at once, or those that can be had. Returns them."""
    command = [*pip, "install", "--quiet", "--no-deps", "--no-input", *(f"--find-links={link}" for link in links)]
    requirements = [f"{name}=={version}" for name, version in wanted.items()]
    if _runs([*command, *requirements]):
        return dict(wanted)
    if len(wanted) == 1:
        return {}
    alone = zip(wanted.items(), requirements, strict=True)
    return {name: version for (name, version), requirement in alone if _runs([*command, requirement])}


def _pip(program: str, *owners: str) -> list[str] | None:
    """A pip that works on an environment: of one of these Pythons. An old one does not run under a new Python."""
    for owner in dict.fromkeys(owners):
        command = [owner, "-m", "pip", "--disable-pip-version-check", "--python", program]
        if _runs([*command, "list"]):
            return command
    return None


def _lead(site_packages: Path, links: Path, folders: Sequence[str]) -> None:
    """Makes the environment see this Martlet, and behind its own packages those in some folders."""
    links.mkdir()
    package = Path(__file__).resolve().parent.parent
    (links / "martlet").symlink_to(package)
    (site_packages / "martlet-reproduction.pth").write_text("\n".join([str(links), *folders]) + "\n", encoding="utf-8")


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _call(command: Sequence[str]) -> str:
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        told = (finished.stderr or finished.stdout).strip().splitlines()
        raise LookupError(f"{' '.join(command[:3])}: {told[-1] if told else f'ended with {finished.returncode}'}")
    return finished.stdout
