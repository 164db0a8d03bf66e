"""Requirements that are found out while a task runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet.running.result import ExitCode
from running.analysis import Asks, BoxedAsks, Countdown
from running.runs import go


def begins(tmp_path: Path) -> int:
    return sum(line.startswith("begin") for line in (tmp_path / "ran").read_text().split())


@pytest.mark.parametrize("workers", [1, 2])
class TestAsking:
    @pytest.mark.parametrize(
        ("how", "answer"), [("single", "1"), ("several", "10"), ("nothing", "0"), ("there", "1"), ("deep", "10")]
    )
    def test_goes_on_with_the_outputs_and_begins_once(
        self, tmp_path: Path, workers: int, how: str, answer: str
    ) -> None:
        result = go(Asks(str(tmp_path), how), tmp_path, workers)
        assert result.exit_code == ExitCode.OK, result.endings
        assert (tmp_path / f"asks-{how}").read_text() == answer
        assert begins(tmp_path) == 1

    def test_what_it_asks_for_fails(self, tmp_path: Path, workers: int) -> None:
        result = go(Asks(str(tmp_path), "failing"), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert [ending.state for ending in result.endings] == ["failed", "blocked"]
        assert result.endings[1].root == result.endings[0].index
        if workers == 1:
            assert (tmp_path / "closed").exists()

    def test_what_it_asks_for_is_missing(self, tmp_path: Path, workers: int) -> None:
        result = go(Asks(str(tmp_path), "missing"), tmp_path, workers)
        assert result.exit_code == ExitCode.MISSING
        assert {ending.state for ending in result.endings} == {"missing", "blocked"}

    @pytest.mark.parametrize(("how", "cause"), [("nonsense", "Number"), ("raising", "after the yield")])
    def test_its_own_faults(self, tmp_path: Path, workers: int, how: str, cause: str) -> None:
        result = go(Asks(str(tmp_path), how), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert cause in result.endings[0].cause + result.endings[0].details

    def test_asking_for_itself_is_a_cycle(self, tmp_path: Path, workers: int) -> None:
        result = go(Asks(str(tmp_path), "itself"), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert "needs itself" in result.endings[0].cause

    def test_a_thousand_nested_requests(self, tmp_path: Path, workers: int) -> None:
        assert go(Countdown(str(tmp_path), 1000), tmp_path, workers)
        assert len(list(tmp_path.glob("countdown-*"))) == 1001

    def test_from_a_program_of_its_own_it_starts_anew(self, tmp_path: Path, workers: int) -> None:
        result = go(BoxedAsks(str(tmp_path), "several"), tmp_path, workers)
        assert result.exit_code == ExitCode.OK, result.endings
        assert (tmp_path / "asks-several").read_text() == "10"


def test_it_starts_from_the_top_when_its_worker_is_gone(tmp_path: Path) -> None:
    result = go(Asks(str(tmp_path), "dying"), tmp_path, 2)
    assert result.exit_code == ExitCode.OK, result.endings
    assert (tmp_path / "asks-dying").read_text() == "survived"
