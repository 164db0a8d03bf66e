from __future__ import annotations

import subprocess
import sys

import pytest

import martlet

HEAVY = ("json", "hashlib", "logging", "inspect", "dataclasses", "pathlib", "tempfile", "shutil", "rich", "argparse",
         "martlet._engine", "martlet.steering.command_line", "martlet.running.build")  # fmt: skip


def test_every_exported_name_is_there() -> None:
    for name in martlet.__all__:
        assert getattr(martlet, name) is not None, name
    for name in martlet.parameters.__all__:
        if name.endswith("Parameter"):
            assert name in martlet.__all__, f"martlet does not export {name}"
    assert martlet.__version__
    with pytest.raises(AttributeError, match="no attribute 'Tusk'"):
        _ = martlet.Tusk


@pytest.mark.parametrize("module", ["martlet", "martlet.luigi"])
def test_importing_it_stays_light(module: str) -> None:
    """Each of these costs milliseconds at every start; the luigi layer needs some for its configuration."""
    code = f"import sys; before = set(sys.modules); import {module}; print(*(set(sys.modules) - before))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    allowed = () if module == "martlet" else ("pathlib",)
    assert [name for name in HEAVY if name in loaded and name not in allowed] == []
