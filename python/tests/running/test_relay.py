"""What tasks print in the driver is seen as it is printed, and kept; a terminal stays one, and moves."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
from martlet.running.relay import Relay

PATH = f"{Path(martlet.__file__).parents[1]}:{Path(__file__).parents[1]}"
ENVIRONMENT = {**os.environ, "PYTHONPATH": PATH, "TERM": "xterm", "PYTHONBREAKPOINT": "pdb.set_trace"}
PATIENCE = 60
"""Seconds after which something that must happen is given up."""


def command(folder: Path, what: str) -> list[str]:
    return [sys.executable, "-m", "running.relayed", str(folder), what]


def apart(folder: Path, what: str) -> subprocess.CompletedProcess[str]:
    """Runs with a pipe for each stream."""
    return subprocess.run(
        command(folder, what), env=ENVIRONMENT, capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def kept(folder: Path) -> dict[str, str]:
    """By family: the part of the log that the report of its last task names."""
    found = {}
    for segment in (folder / "state" / "reports").glob("*.jsonl"):
        for line in map(json.loads, segment.read_text().splitlines()):
            if "task" in line:
                name, offset, length = line.get("log") or ("", 0, 0)
                text = (folder / "state" / name).read_bytes()[offset : offset + length].decode() if length else ""
                found[line["family"]] = text
    return found


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until(condition: object, what: str) -> None:
    assert callable(condition)
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.02)


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, arguments: list[str]) -> None:
        self.pid, self._screen = pty.fork()
        if self.pid == 0:
            os.execvpe(arguments[0], arguments, ENVIRONMENT)
        fcntl.ioctl(self._screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 90, 0, 0))
        self.shown = ""
        self.status: int | None = None

    def see(self, pattern: str) -> str:
        """Waits until that is shown. Returns it, and forgets what was before it."""
        end = time.monotonic() + PATIENCE
        while not (found := re.search(pattern, self.shown)):
            assert time.monotonic() < end, f"{pattern!r} is not shown: {self.shown!r}"
            if not self._read():
                raise AssertionError(f"{pattern!r} was not shown: {self.shown!r}")
        self.shown = self.shown[found.end() :]
        return found.group()

    def type(self, text: str) -> None:
        os.write(self._screen, text.encode())

    def end(self) -> int:
        """Waits until it has ended. Returns its exit code."""
        while self._read():
            pass
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status

    def close(self) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        os.close(self._screen)

    def _read(self) -> bool:
        if not select.select([self._screen], [], [], PATIENCE)[0]:
            return False
        try:
            more = os.read(self._screen, 4096)
        except OSError:  # nobody has it open any more
            return False
        self.shown += more.decode(errors="replace")
        return bool(more)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        terminal.close()


class TestOnATerminal:
    def start(self, folder: Path, what: str, terminals: list[Terminal]) -> Terminal:
        terminals.append(Terminal(command(folder, what)))
        return terminals[-1]

    def test_the_time_moves_while_a_task_runs(self, tmp_path: Path, terminals: list[Terminal]) -> None:
        terminal = self.start(tmp_path, "long", terminals)
        terminal.see(r"it begins\r\n")
        terminal.see(r"martlet: 1 s Long\(")
        terminal.see(r"martlet: 2 s Long\(")
        (tmp_path / "go").touch()
        terminal.see(r"\r\x1b\[Kit ends\r\n")
        assert terminal.end() == 0
        assert kept(tmp_path) == {"Long": "it begins\nit ends\n"}

    def test_transfers_are_shown_in_front_of_the_task(self, tmp_path: Path, terminals: list[Terminal]) -> None:
        terminal = self.start(tmp_path, "fetches", terminals)
        terminal.see(r"martlet: \d+ s fetching 25 of 100 files, 5\.0 MB of 20\.0 MB, [0-9.]+ .B/s · Fetches\(")
        (tmp_path / "fetched").touch()
        terminal.see(r"martlet: \d+ s Fetches\(")
        (tmp_path / "go").touch()
        assert terminal.end() == 0
        assert kept(tmp_path) == {"Fetches": ""}

    def test_a_debugger_and_questions_work(self, tmp_path: Path, terminals: list[Terminal]) -> None:
        terminal = self.start(tmp_path, "converses", terminals)
        terminal.see(r"\(Pdb\) ")
        terminal.type("p secret + 100\n")
        terminal.see(r"142\r\n")
        terminal.see(r"\(Pdb\) ")
        terminal.type("continue\n")
        terminal.see(r"your answer\? ")
        terminal.type("maybe\n")
        terminal.see("<maybe> of 42, True True 90x24\r\n")
        assert terminal.end() == 0
        assert "142\n" in kept(tmp_path)["Converses"] and "<maybe> of 42" in kept(tmp_path)["Converses"]

    def test_it_is_interrupted_as_ever(self, tmp_path: Path, terminals: list[Terminal]) -> None:
        terminal = self.start(tmp_path, "long", terminals)
        wait_until((tmp_path / "begun").exists, "the task begins")
        terminal.type("\x03")
        terminal.see("press Ctrl-C again")
        terminal.type("\x03")
        terminal.see("interrupting what runs")
        assert terminal.end() == 130
        assert kept(tmp_path)["Long"].startswith("it begins\n")
        assert all(is_gone(int(pid)) for pid in (tmp_path / "begun").read_text().split())


class TestElsewhere:
    def test_both_streams_go_where_they_went(self, tmp_path: Path) -> None:
        done = apart(tmp_path, "talks")
        assert done.returncode == 0
        said = [line for n in range(4) for line in (f"out {n}", f"program {n}")]
        assert sorted(done.stdout.splitlines()) == sorted(["not a task's", *said])
        assert [line for line in done.stderr.splitlines() if line.startswith("err")] == [f"err {n}" for n in range(4)]
        # of the last of them, without what was printed before it began
        assert "martlet: [4/4] Talks(" in done.stderr
        assert sorted(kept(tmp_path)["Talks"].splitlines()) == ["err 3", "logged 3", "out 3", "program 3"]

    def test_one_pipe_keeps_the_order(self, tmp_path: Path) -> None:
        done = subprocess.run(
            command(tmp_path, "talks"), env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0
        assert kept(tmp_path)["Talks"].startswith("out 3\nerr 3\n") and kept(tmp_path)["Talks"] in done.stdout

    def test_it_is_gone_with_a_driver_that_is_killed(self, tmp_path: Path) -> None:
        driver = subprocess.Popen(command(tmp_path, "long"), env=ENVIRONMENT, stdout=subprocess.PIPE)
        wait_until(lambda: (tmp_path / "begun").exists() and (tmp_path / "begun").read_text(), "the task begins")
        relay = int((tmp_path / "begun").read_text())
        assert not is_gone(relay)
        driver.kill()
        assert driver.communicate(timeout=PATIENCE)[0] == b"it begins\n", "what was printed has been passed on"
        wait_until(lambda: is_gone(relay), "the relay ends")

    @pytest.mark.parametrize("case", ["loses it", "tells that it loses it"])
    def test_a_run_goes_on_without_it(self, tmp_path: Path, case: str) -> None:
        done = apart(tmp_path, case)
        assert done.returncode == 0
        assert "the process that keeps what tasks print was lost" in done.stderr
        assert done.stdout == "afterwards\n"

    def test_a_task_that_prints_on_without_it_is_tried_again(self, tmp_path: Path) -> None:
        done = apart(tmp_path, "prints on")
        assert done.returncode == 0, done.stderr
        # what was printed into nothing was lost with the first try
        assert done.stdout == "printed on\nafterwards\n"
        assert "the process that keeps what tasks print was lost" in done.stderr

    def test_it_needs_nothing_that_is_looked_up_late(self, tmp_path: Path) -> None:
        # a script may ask the loader to look symbols up when they are needed: the other process has not what that takes
        late = "import os, sys; sys.setdlopenflags(os.RTLD_LAZY); from running.relayed import main; main(*sys.argv[1:])"
        done = subprocess.run(
            [sys.executable, "-c", late, str(tmp_path), "talks"], env=ENVIRONMENT, capture_output=True, text=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert "out 3" in kept(tmp_path)["Talks"]

    def test_a_program_that_is_left_behind_prints_on(self, tmp_path: Path) -> None:
        done = apart(tmp_path, "leaves")
        assert (done.returncode, done.stdout) == (0, "the run is over\nlate\n")

    def test_who_prints_nothing_leaves_no_log(self, tmp_path: Path) -> None:
        done = subprocess.run(
            command(tmp_path, "leaves"), env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
        assert done.returncode == 0
        assert kept(tmp_path) == {"Leaves": ""}


@pytest.fixture
def relay(tmp_path: Path) -> Iterator[Relay]:
    """One that is not led to."""
    made = Relay(str(tmp_path / "log"), lambda task: f"at work on {task}")
    yield made
    made.end()


class TestTheOtherProcess:
    def test_is_told_when_a_task_begins_and_ends(self, relay: Relay) -> None:
        assert relay.starts("one") and since(relay) > 0
        relay.ends("one", 0.1)
        assert since(relay) == 0

    def test_is_awaited_while_it_has_something_in_its_hands(
        self, relay: Relay, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[bytes] = []
        monkeypatch.setattr(relay, "_ask", lambda request: asked.append(request) or request)
        relay.length()
        assert asked == []
        relay._page[0] = 1
        relay.length()
        relay._page[0] = 0
        assert asked == [b"s"]

    def test_is_gone_in_the_end(self, relay: Relay) -> None:
        relay.end()
        with pytest.raises(ChildProcessError):
            os.waitpid(relay._pid, os.WNOHANG | 0x40000000)


def since(relay: Relay) -> int:
    """Since when the status counts, as the other process reads it."""
    return int.from_bytes(relay._page[16:24], "little")


def test_what_could_not_be_kept_is_told_of(tmp_path: Path) -> None:
    script = (
        "from martlet.running.relay import Relay\n"
        "relay = Relay('/dev/full', lambda task: '')\n"
        "relay.begin()\nprint('gone')\nrelay.end()\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "gone\n"
    assert "not all kept: /dev/full" in done.stderr
