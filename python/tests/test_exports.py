from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import martlet

PACKAGES = Path(martlet.__file__).parents[1]

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


NOT_FOR_ONE_TASK = (
    "dataclasses", "difflib", "hashlib", "importlib.abc", "importlib.metadata", "inspect", "logging", "multiprocessing",
    "platform", "random", "secrets", "shutil", "socket", "subprocess", "tempfile", "threading", "tomllib", "traceback",
    "rich", "martlet.running.zygote", "martlet.running.worker", "martlet.steering.display",
)  # fmt: skip

ONE_TASK = """
import sys
import martlet

class One(martlet.Task):
    folder = martlet.Parameter()

    def output(self):
        return martlet.LocalTarget(f"{self.folder}/one.txt")

    def run(self):
        loaded = sorted(sys.modules)
        with self.output().open("w") as file:
            print(*loaded, file=file)

if __name__ == "__main__":
    martlet.run()
"""


def test_a_run_of_one_task_loads_little(tmp_path: Path) -> None:
    """What a script waits for until its first task starts: each of these costs a run of one task milliseconds."""
    script = tmp_path / "one.py"
    script.write_text(ONE_TASK)
    # without site packages: what those import at the start of Python is not ours
    command = [sys.executable, "-S", str(script), "One", "--folder", str(tmp_path), "--quiet"]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("MARTLET_")}
    environment = {**ours, "MARTLET_STATE": str(tmp_path / "state"), "PYTHONPATH": str(PACKAGES)}
    subprocess.run(command, env=environment, check=True)
    loaded = (tmp_path / "one.txt").read_text().split()
    assert "martlet.running.pump" in loaded
    assert [name for name in NOT_FOR_ONE_TASK if name in loaded] == []
