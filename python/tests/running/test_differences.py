"""What has changed since reports, and what depends on it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.parameters import IntParameter, Parameter
from martlet.running.build import plan
from martlet.running.charters import Charters
from martlet.running.differences import Difference
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.steering import drift
from martlet.targets import LocalTarget
from martlet.task import Task, WrapperTask
from running.runs import go


class Made(Task):
    folder = Parameter(significant=False)
    number = IntParameter(default=0)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/{type(self).__name__}{self.number}")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write("made")


class Cut(Made):
    pass


class Filled(Made):
    def requires(self) -> Any:
        return Cut(folder=self.folder, number=self.number)


class AllFilled(WrapperTask):
    folder = Parameter(significant=False)

    def requires(self) -> Any:
        return [Filled(folder=self.folder, number=number) for number in range(5)]


class Drawn(Made):
    def requires(self) -> Any:
        return AllFilled(folder=self.folder)


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What is said of code and environment, as the test wants it."""
    environment = {"python": "3.12.1", "packages": {"numpy": "1.26"}}
    said: dict[str, Any] = {"files": {}, "defaults": {}, "environment": environment}

    def code(_: Charters, cls: type[Any]) -> dict[str, Any]:
        files = {"tasks.py": "0", **said["files"].get(cls.__name__, {})}
        form = {"form": said["form"]} if "form" in said else {}
        defaults = said["defaults"].get(cls.__name__, {})
        return {"fingerprint": json.dumps(files), **form, "files": files, "defaults": defaults}

    monkeypatch.setattr(Charters, "_code", code)
    monkeypatch.setattr(Charters, "environment", lambda _: said["environment"])
    return said


def differences(folder: Path) -> dict[str, Difference]:
    options = Options(state=folder / "state", differences=True)
    return {one.title: one for one in plan([Drawn(folder=str(folder))], options, Silent()).differences}


def test_nothing_has_changed_after_a_run(tmp_path: Path, facts: dict[str, Any]) -> None:
    go(Drawn(folder=str(tmp_path)), tmp_path)
    told = differences(tmp_path)
    assert len(told) == 12 and all(one.is_current for one in told.values())
    assert drift.text(list(told.values())) == "All 12 tasks are as their reports say: nothing has changed since"


def test_code_and_what_is_behind_it(tmp_path: Path, facts: dict[str, Any]) -> None:
    go(Drawn(folder=str(tmp_path)), tmp_path)
    facts["files"]["Filled"] = {"physics/histograms.py": "1"}
    told = differences(tmp_path)
    changed = [name for name, one in told.items() if one.changes]
    assert sorted(changed) == [f"Filled(number={number})" for number in range(5)]
    assert told["Filled(number=1)"].changes == {"code": "physics/histograms.py"}
    assert told["Filled(number=1)"].since and told["Cut(number=1)"].is_current
    assert not told["AllFilled()"].is_current and told["AllFilled()"].behind in [told[name].index for name in changed]
    assert told["Drawn(number=0)"].behind == told["AllFilled()"].index
    text = drift.text(list(told.values()))
    assert "5 of 12 tasks are as their reports say" in text and "(physics/histograms.py): Filled(number=" in text
    assert "behind AllFilled" in text and "and 2 more" in text


def test_inputs_environment_and_defaults(tmp_path: Path, facts: dict[str, Any]) -> None:
    go(Drawn(folder=str(tmp_path)), tmp_path)
    go(Cut(folder=str(tmp_path), number=3), tmp_path, force=("Cut",))
    told = differences(tmp_path)
    assert [name for name, one in told.items() if one.changes] == ["Filled(number=3)"]
    assert told["Filled(number=3)"].changes == {"inputs": "Cut(number=3)"}
    assert told["Filled(number=3)"].inputs == [told["Cut(number=3)"].index]
    facts["environment"] = {"python": "3.12.1", "packages": {"numpy": "2.0", "hist": "2.7"}}
    facts["defaults"]["Cut"] = {"number": "1"}
    told = differences(tmp_path)
    assert told["Cut(number=1)"].changes == {
        "parameters": "number (none) → 1", "environment": "hist (none) → 2.7, numpy 1.26 → 2.0",
    }  # fmt: skip
    assert set(told["Filled(number=3)"].changes) == {"inputs", "environment"}


def test_fingerprints_of_another_form_are_not_compared(tmp_path: Path, facts: dict[str, Any]) -> None:
    go(Drawn(folder=str(tmp_path)), tmp_path)
    facts["form"] = 2
    facts["files"]["Filled"] = {"physics/histograms.py": "1"}
    told = differences(tmp_path)
    assert all(one.is_current and not one.changes for one in told.values())
    assert [name for name, one in told.items() if not one.unknown] == ["AllFilled()"]
    assert drift.text(list(told.values())).splitlines()[1:] == [
        "11 tasks: whether code has changed is not known: the report has a fingerprint of another form"
    ]
    why = "the report has a fingerprint of another form"
    assert drift.members([told["Cut(number=1)"]])[0]["unknown"] == {"code": why}
    facts["defaults"]["Cut"] = {"number": "1"}
    text = drift.text(list(differences(tmp_path).values()))
    assert "defaults of parameters have changed" in text and "is not known" in text


def test_without_reports_nothing_is_known(tmp_path: Path, facts: dict[str, Any]) -> None:
    told = differences(tmp_path)
    assert {one.report for one in told.values()} == {"none", "wrapper"}
    assert "no report tells of them: Cut(number=" in drift.text(list(told.values()))


def test_for_programs_and_notebooks(tmp_path: Path, facts: dict[str, Any]) -> None:
    go(Drawn(folder=str(tmp_path)), tmp_path)
    facts["files"]["Cut"] = {"cuts.py": "1"}
    told = martlet.drift(Drawn(folder=str(tmp_path)), state=tmp_path / "state")
    rows = json.loads(drift.json_text(told))
    assert [row["changes"] for row in rows if row["family"] == "Cut"] == [{"code": "cuts.py"}] * 5
    (drawn,) = (row for row in rows if row["family"] == "Drawn")
    assert drawn["behind"].startswith("AllFilled") and not drawn["current"] and drawn["dependents"] == 0
