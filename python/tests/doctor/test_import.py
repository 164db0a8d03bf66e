"""An analysis is imported without being run, and whatever it does meanwhile is contained."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.analyses import CLEAN, write
from doctor.conftest import Ask
from martlet.steering.command_line import main
from running.processes import wait_until_gone

TASK = "import luigi\n\n\nclass Made(luigi.Task):\n    def run(self):\n        open('ran.txt', 'w').close()\n\n\n"


def test_no_task_and_no_guard(folder: Path, ask: Ask) -> None:
    write(folder, {"reco.py": CLEAN})
    code, told = ask("reco.py")
    assert (code, told["printed"]) == (0, "at import\n")
    assert sorted(path.name for path in folder.iterdir()) == ["reco.py"]


@pytest.mark.parametrize("door", ["luigi.build([Made()])", "luigi.run(['Made'])", "luigi.interface.run(['Made'])"])
@pytest.mark.parametrize("around", ["{}", "try:\n    {}\nexcept Exception:\n    open('ran.txt', 'w').close()"])
def test_where_it_would_begin_a_run_it_is_left(door: str, around: str, folder: Path, ask: Ask) -> None:
    write(folder, {"running.py": TASK + around.format(door) + "\n"})
    code, told = ask("running.py")
    assert (code, told["families"]) == (0, ["Made"])
    assert told["notes"] == ["running begins a run when it is imported; it was left there"]
    assert not (folder / "ran.txt").exists()


@pytest.mark.parametrize(
    ("last", "cause"),
    [
        ("raise ValueError('no luck')", "ValueError: no luck"),
        ("import sys; sys.exit(3)", "sys.exit(3)"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("import os; os._exit(7)", "the import ended the process with exit code 7"),
        ("import os; os._exit(0)", "the import ended the process before it could tell"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "the import was ended by SIGSEGV"),
        ("import no_such_module", "ModuleNotFoundError: No module named 'no_such_module'"),
    ],
)
def test_an_end_before_its_time(last: str, cause: str, folder: Path, ask: Ask) -> None:
    write(folder, {"broken.py": f"{TASK}print('so far')\n{last}\n"})
    code, told = ask("broken.py")
    assert code == 4
    assert [trouble["cause"] for trouble in told["troubles"]] == [cause]
    assert any(finding["subject"] == "luigi.task.Task" for finding in told["findings"])


def test_the_users_frames_are_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"broken.py": f"{TASK}1 / 0\n"})
    assert main(["doctor", "broken.py"]) == 4
    told = capsys.readouterr().out
    assert f'File "{folder}/broken.py", line 9' in told
    assert "probe.py" not in told


def test_what_does_not_parse(folder: Path, ask: Ask) -> None:
    write(folder, {"reco.py": f"{TASK}import other\n", "other.py": "def"})
    code, told = ask("reco.py", "--no-import")
    assert code == 4
    assert [trouble["module"] for trouble in told["troubles"]] == ["other.py"]
    assert told["troubles"][0]["cause"].startswith("SyntaxError: ")


def test_one_that_takes_too_long_is_ended_with_all_it_started(folder: Path, ask: Ask) -> None:
    lasting = "import subprocess, time\nchild = subprocess.Popen(['sleep', '600'])\n"
    lasting += "open('child.txt', 'w').write(str(child.pid))\ntime.sleep(600)\n"
    write(folder, {"lasting.py": TASK + lasting})
    code, told = ask("lasting.py", "--timeout", "3")
    assert (code, told["troubles"][0]["cause"]) == (4, "the import took longer than 3 s")
    wait_until_gone(int((folder / "child.txt").read_text()))


def test_much_that_is_printed_and_told(folder: Path, ask: Ask) -> None:
    lines = "for n in range(3000):\n    type(f'Task{n}', (luigi.Task,), {'__module__': __name__})\n"
    write(folder, {"much.py": f"{TASK}{lines}print('x' * 300000)\n"})
    code, told = ask("much.py")
    assert (code, len(told["families"])) == (0, 3001)
    assert len(told["printed"]) == 20_000


def test_modules_that_only_the_import_finds(folder: Path, ask: Ask) -> None:
    write(folder, {
        "reco.py": f"{TASK}import importlib\nimportlib.import_module('more' + 'tasks')\n",
        "moretasks.py": "import luigi\nluigi.worker.Worker\n",
    })  # fmt: skip
    code, told = ask("reco.py")
    assert told["files"] == ["reco.py", "moretasks.py"]
    assert code == 0
    assert any(finding["subject"] == "luigi.worker.Worker" for finding in told["findings"])


def test_a_script_with_the_name_of_an_installed_module(folder: Path, ask: Ask) -> None:
    write(folder, {"turtle.py": TASK, "with-dash.py": TASK.replace("Made", "Dashed")})
    code, told = ask("with-dash.py", str(folder / "turtle.py"))
    assert (code, told["families"]) == (0, ["Dashed", "Made"])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name a script, the folder of a package, or a module"),
        (["rceo.py"], "did you mean reco.py?"),
        (["no.such.module"], "no module has this name"),
        (["reco.py", "--jsn"], "did you mean --json?"),
        (["reco.py", "--timeout", "soon"], "a number of seconds was expected, not 'soon'"),
    ],
)
def test_usage(words: list[str], said: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(folder, {"reco.py": CLEAN})
    assert main(["doctor", *words]) == 2
    assert said in capsys.readouterr().err


def test_help(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--help"]) == 0
    assert "--no-import" in capsys.readouterr().out
