"""What a job does with its slice: runs it as any run would, reports it where it runs, and says that it is alive."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest

import martlet
from martlet.running.outcome import split

PACKAGES = str(Path(martlet.__file__).resolve().parents[1])
SCRIPT = '''
import ctypes
import os
import threading
import time
from pathlib import Path

import martlet

HERE = Path({folder!r})


class Piece(martlet.Task):
    n = martlet.IntParameter()

    def output(self):
        return martlet.LocalTarget(HERE / f"piece-{{self.n}}")

    def run(self):
        print(f"piece {{self.n}} of {{os.getppid()}}", flush=True)
        with open(HERE / "begun", "a") as begun:
            begun.write(f"{{self.n}}\\n")
        while (HERE / "wait").exists():
            time.sleep(0.01)
        Path(self.output().path).touch()


class Whole(martlet.Task):
    def requires(self):
        return [Piece(n=n) for n in range(3)]

    def output(self):
        return martlet.LocalTarget(HERE / "whole")

    def run(self):
        Path(self.output().path).touch()


class Crashes(Piece):
    def run(self):
        if self.n == 1:
            print("about to crash", flush=True)
            ctypes.string_at(0)
        super().run()


class Boxed(Piece):
    sandbox = f"shell:{{HERE}}/box.sh"

    def run(self):
        Path(self.output().path).write_text(os.environ.get("BOX", "none"))


class Meets(Piece):
    """Ends when another one runs at the same time."""

    resources = {{"cores": 1}}
    job_options = {{"cores": 2}}
    time_limit = 60

    def run(self):
        (HERE / f"here-{{self.n}}").touch()
        print(f"meets {{self.n}} threads {{os.environ['OMP_NUM_THREADS']}}")
        while len(list(HERE.glob("here-*"))) < 2:
            time.sleep(0.01)
        Path(self.output().path).touch()


class Slow(Piece):
    time_limit = 0.5

    def run(self):
        while self.n == 0:
            time.sleep(0.01)
        Path(self.output().path).touch()


class All(martlet.WrapperTask):
    kind = martlet.Parameter()

    def requires(self):
        return [globals()[self.kind](n=n) for n in range(3)]
'''


class Area:
    """A folder with the script, its state and what it makes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        (folder / "analysis.py").write_text(SCRIPT.format(folder=str(folder)))

    def start(self, *words: str, world: Mapping[str, str] = MappingProxyType({})) -> subprocess.Popen[str]:
        """`world`: environment variables."""
        # of the two doors the executable is the one that answers about records
        executable = str(Path(sys.executable).with_name("martlet"))
        door = [sys.executable, "-m", "martlet"] if words[0] == "run" else [executable]
        command = [*door, *words, "--state", str(self.state)]
        variables = {name: text for name, text in os.environ.items() if not name.startswith(("MARTLET_", "OMP_"))}
        return subprocess.Popen(
            command, cwd=self.folder, env={**variables, **world, "PYTHONPATH": PACKAGES}, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def say(self, *words: str) -> str:
        said, _ = self.start(*words).communicate(timeout=120)
        return said

    def run(self, *words: str) -> str:
        """Has tasks run as jobs, three in a job."""
        return self.say("run", "analysis.py", *words, "--batch", "local", "--tasks-per-job", "3", "--retries", "0")

    def segments(self) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
        """The header and the executions of each segment of reports."""
        found = []
        for path in sorted((self.state / "reports").glob("*.jsonl")):
            lines = [json.loads(line) for line in path.read_text().splitlines()]
            if lines:  # it may have been made this moment
                found.append((lines[0], [line for line in lines if "task" in line]))
        return found

    def reports(self) -> dict[str, list[dict[str, Any]]]:
        """Executions by the number of their piece, or else by family."""
        found: dict[str, list[dict[str, Any]]] = {}
        for _, lines in self.segments():
            for line in lines:
                found.setdefault(line["params"].get("n", line["family"]), []).append(line)
        return found

    def log(self, report: dict[str, Any]) -> str:
        """What a report says that its task printed."""
        name, offset, length = report["log"]
        return (self.state / name).read_bytes()[offset : offset + length].decode()

    def jobs(self) -> list[Path]:
        return sorted((self.state / "jobs").glob("martlet-*/job.json"))


@pytest.fixture
def area(tmp_path: Path) -> Area:
    return Area(tmp_path)


def _until(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def left_alone(area: Area) -> Area:
    """Three tasks of one job whose driver was killed while the first of them ran, and that have ended since."""
    (area.folder / "wait").touch()
    driver = area.start("run", "analysis.py", "Whole", "--batch", "local", "--tasks-per-job", "3")
    _until(lambda: (area.folder / "begun").exists())
    os.kill(driver.pid, signal.SIGKILL)
    driver.communicate()
    assert area.reports() == {}
    (area.folder / "wait").unlink()
    _until(lambda: len(area.reports()) == 3)
    return area


def test_a_job_reports_what_it_has_done_though_its_driver_is_gone(left_alone: Area) -> None:
    area = left_alone
    assert {number: [one["state"] for one in lines] for number, lines in area.reports().items()} == {
        "0": ["done"], "1": ["done"], "2": ["done"],
    }  # fmt: skip
    (status,) = json.loads(area.say("status", "--json"))["families"]
    assert (status["family"], status["done"]) == ("Piece", 3)
    assert len(json.loads(area.say("reports", "list", "--json"))) == 3
    # nothing is looked at but reports, and no batch system is asked
    for path in area.folder.glob("piece-*"):
        path.unlink()
    said = area.say("run", "analysis.py", "Whole", "--complete-by", "reports")
    assert "1 task to run" in said, said
    assert len(area.reports()["Whole"]) == 1


def test_the_next_run_takes_reports_of_a_job_as_they_are(left_alone: Area) -> None:
    area = left_alone
    for path in area.folder.glob("piece-*"):
        path.unlink()
    said = area.run("Whole")
    assert "goes on with jobs that an earlier run submitted for 3 tasks" in said, said
    assert sorted((area.folder / "begun").read_text().split()) == ["0", "1", "2"]
    assert [len(lines) for lines in area.reports().values()] == [1, 1, 1, 1]
    (whole,) = area.reports()["Whole"]
    names = {line["task"]: line["name"] for line in json.loads(area.say("reports", "list", "--json"))}
    assert whole["used"] == [names[task] for task in whole["inputs"]]


def test_a_report_says_where_the_job_ran_and_what_its_run_knew(area: Area) -> None:
    assert "Done" in area.run("Whole")
    own = {line["task"]: line for _, lines in area.segments() for line in lines}
    assert all(line["why"] == ["outputAbsent"] and "code" in line for line in own.values() if line["family"] == "Piece")
    first = next(header for header, lines in area.segments() if lines)
    assert first["code"]["script"] == str(area.folder / "analysis.py")
    # the same job on another machine, with another package
    unshare = ["unshare", "--uts", "sh", "-c", 'hostname node7 && exec "$@"', "sh"]
    if subprocess.run([*unshare, "true"], stderr=subprocess.DEVNULL).returncode:
        pytest.skip("a host name of its own cannot be given here (unshare --uts)")
    (description,) = [path for path in area.jobs() if '"Whole"' in path.read_text()]
    description.with_name("0.result").unlink()
    packages = area.folder / "packages"
    (packages / "nodeware").mkdir(parents=True)
    (packages / "nodeware" / "__init__.py").touch()
    metadata = packages / "nodeware-1.5.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Name: nodeware\nVersion: 1.5\n")
    before = len(area.segments())
    subprocess.run(
        [*unshare, sys.executable, "-m", "martlet", "job", str(description), "0"], check=True, cwd=area.folder,
        env={**os.environ, "PYTHONPATH": f"{packages}{os.pathsep}{PACKAGES}"},
    )  # fmt: skip
    assert len(area.segments()) == before + 1
    again = next(path for path in (area.state / "reports").glob("*-node7-*"))
    header, *facts, line = [json.loads(text) for text in again.read_text().splitlines()]
    assert header["host"] == "node7" and header["code"]["script"] == str(area.folder / "analysis.py")
    environment = next(fact for fact in facts if fact["fact"] == "environment")
    assert environment["packages"]["nodeware"] == "1.5"
    assert line["submitter"] == own[line["task"]]["env"] != line["env"]
    # what a later run on this machine compares itself with is what this machine was
    area.run("Whole", "--rerun-on", "environment")
    assert len(area.reports()["Whole"]) == 2
    assert (line["inputs"], line["used"]) == (own[line["task"]]["inputs"], own[line["task"]]["used"])


def test_where_no_files_are_shared_reports_travel_with_the_result(area: Area, tmp_path_factory: Any) -> None:
    assert "Done" in area.run("Piece", "--n", "7")
    (description,) = area.jobs()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    head, line = description.read_text().splitlines()
    told = {**json.loads(head), "state": "/nonexistent/state"}
    (elsewhere / "job.json").write_text(f"{json.dumps(told)}\n{line}\n")
    with (elsewhere / "0.log").open("w") as log:
        subprocess.run(
            [sys.executable, "-m", "martlet", "job", "job.json", "0"], cwd=elsewhere, check=True,
            stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": PACKAGES},
        )  # fmt: skip
    # as if it had been collected from there by a run that does not know it yet
    shutil.rmtree(area.state / "reports")
    (area.folder / "piece-7").unlink()
    ledger = area.state / "ledger"
    for path in ledger.glob("*.jsonl"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(one for one in lines if '"closed"' not in one))
    shutil.copy(elsewhere / "0.result", description.with_name("0.result"))
    said = area.run("Piece", "--n", "7")
    assert "goes on with the job" in said, said
    ((_, (report,)),) = [segment for segment in area.segments() if segment[1]]
    assert report["log"][0] == f"jobs/{description.parent.name}/0.log"
    assert report["why"] == ["outputAbsent"] and report["state"] == "done"
    assert (elsewhere / "0.log").read_text().startswith("piece 7")


def test_a_crash_is_its_tasks_failure_and_the_rest_of_the_slice_runs(area: Area) -> None:
    said = area.run("All", "--kind", "Crashes")
    assert "SIGSEGV" in said, said
    assert [(area.folder / f"piece-{n}").exists() for n in range(3)] == [True, False, True]
    assert len(area.jobs()) == 1
    reports = area.reports()
    assert [reports[n][-1]["state"] for n in "012"] == ["done", "failed", "done"]
    assert [len(reports[n]) for n in "012"] == [1, 1, 1]
    assert "SIGSEGV" in reports["1"][0]["cause"]
    assert "about to crash" in area.log(reports["1"][0])


def test_each_task_of_a_slice_has_its_part_of_the_jobs_log(area: Area) -> None:
    area.run("Whole")
    for number in "012":
        (report,) = area.reports()[number]
        assert area.log(report).startswith(f"piece {number} of ") and area.log(report).count("\n") == 1
        assert report["log"][0].startswith("jobs/martlet-")
    assert area.say("logs", "Piece(n=1)").startswith("piece 1 of ")


def test_a_task_of_a_job_runs_in_its_sandbox(area: Area) -> None:
    (area.folder / "box.sh").write_text("export BOX=inside\n")
    said = area.run("All", "--kind", "Boxed")
    assert [(area.folder / f"piece-{n}").read_text() for n in range(3)] == ["inside"] * 3, said
    assert [len(area.reports()[n]) for n in "012"] == [1, 1, 1]


def test_as_many_tasks_run_at_a_time_as_the_job_has_cores_for(area: Area) -> None:
    said = area.run("All", "--kind", "Meets")
    assert "Done" in said, said
    assert len(area.jobs()) == 1
    for number in "012":
        (report,) = area.reports()[number]
        assert area.log(report) == f"meets {number} threads 1\n"
        assert report["log"][0].endswith("/0.log")
    assert not list((area.state / "jobs").glob("*/*.logs"))


def test_a_time_limit_ends_its_task_alone(area: Area) -> None:
    said = area.run("All", "--kind", "Slow")
    assert "took longer than its time limit of 0.5 s" in said, said
    assert [area.reports()[n][0]["state"] for n in "012"] == ["failed", "done", "done"]


def test_a_job_says_that_it_is_alive(area: Area) -> None:
    (area.folder / "wait").touch()
    driver = area.start("run", "analysis.py", "Whole", "--batch", "local", "--tasks-per-job", "3")
    try:
        _until(lambda: list((area.state / "jobs").glob("*/0.alive")))
        _until(lambda: (area.folder / "begun").exists())
        (file,) = (area.state / "jobs").glob("*/0.alive")
        said = json.loads(file.read_text())
        assert (said["over"], said["tasks"]) == (0, 3)
        assert "0 of 3, " in (listed := area.say("jobs", "list")), listed
    finally:
        (area.folder / "wait").unlink()
        driver.communicate(timeout=60)
    said = json.loads(file.read_text())
    assert (said["over"], said["tasks"], said["running"]) == (3, 3, [])


def test_logs_of_a_task_are_those_of_the_job_that_runs_now_too(area: Area) -> None:
    (area.folder / "wait").touch()
    driver = area.start("run", "analysis.py", "Piece", "--n", "7", "--batch", "local")
    follower = None
    try:
        _until(lambda: (area.folder / "begun").exists())
        said = area.say("logs", "Piece(n=7)")
        assert said.startswith("==> of the job that runs now: martlet-") and "piece 7 of " in said, said
        follower = area.start("logs", "Piece_7", "--follow")
        patience = threading.Timer(60, follower.kill)
        patience.start()
        assert follower.stdout is not None
        assert follower.stdout.readline().startswith("==> of the job that runs now: ")
    finally:
        (area.folder / "wait").unlink()
        driver.communicate(timeout=60)
    # the job is collected: it ends by itself, and has shown everything
    with follower.stdout as told:  # communicate() would pass over what readline() has read ahead
        shown = told.read()
    patience.cancel()
    assert shown.startswith("piece 7 of ") and follower.wait(timeout=60) == 0, shown
    assert area.say("logs", "Piece(n=7)").startswith("piece 7 of ")
    # and so are jobs that are collected, by their names and by their tasks
    tag = area.jobs()[0].parent.name
    by_job, by_task = area.say("jobs", "logs", f"{tag}.0"), area.say("jobs", "logs", "Piece_7")
    assert by_job.startswith(f"==> {tag}.0, collected: ") and "piece 7 of " in by_job, by_job
    assert by_task.startswith("==> Piece(n=7), when it last ran: ") and "piece 7 of " in by_task, by_task
    assert "none has run" in area.say("jobs", "logs", "Piece_8")


def test_logs_tell_of_an_execution_before_and_of_the_job_that_runs_now(area: Area) -> None:
    area.run("Piece", "--n", "7")
    before = area.say("logs", "Piece(n=7)")
    for name in ("piece-7", "begun"):
        (area.folder / name).unlink()
    (area.folder / "wait").touch()
    driver = area.start("run", "analysis.py", "Piece", "--n", "7", "--batch", "local")
    try:
        _until(lambda: (area.folder / "begun").exists())
        said = area.say("logs", "Piece(n=7)")
        assert said.startswith(before + "==> of the job that runs now: ") and said.count("piece 7 of ") == 2, said
    finally:
        (area.folder / "wait").unlink()
        driver.communicate(timeout=60)


def test_a_job_that_is_begun_again_goes_on_where_it_was(area: Area) -> None:
    area.run("All", "--kind", "Crashes")
    (description,) = area.jobs()
    subprocess.run(
        [sys.executable, "-m", "martlet", "job", str(description), "0"], check=True, cwd=area.folder,
        env={**os.environ, "PYTHONPATH": PACKAGES},
    )  # fmt: skip
    assert sorted((area.folder / "begun").read_text().split()) == ["0", "2"]
    assert [len(area.reports()[n]) for n in "02"] == [1, 1]


def _again(area: Area, description: Path, *, fail: str) -> subprocess.CompletedProcess[str]:
    """The same job once more, its result gone, in a world that fails."""
    description.with_name("0.result").unlink(missing_ok=True)
    command = [sys.executable, "-m", "martlet", "job", str(description), "0"]
    world = {**os.environ, "PYTHONPATH": PACKAGES, "MARTLET_FAIL": fail}
    return subprocess.run(command, cwd=area.folder, env=world, capture_output=True, text=True, timeout=120)


def _have_run_once(area: Area, description: Path) -> None:
    """The first two tasks of the job; short ones are handed ahead, and the third may have run as the job was killed."""
    told = json.loads(description.read_text().splitlines()[1])["tasks"]
    begun = (area.folder / "begun").read_text().split()
    assert [begun.count(one["params"]["n"]) for one in told[:2]] == [1, 1]


@pytest.mark.parametrize("is_shared", [True, False])
def test_what_a_job_had_reported_when_it_was_killed_is_not_run_again(
    area: Area, tmp_path_factory: Any, is_shared: bool
) -> None:
    area.run("Whole")
    (description,) = [path for path in area.jobs() if '"Piece"' in path.read_text()]
    shutil.rmtree(area.state / "reports")
    (area.folder / "begun").unlink()
    if not is_shared:
        head, line = description.read_text().splitlines()
        description = tmp_path_factory.mktemp("elsewhere") / "job.json"
        description.write_text(f"{json.dumps({**json.loads(head), 'state': '/nonexistent/state'})}\n{line}\n")
    assert _again(area, description, fail="job.result:2=kill").returncode == -signal.SIGKILL
    command = [sys.executable, "-m", "martlet", "job", str(description), "0"]
    subprocess.run(command, check=True, cwd=area.folder, env={**os.environ, "PYTHONPATH": PACKAGES})
    _have_run_once(area, description)
    left = [(place, kind) for place, kind, _ in split(description.with_name("0.result").read_bytes()) if kind < 102]
    assert left == [(0, 0), (0, 101), (1, 0), (1, 101), (2, 0), (2, 101)]


def test_a_job_killed_between_a_report_and_its_outcome_has_done_the_task(area: Area, tmp_path: Path) -> None:
    once = tmp_path / "faults"
    once.mkdir()
    world = {"MARTLET_FAIL": "job.result:2=kill", "MARTLET_FAIL_STATE": str(once)}
    said, _ = area.start(
        "run", "analysis.py", "Whole", "--batch", "local", "--tasks-per-job", "3", "--retries", "0", world=world
    ).communicate(timeout=120)
    assert "Done" in said, said
    # whose outcome was lost has its report, and what was not known to have begun is nobody's failure
    assert [[one["state"] for one in area.reports()[number]] for number in "012"] == [["done"]] * 3
    _have_run_once(area, next(path for path in area.jobs() if path.read_text().count('"Piece"') == 3))


def test_logs_that_reports_name_stay_where_stdout_is_no_file(area: Area) -> None:
    area.run("Whole")
    (description,) = [path for path in area.jobs() if '"Piece"' in path.read_text()]
    shutil.rmtree(area.state / "reports")
    piped = _again(area, description, fail="job.result:9=kill")
    assert piped.returncode == 0, piped.stderr
    for number in "012":
        (report,) = area.reports()[number]
        assert area.log(report).startswith(f"piece {number} of ")
        assert f"piece {number} of " in piped.stdout


@pytest.mark.parametrize("is_shared", [True, False])
def test_a_job_that_cannot_write_its_result_says_so(area: Area, tmp_path_factory: Any, is_shared: bool) -> None:
    area.run("Piece", "--n", "7")
    (description,) = area.jobs()
    if not is_shared:
        head, line = description.read_text().splitlines()
        description = tmp_path_factory.mktemp("elsewhere") / "job.json"
        description.write_text(f"{json.dumps({**json.loads(head), 'state': '/nonexistent/state'})}\n{line}\n")
    full = _again(area, description, fail="job.result:1+=enospc")
    assert full.returncode == (23 if is_shared else 30), full.stderr
    last = full.stderr.splitlines()[-1]
    assert "0.result" in last and "No space left on device" in last


def test_half_an_outcome_is_taken_back(area: Area) -> None:
    area.run("Whole")
    (description,) = [path for path in area.jobs() if '"Piece"' in path.read_text()]
    half = _again(area, description, fail="job.result:2=short-70;job.result:3=enospc")
    assert half.returncode == 23, half.stderr
    left = description.with_name("0.result").read_bytes()
    frames = list(split(left))
    places = [place for place, kind, _ in frames if kind == 0]
    # the last one may have been with the worker by then
    assert places in ([0], [0, 2])
    assert b"".join(frame for *_, frame in frames) == left


def test_a_description_of_another_version_is_refused(area: Area) -> None:
    area.run("Piece", "--n", "7")
    (description,) = area.jobs()
    head, line = description.read_text().splitlines()
    description.write_text(f"{json.dumps({**json.loads(head), 'version': 2})}\n{line}\n")
    command = [sys.executable, "-m", "martlet", "job", str(description), "0"]
    refused = subprocess.run(command, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": PACKAGES})
    assert refused.returncode == 20 and "version 3" in refused.stderr
