"""Who drives an analysis against a real batch system: a plain user with a folder that batch systems see too."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import contract_program
from batch.servers.htcondor import USER, as_user


@dataclass(frozen=True)
class Analyst:
    folder: Path
    """Where runs start, and what they leave."""
    environment: Mapping[str, str]

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if os.geteuid() == 0:
            shutil.chown(path.parent, USER)
            shutil.chown(path, USER)
        return path

    def bring(self, example: Path) -> None:
        """Copies an analysis to where runs start, without what its own runs have left."""
        left = shutil.ignore_patterns("results", "__pycache__", ".martlet")
        shutil.copytree(example, self.folder, ignore=left, dirs_exist_ok=True)
        for path in self.folder.rglob("*"):
            if os.geteuid() == 0:
                shutil.chown(path, USER)

    def start(self, *words: str | Path) -> subprocess.Popen[str]:
        """Starts `martlet run WORDS…`; what it says is caught."""
        command = as_user([sys.executable, "-m", "martlet", "run", *words])
        return subprocess.Popen(
            command, cwd=self.folder, env=dict(self.environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip

    def run(self, *words: str | Path, within: float = 300) -> str:
        """What `martlet run WORDS…` says; it must succeed."""
        driver = self.start(*words)
        try:
            said, _ = driver.communicate(timeout=within)
        except subprocess.TimeoutExpired:
            kill(driver)
            said, _ = driver.communicate()
            raise AssertionError(f"it took more than {within} s:\n{said}") from None
        assert driver.returncode == 0, said
        return said

    def interrupt(self, driver: subprocess.Popen[str]) -> str:
        """Ctrl-C, and what the run has said when it has ended: nobody can be asked, so it leaves its jobs."""
        driver.send_signal(signal.SIGINT)
        said, _ = driver.communicate(timeout=60)
        assert driver.returncode == 130, said
        return said

    def jobs(self, *words: str) -> str:
        """What `martlet jobs WORDS…` says."""
        command = as_user([Path(sys.executable).parent / "martlet", "jobs", *words])
        done = subprocess.run(
            command, cwd=self.folder, env=dict(self.environment), text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout
        return done.stdout

    def open_jobs(self) -> list[str]:
        """`TAG.INDEX` of the jobs that no run has collected."""
        return [f"{job['tag']}.{job['index']}" for job in json.loads(self.jobs("list", "--json"))]

    def contract(self, system: str, within: float, **more: str | bool) -> str:
        """What a batch system does otherwise than every batch system must, one finding a line; empty if nothing."""
        request = {"batch": system, "directory": str(self.folder), "tag": f"contract-{os.getpid()}", **more}
        with open(self.write("contract.json", json.dumps(request)), "rb") as asked:
            played = subprocess.run(
                as_user([contract_program.path()]), stdin=asked, env=dict(self.environment), text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=within,
            )  # fmt: skip
        return played.stdout or ("" if played.returncode == 0 else f"exit code {played.returncode}")

    def logs(self) -> str:
        """What jobs have printed, for those who look why a test failed."""
        found = sorted((self.folder / ".martlet").glob("jobs/*/*.log"))
        return "\n".join(f"{path}: {path.read_text(errors='replace')}" for path in found)


def kill(driver: subprocess.Popen[str]) -> None:
    """As a machine that crashes does."""
    os.killpg(driver.pid, signal.SIGKILL)


@contextmanager
def working(environment: Mapping[str, str]) -> Iterator[Analyst]:
    """An analyst with a folder of their own, which is removed afterwards."""
    with place() as home:
        folder = home / "analysis"
        folder.mkdir()
        for path in (home, folder):
            if os.geteuid() == 0:
                shutil.chown(path, USER)
        # a folder for temporary files of whoever runs the tests may be closed to others
        own = {
            "TMPDIR": "/tmp", "HOME": str(home), "USER": USER, "LOGNAME": USER,
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        }  # fmt: skip
        yield Analyst(folder, {**os.environ, **own, **environment})


@contextmanager
def place() -> Iterator[Path]:
    """A folder that others may enter, all the way from the root."""
    with tempfile.TemporaryDirectory(prefix="martlet-batch-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder
