"""Bad input gets one message: what, why, and the way out; a non-zero exit; no traceback of ours; nothing lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from clean_environments import CleanEnvironment

pytestmark = pytest.mark.e2e

SCRIPT = '''
import martlet

class Selection(martlet.Task):
    """Selects events."""

    dataset = martlet.ChoiceParameter(choices=["ttH125", "ttJets"], description="which events")
    shift = martlet.IntParameter(default=0, description="which variation")
    folder = martlet.Parameter(default="results")

    def output(self):
        return martlet.LocalTarget(f"{self.folder}/{self.dataset}_{self.shift}.txt")

    def run(self):
        if self.shift == 13:
            jets = []
            jets[0]
        with self.output().open("w") as file:
            file.write("events")


class Circle(martlet.Task):
    corner = martlet.IntParameter(default=0)

    def requires(self):
        return Circle(corner=(self.corner + 1) % 3)

    def output(self):
        return martlet.LocalTarget("circle")


class All(martlet.WrapperTask):
    def requires(self):
        return [Selection(dataset="ttH125", shift=shift) for shift in range(10, 16)]
'''


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "analysis.py"
    path.write_text(SCRIPT)
    return path


def refused(venv: CleanEnvironment, script: Path, *words: str, code: int = 2) -> str:
    """Runs it; checks code, a hint, and that no frame of ours is shown. Returns what was said."""
    done = venv.run("martlet", "run", script.name, *words, cwd=script.parent)
    assert done.returncode == code, done.stderr
    assert "hint:" in done.stderr or code == 1
    assert "site-packages/martlet" not in done.stderr and "runpy" not in done.stderr, done.stderr
    return done.stderr


def test_an_unknown_task_names_the_nearest(system_venv: CleanEnvironment, script: Path) -> None:
    said = refused(system_venv, script, "Selektion", "--dataset", "ttJets")
    assert "Selektion" in said and "Selection" in said
    assert "Traceback" not in said


def test_no_task_at_all(system_venv: CleanEnvironment, script: Path) -> None:
    assert "Selection" in refused(system_venv, script)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--dataset", "ttJets", "--shfit", "1"], ["shfit", "shift"]),
        ([], ["dataset"]),
        (["--dataset", "ttjets"], ["dataset", "ttjets", "ttH125"]),
        (["--dataset", "ttJets", "--shift", "up"], ["shift", "up", "integer"]),
        (["--dataset", "ttJets", "--workers", "many"], ["workers", "many"]),
        (["--dataset", "ttJets", "--until", "Selecton"], ["Selecton", "Selection"]),
    ],
)
def test_a_bad_parameter_is_named_with_what_was_expected(
    system_venv: CleanEnvironment, script: Path, words: list[str], expected: list[str]
) -> None:
    said = refused(system_venv, script, "Selection", *words)
    for word in expected:
        assert word in said
    assert "Traceback" not in said
    assert not (script.parent / "results").exists()


def test_a_script_that_does_not_import(system_venv: CleanEnvironment, tmp_path: Path) -> None:
    script = tmp_path / "analysis.py"
    script.write_text("import martlet\nimport no_such_library\n")
    said = refused(system_venv, script, "Selection", code=4)
    assert "no_such_library" in said and 'analysis.py", line 2' in said
    script.write_text("import martlet\nclass Selection(martlet.Task:\n")
    assert "line 2" in refused(system_venv, script, "Selection", code=4)
    (tmp_path / "gone.py").unlink(missing_ok=True)
    assert "gone.py" in refused(system_venv, tmp_path / "gone.py", "Selection")


def test_a_cycle_is_printed_as_its_path(system_venv: CleanEnvironment, script: Path) -> None:
    said = refused(system_venv, script, "Circle", code=4)
    assert "Circle(corner=0) → Circle(corner=1) → Circle(corner=2) → Circle(corner=0)" in said


def test_an_output_directory_that_cannot_be_written(system_venv: CleanEnvironment, script: Path) -> None:
    (script.parent / "blocked").write_text("a file")
    said = refused(system_venv, script, "Selection", "--dataset", "ttJets", "--folder", "blocked", code=1)
    assert "Not a directory: 'blocked/ttJets_0.txt'" in said and "hint: a part of the path" in said
    said = refused(system_venv, script, "Selection", "--dataset", "ttJets", "--folder", "/proc/nowhere", code=1)
    assert "/proc/nowhere" in said


def test_an_exception_in_run_shows_the_users_frames_and_the_rest_goes_on(
    system_venv: CleanEnvironment, script: Path
) -> None:
    said = refused(system_venv, script, "All", "--workers", "2", code=1)
    assert "IndexError: list index out of range" in said
    assert "jets[0]" in said
    assert len(list((script.parent / "results").glob("*.txt"))) == 5


def test_debug_shows_everything(system_venv: CleanEnvironment, script: Path) -> None:
    done = system_venv.run("martlet", "run", script.name, "Selektion", "--debug", cwd=script.parent)
    assert done.returncode == 2 and "Traceback" in done.stderr


def test_help(system_venv: CleanEnvironment, script: Path) -> None:
    for words in (["run", "analysis.py", "Selection", "--help"], ["run", "analysis.py", "--help"], ["--help"]):
        done = system_venv.run("martlet", *words, cwd=script.parent)
        assert done.returncode == 0, done.stderr
    task = system_venv.run("martlet", "run", "analysis.py", "Selection", "--help", cwd=script.parent).stdout
    for word in ("which events", "which variation", "--shift", "ttH125"):
        assert word in task
    assert "Selects events." in system_venv.run("martlet", "run", "analysis.py", "--help", cwd=script.parent).stdout
    version = system_venv.run("martlet", "--version", cwd=script.parent)
    assert version.returncode == 0 and version.stdout.startswith("martlet ")


def test_configuration_is_shown_with_its_sources(system_venv: CleanEnvironment, script: Path) -> None:
    (script.parent / "martlet.toml").write_text("workers = 2\n")
    shown = system_venv.run("martlet", "config", cwd=script.parent, env={"MARTLET_FAIL_FAST": "true"})
    assert shown.returncode == 0
    assert "martlet.toml" in shown.stdout and "MARTLET_FAIL_FAST" in shown.stdout
    (script.parent / "martlet.toml").write_text("wokers = 2\n")
    refusal = system_venv.run("martlet", "config", cwd=script.parent)
    assert refusal.returncode == 2 and "workers" in refusal.stderr
