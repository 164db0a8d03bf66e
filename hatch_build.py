"""Builds the Swift engine and the `martlet` executable with SwiftPM and puts both into the wheel.

Environment: SWIFT names the Swift compiler driver, MARTLET_SCRATCH the directory of build products (.build).
"""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

EXTENSION = "martlet/_engine.abi3.so"
# What the libraries ask of the C library; python/tests/packaging/test_symbols.py holds them to it.
OLDEST_GLIBC = "2_34"


class SwiftBuildHook(BuildHookInterface):
    """Hatchling calls `initialize` once for a wheel ("standard") or an editable install ("editable")."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        products = build(Path(self.root))
        extension, executable = products / "lib_engine.so", products / "martlet"
        if version == "editable":
            # a link: `swift build -c release` alone refreshes it
            link = Path(self.root, "python", EXTENSION)
            link.unlink(missing_ok=True)
            link.symlink_to(extension)
        else:
            build_data["force_include"][str(extension)] = EXTENSION
        build_data["shared_scripts"][str(executable)] = "martlet"
        build_data["pure_python"] = False
        build_data["tag"] = f"cp310-abi3-{platform_tag()}"


def build(root: Path) -> Path:
    """The directory with the release products, stripped and up to date."""
    scratch = os.environ.get("MARTLET_SCRATCH") or str(root / ".build")
    command = [
        *(find_swift(), "build", "--configuration", "release", "--package-path", str(root), "--scratch-path", scratch),
        # no Swift is needed where the wheel is installed; -s: without symbols that only a debugger wants
        *("--static-swift-stdlib", "-Xlinker", "-s"),
    ]
    # the bridge's tests are no part of a wheel, and so their libpython is not looked for
    environment = {**os.environ, "MARTLET_NO_EMBED_TESTS": "1"}
    for product in ("_engine", "martlet"):
        finished = subprocess.run([*command, "--product", product], env=environment, stdin=subprocess.DEVNULL)
        if finished.returncode != 0:
            sys.exit(f"martlet: `swift build --product {product}` failed, see above")
    shown = subprocess.run([*command, "--show-bin-path"], env=environment, check=True, stdout=subprocess.PIPE, text=True)
    return Path(shown.stdout.strip())


def find_swift() -> str:
    """The first `swift` that is the compiler: OpenStack's object-store client has the same name."""
    wanted = os.environ.get("SWIFT")
    folders = [str(Path(folder, "swift")) for folder in os.get_exec_path()]
    for candidate in [wanted] if wanted else folders:
        program = shutil.which(candidate)
        if program is None:
            continue
        answer = subprocess.run([program, "build", "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        if answer.returncode == 0 and "Swift Package Manager" in answer.stdout:
            return program
    where = f"SWIFT={wanted}" if wanted else "PATH"
    sys.exit(
        f"martlet: no Swift compiler ({where} has no `swift` that answers `swift build --version`)\n"
        "hint: install a Swift 6 toolchain and put it on PATH, or set SWIFT=/path/to/swift"
    )


def platform_tag() -> str:
    if sys.platform == "linux" and platform.libc_ver()[0] == "glibc":
        return f"manylinux_{OLDEST_GLIBC}_{platform.machine()}"
    return sysconfig.get_platform().replace("-", "_").replace(".", "_")
