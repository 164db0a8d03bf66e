from __future__ import annotations

import abc
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import martlet
from martlet.register import (
    Register,
    TaskClassAmbigiousException,
    TaskClassNotFoundException,
    edit_distance,
    load_task,
    nearest_names,
)


class Selection(martlet.Task):
    dataset = martlet.Parameter(default="ttH")
    shift = martlet.Parameter(default="nominal", significant=False)


class Counting(martlet.Task):
    made = 0
    n = martlet.IntParameter()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        type(self).made += 1
        super().__init__(*args, **kwargs)
        self.double = 2 * self.n


def test_equal_parameters_give_the_same_object() -> None:
    assert Selection(dataset="a") is Selection("a")
    assert Selection() is Selection(dataset="ttH", shift="nominal")
    assert Selection("a") is not Selection("b")


def test_insignificant_parameters_are_part_of_the_key_but_not_of_equality() -> None:
    up = Selection("a", shift="up")
    assert up is not Selection("a")
    assert up == Selection("a")
    assert hash(up) == hash(Selection("a"))


def test_an_own_init_runs_once_an_object() -> None:
    Counting.made = 0
    assert Counting(3) is Counting(n=3)
    assert Counting.made == 1
    assert Counting(3).double == 6


def test_lists_and_sets_become_tuples_and_unhashable_values_bypass_the_cache() -> None:
    class Loose(martlet.Task):
        value = martlet.StrParameter()

    assert Loose([1, 2]) is Loose((1, 2))
    assert Loose([1, 2]).value == (1, 2)
    unhashable = {"a": 1}
    assert Loose(unhashable) is not Loose(unhashable)
    assert Loose(unhashable).value == {"a": 1}


def test_cache_can_be_cleared_and_disabled() -> None:
    first = Selection("a")
    Register.clear_instance_cache()
    assert Selection("a") is not first
    Register.disable_instance_cache()
    assert Selection("a") is not Selection("a")
    assert Selection("a") == Selection("a")
    Register.clear_instance_cache()
    assert Selection("a") is Selection("a")


def test_a_task_that_could_not_be_made_is_not_remembered() -> None:
    class Picky(martlet.Task):
        refuse = True
        tries = 0
        n = martlet.IntParameter()

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            Picky.tries += 1
            if Picky.refuse:
                raise TypeError("not now")

    with pytest.raises(TypeError, match="not now"):
        Picky(1)
    assert Picky.tries == 1
    Picky.refuse = False
    assert Picky(1).n == 1


def test_a_metaclass_of_ones_own_may_make_classes_itself() -> None:
    class Own(Register):
        def __new__(metacls, name: str, bases: tuple[type, ...], attributes: dict[str, Any]) -> Any:
            cls: Any = abc.ABCMeta.__new__(metacls, name, bases, attributes)
            cls._namespace_at_class_time = metacls._get_namespace(cls.__module__)
            metacls._reg.append(cls)
            return cls

    class Base(martlet.Task, metaclass=Own):
        n = martlet.IntParameter(default=1)

    class Derived(Base):
        m = martlet.IntParameter(default=2)

    assert Derived(n=5) is Derived(5)
    assert (Derived(5).n, Derived(5).m) == (5, 2)
    assert Register.get_task_cls("Derived") is Derived


def test_namespaces_most_specific_scope_wins_and_class_attribute_beats_them() -> None:
    martlet.namespace("everywhere")
    martlet.namespace("here", scope=__name__)

    class Scoped(martlet.Task):
        pass

    class Named(martlet.Task):
        task_namespace = "named"

    martlet.auto_namespace(scope=__name__)

    class Automatic(martlet.Task):
        pass

    martlet.namespace(scope=__name__)
    martlet.namespace("")

    class Bare(martlet.Task):
        pass

    assert Scoped.get_task_family() == "here.Scoped"
    assert Scoped.task_family == "here.Scoped"
    assert Named().task_family == "named.Named"
    assert Automatic.get_task_family() == f"{__name__}.Automatic"
    assert Bare.get_task_family() == "Bare"


def test_lookup_by_family() -> None:
    assert Register.get_task_cls("Selection") is Selection
    assert load_task(None, "Selection", {"dataset": "x"}) is Selection("x")
    assert "Selection" in Register.task_names()
    assert "Selection" in Register.tasks_str().split(",")


def test_unknown_family_names_the_nearest() -> None:
    with pytest.raises(TaskClassNotFoundException) as caught:
        Register.get_task_cls("Selektion")
    assert caught.value.nearest[0] == "Selection"
    assert str(caught.value).startswith("No task Selektion. Did you mean:\nSelection")
    with pytest.raises(TaskClassNotFoundException, match="Candidates are: .*Selection"):
        Register.get_task_cls("AltogetherSomethingDifferent")


def test_two_unrelated_classes_of_one_family_are_ambiguous_but_a_subclass_replaces() -> None:
    def define(base: Any) -> Any:
        class Twin(base):
            pass

        return Twin

    first = define(martlet.Task)
    second = define(first)
    assert Register.get_task_cls("Twin") is second
    define(martlet.Task)
    with pytest.raises(TaskClassAmbigiousException, match="Task 'Twin' is ambiguous"):
        Register.get_task_cls("Twin")


@given(st.text("abc", max_size=6), st.text("abc", max_size=6))
def test_edit_distance_is_a_metric(a: str, b: str) -> None:
    distance = edit_distance(a, b)
    assert distance == edit_distance(b, a)
    assert (distance == 0) == (a == b)
    assert abs(len(a) - len(b)) <= distance <= max(len(a), len(b))


def test_nearest_names_in_order() -> None:
    assert edit_distance("kitten", "sitting") == 3
    assert nearest_names("Plot", ["Plots", "Plotter", "Reconstruction"]) == ("Plots", "Plotter")
