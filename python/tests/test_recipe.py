from __future__ import annotations

from typing import Any

import pytest

import martlet
from martlet.identity import task_id_str
from martlet.parameters import (
    DuplicateParameterException,
    MissingParameterException,
    UnconsumedParameterWarning,
    UnknownParameterException,
)
from martlet.parameters.configured import Rank, Source, set_source
from martlet.recipe import recipe_of


class Reco(martlet.Task):
    dataset = martlet.Parameter()
    n = martlet.IntParameter(default=1)
    late = martlet.Parameter()
    hidden = martlet.BoolParameter(positional=False)


def configure(values: dict[tuple[str, str], Any], rank: Rank = Rank.CONFIGURATION) -> None:
    set_source(rank, Source(lambda family, name: values.get((family, name))))


def test_order_is_that_of_creation_and_positional_arguments_follow_it() -> None:
    assert Reco.get_param_names() == ["dataset", "n", "late", "hidden"]
    task = Reco("a", 2, "b", hidden=True)
    assert (task.dataset, task.n, task.late, task.hidden) == ("a", 2, "b", True)
    assert task.param_kwargs == {"dataset": "a", "n": 2, "late": "b", "hidden": True}


@pytest.mark.parametrize(
    ("args", "kwargs", "error", "message"),
    [
        ((), {}, MissingParameterException, "Reco[args=(), kwargs={}]: requires the 'dataset' parameter to be set"),
        (("a",), {}, MissingParameterException,
         "Reco[args=('a',), kwargs={}]: requires the 'late' parameter to be set"),
        (("a",), {"dataset": "b", "late": "c"}, DuplicateParameterException,
         "Reco[args=('a',), kwargs={'dataset': 'b', 'late': 'c'}]: "
         "parameter dataset was already set as a positional parameter"),
        ((), {"datset": "b"}, UnknownParameterException, "Reco[args=(), kwargs={'datset': 'b'}]: "
         "unknown parameter datset"),
        (("a", 1, "c", True), {}, UnknownParameterException,
         "Reco[args=('a', 1, 'c', True), kwargs={}]: takes at most 3 parameters (4 given)"),
    ],
)  # fmt: skip
def test_wrong_arguments_say_what_is_wrong(args: Any, kwargs: Any, error: Any, message: str) -> None:
    with pytest.raises(error) as caught:
        Reco(*args, **kwargs)
    assert str(caught.value) == message
    assert caught.value.__context__ is None


def test_constructor_beats_configuration_beats_default_and_changes_take_effect() -> None:
    assert Reco("a", late="b").n == 1
    configure({("Reco", "n"): "7", ("Reco", "dataset"): "from file"})
    assert Reco(late="b").n == 7
    assert Reco(late="b").dataset == "from file"
    assert Reco("a", 3, "b").n == 3
    configure({("Reco", "n"): "8"}, Rank.COMMAND_LINE)
    assert Reco(late="b").n == 8
    set_source(Rank.COMMAND_LINE, None)
    assert Reco(late="b").n == 7
    configure({})
    with pytest.raises(MissingParameterException):
        Reco(late="b")


def test_a_configuration_that_says_the_same_leaves_recipes_as_they_are() -> None:
    def say(text: str) -> None:
        content = {("Reco", "n"): text}
        set_source(Rank.CONFIGURATION, Source(lambda family, name: content.get((family, name)), content=content))

    say("7")
    assert Reco(late="b", dataset="a").n == 7
    recipe = recipe_of(Reco)
    say("7")
    assert recipe_of(Reco) is recipe
    say("8")
    assert Reco(late="b", dataset="a").n == 8
    assert recipe_of(Reco) is not recipe
    set_source(Rank.CONFIGURATION, None)
    assert Reco(late="b", dataset="a").n == 1
    say("8")
    assert Reco(late="b", dataset="a").n == 8


def test_a_malformed_configured_value_names_the_parameter_and_hurts_only_those_who_need_it() -> None:
    configure({("Reco", "n"): "seven"})
    with pytest.raises(ValueError, match="Error when parsing the default value of 'n'"):
        Reco("a", late="b")
    assert Reco("a", 1, "b").n == 1


