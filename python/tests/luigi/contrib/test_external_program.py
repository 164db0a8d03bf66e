from __future__ import annotations

import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi.contrib.external_program import (
    ExternalProgramRunError,
    ExternalProgramTask,
    ExternalPythonProgramTask,
)

SOURCE = Path(martlet.__file__).parent.parent


class Shell(ExternalProgramTask):
    line = luigi.Parameter()
    path = luigi.Parameter(default="")

    def program_args(self) -> list[Any]:
        return ["sh", "-c", self.line, Path("zero"), 1]

    def output(self) -> luigi.LocalTarget:
        return luigi.LocalTarget(self.path)


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "luigi-interface")


def test_what_it_prints_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    Shell(line="echo out $0 $1; printf 'b\\303d\\377' >&2").run()
    assert "Running command: sh -c echo out" in caplog.text
    assert "Program stdout:\nout zero 1\n" in caplog.text
    assert "Program stderr:\nb\N{REPLACEMENT CHARACTER}d\N{REPLACEMENT CHARACTER}" in caplog.text


def test_what_it_prints_goes_on_when_not_captured(capfd: pytest.CaptureFixture[str]) -> None:
    Shell(line="echo out", capture_output=False).run()
    assert capfd.readouterr().out == "out\n"


def test_a_program_that_fails_is_told_without_the_values_of_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    class Secretive(Shell):
        def program_environment(self) -> dict[str, str]:
            return {**super().program_environment(), "TOKEN": "very secret"}

    monkeypatch.setenv("GRID_PASSWORD", "secret as well")
    with pytest.raises(ExternalProgramRunError) as caught:
        Secretive(line="echo out; echo err >&2; exit 3").run()
    error = caught.value
    assert (error.out, error.err, error.args[0]) == ("out\n", "err\n", "sh")
    text = str(error)
    assert "return code=3" in text
    assert "but for TOKEN" in text
    assert "secret" not in text + repr(error)
    again = pickle.loads(pickle.dumps(error))
    assert (again.message, again.err, again.env) == (error.message, "err\n", None)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
@pytest.mark.parametrize("captured", [True, False])
def test_the_address_is_found_while_it_runs(stream: str, captured: bool, caplog: pytest.LogCaptureFixture) -> None:
    found = []
    task = Shell(
        # more than a pipe holds; the last line has no end
        line=f"(seq 20000; echo 'at http://a'; seq 20000; printf 'at http://b') >&{'2' if stream == 'stderr' else '1'}",
        stream_for_searching_tracking_url=stream,
        tracking_url_pattern="at (.*)",
        capture_output=captured,
    )
    task.set_tracking_url = found.append
    task.run()
    assert found == ["http://a", "http://b"]
    assert ("\n20000\nat http://b" in caplog.text) == captured


def test_what_a_program_leaves_behind_is_not_waited_for() -> None:
    line = "sleep 60 & echo left $!"
    task = Shell(line=line, stream_for_searching_tracking_url="stdout", tracking_url_pattern="left (.*)")
    left: list[str] = []
    task.set_tracking_url = left.append
    task.run()
    assert lives(int(left[0]))
    os.kill(int(left[0]), signal.SIGKILL)


def test_as_a_task_of_a_run(tmp_path: Path) -> None:
    task = Shell(line=f"touch {tmp_path}/made", path=str(tmp_path / "made"))
    assert martlet.build(task, state=tmp_path / "state", quiet=True)
    broken = Shell(line="exit 1", path=str(tmp_path / "not-made"))
    result = martlet.build(broken, state=tmp_path / "state", quiet=True)
    assert "Program failed with return code=1" in result.endings[0].cause + result.endings[0].details


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def test_sigterm_ends_the_program_too(tmp_path: Path) -> None:
    code = (
        "from martlet.luigi.contrib.external_program import ExternalProgramTask\n"
        "class Sleep(ExternalProgramTask):\n"
        "    def program_args(self):\n"
        "        return ['sh', '-c', f'echo $$ > {FOLDER}/half; mv {FOLDER}/half {FOLDER}/pid; exec sleep 60']\n"
        "Sleep().run()\n"
    ).replace("{FOLDER}", str(tmp_path))
    process = subprocess.Popen([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(SOURCE)})
    while not (tmp_path / "pid").exists():
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 128 + signal.SIGTERM
    while lives(int((tmp_path / "pid").read_text())):  # it is init that sees to its end
        time.sleep(0.02)


def test_the_environment_of_a_python_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONHOME", "/elsewhere")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    environment = ExternalPythonProgramTask(virtualenv="/venv", extra_pythonpath="/more").program_environment()
    assert environment["PYTHONPATH"] == "/more"
    assert environment["PATH"] == f"/venv/bin:{os.environ['PATH']}"
    assert environment["VIRTUAL_ENV"] == "/venv"
    assert "PYTHONHOME" not in environment
    monkeypatch.setenv("PYTHONPATH", "/old")
    assert ExternalPythonProgramTask(extra_pythonpath="/more").program_environment()["PYTHONPATH"] == "/more:/old"
    with pytest.raises(NotImplementedError, match="program_args"):
        ExternalPythonProgramTask().run()
