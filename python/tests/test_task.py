from __future__ import annotations

import copy
import pickle
import warnings
from typing import Any

import pytest

import martlet
from martlet.task import plain_completion


class Selection(martlet.Task):
    dataset = martlet.Parameter()
    n = martlet.IntParameter(default=1)
    token = martlet.Parameter(default="t", visibility=martlet.ParameterVisibility.PRIVATE)
    note = martlet.Parameter(default="x", visibility=martlet.ParameterVisibility.HIDDEN)
    verbose = martlet.BoolParameter(significant=False)


class Stored(martlet.Task):
    path = martlet.Parameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(self.path)

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("done")


class Both(martlet.Task):
    path = martlet.Parameter()

    def requires(self) -> Any:
        return {"a": Stored(self.path + "a"), "rest": [Stored(self.path + "b"), (Stored(self.path + "c"),)]}


def test_serialised_parameters_leave_out_private_ones() -> None:
    task = Selection("a", 2)
    assert task.to_str_params() == {"dataset": "a", "n": "2", "note": "x", "verbose": "False"}
    assert task.to_str_params(only_significant=True, only_public=True) == {"dataset": "a", "n": "2"}
    assert Selection.from_str_params({"dataset": "a", "n": "2"}) is task
    assert task._get_param_visibilities() == {"dataset": 0, "n": 0, "note": 1, "verbose": 0}


def test_repr_shows_significant_parameters_in_order() -> None:
    assert repr(Selection("a", 2)) == "Selection(dataset=a, n=2, token=t, note=x)"


def test_attributes_may_be_assigned_and_identity_stays() -> None:
    task = Selection("assigned")
    task.dataset = "other"
    assert task.dataset == "other"
    assert task.task_id.startswith("Selection_assigned_1_")
    assert task.param_kwargs["dataset"] == "assigned"
    assert Selection("assigned") is task


def test_clone_copies_what_has_the_same_name() -> None:
    class Other(martlet.Task):
        n = martlet.IntParameter(default=0)
        extra = martlet.Parameter(default="e")

    task = Selection("a", 5)
    assert task.clone(n=6) is Selection("a", 6)
    assert task.clone(Other) is Other(5)
    assert task.clone(Other, extra="f", unknown=1) is Other(5, "f")


def test_requirements_inputs_and_completeness(tmp_path: Any) -> None:
    task = Both(f"{tmp_path}/")
    assert [dep.path for dep in task.deps()] == [f"{tmp_path}/{name}" for name in "abc"]
    inputs = task.input()
    assert inputs["a"].path == f"{tmp_path}/a"
    assert isinstance(inputs["rest"][1], tuple)
    stored = Stored(f"{tmp_path}/a")
    assert not stored.complete()
    stored.run()
    assert stored.complete()


def test_without_outputs_a_native_task_is_not_complete_and_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert not Both("x").complete()
    assert Both.done_by_running


def test_plain_completion() -> None:
    class Own(Stored):
        def complete(self) -> bool:
            return True

    assert plain_completion(Stored)
    assert not plain_completion(Own)
    assert not plain_completion(martlet.WrapperTask)


def test_wrapper_is_complete_with_what_it_requires(tmp_path: Any) -> None:
    class Everything(martlet.WrapperTask):
        def requires(self) -> Any:
            return [Stored(f"{tmp_path}/x"), Stored(f"{tmp_path}/y")]

    Stored(f"{tmp_path}/x").run()
    assert not Everything().complete()
    Stored(f"{tmp_path}/y").run()
    assert Everything().complete()
    assert [target.path for target in martlet.flatten_output(Everything())] == [f"{tmp_path}/x", f"{tmp_path}/y"]


def test_externalize_leaves_the_original_alone() -> None:
    task = Stored("p")
    external = martlet.externalize(task)
    assert external.run is None
    assert external == task
    assert callable(task.run)
    External = martlet.externalize(Stored)
    assert External.run is None
    assert External.__name__ == "Stored"
    assert External.get_task_family() == "Stored"
    assert martlet.register.Register.get_task_cls("Stored") is Stored
    assert martlet.ExternalTask.run is None


def test_what_is_only_set_while_running_is_put_aside_for_pickling() -> None:
    task = Selection("running")
    task.set_status_message = lambda text: None  # type: ignore[method-assign]
    with task.no_unpicklable_properties():
        again = pickle.loads(pickle.dumps(task))
    assert again.set_status_message == "placeholder_during_pickling"
    assert callable(task.set_status_message)


def test_pickled_and_copied_tasks_are_equal() -> None:
    task = Selection("p", 3)
    again = pickle.loads(pickle.dumps(task))
    assert again == task
    assert hash(again) == hash(task)
    assert again.param_kwargs == task.param_kwargs
    assert copy.copy(task) == task


def test_an_uninitialised_task_says_so() -> None:
    task = object.__new__(Selection)
    assert not task.initialized()
    assert task.dataset is Selection.dataset
    assert Selection("a").initialized()


def test_owners_batches_and_deprecated_names() -> None:
    class Batched(martlet.Task):
        n = martlet.IntParameter(batch_method=max)
        owner_email = "a@x,b@x"

    assert Batched(1)._owner_list() == ["a@x", "b@x"]
    assert Batched(1).batchable
    assert Batched.batch_param_names() == ["n"]
    assert Batched.from_str_params({"n": ["1", "5", "3"]}).n == 5
    assert not Selection("a").batchable
    with pytest.warns(DeprecationWarning, match="param_args"):
        assert Batched(1).param_args == (1,)


def test_dynamic_requirements(tmp_path: Any) -> None:
    tasks = [Stored(f"{tmp_path}/{name}") for name in "ab"]
    wanted = martlet.DynamicRequirements({"x": tasks})
    assert wanted.flat_requirements == tasks
    assert [target.path for target in wanted.paths["x"]] == [task.path for task in tasks]
    assert not wanted.complete()
    assert wanted.complete(lambda task: True)
    asked: list[Any] = []
    own = martlet.DynamicRequirements(tasks, lambda check: asked.append(check(tasks[0])) or True)  # type: ignore[func-returns-value]
    assert own.complete()
    assert asked == [False]


def test_failure_text_has_the_traceback() -> None:
    try:
        raise ValueError("no such branch")
    except ValueError as error:
        text = Selection("a").on_failure(error)
    assert text.startswith("Runtime error:\nTraceback")
    assert "no such branch" in text
