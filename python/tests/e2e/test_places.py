"""Tasks that run as programs of their own: in a sandbox, as jobs of a batch system."""

from __future__ import annotations

import re
import signal
import subprocess
import time
from pathlib import Path

import pytest

from clean_environments import CleanEnvironment, bare_environment

pytestmark = pytest.mark.e2e

SCRIPT = '''
import os, sys, time
import martlet

class Boxed(martlet.Task):
    """Runs in an environment that a script sets up."""

    sandbox = "shell:setup.sh"
    word = martlet.Parameter(default="quoted 'word'")

    def output(self):
        return martlet.LocalTarget("boxed")

    def run(self):
        print("in the box")
        with self.output().open("w") as file:
            file.write(os.environ["IN_THE_BOX"] + " " + self.word)


class Free(martlet.Task):
    """Runs in a worker."""

    def requires(self):
        return Boxed()

    def output(self):
        return martlet.LocalTarget("free")

    def run(self):
        with self.input().open() as boxed, self.output().open("w") as file:
            file.write(boxed.read() + " " + os.environ.get("IN_THE_BOX", "outside"))


class NoBox(martlet.Task):
    sandbox = "moon:base"


class Part(martlet.Task):
    n = martlet.IntParameter()

    def output(self):
        return martlet.LocalTarget(f"part-{self.n}")

    def run(self):
        with open("submissions", "a") as log:
            log.write(f"{self.n}\\n")
        while os.path.exists("hold"):
            time.sleep(0.02)
        if self.n == 13:
            raise ValueError("no luck")
        if self.n == 14:
            os._exit(9)
        with self.output().open("w") as file:
            file.write(str(self.n))


class Whole(martlet.Task):
    count = martlet.IntParameter(default=4)
    first = martlet.IntParameter(default=0)

    def requires(self):
        return [Part(n=n) for n in range(self.first, self.first + self.count)]

    def output(self):
        return martlet.LocalTarget("whole")

    def run(self):
        with self.output().open("w") as file:
            file.write(",".join(part.open().read() for part in self.input()))
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "places.py").write_text(SCRIPT)
    (tmp_path / "setup.sh").write_text("export IN_THE_BOX=inside\n")
    return tmp_path


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_sandboxed_task_runs_in_its_environment(
    system_venv: CleanEnvironment, folder: Path, workers: str
) -> None:
    done = system_venv.run("martlet", "run", "places.py", "Free", "--workers", workers, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "free").read_text() == "inside quoted 'word' outside"
    logs = system_venv.run("martlet", "logs", "Boxed", cwd=folder)
    assert "in the box" in logs.stdout, logs.stderr


def test_a_sandbox_that_nobody_knows(system_venv: CleanEnvironment, folder: Path) -> None:
    done = system_venv.run("martlet", "run", "places.py", "NoBox", cwd=folder)
    assert done.returncode == 1
    assert "moon:base" in done.stderr and "shell, venv" in done.stderr


def test_jobs_of_the_local_batch_system(system_venv: CleanEnvironment, folder: Path) -> None:
    words = ["places.py", "Whole", "--batch", "local", "--workers", "3"]
    done = system_venv.run("martlet", "run", *words, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert (folder / "whole").read_text() == "0,1,2,3"


def test_a_job_that_fails_or_dies_says_why(system_venv: CleanEnvironment, folder: Path) -> None:
    words = ["places.py", "Whole", "--first", "12", "--count", "3", "--batch", "local", "--workers", "3"]
    done = system_venv.run("martlet", "run", *words, cwd=folder)
    assert done.returncode == 1
    assert "ValueError: no luck" in done.stderr
    assert "exit status 9" in done.stderr
    for log in re.findall(r"log: (\S+)", done.stderr):
        assert Path(log).is_file() and "/jobs/martlet-" in log
    assert len(re.findall(r"log: \S+", done.stderr)) == 2
    assert (folder / "part-12").exists() and not (folder / "whole").exists()


def test_a_batch_system_that_nobody_knows(system_venv: CleanEnvironment, folder: Path) -> None:
    done = system_venv.run("martlet", "run", "places.py", "Whole", "--batch", "sun", cwd=folder)
    assert done.returncode == 2
    assert "sun" in done.stderr and "local" in done.stderr
    assert not (folder / "submissions").exists()


@pytest.mark.parametrize("ending", ["build", "run", "exit"])
def test_a_script_that_begins_runs_itself_is_only_read_in_a_job(
    system_venv: CleanEnvironment, folder: Path, ending: str
) -> None:
    """The job must not run the whole analysis again."""
    last = {
        "build": "assert martlet.build([Whole(count=2)], batch='local', workers=2)",
        "run": "martlet.run('Whole --count 2 --batch local'.split())",
        "exit": "if __name__ != '__main__':\n    sys.exit(3)\nmartlet.run('Whole --count 2 --batch local'.split())",
    }[ending]
    with (folder / "places.py").open("a") as file:
        file.write(f"\n\n{last}\n")
    done = system_venv.run("martlet", "run", "places.py", cwd=folder, timeout=60)
    assert done.returncode == 0, done.stderr
    assert (folder / "whole").read_text() == "0,1"
    assert sorted((folder / "submissions").read_text().split()) == ["0", "1"]


def test_after_kill_9_the_next_run_adopts_the_jobs(system_venv: CleanEnvironment, folder: Path) -> None:
    (folder / "hold").touch()
    words = ["run", "places.py", "Whole", "--batch", "local", "--workers", "4"]
    driver = subprocess.Popen(
        [system_venv.martlet, *words], cwd=folder, env=bare_environment(), stderr=subprocess.DEVNULL
    )
    submissions = folder / "submissions"
    deadline = time.monotonic() + 30
    while not submissions.exists() or len(submissions.read_text().split()) < 4:
        assert time.monotonic() < deadline and driver.poll() is None
        time.sleep(0.02)
    driver.send_signal(signal.SIGKILL)
    driver.wait()
    again = subprocess.Popen(
        [system_venv.martlet, *words], cwd=folder, env=bare_environment(), stderr=subprocess.PIPE, text=True
    )
    time.sleep(1.5)  # long enough to submit, were it to submit
    (folder / "hold").unlink()
    said = again.communicate(timeout=60)[1]
    assert again.returncode == 0, said
    assert "goes on with jobs that an earlier run submitted" in said
    assert (folder / "whole").read_text() == "0,1,2,3"
    assert sorted(submissions.read_text().split()) == ["0", "1", "2", "3"]
