"""luigi.run and luigi.build: what they take, run, return and log."""

from __future__ import annotations

import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import martlet.luigi as luigi
from martlet.luigi import interface
from martlet.luigi.execution_summary import LuigiStatusCode
from martlet.luigi.setup_logging import InterfaceLogging
from martlet.luigi.worker import Worker
from martlet.parameters.base import UnknownParameterException


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MARTLET_STATE", str(tmp_path / "state"))
    monkeypatch.setattr(InterfaceLogging, "_configured", True)
    logger = logging.getLogger("luigi-interface")
    level = logger.level
    logger.setLevel(logging.INFO)
    yield
    logger.setLevel(level)


class Made(luigi.Task):
    n = luigi.IntParameter(default=0)

    def output(self) -> Any:
        return luigi.LocalTarget(f"made_{self.n}")

    def run(self) -> None:
        if self.n < 0:
            raise ValueError("no jets")
        with self.output().open("w") as file:
            file.write("x")


class All(luigi.WrapperTask):
    last = luigi.IntParameter(default=2)

    def requires(self) -> Any:
        return [Made(n) for n in range(self.last + 1)]


class Absent(luigi.ExternalTask):
    def output(self) -> Any:
        return luigi.LocalTarget("nowhere")


def test_run_takes_a_command_line() -> None:
    assert luigi.run(["Made", "--n", "3", "--no-lock"], local_scheduler=True) is True
    assert luigi.run(["--n", "4", "--no-lock", "--local-scheduler"], main_task_cls=Made) is True
    assert Path("made_3").exists()
    assert Path("made_4").exists()
    assert luigi.run(["All", "--All-last", "1", "--no-lock", "--workers", "2"]) is True
    with pytest.raises(TypeError, match="list or tuple of command-line arguments, got 'str'"):
        luigi.run("Made")
    with pytest.warns(DeprecationWarning, match="use_dynamic_argparse"):
        luigi.run(["Made", "--no-lock"], use_dynamic_argparse=True)


def test_build_answers_whether_all_went_well() -> None:
    assert luigi.build([All()], local_scheduler=True) is True
    assert luigi.build([Made(-1)], local_scheduler=True) is False
    # as in luigi, external data that is missing is no failure
    assert luigi.build([Absent()], local_scheduler=True) is True
    with pytest.raises(UnknownParameterException, match="unknown parameter wokers"):
        luigi.build([All()], wokers=2)


def test_the_detailed_summary() -> None:
    result = luigi.build([All(4), Made(-1), Absent()], local_scheduler=True, detailed_summary=True)
    assert result.status is LuigiStatusCode.FAILED
    assert result.scheduling_succeeded is False
    assert result.one_line_summary == "This progress looks :( because there were failed tasks"
    assert result.summary_text.splitlines() == [
        "",
        "===== Luigi Execution Summary =====",
        "",
        "Scheduled 8 tasks of which:",
        "* 6 ran successfully:",
        "    - 1 All(last=4)",
        "    - 5 Made(n=0...4)",
        "* 1 failed:",
        "    - 1 Made(n=-1)",
        "* 1 were left pending, among these:",
        "    * 1 were missing external dependencies:",
        "        - 1 Absent()",
        "",
        "This progress looks :( because there were failed tasks",
        "",
        "===== Luigi Execution Summary =====",
    ]
    again = luigi.build([All(4)], detailed_summary=True)
    assert "Did not run any tasks\nThis progress looks :) because" in again.summary_text


def test_causes_go_up_to_whoever_needs_it() -> None:
    class Broken(luigi.Task):
        def complete(self) -> bool:
            raise OSError("gone")

    class Middle(luigi.Task):
        def requires(self) -> Any:
            return [Absent(), Made(-1)]

        def complete(self) -> bool:
            return False

    class Top(luigi.Task):
        def requires(self) -> Any:
            return [Middle(), Broken()]

        def complete(self) -> bool:
            return False

    result = luigi.build([Top()], detailed_summary=True)
    groups = luigi.execution_summary._summary_dict(result.worker)
    assert groups["upstream_failure"] == groups["upstream_missing_dependency"] == {Top(), Middle()}
    assert groups["upstream_scheduling_error"] == {Top()}
    assert groups["scheduling_error"] == {Broken()}
    assert not groups["not_run"]
    assert result.status is LuigiStatusCode.FAILED_AND_SCHEDULING_FAILED


def test_lines_that_others_look_for(caplog: pytest.LogCaptureFixture) -> None:
    luigi.build([Made(5)])
    said = [record.getMessage() for record in caplog.records]
    assert f"Informed scheduler that task   {Made(5).task_id}   has status   PENDING" in said
    assert "Done scheduling tasks" in said
    (running,) = [line for line in said if " running   " in line]
    (done,) = [line for line in said if " done      " in line]
    assert running.endswith(") running   Made(n=5)")
    assert done.startswith("[pid ")
    assert said.index(running) < said.index(done)
    assert f"Informed scheduler that task   {Made(5).task_id}   has status   DONE" in said
    assert not luigi.Task._event_callbacks


def test_failures_are_logged_at_every_level(caplog: pytest.LogCaptureFixture) -> None:
    for level in (logging.INFO, logging.ERROR):
        caplog.clear()
        logging.getLogger("luigi-interface").setLevel(level)
        luigi.build([Made(-1)])
        (failed,) = [record for record in caplog.records if " failed    Made(n=-1)" in record.getMessage()]
        assert failed.levelno == logging.ERROR
        assert "ValueError: no jets" in caplog.text


