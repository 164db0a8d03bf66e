"""What an analysis names, changes, overrides and inherits is found, with its lines and how it fares."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.analyses import CLEAN, DEEP, LAW, write
from doctor.conftest import Ask, verdicts
from martlet.doctor.differences import DIFFERENCES


def test_one_that_runs_as_it_stands(folder: Path, ask: Ask) -> None:
    write(folder, {"reco.py": CLEAN})
    code, told = ask("reco.py")
    assert (code, told["package"], told["stands_in_the_way"], told["troubles"]) == (0, "luigi", False, [])
    assert told["families"] == ["Raw", "Selection"]
    assert {verdict for verdict, _ in verdicts(told).values()} == {"works"}
    assert verdicts(told)["luigi.util.requires"] == ("works", ["reco.py:2", "reco.py:12"])
    assert verdicts(told)["luigi.local_target.LocalTarget"][1] == ["reco.py:9", "reco.py:15"]


@pytest.mark.parametrize("name", ["reco", "reco.tasks.plots"], ids=["folder", "module"])
@pytest.mark.parametrize("reading", [(), ("--no-import",)], ids=["imported", "read"])
def test_through_a_package(name: str, reading: tuple[str, ...], folder: Path, ask: Ask) -> None:
    write(folder, DEEP)
    code, told = ask(name, *reading)
    found = verdicts(told)
    assert code == (1 if reading else 4)  # what is changed is not there
    assert found["luigi.worker.TaskProcess.run is changed"] == ("has no counterpart", ["reco/base.py:15"])
    assert found["luigi.worker.Worker._add_task is overridden"] == ("has no counterpart", ["reco/base.py:19"])
    assert found["luigi.worker.Worker._run_task is overridden"] == ("works", ["reco/base.py:22"])
    assert found["a subclass of luigi.worker.Worker"] == ("works differently", ["reco/base.py:18"])
    assert found["luigi.task.Task.accepts_messages"] == ("works differently", ["reco/base.py:8"])
    assert found["luigi.task.Task.set_status_message"] == ("works differently", ["reco/tasks/plots.py:7"])
    assert found["luigi.contrib.external_program"][0] == "works differently"
    assert "reco/tasks/plots.py:11" in found["luigi.contrib.external_program"][1]
    assert found["luigi.parameter.IntParameter"] == ("works", ["reco/base.py:7"])  # through a star


def test_differences_are_those_of_the_list(folder: Path, ask: Ask) -> None:
    write(folder, DEEP)
    _, told = ask("reco")
    named = {finding["subject"]: finding["difference"] for finding in told["findings"] if finding["difference"]}
    assert named == {
        "luigi.contrib.external_program": "programs that fail",
        "luigi.task.Task.set_status_message": "status messages",
        "run() that yields tasks": "dynamic requirements",
    }
    assert set(named.values()) <= set(DIFFERENCES)


@pytest.mark.parametrize(
    "change",
    [
        "luigi.Task.on_success = quiet",
        "setattr(luigi.Task, 'on_success', quiet)",
        "mock.patch('luigi.task.Task.on_success', quiet).start()",
        "mock.patch.object(luigi.task.Task, 'on_success', quiet).start()",
        "for name in ['on_success']: setattr(luigi.Task, name, quiet)",
    ],
)
def test_changes_of_luigis_classes(change: str, folder: Path, ask: Ask) -> None:
    text = f"import luigi\nfrom unittest import mock\n\ndef quiet(self): pass\n\n{change}\n"
    write(folder, {"changing.py": text})
    code, told = ask("changing.py")
    changes = [finding for finding in told["findings"] if finding["kind"] == "change"]
    assert [finding["verdict"] for finding in changes] == ["works differently"]
    assert changes[0]["subject"] == "luigi.task.Task.on_success is changed"
    assert changes[0]["places"][0]["line"] in (4, 6)
    assert code == 0


def test_names_that_there_are_not(folder: Path, ask: Ask) -> None:
    text = "import luigi\nluigi.parameter\nclass A(luigi.Taks): pass\nluigi.interface._WorkerSchedulerFactory\n"
    write(folder, {"wrong.py": text + "luigi.worker._WAIT_INTERVAL_EPS\n"})
    code, told = ask("wrong.py", "--no-import")
    found = verdicts(told)
    assert code == 1
    assert found["luigi.Taks"] == ("has no counterpart", ["wrong.py:3"])
    assert "did you mean Task" in next(f["why"] for f in told["findings"] if f["subject"] == "luigi.Taks")
    assert found["luigi.interface._WorkerSchedulerFactory"][0] == "works"
    assert found["luigi.worker._WAIT_INTERVAL_EPS"][0] == "has no counterpart"


def test_law(folder: Path, ask: Ask) -> None:
    write(folder, LAW)
    code, told = ask("select.py", "--no-import")
    found = verdicts(told)
    rewritten = "is written differently"
    assert (code, told["package"], told["troubles"]) == (1, "law", [])
    assert found["law.Task"] == (rewritten, ["base.py:7"])
    assert found["law.LocalWorkflow"] == (rewritten, ["select.py:6"])
    assert found["law.contrib.htcondor"] == (rewritten, ["base.py:4", "base.py:11"])
    assert found["law.contrib.root"] == (rewritten, ["base.py:4"])
    assert found["law.decorator.safe_output"] == (rewritten, ["select.py:1", "select.py:13"])
    assert found["law.BaseWorkflow.create_branch_map"] == (rewritten, ["select.py:10"])
    assert found["law.Task.publish_message"] == (rewritten, ["select.py:15"])
    assert found["law.Task.req"] == (rewritten, ["select.py:22"])
    assert found['sandbox = "bash::setup.sh"'] == (rewritten, ["select.py:7"])
    assert found['sandbox = "singularity::image"'] == ("has no counterpart", ["select.py:19"])
    assert found["[modules]"] == (rewritten, ["law.cfg:1"])
    assert found["luigi.parameter.Parameter"] == ("works", ["base.py:8"])


def test_law_that_is_not_installed_is_read(folder: Path, ask: Ask) -> None:
    write(folder, {**LAW, "law/__init__.py": ""})  # a folder of that name is no law
    _, told = ask("select.py")
    assert told["package"] == "law"
    assert told["notes"] == ["law is not installed here: the files were read, not imported"]
    assert told["troubles"] == []


def test_no_analysis_at_all(folder: Path, ask: Ask) -> None:
    write(folder, {"plain.py": "import json\n"})
    code, told = ask("plain.py")
    assert (code, told["package"], told["findings"]) == (0, "", [])
