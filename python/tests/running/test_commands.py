"""Tasks that are commands, started by the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.running.result import ExitCode
from running.analysis import Counted, Number, Said, SaidBriefly, SaidInSandbox
from running.processes import is_gone, wait_until_gone
from running.runs import go, reports
from running.waiting import until


def made(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "out").iterdir()) if (tmp_path / "out").exists() else []


def printed(report: dict[str, Any], tmp_path: Path) -> str:
    file, offset, length = report["log"]
    return (tmp_path / "state" / file).read_bytes()[offset : offset + length].decode()


@pytest.mark.parametrize("workers", [1, 3])
class TestCommands:
    def test_run_after_what_they_need(self, tmp_path: Path, workers: int) -> None:
        task = Counted(str(tmp_path), 5)
        assert go(task, tmp_path, workers)
        assert (tmp_path / "sum").read_text().strip() == "5"
        assert sorted(path.name for path in (tmp_path / "parts").iterdir()) == [f"n{n}" for n in range(5)]
        assert len(reports(tmp_path)) == 6 and go(task, tmp_path, workers).count("present") == 1

    def test_beside_tasks_in_python(self, tmp_path: Path, workers: int) -> None:
        class Both(martlet.WrapperTask):
            def requires(self) -> Any:
                return [Number(str(tmp_path), 1), Said(str(tmp_path)), Number(str(tmp_path), 2)]

        assert go(Both(), tmp_path, workers).count("done") == 4

    @pytest.mark.parametrize(
        ("line", "cause"),
        [
            ("echo x > {output}; echo oh no; exit 4", "its command ended with exit status 4"),
            ("exit 3; {output}", "its command ended with exit status 3: the input is truncated"),
            ("kill -11 $$; {output}", "its command was ended by SIGSEGV"),
            ("no-such-program || exit; {output}", "exit status 127, a shell's word for a program that is not found"),
            ("no-such-program {output}", "no-such-program: the program could not be started: exec no-such-program: "),
            ("true {output}", "its command ended well without having made "),
        ],
    )
    def test_failures_name_their_cause(self, tmp_path: Path, workers: int, line: str, cause: str) -> None:
        result = go(Said(str(tmp_path), line), tmp_path, workers)
        assert result.exit_code == ExitCode.FAILED and len(result.endings) == 1
        assert cause in result.endings[0].cause
        assert made(tmp_path) == []
        if "oh no" in line:
            assert result.endings[0].details == "oh no" and result.endings[0].log.endswith(".log")

    def test_what_it_prints_is_found(self, tmp_path: Path, workers: int) -> None:
        lines = [f"echo this is {n}; echo and more >&2; : > {{output}}" for n in range(4)]
        assert go([Said(str(tmp_path), line, f"n{n}") for n, line in enumerate(lines)], tmp_path, workers)
        for report in reports(tmp_path):
            number = report["params"]["name"][1:]
            assert printed(report, tmp_path) == f"this is {number}\nand more\n"
            assert report["wall"] > 0 and report["rss"] > 0 and report["cpu"] >= 0
            assert report["outputs"][0][:2] == [f"{tmp_path}/out/n{number}", 0]

    def test_a_sandbox_and_a_job(self, tmp_path: Path, workers: int) -> None:
        assert go(SaidInSandbox(str(tmp_path)), tmp_path, workers)
        assert go(Said(str(tmp_path), name="job"), tmp_path, workers, batch="local")
        assert made(tmp_path) == ["job", "said"]

    def test_a_time_limit(self, tmp_path: Path, workers: int) -> None:
        line = "sleep 600 & echo $! > {folder}/child; echo half > {output}; wait"
        result = go(SaidBriefly(str(tmp_path), line), tmp_path, workers)
        assert [ending.cause for ending in result.endings] == ["took longer than its time limit of 0.3 s"]
        assert made(tmp_path) == []
        wait_until_gone(int((tmp_path / "child").read_text()))

    def test_what_it_left_running_is_gone(self, tmp_path: Path, workers: int) -> None:
        line = "sleep 600 & echo $! > {folder}/child; : > {output}"
        assert go(Said(str(tmp_path), line), tmp_path, workers)
        wait_until_gone(int((tmp_path / "child").read_text()))


@pytest.mark.parametrize("workers", [1, 3])
def test_each_is_prepared_once(tmp_path: Path, workers: int) -> None:
    asked: list[str] = []

    class Asked(Said):
        def command(self) -> Any:
            asked.append(self.name)
            if self.name == "n7":
                raise LookupError("not this one")
            return super().command()

    tasks = [Asked(str(tmp_path), name=f"n{n}") for n in range(150)]
    result = go(tasks, tmp_path, workers)
    assert result.count("done") == 149 and [ending.cause for ending in result.endings] == ["LookupError: not this one"]
    assert len(made(tmp_path)) == 149
    asked.remove("n7")
    assert sorted(asked) == sorted(task.name for task in tasks), "one that raised is asked again when its turn has come"


def test_those_who_listen_hear_of_them(tmp_path: Path) -> None:
    heard: list[Any] = []

    class Heard(Said):
        def on_success(self) -> None:
            heard.append("on_success")

        def on_failure(self, exception: BaseException) -> None:
            heard.append(str(exception))

    Heard.event_handler(martlet.Event.START)(lambda task: heard.append("start"))
    Heard.event_handler(martlet.Event.SUCCESS)(lambda task: heard.append("success"))
    Heard.event_handler(martlet.Event.FAILURE)(lambda task, error: heard.append(type(error).__name__))
    Heard.event_handler(martlet.Event.PROCESSING_TIME)(lambda task, seconds: heard.append(seconds > 0))
    assert go(Heard(str(tmp_path)), tmp_path)
    assert heard == ["start", True, "on_success", "success"]
    heard.clear()
    assert not go(Heard(str(tmp_path), "exit 3; {output}"), tmp_path, force=("*",))
    assert heard == ["start", True, "its command ended with exit status 3: the input is truncated", "CommandError"]
    assert len(reports(tmp_path)) == 2 and reports(tmp_path)[0]["outputs"][0][1] == 6


def test_a_complete_of_its_own_is_asked(tmp_path: Path) -> None:
    class Own(Said):
        def complete(self) -> bool:
            return False

    result = go(Own(str(tmp_path)), tmp_path)
    assert [ending.cause for ending in result.endings] == ["its command ended well, and complete() still says no"]


@pytest.mark.parametrize("hook", ["complete", "on_success", "on_failure"])
def test_what_it_calls_when_a_command_has_ended_may_fail(tmp_path: Path, hook: str) -> None:
    class Ill(Said):
        def complete(self) -> bool:
            there: bool = super().complete()
            return there and self.calls("complete")

        def on_success(self) -> None:
            self.calls("on_success")

        def on_failure(self, exception: BaseException) -> None:
            self.calls("on_failure")

        def calls(self, name: str) -> bool:
            if name == hook:
                raise ValueError(f"{hook} is ill")
            return True

    line = "exit 3; {output}" if hook == "on_failure" else "echo > {output}"
    result = go([Ill(str(tmp_path), line), Number(str(tmp_path), 5)], tmp_path)
    assert (result.count("failed"), result.count("done")) == (1, 1)
    cause = "its command ended with exit status 3" if hook == "on_failure" else f"ValueError: {hook} is ill"
    assert result.endings[0].cause.startswith(cause)
    assert f"{hook} is ill" in result.endings[0].details


def test_exit_codes_decide(tmp_path: Path) -> None:
    assert go(Said(str(tmp_path), "echo x > {output}; exit 9", "nine"), tmp_path)
    once = "echo x > {output}; test -e {folder}/again || {{ touch {folder}/again; exit 75; }}"
    assert go(Said(str(tmp_path), once), tmp_path), "trouble with storage is tried again"
    assert [report["state"] for report in reports(tmp_path)] == ["done", "failed", "done"]


def test_a_run_of_its_own_is_python(tmp_path: Path) -> None:
    class Mine(Said):
        def run(self) -> None:
            with self.output().open("w") as file:
                file.write(str(os.getpid()))

    assert go(Mine(str(tmp_path)), tmp_path)
    assert (tmp_path / "out" / "said").read_text() == str(os.getpid())


def test_a_command_that_cannot_be_made_is_its_tasks_failure(tmp_path: Path) -> None:
    class Raises(Said):
        def command(self) -> Any:
            raise LookupError("no such working point")

    result = go([Raises(str(tmp_path)), Said(str(tmp_path), "touch {outptu}", "typo")], tmp_path)
    assert sorted(ending.cause for ending in result.endings) == [
        "LookupError: no such working point",
        "TemplateError: there is no {outptu}: did you mean output?; write {{outptu}} for braces of the command's own",
    ]
    assert "no such working point" in result.endings[0].details + result.endings[1].details


def test_an_output_that_cannot_be_put_in_place(tmp_path: Path) -> None:
    (tmp_path / "out" / "said").mkdir(parents=True)
    (tmp_path / "out" / "said" / "old").touch()
    assert go(Said(str(tmp_path)), tmp_path, force=("*",)), "a directory in the way is replaced"
    assert (tmp_path / "out" / "said").read_text() == "hello\n" and made(tmp_path) == ["said"]
    result = go(Said(str(tmp_path), "echo x > {output}; rm -r {folder}/out; touch {folder}/out", "late"), tmp_path)
    assert "without having made" in result.endings[0].cause
    (tmp_path / "file").touch()
    result = go(Said(f"{tmp_path}/file"), tmp_path)
    assert "Not a directory" in result.endings[0].cause


def test_odd_parameters_stay_what_they_are(tmp_path: Path) -> None:
    odd = ["a b", "$(touch pwned)", "'; touch pwned; '", "new\nline", "é", "-n", "{output}", "*", "`id`", '"']
    for workers, line in ((1, "printf %s {line} > {output}"), (2, "cp /dev/null {output}")):
        tasks = []
        for n, value in enumerate(odd):

            class Odd(Said):
                word = martlet.Parameter()

                def command(self, line: str = line) -> Any:
                    return line.replace("{line}", "{word}")

            tasks.append(Odd(str(tmp_path), line, f"{value.replace('/', '')}-{workers}{n}", value))
        assert go(tasks, tmp_path, workers)
        for n, (task, value) in enumerate(zip(tasks, odd, strict=True)):
            if workers == 1:
                assert task.output().open().read() == value, n
    assert not list(tmp_path.rglob("*pwned*/..")) and not Path("pwned").exists()


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(martlet.__file__).parents[1])}
SCRIPT = """
import martlet, os, sys

