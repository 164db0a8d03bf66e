"""luigi's settings of further tries and of time limits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi import retries
from martlet.parameters.configured import Rank, Source, set_source
from martlet.running.result import ExitCode
from running.runs import go, reports

Configure = Callable[..., None]


@pytest.fixture
def configure() -> Iterator[Configure]:
    """`configure(worker__keep_alive="true")` sets `keep_alive` in the section [worker]."""

    def set_values(**values: Any) -> None:
        known = {tuple(name.split("__")): value for name, value in values.items()}
        set_source(Rank.COMMAND_LINE, Source(lambda section, name: known.get((section, name))))

    yield set_values
    set_source(Rank.COMMAND_LINE, None)


class Fails(luigi.Task):
    """Fails until it was tried so many times."""

    folder = luigi.Parameter()
    failures = luigi.IntParameter()

    def output(self) -> Any:
        return luigi.LocalTarget(f"{self.folder}/made")

    def run(self) -> None:
        tried = Path(self.folder) / "tried"
        count = len(tried.read_text()) if tried.exists() else 0
        tried.write_text("x" * (count + 1))
        if count < self.failures:
            raise ValueError(f"failure {count + 1}")
        self.output().open("w").close()


class FailsTwiceAtMost(Fails):
    retry_count = 2


@pytest.fixture(autouse=True)
def registered(fresh_registry: None) -> None: ...


def states(tmp_path: Path) -> list[str]:
    return [report["state"] for report in reports(tmp_path)]


def test_a_failure_is_final_by_default(tmp_path: Path) -> None:
    assert go(Fails(str(tmp_path), 1), tmp_path).exit_code == ExitCode.FAILED
    assert states(tmp_path) == ["failed"]


def test_another_try_comes_if_there_is_no_delay(tmp_path: Path, configure: Configure) -> None:
    configure(scheduler__retry_delay="0", scheduler__retry_count="3")
    assert go(Fails(str(tmp_path), 2), tmp_path)
    assert states(tmp_path) == ["failed", "failed", "done"]


def test_a_worker_that_is_kept_alive_tries_again(tmp_path: Path, configure: Configure) -> None:
    configure(worker__keep_alive="true", scheduler__retry_delay="0.01")
    assert go(Fails(str(tmp_path), 3), tmp_path)
    assert states(tmp_path) == ["failed", "failed", "failed", "done"]


def test_it_gives_up_after_so_many_failures(tmp_path: Path, configure: Configure) -> None:
    configure(worker__keep_alive=True, scheduler__retry_delay=0.01, scheduler__retry_count=3)
    assert go(Fails(str(tmp_path), 9), tmp_path).exit_code == ExitCode.FAILED
    assert states(tmp_path) == ["failed"] * 3


def test_a_task_may_have_a_count_of_its_own(tmp_path: Path, configure: Configure) -> None:
    configure(worker__keep_alive="true", scheduler__retry_delay="0", scheduler__retry_count="5")
    assert go(FailsTwiceAtMost(str(tmp_path), 9), tmp_path).exit_code == ExitCode.FAILED
    assert states(tmp_path) == ["failed"] * 2


def test_a_policy_of_martlets_counts_before_all(tmp_path: Path, configure: Configure) -> None:
    class Once(Fails):
        retry = martlet.Retry(error=1)

    configure(worker__keep_alive="true", scheduler__retry_delay="0")
    assert go(Once(str(tmp_path), 9), tmp_path).exit_code == ExitCode.FAILED
    assert states(tmp_path) == ["failed"] * 2


def test_luigis_defaults(configure: Configure) -> None:
    policy = retries.policy(None)
    assert (policy.error, policy.delay, policy.back_off, policy.holds_run) == (999_999_998, 900, 1, False)
    configure(core__nothing="", **{"core__worker-keep-alive": "true"})
    assert retries.policy(None).holds_run


def test_what_worker_and_scheduler_were_made_with_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MARTLET_STATE", str(tmp_path / "state"))
    scheduler = luigi.scheduler.Scheduler(retry_delay=0.01, retry_count=3)
    worker = luigi.worker.Worker(scheduler=scheduler, keep_alive=True)
    worker.add(Fails(str(tmp_path), 2))
    assert not worker.run()  # something has failed, says luigi
    assert (tmp_path / "made").exists()


def test_what_cannot_be_read_breaks_the_plan(tmp_path: Path, configure: Configure) -> None:
    configure(worker__keep_alive="perhaps")
    result = go(Fails(str(tmp_path), 0), tmp_path)
    assert result.exit_code == ExitCode.BROKEN
    assert "cannot interpret 'perhaps' as boolean" in result.endings[0].cause
