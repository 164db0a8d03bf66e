from __future__ import annotations

from collections import OrderedDict, namedtuple

import pytest

import martlet
from martlet.structure import flatten, getpaths


class Leaf(martlet.Task):
    name = martlet.Parameter()

    def output(self) -> martlet.LocalTarget:
        return martlet.LocalTarget(self.name)


def test_flatten() -> None:
    assert flatten(None) == []
    assert flatten("text") == ["text"]
    assert flatten(42) == [42]
    assert flatten({"b": "x", "a": ["y", {"c": ("z",)}]}) == ["x", "y", "z"]
    assert flatten(name for name in ("a", "b")) == ["a", "b"]
    assert flatten([None, [], ["a"]]) == ["a"]


def test_getpaths_keeps_classes_of_containers() -> None:
    struct = OrderedDict(a=[Leaf("1")], b=(Leaf("2"), Leaf("3")))
    paths = getpaths(struct)
    assert type(paths) is OrderedDict
    assert type(paths["b"]) is tuple
    assert [target.path for target in flatten(paths)] == ["1", "2", "3"]
    assert [target.path for target in getpaths(Leaf(n) for n in "45")] == ["4", "5"]


def test_getpaths_of_something_else_says_what_was_wanted() -> None:
    with pytest.raises(Exception, match="Cannot map 42 to Task/dict/list"):
        getpaths([42])


def test_a_type_error_in_a_generator_of_requirements_comes_through() -> None:
    def requirements() -> object:
        yield Leaf("1")
        raise TypeError("in the user's generator")

    with pytest.raises(TypeError, match="in the user's generator"):
        getpaths(requirements())


def test_named_tuples_are_not_rebuilt_from_an_iterable() -> None:
    Pair = namedtuple("Pair", "left right")
    with pytest.raises(TypeError):
        getpaths(Pair(Leaf("1"), Leaf("2")))
