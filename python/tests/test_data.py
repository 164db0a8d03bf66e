"""Values with named fields."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Mapping

import pytest

from martlet.data import Data


class Point(Data):
    x: int
    y: int = 0
    """Its height."""
    names: Mapping[str, str] = {}


class Spot(Data):
    x: int
    y: int = 0
    names: Mapping[str, str] = {}


def test_fields_in_order_by_name_and_by_default() -> None:
    assert (Point(1).x, Point(1).y, Point(1).names) == (1, 0, {})
    assert Point(1, 2) == Point(y=2, x=1) == Point(1, y=2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1) != Spot(1)
    assert repr(Point(1, y=2)) == "Point(x=1, y=2, names={})"


def test_equal_ones_hash_alike() -> None:
    names = frozenset[str]()
    assert hash(Point(1, 0, names)) == hash(Point(1, names=names))  # type: ignore[arg-type]


def test_they_do_not_change() -> None:
    point = Point(1)
    with pytest.raises(AttributeError, match="Point does not change: x"):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(AttributeError, match="Point does not change: y"):
        del point.y
    assert point == Point(1)


def test_replacing_some_fields() -> None:
    assert Point(1, 2).replaced(y=3) == Point(1, 3)
    with pytest.raises(TypeError, match="Point takes x"):
        Point(1).replaced(z=3)


def test_copies_are_equal() -> None:
    point = Point(1, 2, {"a": "b"})
    assert pickle.loads(pickle.dumps(point)) == copy.deepcopy(point) == point


@pytest.mark.parametrize("given", [{}, {"y": 1}, {"x": 1, "z": 1}])
def test_missing_and_unknown_fields(given: dict[str, int]) -> None:
    with pytest.raises(TypeError, match=r"Point (lacks|takes) x"):
        Point(**given)


def test_a_field_given_twice_and_one_too_many() -> None:
    with pytest.raises(TypeError, match="Point takes x, y, names, each once"):
        Point(1, x=1)  # type: ignore[misc]
    with pytest.raises(TypeError, match="Point takes x, y, names, each once"):
        Point(1, 2, {}, 3)  # type: ignore[call-arg]
