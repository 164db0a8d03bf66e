"""Faults by name, each over a small graph: what the random suite plays, and what it has found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from faults.iteration import Verdict
from faults.scenario import Damage, Fault, Scenario, choose, piloted

pytestmark = pytest.mark.e2e

VerdictOf = Callable[[Scenario], Verdict]
_LOCAL = next(seed for seed in range(1, 1000) if not choose(seed).batch)
_BATCH = next(seed for seed in range(1, 1000) if choose(seed).batch)


def _local(fault: Fault, workers: int = 2, damage: Damage | None = None) -> Scenario:
    return replace(choose(_LOCAL), workers=workers, faults=[fault], damage=damage, power=False)


def _batch(fault: Fault, damage: Damage | None = None, power: bool = False) -> Scenario:
    return replace(choose(_BATCH), faults=[fault], damage=damage, power=power)


def _cases(scenarios: dict[str, Scenario]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("scenario", scenarios.values(), ids=scenarios.keys())


def _holds(verdict: Verdict) -> None:
    if verdict.skipped:
        pytest.skip(verdict.skipped)
    assert verdict.wrong == []
    assert verdict.hit, "the fault did not come about"


DRIVER = (
    "plan.chunk:1", "plan.end:1", "records.create:1", "reports.append:3", "driver.before-report:4",
    "driver.before-release:4", "driver.after-release:4", "reports.sync:1", "lease.claim:1", "command.rename:1",
)  # fmt: skip


@_cases({f"{n}-{point}": _local(Fault("point", f"{point}=kill"), n) for point in DRIVER for n in (1, 2)})
def test_a_driver_killed_anywhere_is_followed_by_one_that_finishes(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


@_cases({f"{kept}": _local(Fault("point", f"reports.append:5=torn-{kept}")) for kept in (0, 1, 60, 200)})
def test_a_report_torn_by_a_kill_loses_itself_alone(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


WRITING = ("target.open:3=kill", "target.write:3=torn-7", "target.rename:3=kill", "target.renamed:3=kill")


@_cases({f"{n}-{point}": _local(Fault("point", point), n) for point in WRITING for n in (1, 2)})
def test_a_process_killed_while_it_writes_leaves_nothing_partial(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


LOST = ("worker.log:1", "worker.run:2", "worker.outcome:2", "worker.outcome:4+", "zygote.fork:1", "zygote.spawn:2")


@_cases({point: _local(Fault("point", f"{point}=kill")) for point in LOST})
def test_a_worker_or_its_parent_killed_anywhere(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


@_cases({whom: _local(Fault("kill", whom, begun=5, jitter=0.004)) for whom in ("driver", "worker", "zygote")})
def test_a_kill_at_any_instant(scenario: Scenario, verdict_of: VerdictOf) -> None:
    # a worker whose task is tried once more leaves no other trace
    assert verdict_of(scenario).wrong == []


REFUSED = (
    "reports.append:3=enospc", "reports.append:3+=edquot", "reports.append:2=short-5", "reports.sync:1=eio",
    "target.open:4=enospc", "target.write:4+=edquot", "target.rename:4=eio", "worker.log:1+=enospc",
    "worker.log:1=erofs", "records.create:1=erofs", "zygote.spawn:1=eagain", "zygote.spawn:1+=eagain",
)  # fmt: skip


@_cases({refusal: _local(Fault("point", refusal)) for refusal in REFUSED})
def test_what_the_system_refuses(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


PLACES = [Fault(kind, place, room=8) for kind in ("full", "read-only") for place in ("state", "logs", "target")]


@_cases({f"{fault.kind}-{fault.detail}": _local(fault) for fault in PLACES})
def test_a_file_system_that_takes_no_more(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


@_cases({f"{n} workers": _local(Fault("two", jitter=0.05), n) for n in (1, 2)})
def test_two_drivers_at_once_run_each_task_once(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


DAMAGES = ("cut", "flip", "delete", "newer", "older")
KILLED = Fault("point", "driver.before-report:9=kill")
KILLED_COLLECTING = Fault("point", "jobs.collect:1=kill")


@_cases(
    {f"reports-{how}": _local(KILLED, damage=Damage(how, "reports", 0.7)) for how in DAMAGES}
    | {f"ledger-{how}": _batch(KILLED_COLLECTING, damage=Damage(how, "ledger", 0.7)) for how in DAMAGES}
)
def test_damaged_records(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


JOBS = ("jobs.intend", "ledger.sync", "jobs.submit", "file.rename", "file.renamed", "jobs.record", "jobs.poll",
        "jobs.collect", "jobs.close")  # fmt: skip


@_cases({point: _batch(Fault("point", f"{point}:1=kill")) for point in JOBS})
def test_jobs_submitted_are_jobs_wanted(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


PILOTED = ("job.claim:1", "job.claim:2", "job.claimed:1", "job.claimed:2", "job.claimed:3", "job.result:2",
           "jobs.intend:1", "jobs.submit:1", "jobs.record:1", "jobs.poll:1", "jobs.collect:1", "jobs.collect:2",
           "jobs.close:1", "jobs.extend:1")  # fmt: skip


@_cases(
    {point: piloted(Fault("point", f"{point}=kill")) for point in PILOTED}
    | {
        f"{killed}, then {point}": piloted(Fault("point", f"{killed}=kill;{point}:1=kill"))
        for killed in ("job.claim:2", "job.claimed:3")
        for point in ("jobs.claim", "jobs.claimed", "jobs.close")
    }
)
def test_pilots_and_drivers_killed_anywhere(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))


@_cases({point: _batch(Fault("point", f"{point}:1=kill"), power=True) for point in ("jobs.submit", "jobs.record")})
def test_a_power_loss_after_the_ledger_was_written_submits_nothing_twice(
    scenario: Scenario, verdict_of: VerdictOf
) -> None:
    _holds(verdict_of(scenario))


@_cases({"job.result": _batch(Fault("point", "job.result:1=kill"))})
def test_a_job_killed_before_its_result_is_its_tasks_trouble(scenario: Scenario, verdict_of: VerdictOf) -> None:
    _holds(verdict_of(scenario))
