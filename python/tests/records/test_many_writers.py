"""Several drivers that record in one area at once, some of them killed, while others read, index and merge it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest

from martlet import records
from running.waiting import until

LINKS = Path(__file__).with_name("links.py")
LENGTH = 30
"""Links of a chain."""
KILLED_AT = {
    3: "driver.before-report:9=kill",
    4: "driver.after-release:7=kill",
    5: "reports.append:12=torn-60",
    6: "reports.append:1=torn-1000",
}
"""Fail points at which drivers die: the last two in the middle of a line, the first of them after some."""
KILLED_FROM_OUTSIDE = (7, 8)


class Area:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"

    def driver(self, number: int, fault: str = "") -> subprocess.Popen[bytes]:
        words = ["Link", "--driver", str(number), "--n", str(LENGTH), "--state", str(self.state), "--quiet"]
        faults: Mapping[str, str] = {"MARTLET_FAIL": fault} if fault else {}
        return subprocess.Popen(
            [sys.executable, str(LINKS), *words],
            env={**os.environ, "LINKS": str(self.folder), **faults},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )

    def acknowledged(self) -> list[tuple[int, int, int]]:
        """Driver, link and process, in the order in which they were told; link 0 is the begin of a chain."""
        told = self.folder / "acknowledged"
        lines = told.read_text().splitlines() if told.exists() else []
        return [(int(driver), int(n), int(pid)) for driver, n, pid in map(str.split, lines)]

    def reported(self) -> Counter[tuple[int, int]]:
        """How many executions of which link are recorded."""
        executions = records.executions(all=True, state=self.state)
        assert len({one.name for one in executions}) == len(executions)
        return Counter(self._link(one.title) for one in executions)

    @staticmethod
    def _link(title: str) -> tuple[int, int]:
        driver, n = (part.partition("=")[2].rstrip(")") for part in title.split(", ")[:2])
        return int(driver), int(n)


@pytest.fixture
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Area:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return Area(tmp_path)


def test_nothing_that_was_acknowledged_is_lost(area: Area) -> None:
    drivers = {number: area.driver(number, KILLED_AT.get(number, "")) for number in range(10)}
    waiting = set(KILLED_FROM_OUTSIDE)
    merged = 0
    while any(driver.poll() is None for driver in drivers.values()):
        for number in list(waiting):
            if any(driver == number and n >= 10 for driver, n, _ in area.acknowledged()):
                drivers[number].send_signal(signal.SIGKILL)
                waiting.remove(number)
        # what the dead have left is merged beside the living, and read all the time
        merged += len(records.compact(older_than=0, state=area.state).merged)
        if area.state.joinpath("reports").exists():
            seen = area.acknowledged()
            reported = area.reported()
            assert [link for *link, _ in seen if link[1] > 0 and tuple(link) not in reported] == []
    errors = {number: driver.communicate()[1].decode() for number, driver in drivers.items()}
    dead = {n for n, driver in drivers.items() if driver.returncode == -signal.SIGKILL}
    # one that is to be killed from outside may have been faster
    assert set(KILLED_AT) <= dead <= {*KILLED_AT, *KILLED_FROM_OUTSIDE}, errors
    assert [errors[n] for n, driver in drivers.items() if n not in dead and driver.returncode != 0] == []

    reported = area.reported()
    assert {link for *link_, _ in area.acknowledged() if (link := tuple(link_))[1] > 0} <= set(reported)
    assert set(reported.values()) == {1}
    assert {n for driver, n in reported if driver == 0} == set(range(1, LENGTH + 1))

    # those that were killed are finished by the next run
    for number in dead:
        again = area.driver(number)
        assert again.wait() == 0, again.communicate()[1]
    merged += len(records.compact(older_than=0, state=area.state).merged)
    assert merged >= 10
    # of each that was killed, the output of one link may be there whose report is not: it was not acknowledged
    silent = {(driver, n) for driver in range(10) for n in range(1, LENGTH + 1)} - set(area.reported())
    assert len({driver for driver, _ in silent} & dead) == len(silent)
    assert set(area.reported().values()) == {1}


def test_readers_at_once_share_an_index(area: Area) -> None:
    drivers = [area.driver(number) for number in range(3)]
    assert [driver.wait() for driver in drivers] == [0, 0, 0]
    code = "import sys; from martlet import records; print(len(records.executions(all=True, state=sys.argv[1])))"
    readers = [
        subprocess.Popen([sys.executable, "-c", code, str(area.state)], stdout=subprocess.PIPE, text=True)
        for _ in range(6)
    ]
    assert [reader.communicate()[0] for reader in readers] == [f"{3 * LENGTH}\n"] * 6


@pytest.mark.parametrize("point", ["file.rename", "file.renamed"])
def test_who_is_killed_while_merging_loses_nothing(area: Area, point: str) -> None:
    """Before the merged file has its name, and before the old ones are removed."""
    for number in range(2):
        assert area.driver(number).wait() == 0
    before = records.executions(all=True, state=area.state)
    code = "import sys; from martlet import records; records.compact(older_than=0, state=sys.argv[1])"
    killed = subprocess.run(
        [sys.executable, "-c", code, str(area.state)], env={**os.environ, "MARTLET_FAIL": f"{point}=kill"}
    )
    assert killed.returncode == -signal.SIGKILL
    assert records.executions(all=True, state=area.state) == before
    records.compact(older_than=0, state=area.state)
    assert len(list((area.state / "reports").glob("*.jsonl"))) == 1
    assert records.executions(all=True, state=area.state) == before


def test_an_area_that_cannot_be_written_is_read(area: Area, monkeypatch: pytest.MonkeyPatch) -> None:
    assert area.driver(0).wait() == 0
    monkeypatch.setenv("XDG_CACHE_HOME", "/proc/nowhere")
    reports = area.state / "reports"
    reports.chmod(0o555)
    try:
        assert len(area.reported()) == LENGTH
    finally:
        reports.chmod(0o755)


def test_an_index_that_cannot_grow_is_done_without(area: Area) -> None:
    """As on a full disk: files may have 20 kB at the most, and the index needs more."""
    drivers = [area.driver(number) for number in range(12)]
    assert [driver.wait() for driver in drivers] == [0] * 12
    code = (
        "import resource, sys; from martlet import records;"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000));"
        "print(len(records.executions(all=True, state=sys.argv[1])))"
    )
    read = subprocess.run([sys.executable, "-c", code, str(area.state)], capture_output=True, text=True)
    assert read.stdout == f"{12 * LENGTH}\n", read.stderr
    # and the next one, which may, has an index
    assert area.reported().total() == 12 * LENGTH
    assert list((area.folder / "cache").glob("**/*.sqlite"))


def test_a_waiting_run_is_told_of(area: Area) -> None:
    """The file of a living process is left alone, however old it is."""
    driver = area.driver(0, "driver.after-release:5=delay-60000")
    until(lambda: any(n >= 3 for _, n, _ in area.acknowledged()))
    files = list((area.state / "reports").glob("*.jsonl"))
    for file in files:
        os.utime(file, (1, 1))
    assert set(records.compact(state=area.state).left_alone) == {file.name for file in files}
    driver.kill()
    driver.wait()
