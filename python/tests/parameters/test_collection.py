from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import martlet
from martlet.parameters import DictParameter, FrozenOrderedDict, ListParameter, TupleParameter

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=3), JSON, max_size=3))
def test_dicts_survive_their_text_and_can_be_hashed(value: dict[str, Any]) -> None:
    parameter = DictParameter()
    frozen = parameter.normalize(value)
    assert hash(frozen) == hash(parameter.normalize(json.loads(json.dumps(value))))
    again = parameter.normalize(parameter.parse(parameter.serialize(frozen)))
    assert again == frozen
    assert list(again) == list(value)


@given(st.lists(JSON, max_size=4))
def test_lists_survive_their_text(value: list[Any]) -> None:
    parameter = ListParameter()
    frozen = parameter.normalize(value)
    assert isinstance(frozen, tuple)
    assert parameter.normalize(parameter.parse(parameter.serialize(frozen))) == frozen


def test_tuples_as_json_or_as_python() -> None:
    parameter = TupleParameter()
    assert parameter.parse("[[1, 2], [3, 4]]") == ((1, 2), (3, 4))
    assert parameter.parse("((1, 2), (3, 4))") == ((1, 2), (3, 4))
    assert parameter.parse("(1, 2)") == (1, 2)
    assert parameter.parse("[1, 2]") == (1, 2)
    with pytest.raises(ValueError, match="cannot be a string"):
        parameter.parse('("abcd")')


def test_a_frozen_dict_is_a_mapping() -> None:
    frozen = FrozenOrderedDict([("b", 1), ("a", 2)])
    assert list(frozen) == ["b", "a"]
    assert frozen == {"a": 2, "b": 1}
    assert repr(frozen) == "{'b': 1, 'a': 2}"
    with pytest.raises(TypeError):
        frozen["c"] = 3  # type: ignore[index]


def test_tasks_with_dicts_are_cached() -> None:
    class Tagged(martlet.Task):
        tags = martlet.DictParameter(default={"a": [1]})

    assert Tagged() is Tagged(tags={"a": (1,)})
    assert Tagged().tags["a"] == (1,)


def test_schemas_with_a_validator_of_ones_own() -> None:
    class Validator:
        def validate(self, value: Any) -> None:
            if not value:
                raise ValueError("must have an element")

    parameter = ListParameter(schema=Validator())
    assert parameter.normalize([1]) == (1,)
    with pytest.raises(ValueError, match="must have an element"):
        parameter.normalize([])


def test_malformed_json() -> None:
    for parameter in (DictParameter(), ListParameter()):
        with pytest.raises(ValueError, match="cannot be '{': expected a JSON"):
            parameter.from_text("{", "p")
