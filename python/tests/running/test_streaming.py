"""Tasks that start while the rest is still being planned."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi
from martlet.parameters import IntParameter, Parameter
from martlet.running.build import plan
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode
from martlet.targets.local import LocalTarget
from running.runs import ran
from running.streamed import Early, Node, Root, Watch, chain, edges, go

pytestmark = pytest.mark.usefixtures("short_slices")


class TestBeginning:
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("planning", ["stream", "auto"])
    def test_tasks_run_before_the_plan_is_complete(self, tmp_path: Path, planning: str, workers: int) -> None:
        watch = Watch()
        result = go(Root(str(tmp_path), 8), tmp_path, workers, planning, reporter=watch)
        assert result.exit_code == ExitCode.OK, result.endings
        assert len(ran(tmp_path)) == 10
        if workers == 1:
            assert watch.told.index("started") < watch.told.index("planned 10")

    def test_a_plan_that_is_complete_soon_comes_first(self, tmp_path: Path) -> None:
        watch = Watch()
        assert go(Early(str(tmp_path)), tmp_path, reporter=watch)
        assert watch.told == ["planned 1", "started"]

    @pytest.mark.parametrize("option", [{"force": ("Node",)}, {"until": ("Node",)}, {"planning": "first"}])
    def test_what_needs_the_whole_plan_has_it_first(self, tmp_path: Path, option: dict[str, Any]) -> None:
        watch = Watch()
        go(chain(tmp_path, 9), tmp_path, reporter=watch, **option)
        assert watch.told[0] == "planned 9"

    def test_a_dry_run_touches_nothing(self, tmp_path: Path) -> None:
        seen = plan([chain(tmp_path, 9)], Options(planning="stream"), Silent())
        assert len(seen.tasks) == 9
        assert not ran(tmp_path)

    def test_luigis_face_plans_first(self, tmp_path: Path) -> None:
        class Old(martlet.luigi.Task):  # type: ignore[misc]
            folder = Parameter()
            n = IntParameter()

            def requires(self) -> Any:
                return Old(self.folder, self.n - 1) if self.n else []

            def output(self) -> Any:
                return LocalTarget(f"{self.folder}/old-{self.n}")

            def run(self) -> None:
                Path(self.output().path).touch()

        watch = Watch()
        assert go(Old(str(tmp_path), 9), tmp_path, planning="auto", reporter=watch)
        assert watch.told[0] == "planned 10"

    @pytest.mark.parametrize("where", ["class", "instance"])
    def test_a_priority_wants_the_plan_first(self, tmp_path: Path, where: str) -> None:
        class Urgent(Node):
            if where == "class":
                priority = 4

        task = Urgent(str(tmp_path), 0, edges(9))
        if where == "instance":
            task.priority = 4
        watch = Watch()
        assert go(task, tmp_path, planning="auto", reporter=watch)
        assert watch.told[0] == "planned 9"

    def test_counts_are_so_far(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("martlet.running.progress._EVERY", 0.0)
        watch = Watch()
        assert go(Root(str(tmp_path), 8), tmp_path, reporter=watch)
        growing = [snapshot for snapshot in watch.snapshots if snapshot.is_growing]
        assert growing and all(snapshot.left is None for snapshot in growing)
        assert growing[0].total < watch.snapshots[-1].total == 10


def graph(seed: int) -> tuple[tuple[int, ...], ...]:
    source = random.Random(seed)
    count = source.randint(5, 40)
    return tuple(
        tuple(sorted(source.sample(range(n + 1, count), min(count - n - 1, source.choice([0, 1, 2, 5])))))
        for n in range(count)
    )


class TestSameOutcome:
    @pytest.mark.parametrize("workers", [1, 2])
    @pytest.mark.parametrize("seed", range(8))
    def test_random_graphs_give_what_they_give_planned_first(self, tmp_path: Path, seed: int, workers: int) -> None:
        made = {}
        for planning in ("first", "stream"):
            folder = tmp_path / planning
            folder.mkdir()
            source = random.Random(seed)
            for n in range(40):
                if source.random() < 0.1:
                    (folder / f"node-{n}").write_text(f"node-{n}")
            result = go(Node(str(folder), 0, graph(seed)), folder, workers, planning)
            assert result.exit_code == ExitCode.OK, result.endings
            done = ran(folder)
            assert len(done) == len(set(done))
            made[planning] = {path.name for path in folder.glob("node-*")}, sorted(done), result.families
        assert made["first"] == made["stream"]


def test_options_know_the_ways_of_planning() -> None:
    assert Options().replaced(planning="first").planning == "first"
    assert Options().planning == "auto"


def test_martlet_build_takes_it(tmp_path: Path) -> None:
    result = martlet.build(chain(tmp_path, 9), planning="stream", progress="none", state=tmp_path / "state")
    assert result.exit_code == ExitCode.OK
