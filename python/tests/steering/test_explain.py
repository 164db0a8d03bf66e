"""Why tasks would run, wait, cannot run, or never got their turn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from martlet import _bridge
from martlet.diagnostics import Code, MartletError
from martlet.register import Register
from martlet.running import claims, last_words
from martlet.running.build import history, plan, run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.result import ExitCode
from martlet.steering.explain import Explanation
from running import analysis
from running.analysis import NeedsData, Number, Total, Trouble, Wrapper
from running.runs import records, reports


@pytest.fixture(autouse=True)
def registered(fresh_registry: None) -> None:
    Register._reg.extend(
        cls for cls in vars(analysis).values() if isinstance(cls, Register) and cls not in Register._reg
    )


def options(tmp_path: Path, **more: Any) -> Options:
    return Options(state=tmp_path / "state", **more)


def explain(tasks: list[Any], tmp_path: Path, *wanted: str) -> Explanation:
    given = options(tmp_path, differences=True)
    return Explanation(plan(tasks, given, Silent()), wanted, lambda names: history(given, names))


def test_says_why_it_will_run_and_what_it_waits_for(tmp_path: Path) -> None:
    folder = str(tmp_path)
    run([Number(folder, 1)], options(tmp_path), Silent())
    text = explain([Total(folder, 3)], tmp_path, "Total").text()
    assert text.splitlines() == [
        f"Total(folder={folder}, count=3)",
        f"  will run: {folder}/total-3 is not there",
        f"  waits for 2 of the 3 tasks it needs: Number(folder={folder}, n=0), Number(folder={folder}, n=2)",
    ]
    text = explain([Total(folder, 3)], tmp_path, f"Number(folder={folder}, n=1)").text()
    assert text.splitlines()[1:3] == [
        "  does not run: it is complete",
        f"  needed by Total(folder={folder}, count=3)",
    ]
    assert "ran before, on " in text and text.endswith(": done")


def test_says_what_is_stale(tmp_path: Path) -> None:
    folder = str(tmp_path)
    run([Total(folder, 2)], options(tmp_path), Silent())
    assert "  stale: " not in explain([Total(folder, 2)], tmp_path, "Total").text()
    run([Number(folder, 1)], options(tmp_path, force=("Number",)), Silent())
    explanation = explain([Total(folder, 2)], tmp_path, "Total")
    assert explanation.text().splitlines()[1:3] == ["  does not run: it is complete", "  stale: made from other inputs"]
    assert json.loads(explanation.json())[0]["stale"] == ["made from other inputs"]


def test_says_who_is_behind_and_how_that_failed(tmp_path: Path) -> None:
    folder = str(tmp_path)
    lines = explain([NeedsData(folder)], tmp_path, "NeedsData").text().splitlines()
    assert lines[1:] == [
        f"  cannot run, blocked: needs Data(folder={folder})",
        f"    Data(folder={folder}): missing: external, and {folder}/data is not there",
    ]
    assert "needed by NeedsData" in explain([NeedsData(folder)], tmp_path, "Data*").text()


def test_tells_of_failures_before(tmp_path: Path) -> None:
    trouble = Trouble(str(tmp_path), "fail")
    for _ in range(5):
        assert run([trouble], options(tmp_path), Silent()).exit_code == ExitCode.FAILED
    text = explain([trouble], tmp_path, "Trouble").text()
    assert text.count(": failed: ValueError: the jets are gone") == 3
    assert "… and 2 more executions: martlet explain Trouble_" in text


def test_a_report_names_the_task_behind_its_reason(tmp_path: Path) -> None:
    folder = str(tmp_path)
    run([Total(folder, 2)], options(tmp_path), Silent())
    for workers in (1, 2):
        assert run([Total(folder, 2)], options(tmp_path, force=("Number",), workers=workers), Silent())
    whys = [line["why"] for line in reports(tmp_path) if line["family"] == "Total"]
    numbers = [Number(folder, n).task_id for n in range(2)]
    assert whys[0] == ["outputAbsent"]
    assert all(why[0] == "dependencyForced" and why[1] in numbers for why in whys[1:]) and len(whys) == 3


def test_of_many_the_first_and_json_of_all(tmp_path: Path) -> None:
    explanation = explain([Total(str(tmp_path), 60)], tmp_path, "Number", "Total*")
    text = explanation.text()
    assert "… and 11 more (-v lists them)" in text
    assert "-v lists them" not in explanation.text(verbose=True)
    rows = json.loads(explanation.json())
    assert len(rows) == 61
    assert rows[-1]["family"] == "Total" and rows[-1]["needs"] == 60 and len(rows[-1]["waits_for"]) == 60
    assert rows[0]["dependents"] == 1 and rows[0]["executions"] == []


def test_unknown_names_get_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(MartletError) as caught:
        explain([Total(str(tmp_path), 2)], tmp_path, "Totl")
    assert caught.value.diagnostic.code == Code.UNKNOWN_TASK
    assert "did you mean Total" in caught.value.diagnostic.text()


@pytest.mark.parametrize("workers", [1, 2])
def test_who_never_got_their_turn_is_recorded(tmp_path: Path, workers: int) -> None:
    folder = str(tmp_path)
    wrapper = Wrapper(folder, ["fail"], count=2)
    run([wrapper, NeedsData(folder)], options(tmp_path, workers=workers), Silent())
    lines = records(tmp_path)
    unrun = {line["family"]: line for line in lines if "unrun" in line}
    assert {family: line["state"] for family, line in unrun.items()} == {
        "Wrapper": "blocked", "NeedsData": "blocked", "Data": "missing",
    }  # fmt: skip
    assert unrun["Wrapper"]["why"] == ["blockedBy", Trouble(folder, "fail").task_id]
    assert unrun["Data"]["cause"] == f"external, and {folder}/data is not there"
    (end,) = [line for line in lines if line.get("run") == "ended"]
    assert end["counts"]["Number"] == {"done": 2} and end["counts"]["Trouble"] == {"failed": 1}
    told = _bridge.history(f"{folder}/state", {wrapper.task_id: claims.name(wrapper)})[wrapper.task_id]
    assert told["unrun"]["reason"] == "blockedBy" and told["executions"] == []


def test_also_where_nothing_ran(tmp_path: Path) -> None:
    assert run([NeedsData(str(tmp_path))], options(tmp_path), Silent()).exit_code == ExitCode.MISSING
    assert {line["unrun"].partition("_")[0] for line in records(tmp_path) if "unrun" in line} == {"NeedsData", "Data"}


def test_a_run_that_leaves_nothing_undone_records_executions_only(tmp_path: Path) -> None:
    assert run([Total(str(tmp_path), 2)], options(tmp_path), Silent())
    assert not [line for line in records(tmp_path) if "unrun" in line or "run" in line]


def test_of_very_many_the_rest_is_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(last_words, "MOST", 2)
    folder = str(tmp_path)
    run([NeedsData(folder), Wrapper(folder, ["fail"])], options(tmp_path), Silent())
    lines = records(tmp_path)
    assert len([line for line in lines if "unrun" in line]) == 2
    assert sum(next(line for line in lines if line.get("run"))["rest"].values()) == 1
