"""Ctrl-C once and twice, SIGTERM, SIGHUP, and kill -9: what is begun ends or is gone, nothing half written counts."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from clean_environments import CleanEnvironment, bare_environment

pytestmark = pytest.mark.e2e

SCRIPT = '''
import os, subprocess, time
import martlet

class Slow(martlet.Task):
    """Writes half, waits for the file `go`, writes the rest."""

    n = martlet.IntParameter()
    stubborn = martlet.BoolParameter(default=False)

    def output(self):
        return martlet.LocalTarget(f"slow-{self.n}")

    def run(self):
        child = subprocess.Popen(["sleep", "60"], stderr=subprocess.DEVNULL)
        with open(f"pids-{self.n}", "w") as pids:
            pids.write(f"{os.getpid()} {child.pid}")
        with self.output().open("w") as file:
            file.write("half, ")
            file.flush()
            open(f"begun-{self.n}", "w").close()
            while not os.path.exists("go"):
                try:
                    time.sleep(0.02)
                except KeyboardInterrupt:
                    if not self.stubborn:
                        raise
            file.write("whole")
        child.kill()
        child.wait()


class First(martlet.Task):
    """Comes before a slow one in the same process."""

    n = martlet.IntParameter()

    def output(self):
        return martlet.LocalTarget(f"first-{self.n}")

    def run(self):
        with self.output().open("w") as file:
            file.write("x")


class Second(Slow):
    def requires(self):
        return [First(n=n) for n in range(4)]


class Pool(martlet.Task):
    """Its children end when they are told to."""

    n = martlet.IntParameter()

    def output(self):
        return martlet.LocalTarget(f"pool-{self.n}")

    def run(self):
        import multiprocessing
        import signal

        children = multiprocessing.get_context("fork")
        with children.Pool(2) as pool:
            assert pool.map(abs, [-1, -2]) == [1, 2]
        program = subprocess.Popen(["sleep", "60"])
        program.terminate()
        assert program.wait(5) == -signal.SIGTERM
        with self.output().open("w") as file:
            file.write("x")


class Pools(martlet.WrapperTask):
    def requires(self):
        return [Pool(n=n) for n in range(6)]


class All(martlet.WrapperTask):
    stubborn = martlet.BoolParameter(default=False)

    def requires(self):
        return [Slow(n=n, stubborn=self.stubborn) for n in range(4)]


class Command(martlet.CommandTask):
    n = martlet.IntParameter()

    def output(self):
        return martlet.LocalTarget(f"slow-{self.n}")

    def command(self):
        return (
            "sleep 60 & echo $$ $! > pids-{n}; printf 'half, ' > {output}; touch begun-{n}; "
            "until test -e go; do sleep 0.05; done; printf whole >> {output}"
        )


class Commands(martlet.WrapperTask):
    def requires(self):
        return [Command(n=n) for n in range(4)]
'''


class Analysis:
    """A run of the script that is under way."""

    def __init__(
        self, venv: CleanEnvironment, folder: Path, *words: str, begun: int, task: tuple[str, ...] = ("All",)
    ) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [venv.martlet, "run", "slow.py", *task, *words],
            cwd=folder,
            env=bare_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=(folder / "stderr").open("w"),
            start_new_session=True,
        )
        self.wait_until(lambda: len(list(folder.glob("begun-*"))) >= begun)

    def wait_until(self, reached: object, seconds: float = 30) -> None:
        assert callable(reached)
        deadline = time.monotonic() + seconds
        while not reached():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, "it takes too long"
            time.sleep(0.02)

    def ask_to_stop(self, number: int = signal.SIGINT) -> None:
        """Sends the first signal, and waits until it was heard: two that are pending are one to the kernel."""
        self.signal(number)
        self.wait_until(lambda: "press Ctrl-C again" in self.said())

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def said(self) -> str:
        return (self.folder / "stderr").read_text()

    def end(self, seconds: float = 30) -> tuple[int, str]:
        code = self.process.wait(timeout=seconds)
        return code, self.said()

    def alive(self) -> list[int]:
        """Processes of tasks that still run."""
        pids = [int(pid) for file in self.folder.glob("pids-*") for pid in file.read_text().split()]
        return [pid for pid in pids if _runs(pid)]

    def outputs(self) -> list[str]:
        return sorted(path.name for path in self.folder.glob("slow-*"))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "slow.py").write_text(SCRIPT)
    yield tmp_path
    for file in tmp_path.glob("pids-*"):
        for pid in file.read_text().split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_once_lets_what_runs_finish_and_starts_nothing_new(
    system_venv: CleanEnvironment, folder: Path, number: int
) -> None:
    run = Analysis(system_venv, folder, "--workers", "2", begun=2)
    run.ask_to_stop(number)
    assert run.process.poll() is None
    (folder / "go").touch()
    code, said = run.end()
    assert code == 130
    assert len(run.outputs()) == 2
    assert "press Ctrl-C again" in said
    assert all((folder / name).read_text() == "half, whole" for name in run.outputs())


def test_twice_interrupts_what_runs(system_venv: CleanEnvironment, folder: Path) -> None:
    run = Analysis(system_venv, folder, "--workers", "2", begun=2)
    run.ask_to_stop()
    run.signal(signal.SIGINT)
    code, said = run.end()
    assert code == 130
    assert run.outputs() == []
    assert "KeyboardInterrupt" in said
    assert run.alive() == []
    assert len(_reports(folder)) == 2


def test_who_ignores_it_is_killed_after_five_seconds(system_venv: CleanEnvironment, folder: Path) -> None:
    run = Analysis(system_venv, folder, "--workers", "2", "--stubborn", begun=2)
    run.ask_to_stop()
    run.signal(signal.SIGINT)
    code, said = run.end()
    assert code == 130
    assert "SIGKILL" in said
    assert run.alive() == [] and run.outputs() == []


def test_a_task_in_the_driver_is_told_of_and_can_be_interrupted(system_venv: CleanEnvironment, folder: Path) -> None:
    run = Analysis(system_venv, folder, begun=1)
    run.ask_to_stop()
    assert run.process.poll() is None
    run.signal(signal.SIGINT)
    code, said = run.end()
    assert code == 130
    assert "Slow(n=3, stubborn=false) goes on" in said.replace("False", "false")
    assert run.outputs() == [] and len(_reports(folder)) == 1


@pytest.mark.parametrize("workers", ["1", "2"])
def test_signals_reach_the_second_task_of_a_process_too(
    system_venv: CleanEnvironment, folder: Path, workers: str
) -> None:
    run = Analysis(system_venv, folder, "--workers", workers, begun=1, task=("Second", "--n", "7"))
    run.ask_to_stop(signal.SIGTERM)
    assert run.process.poll() is None
    run.signal(signal.SIGINT)
    code, said = run.end()
    assert code == 130
    assert "KeyboardInterrupt" in said
    assert len(_reports(folder)) == 5


def test_one_stubborn_task_ends_with_130_as_well(system_venv: CleanEnvironment, folder: Path) -> None:
    run = Analysis(
        system_venv, folder, "--workers", "2", "--stubborn", begun=1, task=("Slow", "--n", "1")
    )
    run.ask_to_stop()
    run.signal(signal.SIGINT)
    code, said = run.end()
    assert code == 130 and "SIGKILL" in said


@pytest.mark.parametrize("workers", ["1", "2"])
def test_children_of_tasks_end_when_told_to(system_venv: CleanEnvironment, folder: Path, workers: str) -> None:
    done = system_venv.run("martlet", "run", "slow.py", "Pools", "--workers", workers, cwd=folder, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "stopping" not in done.stderr


def test_a_lost_zygote_is_replaced(system_venv: CleanEnvironment, folder: Path) -> None:
    run = Analysis(system_venv, folder, "--workers", "2", begun=2)
    worker = int(next(folder.glob("pids-*")).read_text().split()[0])
    zygote = int(Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[1])
    assert zygote != run.process.pid
    workers = [int(file.read_text().split()[0]) for file in folder.glob("pids-*")]
    os.kill(zygote, signal.SIGKILL)
    run.wait_until(lambda: not any(_runs(pid) for pid in workers))
    (folder / "go").touch()
    code, said = run.end()
    # what the lost workers ran is tried once more
    assert code == 0, said
    assert len(run.outputs()) == 4
    assert "the process that starts workers was lost" in said


def test_nohup_stays_in_force(system_venv: CleanEnvironment, folder: Path) -> None:
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        run = Analysis(system_venv, folder, "--workers", "2", begun=2)
    finally:
        signal.signal(signal.SIGHUP, old)
    run.signal(signal.SIGHUP)
    (folder / "go").touch()
    assert run.end()[0] == 0
    assert len(run.outputs()) == 4


@pytest.mark.parametrize("workers", ["1", "2"])
def test_after_kill_9_nothing_lives_on_and_the_next_run_finishes(
    system_venv: CleanEnvironment, folder: Path, workers: str
) -> None:
    run = Analysis(system_venv, folder, "--workers", workers, begun=int(workers))
    run.signal(signal.SIGKILL)
    run.process.wait()
    if workers != "1":
        deadline = time.monotonic() + 5
        while run.alive() and time.monotonic() < deadline:
            time.sleep(0.02)
        assert run.alive() == []
    assert run.outputs() == []
    (folder / "go").touch()
    done = system_venv.run("martlet", "run", "slow.py", "All", "--workers", workers, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert len(run.outputs()) == 4
    assert all((folder / name).read_text() == "half, whole" for name in run.outputs())


@pytest.mark.parametrize("workers", ["1", "2"])
def test_after_kill_9_no_command_lives_on(system_venv: CleanEnvironment, folder: Path, workers: str) -> None:
    run = Analysis(system_venv, folder, "--workers", workers, begun=int(workers), task=("Commands",))
    assert len(run.alive()) == 2 * int(workers)
    run.signal(signal.SIGKILL)
    run.process.wait()
    deadline = time.monotonic() + 30
    while run.alive() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert run.alive() == [] and run.outputs() == []
    (folder / "go").touch()
    done = system_venv.run("martlet", "run", "slow.py", "Commands", "--workers", workers, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert all((folder / name).read_text() == "half, whole" for name in run.outputs()) and len(run.outputs()) == 4
    assert run.alive() == [], "what commands leave running goes with them"


@pytest.mark.parametrize("tries", [1, 2])
def test_a_killed_worker_is_its_tasks_failure(system_venv: CleanEnvironment, folder: Path, tries: int) -> None:
    """It is tried once more; killed a second time, it has failed."""
    run = Analysis(system_venv, folder, "--workers", "2", begun=2)
    victim = folder / "pids-2"
    for _ in range(tries):
        pid = int(victim.read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        if tries == 2:
            run.wait_until(lambda pid=pid: _first(victim) not in (None, pid) or len(_reports(folder)) == 2)
    (folder / "go").touch()
    code, said = run.end()
    assert code == (0 if tries == 1 else 1), said
    assert len(run.outputs()) == 5 - tries
    assert ("SIGKILL" in said) == (tries == 2)
    assert run.alive() == []


def _first(file: Path) -> int | None:
    words = file.read_text().split()
    return int(words[0]) if words else None


def _reports(folder: Path) -> list[str]:
    return [
        line
        for segment in (folder / ".martlet" / "reports").glob("*.jsonl")
        for line in segment.read_text().splitlines()
        if '"task"' in line
    ]
