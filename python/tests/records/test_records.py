"""What was recorded of a run, as plain objects, and by the same words on the command line."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet import records
from martlet.running.result import RunResult
from martlet.targets import RemoteTarget
from running.runs import go
from storage.rude import Store, rude

__all__ = ["rude"]


class Events(martlet.Task):
    folder = martlet.Parameter(significant=False)
    dataset = martlet.Parameter()

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/{self.dataset}.txt")

    def run(self) -> None:
        if self.dataset == "empty":
            raise ValueError("no events")
        with self.output().open("w") as file:
            file.write(self.dataset)


class Plots(martlet.Task):
    folder = martlet.Parameter(significant=False)
    datasets = martlet.ListParameter()

    def requires(self) -> Any:
        return [Events(self.folder, dataset) for dataset in self.datasets]

    def output(self) -> Any:
        return martlet.LocalTarget(f"{self.folder}/plots.txt")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("plots")


class Far(martlet.Task):
    url = martlet.Parameter()

    def output(self) -> Any:
        return RemoteTarget(f"{self.url}/far.json")

    def run(self) -> None:
        self.output().dump(7)


@pytest.fixture
def run(tmp_path: Path) -> RunResult:
    return go(Plots(str(tmp_path), ["ttH", "ttJets"]), tmp_path)


def test_families_stand_as_they_ran(run: RunResult, tmp_path: Path) -> None:
    status = records.status(depth=5, state=tmp_path / "state")
    assert [(family.name, family.tasks, family.done) for family in status.families] == [
        ("Events", 2, 2),
        ("Plots", 1, 1),
    ]
    assert [(row.family, row.depth) for row in status.tree] == [("Plots", 0), ("Events", 1)]
    assert [family.name for family in records.status("Plo*", state=tmp_path / "state").families] == ["Plots"]


def test_failures_are_told_with_their_cause(tmp_path: Path) -> None:
    go(Events(str(tmp_path), "empty"), tmp_path)
    (failure,) = records.status(state=tmp_path / "state").failures
    assert failure.cause == "ValueError: no events"
    assert [one.title for one in records.executions(failed=True, state=tmp_path / "state")] == [failure.title]


def test_a_history_tells_each_execution(tmp_path: Path) -> None:
    before = datetime.now(timezone.utc)
    for _ in range(3):
        go(Events(str(tmp_path), "ttH"), tmp_path, force=("Events",))
    (history,) = records.history("Events", state=tmp_path / "state")
    assert [one.outcome for one in history.executions] == ["done"] * 3
    assert [one.why for one in history.executions] == ["outputAbsent", "forced", "forced"]
    assert history.executions == sorted(history.executions, key=lambda one: one.start)
    assert history.executions[0].started >= before.replace(microsecond=0)
    shown = records.show(history.executions[1].name, state=tmp_path / "state")
    assert (shown["task"], shown["number"]) == (history.task, history.executions[1].number)
    difference = records.diff(history.task, state=tmp_path / "state")
    assert (difference.first, difference.second) == tuple(
        one.replaced(cause="", why="") for one in history.executions[1:]
    )


def test_outputs_are_verified(run: RunResult, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert records.verify(state=state)
    (tmp_path / "ttH.txt").unlink()
    (tmp_path / "plots.txt").write_text("other plots")
    verification = records.verify(state=state)
    assert not verification
    assert {(output.finding, Path(output.path).name) for output in verification.outputs} == {
        ("missing", "ttH.txt"),
        ("changed", "plots.txt"),
    }


def test_outputs_in_stores_are_verified(rude: Store, tmp_path: Path) -> None:
    state = tmp_path / "state"
    assert go(Far(rude.url), tmp_path)
    assert records.verify(state=state).counts == {"plausible": 1}
    rude.inject("transient", "stat")
    assert [output.finding for output in records.verify(state=state).outputs] == ["unreachable"]
    (rude.root / "far.json").write_text("[1, 2]")
    assert [output.finding for output in records.verify(state=state).outputs] == ["changed"]
    (rude.root / "far.json").unlink()
    assert [output.finding for output in records.verify(state=state).outputs] == ["missing"]


def test_what_would_run_is_estimated(run: RunResult, tmp_path: Path) -> None:
    estimate = records.estimate({"Events": 100, "Fit": 3}, workers=4, state=tmp_path / "state")
    assert estimate.unknown == {"Fit": 3}
    assert estimate.families[0].samples == 2
    assert estimate.bytes is not None and estimate.bytes.expected == pytest.approx(100 * (3 + 6) / 2)
    assert estimate.elapsed is not None and estimate.elapsed.expected > 0


def test_files_of_reports_are_merged(tmp_path: Path) -> None:
    state = tmp_path / "state"
    for dataset in ("ttH", "ttJets", "ttbb"):
        go(Events(str(tmp_path), dataset), tmp_path)
    before = records.executions(state=state)
    # this very process may write on
    assert set(records.compact(older_than=0, dry_run=True, state=state).left_alone.values()) != set()
    assert records.executions(state=state) == before


def test_why_is_told(run: RunResult, tmp_path: Path) -> None:
    (told,) = records.explain("Plots", state=tmp_path / "state")
    assert [one["outcome"] for one in told["executions"]] == ["done"]


@pytest.mark.parametrize(
    ("question", "code"),
    [
        (lambda state: records.show("Nothing", state=state), "unknownTask"),
        (lambda state: records.history("Events_", state=state), "ambiguousTask"),
        (lambda state: records.diff("Plots", state=state), "noEarlierReport"),
        (lambda state: records.show("Plots", state=state / "elsewhere"), "noRecords"),
    ],
)
def test_what_cannot_be_answered_is_refused(run: RunResult, tmp_path: Path, question: Any, code: str) -> None:
    with pytest.raises(records.RecordsError) as refused:
        question(tmp_path / "state")
    assert refused.value.code == code and refused.value.hint
