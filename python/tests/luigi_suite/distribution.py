"""luigi's source distribution, which carries its tests: fetched by pip, checked, unpacked where git looks away."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

VERSION = "3.8.1"
SHA256 = "2fa5eb5d3474e495de09bd964f502936c08f8b1eb6e0f3ca3c8a69116c38d0c3"

_PROGRAM = """\
#!/usr/bin/env python
from {module} import {function}

if __name__ == "__main__":
    {function}()
"""
_PROGRAMS = (
    ("bin/luigi", "luigi.cmdline", "luigi_run"),
    ("luigi/tools/deps.py", "luigi.tools.deps", "main"),
    ("luigi/tools/deps_tree.py", "luigi.tools.deps_tree", "main"),
)
"""What the tests start by its path in luigi's repository."""


def unpack(python: Path, folder: Path) -> Path:
    """The unpacked tree in `folder`; of luigi itself only luigi.contrib, whose modules Martlet's face takes over."""
    tree = folder / f"luigi-{VERSION}"
    if not tree.is_dir():
        with tempfile.TemporaryDirectory(dir=folder) as fresh:
            _extract(_download(python, Path(fresh)), Path(fresh))
            _keep_contrib(Path(fresh, tree.name, "luigi"))
            Path(fresh, tree.name).rename(tree)
    for path, module, function in _PROGRAMS:
        program = tree / path
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(_PROGRAM.format(module=module, function=function), encoding="utf-8")
        program.chmod(0o755)
    return tree


def _download(python: Path, folder: Path) -> Path:
    """The archive, in `folder`; pip refuses one with another checksum."""
    wanted = folder / "wanted.txt"
    wanted.write_text(f"luigi=={VERSION} --hash=sha256:{SHA256}\n", encoding="utf-8")
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "--quiet", "download", "--no-deps"]
    command += ["--require-hashes", "--no-binary", "luigi", "--dest", str(folder), "--requirement", str(wanted)]
    subprocess.run(command, check=True)
    return folder / f"luigi-{VERSION}.tar.gz"


def _extract(archive: Path, folder: Path) -> None:
    with tarfile.open(archive) as content:
        if hasattr(tarfile, "data_filter"):
            content.extractall(folder, filter="data")
        else:  # Python 3.10 before 3.10.12: the checksum is what makes it trustworthy
            content.extractall(folder)


def _keep_contrib(luigi: Path) -> None:
    """Leaves a package with nothing in it but luigi.contrib."""
    for entry in luigi.iterdir():
        if entry.is_dir() and entry.name != "contrib":
            shutil.rmtree(entry)
        elif entry.is_file():
            entry.unlink()
    (luigi / "__init__.py").touch()


def check_face(python: Path) -> None:
    """Raises CalledProcessError unless `import luigi` gives Martlet's face under this Python."""
    question = "import luigi; assert luigi.__name__ == 'martlet.luigi', luigi"
    subprocess.run([str(python), "-c", question], check=True, cwd="/")
