from __future__ import annotations

import hashlib
import json
import re

from hypothesis import given
from hypothesis import strategies as st

import martlet
from martlet.identity import task_id_str


def by_definition(family: str, params: dict[str, str]) -> str:
    """Luigi's rule, written down once more."""
    text = json.dumps(params, separators=(",", ":"), sort_keys=True)
    digest = hashlib.md5(text.encode("utf-8"), usedforsecurity=False).hexdigest()
    summary = "_".join(params[name][:16] for name in sorted(params)[:3])
    return f"{family}_{re.sub('[^A-Za-z0-9_]', '_', summary)}_{digest[:10]}"


def test_known_ids() -> None:
    assert task_id_str("All", {}) == "All__99914b932b"
    assert task_id_str("A", {"dataset": "ttH/125"}) == by_definition("A", {"dataset": "ttH/125"})


@given(st.text("AB.c"), st.dictionaries(st.text(max_size=4), st.text(max_size=20), max_size=5))
def test_ids_follow_the_rule(family: str, params: dict[str, str]) -> None:
    params = {key.encode(errors="replace").decode(): value for key, value in params.items()}
    assert task_id_str(family, params) == by_definition(family, params)


def test_computed_when_asked_and_then_kept() -> None:
    class Counted(martlet.Task):
        asked = 0
        n = martlet.IntParameter()

        def to_str_params(self, only_significant: bool = False, only_public: bool = False) -> dict[str, str]:
            Counted.asked += 1
            return super().to_str_params(only_significant, only_public)

    task = Counted(4)
    assert Counted.asked == 0
    assert task.task_id == task.task_id == by_definition("Counted", {"n": "4"})
    assert Counted.asked == 1
    task.task_id = "mine"
    assert task.task_id == "mine"