def test_a_factory_of_the_scripts_own() -> None:
    made: list[Any] = []

    class Factory(interface._WorkerSchedulerFactory):
        def create_local_scheduler(self) -> Any:
            made.append(luigi.scheduler.Scheduler(resources={"disk": 3}))
            return made[-1]

        def create_worker(self, scheduler: Any, worker_processes: int, assistant: bool = False) -> Any:
            made.append(Worker(scheduler, worker_id="mine", worker_processes=worker_processes))
            return made[-1]

    result = luigi.build([All(3)], Factory(), detailed_summary=True, local_scheduler=True, workers=2)
    assert result.worker is made[1]
    assert made[1]._id == "mine"
    assert made[1]._scheduler is made[0]
    assert made[1].worker_processes == 2
    luigi.build([Made(8)], Factory(), scheduler_url="http://elsewhere/")
    assert made[2]._scheduler._url == "http://elsewhere"


def test_one_process_a_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(tmp_path / "locks")
    assert luigi.run(["Made", "--lock-pid-dir", folder]) is True
    _, _, file = luigi.lock.get_info(folder)
    # as if another process had the same command line
    monkeypatch.setattr(luigi.lock, "getpcmd", lambda pid: "reco.py Made")
    luigi.lock._write_pids_file(luigi.lock.get_info(folder)[2], {1})
    with pytest.raises(interface.PidLockAlreadyTakenExit):
        luigi.run(["Made", "--lock-pid-dir", folder])
    assert luigi.run(["Made", "--lock-pid-dir", folder, "--lock-size", "2"]) is True
    assert Path(file).exists()


def test_a_worker_takes_tasks_alone() -> None:
    class Half(luigi.Task):
        def __init__(self) -> None:
            pass

    with pytest.raises(luigi.worker.TaskException, match="non-task"):
        Worker().add("Made")
    with pytest.raises(luigi.worker.TaskException, match="not initialized"):
        Worker().add(Half())


def test_complete_is_asked_after_run_if_configured() -> None:
    class Forgetful(luigi.Task):
        def output(self) -> Any:
            return luigi.LocalTarget("forgotten")

    for settings, ran in (({}, True), ({"check_complete_on_run": True}, False)):
        worker = Worker(**settings)
        worker.add(Forgetful())
        assert worker.run() is ran


def test_sigusr1_asks_for_no_more_tasks() -> None:
    class Asks(luigi.Task):
        def output(self) -> Any:
            return luigi.LocalTarget("asked")

        def run(self) -> None:
            os.kill(os.getpid(), signal.SIGUSR1)
            self.output().open("w").close()

    class After(Made):
        def requires(self) -> Any:
            return Asks()

    before = signal.getsignal(signal.SIGUSR1)
    with pytest.raises(SystemExit) as end:
        luigi.build([After(9)])
    assert end.value.code == 130
    assert Path("asked").exists()
    assert not Path("made_9").exists()
    assert signal.getsignal(signal.SIGUSR1) == before


def test_failures_are_written_to_who_wants_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[tuple[str, str, list[str]]] = []

    def send(subject: str, message: str, recipients: list[str]) -> None:
        sent.append((subject, message, list(recipients)))

    monkeypatch.setattr(luigi.notifications, "send_error_email", send)

    class Owned(Made):
        owner_email = "me@home,you@home"

        def requires(self) -> Any:
            if self.n == 0:
                raise OSError("gone")

    luigi.build([Made(1), Owned(-1), Owned(0)])
    (unplanned, text, _), (failed, _, recipients) = sent
    assert unplanned.startswith("Luigi: Owned(n=0) failed scheduling. Host: ")
    assert "Will not run Owned(n=0) or any dependencies due to error in deps() method" in text
    assert failed.startswith("Luigi: Owned(n=-1) FAILED. Host: ")
    assert recipients == ["me@home", "you@home"]
    sent.clear()
    worker = Worker(send_failure_email=False)
    worker.add(Owned(-1))
    worker.run()
    assert sent == []


def test_a_worker_with_a_way_of_its_own_to_run_a_task() -> None:
    called: list[str] = []

    class Own(Worker):
        def _run_task(self, task_id: str) -> None:
            called.append(task_id)
            super()._run_task(task_id)

    class Needy(luigi.WrapperTask):
        def requires(self) -> Any:
            return [Made(1), Made(-1), Absent()]

    worker = Own()
    worker.add(Needy())
    assert worker.run() is False
    assert sorted(called) == sorted([Made(1).task_id, Made(-1).task_id])
    groups = luigi.execution_summary._summary_dict(worker)
    assert groups["completed"] == {Made(1)}
    assert groups["failed"] == {Made(-1)}
    assert groups["upstream_failure"] == groups["upstream_missing_dependency"] == {Needy()}


def test_the_number_of_tasks_may_be_limited() -> None:
    result = luigi.build([All(9)], detailed_summary=True)
    assert result.status is LuigiStatusCode.SUCCESS
    worker = Worker(task_limit=3)
    worker.add(All(20))
    assert worker.run() is False
    assert len(luigi.execution_summary._summary_dict(worker)["scheduling_error"]) == 19


def test_what_is_no_task_stops_everything() -> None:
    class Odd(luigi.Task):
        def requires(self) -> Any:
            return luigi.LocalTarget("made")

    with pytest.raises(luigi.worker.TaskException, match="wrap it in an ExternalTask"):
        luigi.build([Odd(), Made(7)])
    assert not Path("made_7").exists()
