from __future__ import annotations

import pytest

import martlet
from martlet.parameters import BoolParameter


def test_parsing() -> None:
    assert BoolParameter().parse("True") is True
    assert BoolParameter().parse("FALSE") is False
    with pytest.raises(ValueError, match="cannot interpret 'yes' as boolean"):
        BoolParameter().parse("yes")


def test_the_default_is_false_and_values_are_normalised() -> None:
    class Flagged(martlet.Task):
        flag = martlet.BoolParameter()

    assert Flagged().flag is False
    assert Flagged(flag="true").flag is True  # type: ignore[arg-type,unused-ignore]
    assert Flagged(flag="neither").flag is None


def test_flags() -> None:
    assert BoolParameter()._parser_kwargs("b")["action"] == "store_true"
    explicit = BoolParameter(parsing=BoolParameter.EXPLICIT_PARSING)._parser_kwargs("b", "T")
    assert (explicit["nargs"], explicit["const"], explicit["dest"]) == ("?", True, "T_b")
    with pytest.raises(ValueError, match="unknown parsing value 'other'"):
        BoolParameter(parsing="other")._parser_kwargs("b")


def test_the_classes_default_may_be_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(BoolParameter, "parsing", BoolParameter.EXPLICIT_PARSING)
    assert BoolParameter().parsing == "explicit"