class Long(martlet.CommandTask):
    n = martlet.IntParameter()
    def output(self):
        return martlet.LocalTarget(f"long-{self.n}")
    def command(self):
        note = "echo $! > child-{n}.tmp; mv child-{n}.tmp child-{n}"
        return f"echo half > {{output}}; sleep 600 & {note}; trap '' INT; wait; wait".replace("{n}", str(self.n))

class All(martlet.WrapperTask):
    def requires(self):
        return [Long(0), Long(1)]

martlet.run()
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_kill_9_of_the_driver_leaves_no_command(tmp_path: Path, workers: int) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    driver = subprocess.Popen(
        [sys.executable, "script.py", "All", "--workers", str(workers)], cwd=tmp_path, env=ENVIRONMENT,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    names = [f"child-{n}" for n in range(2)]
    until(lambda: sum((tmp_path / name).exists() for name in names) == workers)
    pids = [int((tmp_path / name).read_text()) for name in names if (tmp_path / name).exists()]
    groups = [os.getpgid(pid) for pid in pids]
    assert not any(is_gone(pid) for pid in [*pids, *groups])
    driver.kill()
    driver.wait()
    until(lambda: all(is_gone(pid) for pid in [*pids, *groups]))
    assert not (tmp_path / "long-0").exists() and not (tmp_path / "long-1").exists()


def test_ctrl_c_once_waits_twice_ends(tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT.replace("trap '' INT; ", ""))
    driver = subprocess.Popen(
        [sys.executable, "script.py", "All", "--workers", "2"], cwd=tmp_path, env=ENVIRONMENT,
        stderr=(tmp_path / "stderr").open("w"),
    )  # fmt: skip
    until(lambda: (tmp_path / "child-0").exists() and (tmp_path / "child-1").exists())
    pid = int((tmp_path / "child-0").read_text())
    driver.send_signal(signal.SIGINT)
    until(lambda: "press Ctrl-C again" in (tmp_path / "stderr").read_text())
    assert not is_gone(pid) and driver.poll() is None
    driver.send_signal(signal.SIGINT)
    assert driver.wait(30) == ExitCode.INTERRUPTED and "interrupted" in (tmp_path / "stderr").read_text()
    wait_until_gone(pid)
    assert not [path for path in tmp_path.iterdir() if "long" in path.name]
