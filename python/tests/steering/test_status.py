"""`--status`, `--rerun-on` and `--complete-by` of a script's command line, with its code changed in between."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from martlet.diagnostics import MartletError
from martlet.steering import settings
from martlet.steering.configuration import Configuration

SCRIPT = """
import martlet
import cuts


class Selection(martlet.Task):
    cut = martlet.FloatParameter(default=1.0)

    def output(self):
        return martlet.LocalTarget("selection.txt")

    def run(self):
        with self.output().open("w") as file:
            file.write(str(cuts.passes(self.cut)))


class Fit(martlet.Task):
    def requires(self):
        return Selection()

    def output(self):
        return martlet.LocalTarget("fit.txt")

    def run(self):
        with open("cuts.py") as file:
            text = file.read()
        with open("cuts.py", "w") as file:
            file.write(text.replace("EDITED = 0", "EDITED = 1"))
        with self.output().open("w") as file:
            file.write("fit")
"""


class Analysis:
    """A script in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "reco.py").write_text(SCRIPT)
        self.cuts("PT = 30\n\ndef passes(x):\n    return x > PT\n")

    def cuts(self, text: str) -> None:
        (self.folder / "cuts.py").write_text(text)

    def run(self, *words: str) -> str:
        """What `martlet run reco.py Fit WORDS…` says."""
        environment = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "cache"), "XDG_CONFIG_HOME": str(self.folder)}
        done = subprocess.run(
            [sys.executable, "-m", "martlet", "run", "reco.py", "Fit", "--state", "state", *words],
            cwd=self.folder, env=environment, capture_output=True, text=True, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout or done.stderr


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    return Analysis(tmp_path)


def test_from_edit_to_run(analysis: Analysis) -> None:
    assert "no report tells of them: Fit()" in analysis.run("--status")
    analysis.run("-q")
    assert analysis.run("--status") == "All 2 tasks are as their reports say: nothing has changed since\n"
    analysis.cuts("PT = 30  # GeV\n\ndef passes(x):\n    '''Whether it does.'''\n    return (x > PT)\n")
    assert "nothing has changed" in analysis.run("--status")
    analysis.cuts("PT = 35\n\ndef passes(x):\n    return x > PT\n")
    told = {one["family"]: one for one in json.loads(analysis.run("--status", "--json"))}
    assert told["Selection"]["changes"] == {"code": "cuts.py"} and told["Fit"]["behind"] == told["Selection"]["task"]
    assert "Nothing to do" in analysis.run("--dry-run")
    assert "its code has changed since" in analysis.run("--dry-run", "--rerun-on", "code")
    assert "2 tasks ran" in analysis.run("--rerun-on", "code,inputs")
    assert "Nothing to do" in analysis.run("--rerun-on", "code,inputs,environment", "--dry-run")
    assert '"reason": "codeChanged"' in analysis.run("--explain", "Selection", "--json", "--rerun-on", "code")


def test_code_that_is_edited_while_it_runs_is_told_of_afterwards(analysis: Analysis) -> None:
    """Reports tell of the code with which the run began."""
    analysis.cuts("EDITED = 0\n\ndef passes(x):\n    return x > EDITED\n")
    assert "2 tasks ran" in analysis.run()
    told = {one["family"]: one["changes"] for one in json.loads(analysis.run("--status", "--json"))}
    assert told == {"Selection": {"code": "cuts.py"}, "Fit": {}}


def test_the_configuration_says_it_by_family(analysis: Analysis) -> None:
    analysis.run("-q")
    (analysis.folder / "selection.txt").unlink()
    (analysis.folder / "fit.txt").unlink()
    (analysis.folder / "martlet.toml").write_text('[complete_by]\n"*" = "targets"\n"Sel*" = "reports"\n')
    assert "Would run 1 of 2 tasks, 1 already there" in analysis.run("--dry-run")
    assert "Nothing to do" in analysis.run("--dry-run", "--complete-by", "reports")
    assert "Would run 2 of 2 tasks" in analysis.run("--dry-run", "--complete-by", "targets")


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("complete_by", "reports", {"*": "reports"}),
        ("complete_by", {"Sel*": "both"}, {"Sel*": "both"}),
        ("rerun_on", ["inputs", "code"], {"*": "code,inputs"}),
        ("rerun_on", "code, environment", {"*": "code,environment"}),
        ("rerun_on", [], {"*": ""}),
        ("checksum", True, {"*": "adler32"}),
    ],
)
def test_rules_of_the_configuration(name: str, value: object, expected: object) -> None:
    assert settings.checked(settings.BY_NAME[name], value, "martlet.toml", Path()) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("complete_by", "report"),
        ("complete_by", "targets,reports"),
        ("rerun_on", "time"),
        ("rerun_on", 1),
        ("checksum", "md4"),
    ],
)
def test_rules_that_are_none(name: str, value: object) -> None:
    with pytest.raises(MartletError, match=name):
        settings.checked(settings.BY_NAME[name], value, "martlet.toml", Path())


def test_rules_by_flag() -> None:
    key = settings.BY_NAME["complete_by"]
    assert settings.from_text(key, "Sel*=reports", "--complete-by", Path()) == {"Sel*": "reports"}
    configuration = Configuration()
    configuration.set("complete_by", {"*": "reports", "Fit": "targets"}, "martlet.toml")
    configuration.set("complete_by", {"Sel*": "both"}, "--complete-by")
    assert configuration["complete_by"] == {"*": "reports", "Fit": "targets", "Sel*": "both"}
    configuration.set("complete_by", {"*": "targets"}, "--complete-by")
    assert configuration["complete_by"] == {"*": "targets"}