def test_unconsumed_configuration_is_warned_of_once() -> None:
    entries = [("n", "1"), ("typo", "x"), ("fine", "y")]
    set_source(Rank.CONFIGURATION, Source(lambda family, name: None, lambda family: entries))

    class Warned(martlet.Task):
        ignore_unconsumed = frozenset({"fine"})
        n = martlet.IntParameter(default=1)

    with pytest.warns(UnconsumedParameterWarning, match="the parameter 'typo' with value 'x'") as warned:
        Warned()
        Warned(2)
    assert len(warned) == 1


def test_parameters_added_to_a_class_later_count() -> None:
    class Growing(martlet.Task):
        a = martlet.Parameter(default="x")

    class Child(Growing):
        pass

    assert Child().param_kwargs == {"a": "x"}
    before = Child()
    Growing.b = martlet.IntParameter(default=3)  # type: ignore[attr-defined]
    assert before.param_kwargs == {"a": "x"}
    assert before.task_id == task_id_str("Child", {"a": "x"})
    assert Child().param_kwargs == {"a": "x", "b": 3}
    assert Child(b=4).b == 4  # type: ignore[attr-defined]
    Child.a = "not a parameter any more"  # type: ignore[assignment]
    assert Child.get_param_names() == ["b"]


def test_values_are_normalised_wherever_they_come_from() -> None:
    class Even(martlet.IntParameter):
        def normalize(self, x: int) -> int:
            return x // 2 * 2

    class Rounded(martlet.Task):
        n = Even(default=5)

    assert Rounded().n == 4
    assert Rounded(9) is Rounded(n=8)
    configure({("Rounded", "n"): "7"})
    assert Rounded().n == 6


def test_overridden_lookups_of_a_parameter_are_asked_every_time() -> None:
    class Clock(martlet.IntParameter):
        now = 0

        def _get_value(self, task_name: str, param_name: str) -> Any:
            Clock.now += 1
            return Clock.now

    class Timed(martlet.Task):
        at = Clock()

    first, second = Timed(), Timed()
    assert first.at < second.at


def test_overriding_get_param_values_takes_the_general_rules() -> None:
    class Own(martlet.Task):
        n = martlet.IntParameter(default=1)

        @classmethod
        def get_param_values(cls, params: Any, args: Any, kwargs: Any) -> Any:
            kwargs = {name: 10 * value for name, value in kwargs.items()}
            return super().get_param_values(params, args, kwargs)

    assert not recipe_of(Own).standard
    assert Own(n=2).n == 20
    assert Own(n=2).param_kwargs == {"n": 20}
    assert Own(n=2) is Own(n=2)


def test_overriding_setattr_or_init_is_honoured() -> None:
    class Recording(martlet.Task):
        n = martlet.IntParameter(default=1)

        def __setattr__(self, name: str, value: Any) -> None:
            self.__dict__.setdefault("seen", []).append(name)
            super().__setattr__(name, value)

    assert "n" in Recording().seen  # type: ignore[attr-defined]
    assert not recipe_of(Recording).direct


def test_names_python_cannot_bind_work_all_the_same() -> None:
    Odd = type(martlet.Task)("Odd", (martlet.Task,), {"class": martlet.Parameter(default="x"), "__module__": __name__})
    odd: Any = Odd(**{"class": "y"})
    assert getattr(odd, "class") == "y"
    assert odd is Odd(**{"class": "y"})


def test_a_type_error_of_the_users_own_code_comes_through() -> None:
    class Broken(martlet.IntParameter):
        def normalize(self, x: Any) -> Any:
            return x + 1

    class Fails(martlet.Task):
        n = Broken(default=1)

    assert Fails().n == 2
    with pytest.raises(TypeError, match="concatenate|unsupported"):
        Fails("x")


def test_config_path_is_read_with_a_warning() -> None:
    class Old(martlet.Task):
        n = martlet.IntParameter(default=1, config_path={"section": "old", "name": "m"})

    assert Old().n == 1
    configure({("old", "m"): "5"})
    with pytest.warns(DeprecationWarning, match=r"\[old\] m is deprecated. Please use \[Old\] n"):
        assert Old().n == 5


def test_tasks_outlive_the_recipe_that_they_were_made_by() -> None:
    task: Any = Reco(dataset="a", late="b")
    before = recipe_of(Reco)
    configure({("Reco", "n"): "3"})
    assert recipe_of(Reco) is not before
    # else what is compiled for the class takes the slow way with each of them
    assert task._names is recipe_of(Reco).names
