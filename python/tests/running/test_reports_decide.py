"""complete_by and rerun_on: what reports have to say about what runs."""

from __future__ import annotations

import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from martlet.parameters import IntParameter, Parameter
from martlet.running.build import plan
from martlet.running.charters import Charters
from martlet.running.completeness import Completeness
from martlet.running.completion import CompletionRules
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.targets import LocalTarget
from martlet.task import ExternalTask, Task, WrapperTask
from running.runs import go, records, reports


class Step(Task):
    """A task that notes that it ran."""

    folder = Parameter(significant=False)
    number = IntParameter(default=0)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/{type(self).__name__}{self.number}")

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write(f"{type(self).__name__}{self.number}\n")
        with self.output().open("w") as file:
            file.write("made")


class Raw(ExternalTask):
    folder = Parameter(significant=False)

    def output(self) -> Any:
        return LocalTarget(f"{self.folder}/raw")


class Selection(Step):
    def requires(self) -> Any:
        return Raw(folder=self.folder)


class Histograms(Step):
    def requires(self) -> Any:
        return Selection(folder=self.folder, number=self.number)


class Both(WrapperTask):
    folder = Parameter(significant=False)

    def requires(self) -> Any:
        return [Histograms(folder=self.folder, number=number) for number in (1, 2)]


class Fit(Step):
    def requires(self) -> Any:
        return Both(folder=self.folder)


class Many(Step):
    def requires(self) -> Any:
        return [Selection(folder=self.folder, number=number) for number in range(20)]


class Lonely(Task):
    """Makes nothing: only a report tells that it has run."""

    complete_by = "reports"
    folder = Parameter(significant=False)

    def run(self) -> None:
        with open(f"{self.folder}/ran", "a") as log:
            log.write("Lonely\n")


class Misspelt(Step):
    complete_by = "report"


@pytest.fixture(autouse=True)
def area(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "raw").write_text("events")
    return tmp_path


