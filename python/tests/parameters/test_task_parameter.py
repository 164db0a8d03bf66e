from __future__ import annotations

import pytest

import martlet
from martlet.parameters import ParameterValueError, TaskParameter


class Selection(martlet.Task):
    task_namespace = "ttH"


def test_classes_by_family() -> None:
    assert TaskParameter().parse("ttH.Selection") is Selection
    assert TaskParameter().serialize(Selection) == "ttH.Selection"
    with pytest.raises(ParameterValueError) as caught:
        TaskParameter().from_text("ttH.Selektion", "cls")
    assert "ttH.Selection" in caught.value.cause
