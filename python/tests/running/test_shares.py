"""What tasks may use of the machine, and the processes that they run in."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import NamedTuple

import pytest

from martlet.diagnostics import MartletError
from martlet.running.result import ExitCode
from running.analysis import Sees, SeesAlone, SeesAsLuigi
from running.runs import go


class Seen(NamedTuple):
    pid: int
    begin: float
    end: float
    gpus: str | None
    threads: str | None

    def overlaps(self, other: Seen) -> bool:
        return self.begin < other.end and other.begin < self.end


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "4,5")


def seen(tasks: list[Sees]) -> list[Seen]:
    return [Seen(*json.loads(task.output().open().read()).values()) for task in tasks]


def with_gpu(tmp_path: Path, count: int, amount: float = 1, first: int = 0) -> list[Sees]:
    return [Sees(str(tmp_path), first + n, {"gpu": amount}) for n in range(count)]


class TestDevices:
    def test_each_sees_its_own_and_nobody_elses(self, tmp_path: Path) -> None:
        tasks = with_gpu(tmp_path, 8)
        others = [Sees(str(tmp_path), 20 + n) for n in range(8)]
        assert go([*tasks, *others], tmp_path, 3)
        using = seen(tasks)
        assert {one.gpus for one in using} <= {"4", "5"}
        for one in using:
            assert not [other for other in using if other is not one and other.gpus == one.gpus and one.overlaps(other)]
        assert {one.gpus for one in seen(others)} == {""}

    def test_a_process_never_sees_two_different_ones(self, tmp_path: Path) -> None:
        tasks = [*with_gpu(tmp_path, 6), *with_gpu(tmp_path, 2, 2, first=10)]
        others = [Sees(str(tmp_path), 20 + n) for n in range(6)]
        assert go([*others, *tasks], tmp_path, 2)
        assert {one.gpus for one in seen(tasks[6:])} == {"4,5"}
        for pid in {one.pid for one in seen(tasks)}:
            assert len({one.gpus for one in seen(tasks) if one.pid == pid}) == 1

    def test_parts_share_one(self, tmp_path: Path) -> None:
        tasks = with_gpu(tmp_path, 4, 0.5)
        assert go([*tasks], tmp_path, 2, resources={"gpu": 1})
        assert {one.gpus for one in seen(tasks)} == {"4"}

    def test_more_than_there_are_is_refused(self, tmp_path: Path) -> None:
        result = go([*with_gpu(tmp_path, 1, 3), Sees(str(tmp_path), 9)], tmp_path, 2)
        assert result.exit_code == ExitCode.BROKEN
        assert result.endings[0].cause == "it needs more of a resource than there is"

    def test_named_ones_come_first(self, tmp_path: Path) -> None:
        tasks = with_gpu(tmp_path, 1)
        assert go([*tasks], tmp_path, 2, gpus="GPU-8932f937,GPU-1111")
        assert seen(tasks)[0].gpus == "GPU-8932f937"

    def test_an_unknown_vendor_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(MartletError, match="abacus"):
            go(with_gpu(tmp_path, 1), tmp_path, 2, gpus="abacus:0")

    def test_one_at_a_time_in_the_driver(self, tmp_path: Path) -> None:
        tasks = [*with_gpu(tmp_path, 2), Sees(str(tmp_path), 9)]
        assert go(tasks, tmp_path, 1)
        assert [one.gpus for one in seen(tasks)] == ["4", "4", "4,5"]
        assert {one.pid for one in seen(tasks)} == {os.getpid()}
        assert os.environ["CUDA_VISIBLE_DEVICES"] == "4,5"

    def test_luigis_tasks_are_left_alone_unless_they_ask(self, tmp_path: Path) -> None:
        tasks: list[Sees] = [SeesAsLuigi(str(tmp_path), 0), SeesAsLuigi(str(tmp_path), 1, {"gpu": 1})]
        assert go(tasks, tmp_path, 2)
        assert [one.gpus for one in seen(tasks)] == ["4,5", "4"]
        assert [one.threads for one in seen(tasks)] == [None, None]

    def test_without_any_it_is_a_name_like_others(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
        tasks = with_gpu(tmp_path, 2)
        assert go(tasks, tmp_path, 2)
        first, second = seen(tasks)
        assert first.gpus == second.gpus == "" and not first.overlaps(second)


class TestCores:
    def test_they_are_counted_and_told(self, tmp_path: Path) -> None:
        wide = [Sees(str(tmp_path), n, {"cores": 2}) for n in range(3)]
        narrow = [Sees(str(tmp_path), 10 + n) for n in range(4)]
        assert go([*wide, *narrow], tmp_path, 4, resources={"cores": 3})
        assert {one.threads for one in seen(wide)} == {"2"} and {one.threads for one in seen(narrow)} == {"1"}
        for one in seen(wide):
            assert sum(one.overlaps(other) for other in seen(wide)) == 1  # itself
            middle = (one.begin + one.end) / 2
            assert sum(other.begin < middle < other.end for other in seen(narrow)) <= 1

    def test_who_asks_for_more_than_there_are_gets_all(self, tmp_path: Path) -> None:
        tasks = [Sees(str(tmp_path), 0, {"cores": 64})]
        assert go(tasks, tmp_path, 2, resources={"cores": 3})
        assert seen(tasks)[0].threads == "3"

    def test_in_the_driver_only_what_is_asked_for(self, tmp_path: Path) -> None:
        tasks = [Sees(str(tmp_path), 0), Sees(str(tmp_path), 1, {"cores": 2}), Sees(str(tmp_path), 2)]
        assert go(tasks, tmp_path, 1, resources={"cores": 4})
        assert [one.threads for one in seen(tasks)] == [None, "2", None]
        assert "OMP_NUM_THREADS" not in os.environ

    def test_a_setting_of_the_users_stands(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OMP_NUM_THREADS", "3")
        tasks = [Sees(str(tmp_path), 0), Sees(str(tmp_path), 1, {"cores": 2})]
        assert go(tasks, tmp_path, 2, resources={"cores": 4})
        assert [one.threads for one in seen(tasks)] == ["3", "2"]


class TestIsolation:
    @pytest.mark.parametrize("workers", [1, 2])
    def test_each_has_a_process_of_its_own(self, tmp_path: Path, workers: int) -> None:
        alone: list[Sees] = [SeesAlone(str(tmp_path), n) for n in range(4)]
        others = [Sees(str(tmp_path), n) for n in range(4)]
        assert go([*alone, *others], tmp_path, workers)
        pids = {one.pid for one in seen(alone)}
        assert len(pids) == 4
        assert not pids & {one.pid for one in seen(others)}
        if workers == 1:
            assert {one.pid for one in seen(others)} == {os.getpid()}
            everyone = sorted([*seen(alone), *seen(others)], key=lambda one: one.begin)
            assert not any(a.overlaps(b) for a, b in zip(everyone, everyone[1:], strict=False))

    def test_for_all(self, tmp_path: Path) -> None:
        tasks = [Sees(str(tmp_path), n) for n in range(4)]
        assert go(tasks, tmp_path, 2, isolation="fork")
        assert len({one.pid for one in seen(tasks)}) == 4

    def test_nonsense_is_that_tasks_fault(self, tmp_path: Path) -> None:
        class Misspelt(Sees):
            isolation = "frok"

        result = go([Misspelt(str(tmp_path), 0)], tmp_path, 2)
        assert result.exit_code == ExitCode.BROKEN and "frok" in result.endings[0].cause

    def test_workers_are_replaced_after_so_many_tasks(self, tmp_path: Path) -> None:
        tasks = [Sees(str(tmp_path), n) for n in range(6)]
        assert go(tasks, tmp_path, 2, tasks_per_worker=2)
        pids = [one.pid for one in seen(tasks)]
        assert max(pids.count(pid) for pid in pids) <= 2
