"""Tasks with branches."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.register import Register
from martlet.running.result import ExitCode
from martlet.steering.summary import headline
from running.runs import go, ran, reports
from workflow.work import Given, Joined, Late, Listing, Make, Onto, Onward, Raise, Selected, Some, Sounded


@pytest.fixture
def folder(tmp_path: Path) -> str:
    return str(tmp_path)


def words(count: int) -> tuple[str, ...]:
    return tuple(f"w{n} " for n in range(count))


class TestTheTwoFaces:
    def test_a_class_without_a_branch_is_the_whole(self, folder: str) -> None:
        whole = Make(folder=folder)
        assert whole.is_workflow() and not whole.is_branch()
        assert whole is Make(folder=folder, branch=-1)
        assert isinstance(whole, Make) and whole.task_family == "Make"

    def test_branches_and_the_whole_lead_to_each_other(self, folder: str) -> None:
        whole = Make(folder=folder)
        branch = whole.as_branch(1)
        assert branch is Make(folder=folder, branch=1) and branch.is_branch()
        assert branch.as_workflow() is whole and whole.as_workflow() is whole
        assert branch.as_branch(2) is Make(folder=folder, branch=2)
        assert list(whole.branch_tasks()) == [0, 1, 2]

    def test_some_branches_are_a_workflow_of_their_own(self, folder: str) -> None:
        some = Make(folder=folder, branches="0:1,2")
        assert list(some.branch_tasks()) == [0, 2]
        assert some.task_id != Make(folder=folder).task_id
        assert some.as_workflow() is Make(folder=folder)
        assert some.as_branch(2) is Make(folder=folder, branch=2)

    def test_a_branch_knows_its_data(self, folder: str) -> None:
        assert Make(folder=folder, branch=2).branch_data == "c"
        with pytest.raises(ValueError, match="Make has no branch 3: there are 3"):
            _ = Make(folder=folder, branch=3).branch_data
        with pytest.raises(ValueError, match="whole workflow"):
            _ = Make(folder=folder).branch_data

    def test_branches_that_there_are_not_are_refused(self, folder: str) -> None:
        with pytest.raises(ValueError, match="has no branch 7: there are 3"):
            Make(folder=folder, branches="1,7").branch_numbers()

    def test_branches_say_nothing_to_one_branch(self, folder: str) -> None:
        assert Make(folder=folder, branch=1, branches="2:") is Make(folder=folder, branch=1)
        assert Make(folder=folder, branches="0:2").clone(branch=1) is Make(folder=folder, branch=1)
        whole = Make(folder=folder)
        assert type(whole)(folder=folder, branch=1) is whole.clone(branch=1) is whole.as_branch(1)

    def test_numbers_that_are_none_are_refused(self, folder: str) -> None:
        with pytest.raises(ValueError, match="Make has no branch -5"):
            Make(folder=folder, branch=-5)
        for acceptance in (1.5, -0.5, float("nan"), float("inf")):
            with pytest.raises(ValueError, match=f"acceptance {acceptance}: a fraction"):
                Make(folder=folder, acceptance=acceptance)
        for tolerance in (-1, 1.5, float("nan")):
            with pytest.raises(ValueError, match=f"tolerance {tolerance}: a fraction"):
                Make(folder=folder, tolerance=tolerance)

    def test_tolerance_takes_whole_numbers(self, folder: str, recwarn: pytest.WarningsRecorder) -> None:
        assert Make(folder=folder, tolerance=2).allowance() == (0, 2)
        assert Make(folder=folder, tolerance=0.5).allowance() == (0, 1)
        assert not recwarn.list

    def test_a_copy_of_a_workflow_is_another_instance(self, folder: str) -> None:
        whole = Make(folder=folder)
        for copied in (copy.copy(whole), copy.deepcopy(whole), martlet.externalize(whole)):
            assert copied == whole and copied is not whole and copied.is_workflow()
        assert martlet.externalize(whole).run is None and whole.run is not None

    def test_values_that_cannot_be_hashed(self, tmp_path: Path) -> None:
        class Unhashable:
            __hash__ = None  # type: ignore[assignment]

        class UnhashableParameter(martlet.Parameter):
            def normalize(self, x: Any) -> Any:
                return Unhashable()

            def serialize(self, x: Any) -> str:
                return "it"

            def _warn_on_wrong_param_type(self, param_name: str, param_value: Any) -> None:
                pass

        class Odd(Make):
            odd = UnhashableParameter(default="it")

        assert go(Odd(folder=str(tmp_path)), tmp_path).count("done") == 5

    def test_acceptance_is_none_of_a_branchs_business(self, folder: str) -> None:
        assert Make(folder=folder, acceptance=0.5).as_branch(0) is Make(folder=folder, branch=0)

    def test_the_map_is_made_once(self, folder: str) -> None:
        calls = []

        class Once(martlet.Workflow):
            def create_branch_map(self) -> Any:
                calls.append(self)
                return 2

        once = Once()
        assert [task.branch_data for task in once.branch_tasks().values()] == [0, 1]
        assert once.branch_map and Once(branch=1).branch_map is once.branch_map
        assert calls == [once]

    def test_a_workflow_can_be_found_by_its_family_alone(self, folder: str) -> None:
        class Found(Make):
            pass

        Found(folder=folder)
        assert Register.get_task_cls("Found") is Found

    def test_parameters_are_given_by_name_or_place_as_ever(self, folder: str) -> None:
        assert Make(folder) is Make(folder=folder)


@pytest.mark.parametrize("workers", [1, 3])
class TestRun:
    def test_all_branches_run_and_nothing_twice(self, tmp_path: Path, folder: str, workers: int) -> None:
        assert go(Make(folder=folder), tmp_path, workers)
        assert ran(tmp_path)[0] == "prepare"
        assert sorted(ran(tmp_path)) == ["make-0", "make-1", "make-2", "prepare"]
        again = go(Make(folder=folder), tmp_path, workers)
        assert again and again.count("done") == 0

    def test_what_lacks_is_made_alone(self, tmp_path: Path, folder: str, workers: int) -> None:
        go(Make(folder=folder), tmp_path, workers)
        (tmp_path / "made-1").unlink()
        result = go(Make(folder=folder), tmp_path, workers)
        assert ran(tmp_path)[4:] == ["make-1"]
        assert result.count("done") == 2

    def test_some_branches_run_and_no_others(self, tmp_path: Path, folder: str, workers: int) -> None:
        assert go(Make(folder=folder, branches="0,2:"), tmp_path, workers)
        assert sorted(ran(tmp_path)) == ["make-0", "make-2", "prepare"]

    def test_what_branches_need_together_has_branches_of_its_own(
        self, tmp_path: Path, folder: str, workers: int
    ) -> None:
        result = go(Onward(folder=folder, branches="5:7"), tmp_path, workers)
        assert result, result.endings
        assert sorted(ran(tmp_path)) == ["make-0", "make-1", "make-2", "onward-5", "onward-6", "prepare"]

    def test_a_branch_starts_when_its_own_input_is_there(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Raise(folder=folder, words=["a", "bad", "c"]), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert (tmp_path / "raised-0").read_text() == "A" and (tmp_path / "raised-2").read_text() == "C"
        assert not (tmp_path / "raised-1").exists()

    def test_a_workflow_can_do_without_some(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Make(folder=folder, words=["a", "bad", "c", "d"], acceptance=0.75), tmp_path, workers)
        assert (result.count("done"), result.count("failed")) == (5, 1)
        assert result and headline(result).endswith(", 1 failed that can be done without")
        assert go(Make(folder=folder, words=["a", "bad", "c", "d"], acceptance=0.75), tmp_path, workers)
        assert go(Make(folder=folder, words=["a", "bad", "c", "d"]), tmp_path, workers).exit_code == ExitCode.FAILED

    def test_what_lacks_is_a_failure_where_somebody_needs_it(
        self, tmp_path: Path, folder: str, workers: int
    ) -> None:
        given = {"folder": folder, "words": ["a", "bad", "c", "d"]}
        both = [Make(**given, acceptance=0.5), Raise(**given)]
        result = go(both, tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED
        assert [ending.title for ending in result.endings if ending.is_spared] == []
        assert go([Make(**given, acceptance=0.5), Make(**given, branch=1)], tmp_path).exit_code == ExitCode.FAILED
        assert go(Raise(**given, acceptance=0.5), tmp_path, workers)
        (tmp_path / "raised-0").unlink()
        (tmp_path / "raised-2").unlink()
        result = go(Raise(**given, acceptance=0.75), tmp_path, workers)
        assert result and {ending.state for ending in result.endings if ending.is_spared} == {"failed", "blocked"}

    def test_a_late_workflow_can_do_without_some(self, tmp_path: Path, folder: str, workers: int) -> None:
        (tmp_path / "words").write_text("x\nbad\nz\n")
        result = go(Late(folder=folder, acceptance=0.6), tmp_path, workers)
        assert result and result.count("failed") == 1

    def test_data_that_is_missing_can_be_done_without(self, tmp_path: Path, folder: str, workers: int) -> None:
        (tmp_path / "given-1").touch()
        rule = [Onto(folder=folder, acceptance=0.5), Given(folder=folder, acceptance=1)]
        assert go(rule[0], tmp_path, workers)
        assert (tmp_path / "onto-1").exists() and not (tmp_path / "onto-0").exists()
        assert go(rule[1], tmp_path, workers).exit_code == ExitCode.MISSING

    def test_too_few_branches_block_it(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Make(folder=folder, words=["bad", "bad", "c", "d"], acceptance=0.75), tmp_path, workers)
        assert result.count("blocked") == 1

    def test_a_late_map_is_made_when_it_can_be(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Late(folder=folder), tmp_path, workers)
        assert result, result.endings
        assert ran(tmp_path)[0] == "listing" and sorted(ran(tmp_path)[1:]) == ["late-0", "late-1", "late-2"]
        assert (tmp_path / "late-2").read_text() == "z"
        assert go(Late(folder=folder), tmp_path, workers).count("done") == 0

    def test_a_late_map_follows_what_it_is_read_from(self, tmp_path: Path, folder: str, workers: int) -> None:
        assert go(Late(folder=folder), tmp_path, workers)
        (tmp_path / "late-1").unlink()
        (tmp_path / "words").write_text("x\ny2\nz\nzz\n")
        assert go(Late(folder=folder), tmp_path, workers, force=("Listing",))
        assert [(tmp_path / f"late-{n}").read_text() for n in range(4)] == ["x", "y2", "z", "zz"]

    def test_one_branch_of_what_is_not_known_yet_is_refused(self, tmp_path: Path, folder: str, workers: int) -> None:
        result = go(Late(folder=folder, branch=1), tmp_path, workers)
        assert "what it is read from is not there: run that first" in result.endings[0].cause
        assert go(Listing(folder=folder), tmp_path, workers)
        assert go(Late(folder=folder, branch=1), tmp_path, workers)
        assert ran(tmp_path) == ["listing", "late-1"]

    def test_branches_with_a_complete_of_their_own(self, tmp_path: Path, folder: str, workers: int) -> None:
        assert go(Selected(folder=folder), tmp_path, workers, resources={"memory_gb": 2})
        assert sorted(ran(tmp_path)) == ["select-0", "select-1", "select-2"]
        assert Selected(folder=folder).complete()

    def test_commands_have_branches_too(self, tmp_path: Path, folder: str, workers: int) -> None:
        assert go(Sounded(folder=folder), tmp_path, workers)
        assert (tmp_path / "two").read_text() == "two\n"


def test_many_failures_end_a_workflow(tmp_path: Path) -> None:
    many = Make(folder=str(tmp_path), words=["bad"] * 50, tolerance=2.0)
    result = go(many, tmp_path)
    assert (result.count("failed"), result.count("withheld")) == (3, 47)
    reasons = {ending.cause for ending in result.endings if ending.state == "withheld"}
    assert len(reasons) == 1 and "one failure too many among the branches of its workflow" in reasons.pop()


def test_the_report_of_a_workflow_names_no_outputs(tmp_path: Path) -> None:
    go(Make(folder=str(tmp_path), words=words(40)), tmp_path)
    whole = [report for report in reports(tmp_path) if report["params"].get("branch") == "-1"]
    assert len(whole) == 1 and "outputs" not in whole[0]
    assert whole[0]["needs"] == {"Make": 40, "Prepare": 1}


def test_what_branches_make_is_the_input_of_what_needs_the_whole(tmp_path: Path) -> None:
    class Count(martlet.Task):
        def requires(self) -> Any:
            return Make(folder=str(tmp_path), words=["a", "bad", "c"], acceptance=-1)

        def output(self) -> Any:
            return martlet.LocalTarget(str(tmp_path / "count"))

        def run(self) -> None:
            with self.input().localize("r") as files, self.output().open("w") as file:
                file.write(" ".join(str(number) for number in files))

    go(Count(), tmp_path)
    assert (tmp_path / "count").read_text() == "0 2"


def test_a_complete_workflow_keeps_no_branch(tmp_path: Path) -> None:
    go(Make(folder=str(tmp_path)), tmp_path)
    Make.clear_instance_cache()
    assert go(Make(folder=str(tmp_path)), tmp_path)
    instances = Make.cached_instances()
    assert instances is not None and len(instances) <= 2  # of the whole, and the first branch


def test_reports_alone_say_that_branches_are_complete(tmp_path: Path) -> None:
    whole = Make(folder=str(tmp_path))
    rule = {"complete_by": {"Make": "reports", "Prepare": "reports"}}
    assert go(whole, tmp_path, **rule)
    for file in tmp_path.glob("made-*"):
        file.unlink()
    assert go(whole, tmp_path, **rule).count("done") == 0
    assert go(whole, tmp_path).count("done") == 4


def test_whole_workflows_can_be_pickled_as_branches_can(tmp_path: Path) -> None:
    for task in (Make(folder=str(tmp_path)), Make(folder=str(tmp_path), branch=1)):
        assert pickle.loads(pickle.dumps(task)) == task


class TestMergeCascade:
    @pytest.mark.parametrize("count", [1, 3, 4, 9, 10, 28])
    @pytest.mark.parametrize("workers", [1, 2])
    def test_all_is_in_one_in_order(self, tmp_path: Path, count: int, workers: int) -> None:
        assert go(Joined(folder=str(tmp_path), words=words(count)), tmp_path, workers)
        assert (tmp_path / "joined.txt").read_text().split() == [f"W{n}" for n in range(count)]
        assert not list(tmp_path.glob("joined.merge*"))

    def test_no_step_merges_more_than_it_may(self, tmp_path: Path) -> None:
        go(Joined(folder=str(tmp_path), words=words(10)), tmp_path)
        steps = sorted(name for name in ran(tmp_path) if name.startswith("join"))
        assert steps == ["join-0:3", "join-0:9", "join-3:6", "join-6:9", "join-all"]

    def test_a_second_run_does_nothing(self, tmp_path: Path) -> None:
        task = Joined(folder=str(tmp_path), words=words(10))
        go(task, tmp_path)
        assert go(task, tmp_path).count("done") == 0

    def test_a_step_that_was_removed_before_its_end_is_made_again(self, tmp_path: Path) -> None:
        task = Joined(folder=str(tmp_path), words=words(10))
        go(task, tmp_path)
        (tmp_path / "joined.txt").unlink()
        assert go(task, tmp_path)
        assert len([name for name in ran(tmp_path) if name.startswith("join")]) == 10
        assert len([name for name in ran(tmp_path) if name.startswith("make")]) == 10

    def test_parts_of_a_run_that_was_ended_are_not_taken_for_others(self, tmp_path: Path) -> None:
        class Ended(Joined):
            ends = martlet.BoolParameter(default=False, significant=False)

            def merge(self, inputs: Any, output: Any) -> None:
                if self.ends and self.is_last_step():
                    raise RuntimeError("ended")
                super().merge(inputs, output)

        (tmp_path / "words").write_text("a b c d ")

        class Grows(martlet.Workflow, martlet.Task):
            def create_branch_map(self) -> Any:
                return (tmp_path / "words").read_text().split()

            def output(self) -> Any:
                return martlet.LocalTarget(str(tmp_path / f"{self.branch_data}.txt"))

            def run(self) -> None:
                with self.output().open("w") as file:
                    file.write(f"{self.branch_data} ")

        class Grown(Ended):
            def merge_requires(self) -> Any:
                return Grows()

        go(Grown(folder=str(tmp_path), ends=True), tmp_path)
        assert [path.name for path in tmp_path.glob("joined*")]
        (tmp_path / "words").write_text("a b c d e f g h ")
        assert go(Grown(folder=str(tmp_path)), tmp_path)
        assert (tmp_path / "joined.txt").read_text() == "a b c d e f g h "
        assert [path.name for path in tmp_path.glob("joined*")] == ["joined.txt"]

        (tmp_path / "joined.txt").unlink()
        go(Grown(folder=str(tmp_path), ends=True), tmp_path)
        Grown.merge_factor = 2
        assert go(Grown(folder=str(tmp_path)), tmp_path)
        assert (tmp_path / "joined.txt").read_text() == "a b c d e f g h "

    def test_what_a_killed_step_had_not_removed_yet_goes_in_the_end(self, tmp_path: Path) -> None:
        class Kept(Joined):
            keeps_parts = martlet.BoolParameter(default=False, significant=False)

        go(Kept(folder=str(tmp_path), words=words(10), merge_places="0:9", keeps_parts=True), tmp_path)
        assert len(list(tmp_path.glob("joined.merge*"))) == 4
        assert go(Kept(folder=str(tmp_path), words=words(10)), tmp_path)
        assert not list(tmp_path.glob("joined.merge*"))

    @pytest.mark.parametrize("workers", [1, 2])
    def test_a_step_may_have_nothing_where_branches_may_lack(self, tmp_path: Path, workers: int) -> None:
        lacking = Some(folder=str(tmp_path), words=["bad", "bad", "bad", "d ", "e ", "f ", "g ", "bad", "i "])
        result = go(lacking, tmp_path, workers)
        assert (result.count("failed"), result.count("blocked")) == (4, 0)
        assert (tmp_path / "joined.txt").read_text() == "d e f g i "
        assert sorted(name for name in ran(tmp_path) if name.startswith("join")) == ["join-3:6", "join-6,8", "join-all"]
        assert not list(tmp_path.glob("joined.merge*"))

    def test_nothing_to_merge_is_said(self, tmp_path: Path) -> None:
        result = go(Joined(folder=str(tmp_path), words=[]), tmp_path)
        assert "has nothing to merge" in next(e.cause for e in result.endings if e.state == "failed")

    def test_what_is_merged_is_found_out_once(self, tmp_path: Path) -> None:
        asked = []

        class Counted(Joined):
            def merge_requires(self) -> Any:
                asked.append(self)
                return super().merge_requires()

        assert go(Counted(folder=str(tmp_path), words=words(27)), tmp_path)
        assert len(asked) < 50  # not 13 steps times 27 branches

    def test_merging_one_at_a_time_is_refused(self, tmp_path: Path) -> None:
        class Stuck(Joined):
            merge_factor = 1

        result = go(Stuck(folder=str(tmp_path)), tmp_path)
        assert result.count("broken") == 1
