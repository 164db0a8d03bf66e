"""`martlet run` and `martlet config` as processes: texts, exit codes, nothing of ours in tracebacks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import RunCommand

SCRIPT = '''
import tasks_face as martlet


class Selection(martlet.Task):
    """Selects events."""

    dataset = martlet.Parameter(default="ttH125", description="Name of the data set")
    mu = martlet.IntParameter(description="Pile-up")

    def output(self):
        return martlet.LocalTarget(f"selection_{self.dataset}_{self.mu}.txt")

    def run(self):
        with self.output().open("w") as file:
            file.write("x")


class Reconstruction(martlet.Task):
    """Jets to candidates.

    By chi2.
    """

    mode = martlet.ChoiceParameter(choices=["chi2", "bdt"], default="chi2")

    def requires(self):
        return Selection(mu=3)

    def output(self):
        return martlet.LocalTarget("reco.txt")

    def run(self):
        raise ValueError("no jets")
'''


@pytest.fixture
def script(project: Path) -> Path:
    path = project / "reco.py"
    path.write_text(SCRIPT)
    return path


def test_a_run_and_a_second_one(command: RunCommand, script: Path) -> None:
    ended = command("-m", "martlet", "run", "reco.py", "Selection", "--mu", "3")
    assert ended.returncode == 0
    assert "Done: 1 task ran" in ended.stderr
    assert (script.parent / "selection_ttH125_3.txt").exists()
    ended = command("-m", "martlet", "run", "reco.py", "Selection", "--mu", "3")
    assert ended.returncode == 0
    assert "Nothing to do: the task is complete" in ended.stderr


def test_a_failing_run(command: RunCommand, script: Path) -> None:
    ended = command("-m", "martlet", "run", "reco.py", "Reconstruction")
    assert ended.returncode == 1
    assert "Failed: 1 of 2 tasks that ran" in ended.stderr
    assert 'raise ValueError("no jets")' in ended.stderr
    assert "run the same command again" in ended.stderr


def test_a_dry_run_touches_nothing(command: RunCommand, script: Path) -> None:
    ended = command("-m", "martlet", "run", "-n", "reco.py", "Reconstruction")
    assert ended.returncode == 0
    assert ended.stdout.startswith("Would run 2 of 2 tasks:")
    assert "Selection(dataset=ttH125, mu=3): output is not there" in ended.stdout
    assert sorted(path.name for path in script.parent.iterdir()) == [".git", "reco.py"]


@pytest.mark.parametrize(
    ("line", "code", "parts"),
    [
        ("reco.py", 2, ["no task specified", "candidates are Selection, Reconstruction"]),
        ("reco.py Selectoin", 2, ["Selectoin: there is no such task", "did you mean Selection?"]),
        (
            "reco.py Selection",
            2,
            ["Selection: a parameter without default has no value: mu", "give --mu MU (an integer)"],
        ),
        ("reco.py Selection --mu many", 2, ["Selection.mu (--mu)", "'many' given, expected an integer"]),
        ("reco.py Reconstruction --mode x", 2, ["Reconstruction.mode (--mode)", "'x' given, expected one of"]),
        ("reco.py Selection --datset x", 2, ["no such parameter: --datset", "did you mean --dataset?"]),
        ("reco.py Selection --mu 3 --workers x", 2, ["workers (--workers)", "'x' is not a whole number"]),
        ("reco.py Selection --mu 3 -k --fail-fast", 2, ["exclude each other"]),
        ("reco.py Selection --mu 3 --plan-first --stream", 2, ["exclude each other"]),
        ("reco.py Selection --mu 3 --stream --until Selection", 2, ["--until needs the whole plan"]),
        ("rceo.py Selection", 2, ["rceo.py: there is no such script", "did you mean reco.py?"]),
        ("--module nowhere.tasks Selection", 4, ["nowhere.tasks: the module could not be imported"]),
        ("", 2, ["no script given"]),
    ],
)
def test_bad_input(command: RunCommand, script: Path, line: str, code: int, parts: list[str]) -> None:
    ended = command("-m", "martlet", "run", *line.split())
    assert ended.returncode == code, ended.stderr
    for part in parts:
        assert part in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("martlet: ") == 1
    assert "  hint: " in ended.stderr


def test_unknown_command(command: RunCommand) -> None:
    ended = command("-m", "martlet", "rnu", "reco.py")
    assert ended.returncode == 2
    assert "did you mean run?" in ended.stderr


def test_a_script_that_does_not_import(command: RunCommand, script: Path) -> None:
    script.write_text("import tasks_face\n\ndef load():\n    import nowhere_to_be_found\n\nload()\n")
    ended = command("-m", "martlet", "run", "reco.py", "Selection")
    assert ended.returncode == 4
    assert ended.stderr.startswith('Traceback (most recent call last):\n  File "' + str(script) + '", line 6')
    assert ended.stderr.count("  File ") == 2
    assert "reco.py: the script could not be executed: ModuleNotFoundError" in ended.stderr
    assert "install 'nowhere_to_be_found'" in ended.stderr


def test_a_script_that_is_no_python(command: RunCommand, script: Path) -> None:
    script.write_text("class (\n")
    ended = command("-m", "martlet", "run", "reco.py", "Selection")
    assert ended.returncode == 4
    assert "SyntaxError" in ended.stderr
    assert "martlet/steering" not in ended.stderr


def test_debug_shows_all_frames(command: RunCommand, script: Path) -> None:
    script.write_text("1 / 0\n")
    assert "steering/script.py" in command("-m", "martlet", "run", "reco.py", "A", "--debug").stderr
    assert "steering/script.py" not in command("-m", "martlet", "run", "reco.py", "A").stderr


def test_a_script_that_ends_itself_keeps_its_code(command: RunCommand, script: Path) -> None:
    script.write_text("import sys, tasks_face\nsys.exit(7)\n")
    assert command("-m", "martlet", "run", "reco.py", "Selection").returncode == 7


def test_help_of_the_program(command: RunCommand) -> None:
    for words in (["--help"], ["run", "--help"], ["help"]):
        ended = command("-m", "martlet", *words)
        assert ended.returncode == 0
        assert "usage: martlet run SCRIPT" in ended.stdout
        assert "--dry-run" in ended.stdout


def test_help_of_a_script_lists_its_tasks(command: RunCommand, script: Path) -> None:
    ended = command("-m", "martlet", "run", "reco.py", "--help")
    assert ended.returncode == 0
    assert "Selection                   Selects events." in ended.stdout
    assert "Reconstruction              Jets to candidates." in ended.stdout
    assert "Name of the data set" not in ended.stdout
    ended = command("-m", "martlet", "run", "reco.py", "--help-all")
    assert "--Selection-dataset DATASET" in ended.stdout


def test_help_of_a_task_lists_its_parameters(command: RunCommand, script: Path) -> None:
    ended = command("-m", "martlet", "run", "reco.py", "Selection", "--help")
    assert ended.returncode == 0
    assert "parameters of Selection:" in ended.stdout
    assert "--dataset DATASET           Name of the data set [a text; default: ttH125]" in ended.stdout
    assert "--mu MU                     Pile-up [an integer; required]" in ended.stdout
    assert "By chi2." in command("-m", "martlet", "run", "reco.py", "Reconstruction", "--help").stdout


def test_help_fits_a_narrow_terminal(command: RunCommand, script: Path) -> None:
    ended = command("-m", "martlet", "run", "reco.py", "Selection", "--help", COLUMNS="40")
    assert max(map(len, ended.stdout.splitlines())) <= 60


def test_version(command: RunCommand) -> None:
    assert command("-m", "martlet", "--version").stdout.startswith("martlet ")


def test_configured_parameters(command: RunCommand, script: Path) -> None:
    (script.parent / "martlet.toml").write_text("[parameters.Selection]\nmu = 8\n[parameters.Elsewhere]\nx = 1\n")
    assert command("-m", "martlet", "run", "reco.py", "Selection").returncode == 0
    assert (script.parent / "selection_ttH125_8.txt").exists()
    ended = command("-m", "martlet", "run", "reco.py", "Selection", "--Selection-mu", "9", "--dataset", "b")
    assert ended.returncode == 0
    assert (script.parent / "selection_b_9.txt").exists()


@pytest.mark.parametrize(
    ("text", "part"),
    [("mu = 'x'", "expected an integer"), ("datset = 3", "did you mean dataset?")],
    ids=["value", "name"],
)
def test_wrong_configured_parameters(command: RunCommand, script: Path, text: str, part: str) -> None:
    (script.parent / "martlet.toml").write_text(f"[parameters.Selection]\n{text}\n")
    ended = command("-m", "martlet", "run", "reco.py", "Selection", "--mu", "3")
    assert ended.returncode == 2
    assert part in ended.stderr
    assert str(script.parent / "martlet.toml") in ended.stderr


def test_module(command: RunCommand, project: Path) -> None:
    (project / "analyses").mkdir()
    (project / "analyses" / "tasks.py").write_text(SCRIPT)
    ended = command("-m", "martlet", "run", "--module", "analyses.tasks", "Selection", "--mu", "3")
    assert ended.returncode == 0, ended.stderr
    assert (project / "selection_ttH125_3.txt").exists()


def test_luigi_flags_are_explained_once(command: RunCommand, script: Path) -> None:
    ended = command(
        "-m", "martlet", "run", "reco.py", "Selection", "--mu", "3", "--local-scheduler", "--scheduler-host", "h"
    )
    assert ended.returncode == 0
    assert ended.stderr.count("accepted without effect") == 1
    assert "--local-scheduler, --scheduler-host" in ended.stderr


def test_a_task_that_makes_nothing_is_noted(command: RunCommand, script: Path) -> None:
    script.write_text(SCRIPT.replace('raise ValueError("no jets")', "..."))
    ended = command("-m", "martlet", "run", "reco.py", "Reconstruction")
    assert ended.returncode == 0
    assert "note: Reconstruction(mode=chi2) returned without having made reco.txt" in ended.stderr


def test_config(command: RunCommand, script: Path) -> None:
    (script.parent / "martlet.toml").write_text("workers = 3\n")
    shown = json.loads(command("-m", "martlet", "config", "--json", "reco.py", MARTLET_BATCH="naf").stdout)
    assert shown["workers"] == {"value": 3, "source": str(script.parent / "martlet.toml")}
    assert shown["batch"] == {"value": "naf", "source": "$MARTLET_BATCH"}
    assert shown["state"]["value"] == str(script.parent / ".martlet")
    assert "workers" in command("-m", "martlet", "config").stdout
    assert command("-m", "martlet", "config", "--jsno").returncode == 2


def test_the_script_finds_its_surroundings(command: RunCommand, project: Path) -> None:
    folder = project / "sub"
    folder.mkdir()
    (folder / "beside.py").write_text("")
    (folder / "show.py").write_text(
        "import sys, beside\nprint(sys.argv, __name__, __file__, sys.modules['__main__'].__dict__ is globals())\n"
        "sys.exit(0)\n"
    )
    ended = command("-m", "martlet", "run", "sub/show.py", "A", "--b")
    assert ended.stdout == f"['sub/show.py', 'A', '--b'] __main__ {folder / 'show.py'} True\n", ended.stderr


def test_a_closed_pipe_is_no_error(command: RunCommand, script: Path) -> None:
    import subprocess
    import sys

    from .conftest import environment

    shell = f"{sys.executable} -m martlet run reco.py --help | true; exit ${{PIPESTATUS[0]}}"
    ended = subprocess.run(
        ["bash", "-c", shell], cwd=script.parent, env=environment(), capture_output=True, text=True, check=False
    )
    assert ended.stderr == ""
