"""The packages and the Python that a report names: how those here differ, and an environment that has them."""

from __future__ import annotations

import os
import shutil
import site
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from ..fingerprint import installed
from .values import Environment, PackageDifference

_TOOLS = frozenset(("pip", "setuptools", "wheel", "martlet", "martlet-luigi"))
"""Which version of these is there changes no result, or is not a matter of pip."""


class Place(NamedTuple):
    """A Python, and what has to be on its search path."""

    python: str
    search: tuple[str, ...]
    environment: Environment


def here(recorded: Mapping[str, Any]) -> Place:
    """This environment, with how it differs from the recorded one."""
    found = installed.packages()
    differing = differences(recorded.get("packages") or {}, found, found)
    python = sys.version.split()[0]
    search = tuple(entry for entry in sys.path if entry)
    return Place(sys.executable, search, Environment(str(recorded.get("python", "")), python, differing, "here"))


def differences(
    recorded: Mapping[str, str], found: Mapping[str, str], used: Mapping[str, str]
) -> tuple[PackageDifference, ...]:
    """Packages of which there is another version than was recorded, by name."""
    names = sorted(name for name in {*recorded, *found} - _TOOLS if recorded.get(name) != found.get(name))
    return tuple(PackageDifference(name, recorded.get(name), found.get(name), used.get(name)) for name in names)


def made(recorded: Mapping[str, Any], folder: Path, links: Sequence[str] = ()) -> Place:
    """A virtual environment with the recorded versions, as far as they can be had.

    What is here in that version already is taken from here, so that only the others are looked for: where pip is told
    to (its own settings, `links`: folders of wheels). Raises LookupError where no such environment can be made at all.
    """
    wanted = str(recorded.get("python", ""))
    python, notes = _python(wanted)
    _call([python, "-m", "venv", "--without-pip", str(folder)])
    program = str(folder / "bin" / "python")
    version, site_packages = _asked(program)
    same_abi = version.rpartition(".")[0] == ".".join(map(str, sys.version_info[:2]))
    found = installed.packages()
    before = recorded.get("packages") or {}
    missing = {
        name: version
        for name, version in before.items()
        if name not in _TOOLS and not (same_abi and found.get(name) == version)
    }
    had = _install(missing, program, links)
    notes += [f"{name} {missing[name]} can't be had" for name in missing if name not in had]
    _lead(site_packages, folder / "martlet", with_packages=same_abi)
    used = {**(found if same_abi else {}), **had}
    environment = Environment(wanted, version, differences(before, found, used), "venv", tuple(notes))
    return Place(program, (), environment)


def _python(wanted: str) -> tuple[str, list[str]]:
    """An interpreter of the recorded version, or of this one, and what is to be said of that."""
    short = ".".join(wanted.split(".")[:2])
    if short == ".".join(map(str, sys.version_info[:2])) or not short:
        return sys.executable, []
    found = shutil.which(f"python{short}")
    if found:
        return found, []
    return sys.executable, [f"Python {short} is not installed"]


def _asked(python: str) -> tuple[str, Path]:
    """The version of an environment's Python, and where its packages are."""
    question = "import sys, sysconfig; print(sys.version.split()[0]); print(sysconfig.get_path('purelib'))"
    version, folder = _call([python, "-c", question]).splitlines()
    return version, Path(folder)


def _install(wanted: Mapping[str, str], python: str, links: Sequence[str]) -> dict[str, str]:
    """Installs these versions; all at once, or those that can be had. Returns them."""
    if not wanted:
        return {}
    command = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-input",
               "--disable-pip-version-check", *(f"--find-links={link}" for link in links)]  # fmt: skip
    requirements = [f"{name}=={version}" for name, version in wanted.items()]
    if _runs([*command, *requirements]):
        return dict(wanted)
    if len(wanted) == 1:
        return {}
    alone = zip(wanted.items(), requirements, strict=True)
    return {name: version for (name, version), requirement in alone if _runs([*command, requirement])}


def _lead(site_packages: Path, links: Path, *, with_packages: bool) -> None:
    """Makes the environment see this Martlet, and behind its own packages those from here."""
    links.mkdir()
    package = Path(__file__).resolve().parent.parent
    (links / "martlet").symlink_to(package)
    entries = [str(links)]
    if with_packages:
        own = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib"), *site.getsitepackages()}
        seen = {os.path.realpath(entry) for entry in sys.path if entry}
        entries += sorted(entry for entry in own if os.path.realpath(entry) in seen)
    (site_packages / "martlet-reproduction.pth").write_text("\n".join(entries) + "\n", encoding="utf-8")


def _runs(command: Sequence[str]) -> bool:
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False).returncode == 0


def _call(command: Sequence[str]) -> str:
    finished = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        told = (finished.stderr or finished.stdout).strip().splitlines()
        raise LookupError(f"{' '.join(command[:3])}: {told[-1] if told else f'ended with {finished.returncode}'}")
    return finished.stdout
