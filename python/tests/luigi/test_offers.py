"""Task classes of luigi's that are found by name although nothing has imported them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import martlet

SOURCE = Path(martlet.__file__).parent.parent
Run = Callable[..., "subprocess.CompletedProcess[str]"]
SCRIPT = """
import sys
import martlet.luigi as luigi

assert not {"martlet.luigi.notifications", "martlet.luigi.tools"} & set(sys.modules)

class Daily(luigi.Task):
    day = luigi.DateParameter()

    def output(self):
        return luigi.LocalTarget(f"{self.day}.txt")

    def run(self):
        self.output()._touchz()

if __name__ == "__main__":
    luigi.run()
"""


@pytest.fixture
def run(tmp_path: Path) -> Run:
    (tmp_path / "daily.py").write_text(SCRIPT)

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(SOURCE), "MARTLET_STATE": str(tmp_path / "state")}
        command = [sys.executable, str(tmp_path / "daily.py"), *words]
        return subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)

    return run


def test_ranges_are_tasks_of_every_script(run: Run, tmp_path: Path) -> None:
    ended = run("RangeDaily", "--of", "Daily", "--start", "2014-10-29", "--stop", "2014-10-31", "--now", "1414800000")
    assert sorted(path.name for path in tmp_path.glob("*.txt")) == ["2014-10-29.txt", "2014-10-30.txt"], ended.stderr


def test_unless_the_configuration_says_otherwise(run: Run, tmp_path: Path) -> None:
    (tmp_path / "luigi.cfg").write_text("[core]\nautoload_range = false\n")
    ended = run("RangeDaily", "--of", "Daily", "--start", "2014-10-29")
    assert (ended.returncode, "No task RangeDaily" in ended.stderr) == (1, True)
    assert list(tmp_path.glob("*.txt")) == []


def test_settings_of_e_mails_are_flags(run: Run) -> None:
    ended = run("TestNotificationsTask", "--email-force-send", "--email-receiver", "nobody@localhost")
    assert "This error shows that notifications work" in ended.stderr


def test_modules_are_attributes() -> None:
    code = "import martlet.luigi as l; print(l.notifications.__name__, l.range.__name__, l.tools.range is l.range)"
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}
    answer = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout == "martlet.luigi.notifications martlet.luigi.tools.range True\n"