@pytest.fixture
def code(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Fingerprints by class, as the test wants them."""
    fingerprints: dict[str, str] = {}

    def fact(_: Charters, cls: type[Any]) -> dict[str, Any]:
        return {"fingerprint": fingerprints.get(cls.__name__, "0" * 16), "files": {}, "defaults": {}}

    monkeypatch.setattr(Charters, "_code", fact)
    return fingerprints


EVERYWHERE = {"*": "reports"}
MADE = f"adler32:{zlib.adler32(b'made'):08x}"


def ran(folder: Path) -> list[str]:
    """What ran since this was asked before, sorted."""
    log = folder / "ran"
    told = sorted(log.read_text().split()) if log.exists() else []
    log.unlink(missing_ok=True)
    return told


def reasons(task: Task, folder: Path, **options: Any) -> Mapping[str, str]:
    """Of tasks that would run, by title, why."""
    told = plan([task], Options(state=folder / "state", **options), Silent())
    return {one.title.partition("(")[0] + str(one.index): one.reason for one in told.tasks if one.state == "waiting"}


def test_a_run_by_reports_needs_no_outputs(area: Path) -> None:
    fit = Fit(folder=str(area))
    assert go(fit, area, complete_by=EVERYWHERE) and len(ran(area)) == 5
    for path in [area / "Fit0", *area.glob("Selection*"), *area.glob("Histograms*")]:
        path.unlink()
    assert go(fit, area, complete_by=EVERYWHERE) and ran(area) == []
    assert go(fit, area) and len(ran(area)) == 5


def test_no_file_is_looked_at_while_planning(area: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = [Fit(folder=str(area)), Many(folder=str(area))]
    go(tasks, area, complete_by=EVERYWHERE)
    looked: list[str] = []
    look = Completeness._look
    monkeypatch.setattr(Completeness, "_look", lambda self: (looked.extend(self._paths), look(self))[1])
    monkeypatch.setattr(LocalTarget, "exists", lambda self: looked.append(self.path) or True)
    told = plan(tasks, Options(state=area / "state", complete_by=EVERYWHERE), Silent())
    assert len(told.tasks) == 26
    # what is made elsewhere has no report
    assert set(looked) == {f"{area}/raw"}


def test_what_runs_again_makes_what_consumed_it_run(area: Path) -> None:
    fit = Fit(folder=str(area))
    go(fit, area, complete_by=EVERYWHERE)
    ran(area)
    go(Selection(folder=str(area), number=2), area, force=("Selection",))
    assert ran(area) == ["Selection2"]
    assert reasons(fit, area, complete_by=EVERYWHERE) == {
        "Fit0": "Both(), which it was made from, has changed",
        "Both1": "something it needs runs",
        "Histograms3": "Selection(number=2), which it was made from, has changed",
    }
    assert go(fit, area, complete_by=EVERYWHERE)
    assert ran(area) == ["Fit0", "Histograms2"]
    assert go(fit, area, complete_by=EVERYWHERE) and ran(area) == []
    assert reports(area)[-1]["why"] == ["inputsChanged", "Both__99914b932b"]


def test_external_files_count_by_size_and_time(area: Path) -> None:
    selection = Selection(folder=str(area))
    go(selection, area, complete_by=EVERYWHERE)
    told = reports(area)[0]
    status = os.stat(area / "raw")
    assert told["taken"] == [[str(area / "raw"), status.st_size, status.st_mtime_ns]] and len(told["used"]) == 1
    assert go(selection, area, complete_by=EVERYWHERE) and ran(area) == ["Selection0"]
    os.utime(area / "raw", ns=(1, 2))
    assert go(selection, area, rerun_on={"*": "inputs"}) and ran(area) == ["Selection0"]
    os.utime(area / "raw", ns=(1, 3))
    assert go(selection, area, complete_by=EVERYWHERE) and ran(area) == ["Selection0"]
    # gone from this machine: what was made from it is as it was
    (area / "raw").unlink()
    assert go(selection, area, complete_by=EVERYWHERE) and ran(area) == []


def test_many_predecessors_are_one_digest(area: Path) -> None:
    many = Many(folder=str(area))
    assert go(many, area, workers=2, complete_by=EVERYWHERE)
    told = next(one for one in reports(area) if one["family"] == "Many")
    assert len(told["used"]) == 16 and told["needs"] == {"Selection": 20} and "inputs" not in told
    ran(area)
    assert go(many, area, complete_by=EVERYWHERE) and ran(area) == []
    go(Selection(folder=str(area), number=7), area, force=("Selection",))
    ran(area)
    assert go(many, area, complete_by=EVERYWHERE) and ran(area) == ["Many0"]


def test_a_task_without_outputs_is_done_by_its_report(area: Path) -> None:
    lonely = Lonely(folder=str(area))
    assert go(lonely, area) and go(lonely, area)
    assert ran(area) == ["Lonely"]


def test_a_failure_is_tried_again_though_its_output_is_there(area: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    selection = Selection(folder=str(area))
    go(selection, area, complete_by=EVERYWHERE)
    with monkeypatch.context() as patch:
        patch.setattr(Selection, "run", lambda self: 1 / 0)
        assert not go(selection, area, force=("Selection",))
    assert reasons(selection, area, complete_by=EVERYWHERE)["Selection0"] == "its newest report is of a failure"
    assert reasons(selection, area) == {}


def test_both_tells_of_disagreements(area: Path) -> None:
    fit = Fit(folder=str(area))
    go(fit, area)
    options = Options(state=area / "state", complete_by={"*": "both"})
    assert plan([fit], options, Silent()).notes == ()
    (area / "Histograms2").unlink()
    told = plan([fit], options, Silent())
    assert [one.reason for one in told.tasks if one.state == "waiting" and one.family == "Histograms"] == [
        f"its report says that it is done, but {area}/Histograms2 is not there"
    ]
    gone = f"Histograms(number=2) ({area}/Histograms2)"
    assert told.notes == (f"reports say done, and outputs are gone: {gone}; made again",)
    ran(area)
    assert go(fit, area, complete_by={"*": "both"}) and ran(area) == ["Fit0", "Histograms2"]
    unknown = plan([fit], options.replaced(state=area / "other"), Silent())
    assert len(unknown.notes) == 1 and "no report tells of them" in unknown.notes[0]


def test_outputs_with_other_names_are_told_as_such(area: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fit = Fit(folder=str(area))
    go(fit, area)
    monkeypatch.setattr(Histograms, "output", lambda task: LocalTarget(f"{task.folder}/new/{task.number}"))
    (area / "Fit0").unlink()
    told = plan([fit], Options(state=area / "state", complete_by={"*": "both"}), Silent())
    assert len(told.notes) == 2
    assert told.notes[0].startswith("outputs have other names than their reports say: Histograms(number=")
    assert f"({area}/Histograms" in told.notes[0] and " in its report, " + f"{area}/new/" in told.notes[0]
    assert told.notes[0].endswith("by its class); all are made again")
    assert told.notes[1] == f"reports say done, and outputs are gone: Fit(number=0) ({area}/Fit0); made again"


def test_code_is_left_alone_unless_it_is_to_count(area: Path, code: dict[str, str]) -> None:
    fit = Fit(folder=str(area))
    go(fit, area)
    ran(area)
    code["Selection"] = "1" * 16
    for quiet in ({}, {"complete_by": EVERYWHERE}, {"rerun_on": {"*": "environment"}}):
        assert go(fit, area, **quiet) and ran(area) == []
    assert reasons(fit, area, rerun_on={"*": "code"})["Selection4"].startswith("its code has changed since 20")
    assert go(fit, area, rerun_on={"Sel*": "code"}) and ran(area) == ["Selection1", "Selection2"]
    assert go(fit, area, rerun_on={"*": "code"}) and ran(area) == []
    assert go(fit, area, rerun_on={"*": "code,inputs"}) and ran(area) == ["Fit0", "Histograms1", "Histograms2"]


def test_a_class_says_it_itself(area: Path, code: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Histograms, "rerun_on", {"code"})
    monkeypatch.setattr(Selection, "complete_by", "reports")
    fit = Fit(folder=str(area))
    go(fit, area)
    ran(area)
    code["Histograms"] = "1" * 16
    assert go(fit, area) and ran(area) == ["Histograms1", "Histograms2"]


def test_what_is_said_wrongly_breaks_the_task(area: Path) -> None:
    result = go(Misspelt(folder=str(area)), area)
    assert [ending.state for ending in result.endings] == ["broken"]
    assert "complete_by is 'report': there is 'targets', 'reports', 'both'" in result.endings[0].cause


def test_rules_are_the_most_specific_that_fit() -> None:
    options = Options(complete_by={"*": "reports", "Sel*": "both", "Fit": "targets"})
    rules = CompletionRules(options)
    assert [rules.of(cls) for cls in (Selection, Fit, Histograms)] == ["both", "targets", "reports"]
    by_store = CompletionRules(Options(complete_by_store=(("/store", "reports"), ("/store/local", "targets"))))
    assert by_store.of(Selection) is None
    places = [by_store.by_place(Selection(folder=folder)) for folder in ("/store/a", "/store/local", "/stores")]
    assert places == ["reports", "targets", "targets"]


def test_the_sandbox_and_the_environment_are_facts(area: Path) -> None:
    go(Selection(folder=str(area)), area)
    facts = {one["fact"]: one for one in records(area) if "fact" in one}
    told = reports(area)[0]
    assert told["code"] == facts["code"]["digest"] and told["env"] == facts["environment"]["digest"]
    assert "pytest" in facts["environment"]["packages"]
    assert len([one for one in records(area) if "fact" in one]) == 2


def test_every_line_stays_short(area: Path) -> None:
    go(Fit(folder=str(area)), area)
    lines = (area / "state" / "reports").glob("*.jsonl")
    executions = [line for path in lines for line in path.read_text().splitlines() if '"task"' in line]
    (line, *_) = [line.replace(str(area), "") for line in executions if '"family":"Histograms"' in line]
    assert len(line) <= 430


def test_checksums_where_they_are_asked_for(area: Path) -> None:
    go(Selection(folder=str(area)), area, checksum={"Sel*": "adler32"})
    (output,) = reports(area)[0]["outputs"]
    assert output[3] == MADE


def test_a_run_within_workers_says_the_same(area: Path) -> None:
    fit = Fit(folder=str(area))
    assert go(fit, area, workers=2, complete_by=EVERYWHERE, checksum={"*": "adler32"})
    assert all(one["outputs"][0][3] == MADE for one in reports(area) if one["family"] != "Both")
    ran(area)
    assert go(fit, area, workers=2, complete_by=EVERYWHERE) and ran(area) == []


def test_records_that_cannot_be_read_are_no_reports(area: Path) -> None:
    """Torn, flipped and newer segments: what they told is made again."""
    selection = Selection(folder=str(area))
    go(selection, area, complete_by=EVERYWHERE)
    (segment,) = (area / "state" / "reports").glob("*.jsonl")
    whole = segment.read_bytes()
    execution = whole.index(b'"task"')
    ran(area)
    for cut in (0, 10, execution, len(whole) - 20):
        segment.write_bytes(whole[:cut])
        assert reasons(selection, area, complete_by=EVERYWHERE)["Selection0"] == "no report tells of it"
    segment.write_bytes(whole.replace(b'"state":"done"', b'"state":"dOne"'))
    assert reasons(selection, area, complete_by=EVERYWHERE)["Selection0"] == "no report tells of it"
    segment.write_bytes(whole)
    assert reasons(selection, area, complete_by=EVERYWHERE) == {}


def test_both_takes_the_word_of_reports_for_tasks_without_outputs(tmp_path: Path) -> None:
    class Silent(Task):
        def run(self) -> None:
            with open(tmp_path / "ran", "a") as file:
                file.write("silent\n")

    for complete_by in ("both", "reports"):
        go(Silent(), tmp_path, complete_by={"*": complete_by})
    assert ran(tmp_path) == ["silent"]
