"""What jobs ask of their batch system, and who says so."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.diagnostics import MartletError
from martlet.running.build import run
from martlet.running.job_options import OPTIONS, JobOptions, flag, of_class, parse, table
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.steering import configuration, settings
from running.analysis import LargeJob, LostJob, OddJob, Piece


class Fit(martlet.Task):
    job_options: Any = {"memory": "2 GB", "queue": "short", "extra": ["--account=higgs"]}
    resources: Any = {"cores": 2.5, "memory_gb": 1, "gpu": 1}
    time_limit: Any = "1h"


class Says(martlet.Task):
    n = martlet.IntParameter()

    @property
    def job_options(self) -> Any:  # type: ignore[override]
        return {"memory": None if self.n else "1 GB"}


class SaysByMethod(martlet.Task):
    def job_options(self) -> Any:  # type: ignore[override]
        return {}


@pytest.mark.parametrize(
    ("name", "value", "parsed"),
    [
        ("cores", 4, 4), ("cores", "4", 4), ("memory", "500 MB", 500_000_000), ("memory", "1.5GiB", 1_610_612_736),
        ("disk", "20gb", 20 * 10**9), ("walltime", "1h 30m", 5400.0), ("walltime", 90, 90.0), ("gpus", 1, 1),
        ("queue", "short", ["short"]), ("queue", " ce1  ce2 ce1", ["ce1", "ce2"]), ("queue", ["a", "b"], ["a", "b"]),
        ("extra", "--qos=x", ["--qos=x"]), ("extra", ["a", "b"], ["a", "b"]),
    ],
)  # fmt: skip
def test_values(name: str, value: Any, parsed: Any) -> None:
    assert parse(name, value, "here") == parsed


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("cores", 0), ("cores", "many"), ("cores", True), ("cores", 1.5), ("memory", "500"), ("memory", 2),
        ("memory", "-1 GB"), ("memory", "GB"), ("walltime", "soon"), ("walltime", 0), ("queue", ""),
        ("queue", []), ("queue", "a\nb"), ("queue", 7),
        ("extra", ["a\n#SBATCH --wrap"]), ("extra", 3),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_by_its_name(name: str, value: Any) -> None:
    with pytest.raises(MartletError) as refused:
        parse(name, value, "job_options of Fit")
    assert f"{name} (job_options of Fit)" in refused.value.diagnostic.text()


def test_an_option_that_is_none_names_the_nearest() -> None:
    with pytest.raises(MartletError) as refused:
        flag("memroy=2GB")
    assert "did you mean memory?" in refused.value.diagnostic.text()
    with pytest.raises(MartletError):
        flag("memory")


def test_who_says_it_last_counts_and_lines_add_up() -> None:
    said = {
        **table({"memory": "1 GB", "disk": "1 GB", "extra": "-A a"}, "file"),
        **table({"slurm": {"queue": "long", "extra": "-q b"}, "htcondor": {"queue": "other"}}, "file"),
        **flag("queue=express"),
    }  # fmt: skip
    asked = JobOptions(said, "slurm").of(Fit())
    assert asked == {
        "memory": 2 * 10**9, "disk": 10**9, "queue": ["express"], "cores": 3, "gpus": 1, "walltime": 4200.0,
        "extra": ["-A a", "-q b", "--account=higgs"],
    }  # fmt: skip
    assert JobOptions({}, "slurm").of(Piece("", 1)) == {}


def test_configuration_and_command_line(tmp_path: Path) -> None:
    (tmp_path / "martlet.toml").write_text('[jobs]\nmemory = "1 GB"\n[jobs.slurm]\nqueue = "long"\n')
    found = configuration.find(tmp_path / "reco.py", {})
    key = settings.BY_NAME["jobs"]
    found.set("jobs", settings.from_text(key, "memory=3GB", "--job", tmp_path), "--job")
    said = found["jobs"]
    assert isinstance(said, dict)
    assert JobOptions(said, "slurm").of(Piece("", 1)) == {"memory": 3 * 10**9, "queue": ["long"]}


def test_a_class_that_asks_for_nonsense_fails_alone(tmp_path: Path) -> None:
    options = Options(batch="local", state=tmp_path / "state")
    result = run([OddJob(str(tmp_path), 1), Piece(str(tmp_path), 2)], options, Silent())
    assert result.count("done") == 1 and result.count("broken") == 1
    expected = "'much' is not a number with its unit: 500 MB, 4 GiB"
    assert result.endings[0].cause == f"memory (job_options of OddJob): {expected}"


def test_a_property_that_raises_is_shown_with_its_line(tmp_path: Path) -> None:
    result = run([LostJob(str(tmp_path), 1)], Options(batch="local", state=tmp_path / "state"), Silent())
    ending = result.endings[0]
    assert ending.cause == "what its job asks for raised KeyError: 'of no dataset'"
    assert "files.py" in str(ending.details) and "in job_options" in str(ending.details)


def test_none_says_nothing_and_a_method_is_none() -> None:
    said = JobOptions({"walltime": 60.0}, "slurm")
    assert said.of(Says(1)) == {"walltime": 60.0}
    with pytest.raises(MartletError) as refused:
        of_class(SaysByMethod)
    assert "make it a property" in str(refused.value)
    assert of_class(LostJob) is None


@pytest.mark.parametrize(
    ("tasks_per_job", "options", "seconds"),
    [(1, {}, 4200), (20, {}, 72_600), (20, {"cores": 8}, 11_400), (20, {"walltime": "1h"}, 3600)],
)
def test_a_job_has_time_for_all_of_its_tasks(tasks_per_job: int, options: dict[str, Any], seconds: float) -> None:
    task = Fit()
    task.resources, task.job_options = {"cores": 1 if "cores" in options else 2}, options
    assert JobOptions({}, "slurm", tasks_per_job).of(task)["walltime"] == seconds


def test_a_table_of_no_system_is_refused() -> None:
    with pytest.raises(MartletError) as refused:
        table({"slrum": {"walltime": "1h"}}, "martlet.toml")
    assert "jobs.slrum (martlet.toml)" in str(refused.value) and "did you mean slurm?" in str(refused.value)


def test_memory_is_asked_of_the_system_and_counted_against_a_limit_alone(tmp_path: Path) -> None:
    tasks = [LargeJob(str(tmp_path), number) for number in range(2)]
    limited = run(tasks, Options(batch="local", state=tmp_path / "state", resources={"memory_gb": 2}), Silent())
    assert {str(ending.cause) for ending in limited.endings} == {"it needs 3 memory_gb, and there are 2"}
    result = run(tasks, Options(batch="local", state=tmp_path / "state"), Silent())
    assert result.exit_code == 0, [ending.cause for ending in result.endings]
    folder = next((tmp_path / "state" / "jobs").iterdir())
    assert '"job":{"memory":3000000000}' in (folder / "job.json").read_text()


def test_slices(tmp_path: Path) -> None:
    pieces = [Piece(str(tmp_path), number) for number in range(5)]
    result = run(pieces, Options(batch="local", state=tmp_path / "state", tasks_per_job=2), Silent())
    assert result.exit_code == 0, [ending.cause for ending in result.endings]
    arrays = [json.loads(path.read_text()) for path in (tmp_path / "state" / "batch" / "local").glob("*/array")]
    assert [array["count"] for array in arrays] == [3]
    folder = next((tmp_path / "state" / "jobs").iterdir())
    assert (folder / "0.log").read_text() == "piece 0\npiece 1\n"
    # each task's part of its job's log is its own
    told = [json.loads(line) for path in (tmp_path / "state" / "reports").iterdir() for line in path.open()]
    logs = {record["params"]["n"]: record["log"] for record in told if "params" in record}
    assert logs["1"][1:] == [len("piece 0\n"), len("piece 1\n")]


def test_the_documentation_lists_all_options() -> None:
    rows = [f"| `{option.name}` | {option.expected} | {option.help} |" for option in OPTIONS.values()]
    assert "\n".join(rows) in (Path(__file__).resolve().parents[3] / "docs" / "batch.md").read_text()
