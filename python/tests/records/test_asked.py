"""What tasks asked for while they ran, and needed that ran as one: in their reports, and when it ran again."""

from __future__ import annotations

from pathlib import Path

import martlet
from martlet import records


class Leaf(martlet.Task):
    folder = martlet.PathParameter(significant=False)
    number = martlet.IntParameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/leaf{self.number}")

    def run(self) -> None:
        self.output().touch()


class Asking(martlet.Task):
    folder = martlet.PathParameter(significant=False)

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/asking")

    def run(self) -> object:
        yield Leaf(folder=self.folder, number=1)
        yield [Leaf(folder=self.folder, number=2), Leaf(folder=self.folder, number=1)]
        self.output().touch()


class Combined(Leaf):
    number = martlet.IntParameter(batch_method=max)

    def requires(self) -> Leaf:
        return Leaf(folder=self.folder, number=self.number)

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(f"{self.folder}/combined{self.number}")

    def run(self) -> None:
        for number in range(1, self.number + 1):
            martlet.LocalTarget(f"{self.folder}/combined{number}").touch()


def _again(folder: Path, number: int) -> None:
    leaf = Leaf(folder=folder, number=number)
    leaf.output().remove()
    assert martlet.build(leaf, state=folder / "state", quiet=True)


def test_what_run_yields_is_in_the_report_and_noticed_when_it_ran_again(tmp_path: Path) -> None:
    state, task = tmp_path / "state", Asking(folder=tmp_path)
    assert martlet.build(task, state=state, quiet=True)
    told = records.show("Asking", state=state)
    leaves = [Leaf(folder=tmp_path, number=number).task_id for number in (1, 2)]
    assert told["asked"] == leaves
    assert told["answered"] == [records.show(leaf, state=state)["name"] for leaf in leaves]
    assert all(one.is_current for one in martlet.drift(task, state=state))
    _again(tmp_path, 2)
    assert [list(one.changes) for one in martlet.drift(task, state=state)] == [["inputs"]]
    assert martlet.build(task, state=state, rerun_on="inputs", quiet=True).count("done") == 1
    assert all(one.is_current for one in martlet.drift(task, state=state))


def test_tasks_that_ran_as_one_say_what_each_consumed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    tasks = [Combined(folder=tmp_path, number=number) for number in (1, 2, 3)]
    assert martlet.build([leaf.requires() for leaf in tasks], state=state, quiet=True)
    assert martlet.build(tasks, state=state, quiet=True)
    told = records.show(tasks[0].task_id, state=state)
    assert len(told["batch"]) == 4 and len(told["uses"]) == 3
    assert all(one.is_current for one in martlet.drift(tasks, state=state))
    _again(tmp_path, 2)
    changed = {one.task_id for one in martlet.drift(tasks, state=state) if one.changes}
    assert changed == {tasks[1].task_id}
