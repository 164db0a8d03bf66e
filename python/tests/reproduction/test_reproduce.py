"""Recorded tasks once more: the verdicts, with what was made left as it was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from martlet.reproduction import Verdict, protection, reproduce

SCRIPT = """
import gzip, os, time
import martlet
{imports}

class Events(martlet.Task):
    sample = martlet.Parameter(default="ttH")
    def output(self):
        return martlet.LocalTarget("results/events.txt")
    def run(self):
        with self.output().open("w") as stream:
            stream.write({events})

class Fit(martlet.Task):
    sample = martlet.Parameter(default="ttH")
    def requires(self):
        return Events(sample=self.sample)
    def output(self):
        return {{"text": martlet.LocalTarget("results/fit.txt"),
                 "packed": martlet.LocalTarget("results/fit.gz", format=martlet.formats.Nop)}}
    def run(self):
        with self.input().open() as stream:
            text = stream.read().upper()
        with self.output()["text"].open("w") as stream:
            stream.write(text)
        with self.output()["packed"].open("w") as stream:
            stream.write(gzip.compress(text.encode(), mtime=time.monotonic_ns() % 4_000_000_000))

class Sorted(martlet.CommandTask):
    def requires(self):
        return Events()
    def output(self):
        return martlet.LocalTarget("results/sorted.txt")
    def command(self):
        return "sort {{input}} > {{output}}"

class Rude(martlet.Task):
    def output(self):
        return martlet.LocalTarget("results/rude.txt")
    def run(self):
        {rude}

if __name__ == "__main__":
    martlet.run()
"""


class Analysis:
    """A repository with a script, and what has been run of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.script = folder / "reco.py"
        self.state = folder / ".martlet"
        (folder / ".gitignore").write_text("results\n.martlet\n__pycache__\n")
        self.write()
        self.git("init", "-q")
        self.commit()

    def write(self, events: str = "'some events\\n'", rude: str = "self.output().touch()", imports: str = "") -> None:
        self.script.write_text(SCRIPT.format(events=events, rude=rude, imports=imports))

    def git(self, *words: str) -> str:
        who = ["-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
        return subprocess.run(["git", *who, *words], cwd=self.folder, check=True, capture_output=True, text=True).stdout

    def commit(self) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "as it is")

    def run(self, *words: str, code: int = 0, **variables: str) -> str:
        finished = subprocess.run(
            [sys.executable, "-m", "martlet", *words], cwd=self.folder, capture_output=True, text=True,
            env={**os.environ, **variables, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        assert finished.returncode == code, finished.stdout + finished.stderr
        return finished.stdout

    def made(self) -> dict[str, tuple[bytes, int, int]]:
        """Content, time and inode of all results."""
        found = {}
        for path in sorted((self.folder / "results").iterdir()):
            status = path.stat()
            found[path.name] = path.read_bytes(), status.st_mtime_ns, status.st_ino
        return found


@pytest.fixture
def analysis(tmp_path: Path) -> Analysis:
    folder = tmp_path / "analysis"
    folder.mkdir()
    return Analysis(folder)


def test_the_same_but_for_dates_and_nothing_of_before_is_touched(analysis: Analysis) -> None:
    analysis.run("run", "reco.py", "Fit")
    before = analysis.made()
    result = reproduce("Fit", state=analysis.state)
    assert result and result.verdict is Verdict.SAME_BUT
    findings = {Path(one.path).name: one.finding for one in result.outputs}
    assert findings == {"fit.txt": "same", "fit.gz": "same but"}
    assert [one.finding for one in result.inputs] == ["consumed"]
    assert analysis.made() == before
    assert not analysis.git("worktree", "list").splitlines()[1:]


def test_code_that_has_changed_since_is_taken_from_its_commit(analysis: Analysis) -> None:
    analysis.run("run", "reco.py", "Events")
    analysis.write(events="'other events\\n'")
    before = analysis.made()
    result = reproduce("Events", state=analysis.state)
    assert (result.verdict, result.code.where, result.code.same) == (Verdict.SAME, "worktree", True)
    assert analysis.made() == before
    assert not analysis.git("worktree", "list").splitlines()[1:]


def test_fingerprints_of_another_form_say_nothing_and_the_commit_does(analysis: Analysis) -> None:
    older = "import sys, martlet.fingerprint.code as c, martlet.__main__ as m; c.FORM = 1; sys.exit(m.main())"
    command = [sys.executable, "-c", older, "run", "reco.py", "Events"]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    subprocess.run(command, cwd=analysis.folder, check=True, capture_output=True, env=environment)
    result = reproduce("Events", state=analysis.state)
    assert (result.verdict, result.code.where, result.code.same) == (Verdict.SAME, "here", True), "by the commit"
    analysis.write(events="'other events\\n'")
    result = reproduce("Events", state=analysis.state)
    assert (result.verdict, result.code.where, result.code.same) == (Verdict.SAME, "worktree", True)


def test_changes_that_no_commit_has_are_said(analysis: Analysis) -> None:
    analysis.write(events="'uncommitted\\n'")
    analysis.run("run", "reco.py", "Events")
    assert reproduce("Events", state=analysis.state).code.where == "here"
    analysis.write(events="'later\\n'")
    result = reproduce("Events", state=analysis.state)
    assert result.code.same is False and "reco.py had changes that no commit has" in result.code.notes
    assert result.verdict is Verdict.DIFFERENT
    assert result.outputs[0].detail.startswith("line 1: 'uncommitted' and 'some events'")


def test_what_is_different_is_said_and_kept(analysis: Analysis) -> None:
    analysis.write(events="f'{time.time_ns()}\\n'")
    analysis.commit()
    analysis.run("run", "reco.py", "Events")
    told = json.loads(analysis.run("reproduce", "Events", "--json", code=1))
    assert told["verdict"] == "different"
    assert Path(told["outputs"][0]["made"]).read_text() != (analysis.folder / "results/events.txt").read_text()


def test_inputs_that_are_others_are_not_used(analysis: Analysis) -> None:
    analysis.run("run", "reco.py", "Fit")
    (analysis.folder / "results/events.txt").write_text("by hand\n")
    said = analysis.run("reproduce", "Fit", code=3)
    assert "changed" in said and "it was not run" in said
    assert "different" in analysis.run("reproduce", "Fit", "--changed-inputs", code=1)


MANY = """
import martlet

class Part(martlet.Task):
    number = martlet.IntParameter()
    def output(self):
        return martlet.LocalTarget(f"results/part-{self.number}.txt")
    def run(self):
        self.output().dump(str(self.number))

class Parts(martlet.WrapperTask):
    def requires(self):
        return [Part(number=number) for number in range(20)]

class Sum(martlet.Task):
    through = martlet.BoolParameter()
    def requires(self):
        return Parts() if self.through else [Part(number=number) for number in range(20)]
    def output(self):
        return martlet.LocalTarget("results/sum.txt")
    def run(self):
        self.output().dump("190")
"""


@pytest.mark.parametrize("words", [(), ("--through",)], ids=["many", "a wrapper of many"])
def test_many_inputs_are_recognised_by_one_digest(analysis: Analysis, words: tuple[str, ...]) -> None:
    analysis.script.write_text(MANY)
    analysis.commit()
    analysis.run("run", "reco.py", "Sum", *words)
    said = analysis.run("reproduce", "Sum")
    assert "1 of 1 are what it consumed" in said, said
    (analysis.folder / "results/part-7.txt").unlink()
    analysis.run("run", "reco.py", "Part", "--number", "7")
    said = analysis.run("reproduce", "Sum", code=3)
    assert "changed" in said and "ran again since" in said, said


def test_outputs_that_are_gone_leave_nothing_to_compare_with(analysis: Analysis) -> None:
    analysis.run("run", "reco.py", "Events")
    (analysis.folder / "results/events.txt").unlink()
    result = reproduce("Events", state=analysis.state)
    assert result.verdict is Verdict.UNKNOWN
    assert not (analysis.folder / "results/events.txt").exists()


def test_outputs_that_are_gone_are_compared_by_checksum(analysis: Analysis) -> None:
    analysis.run("run", "reco.py", "Events", "--checksum", "adler32")
    (analysis.folder / "results/events.txt").unlink()
    assert reproduce("Events", state=analysis.state).verdict is Verdict.SAME


def test_commands(analysis: Analysis) -> None:
    analysis.run("run", "reco.py", "Sorted")
    before = analysis.made()
    assert reproduce("Sorted", state=analysis.state).verdict is Verdict.SAME
    assert analysis.made() == before


@pytest.mark.parametrize(
    "rude",
    [
        "open('results/rude.txt', 'w').write('again')",
        "open('results/x', 'w').close(); os.replace('results/x', 'results/rude.txt')",
        "os.remove('results/rude.txt') if os.path.exists('results/rude.txt') else self.output().touch()",
    ],
    ids=["open", "replace", "remove"],
)
def test_who_writes_beside_its_targets_is_refused(analysis: Analysis, rude: str) -> None:
    analysis.write(rude=rude)
    analysis.commit()
    (analysis.folder / "results").mkdir()
    analysis.run("run", "reco.py", "Rude")
    before = analysis.made()
    result = reproduce("Rude", state=analysis.state)
    assert result.verdict is Verdict.FAILED
    assert analysis.made()["rude.txt"] == before["rude.txt"]


def test_programs_cannot_write_to_what_was_made_either(analysis: Analysis, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.write_text("as it was")
    program = (
        "import subprocess, sys\n"
        "from martlet.reproduction import protection\n"
        f"print(protection.by_kernel([{str(kept)!r}]), flush=True)\n"
        f"subprocess.call(['sh', '-c', 'echo changed > {kept}; mv {kept} {kept}.x; rm -f {kept}'])\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    if said.strip() == "False":
        pytest.skip("THE KERNEL LETS NO PROCESS HAVE ITS OWN MOUNTS HERE: only Python's calls are refused")
    assert kept.read_text() == "as it was"


def test_protection_is_of_the_process_alone() -> None:
    assert callable(protection.by_kernel)  # used in a child: this process's mounts stay as they are


def test_packages_as_they_were(analysis: Analysis, tmp_path: Path) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    for version in ("1.0", "2.0"):
        _wheel(wheels, version)
    site = tmp_path / "site"
    _install(site, wheels, "1.0")
    analysis.write(events="f'{shade.NUMBER}\\n'", imports="import shade")
    analysis.commit()
    path = os.pathsep.join([str(site), *sys.path])
    analysis.run("run", "reco.py", "Events", PYTHONPATH=path)
    _install(site, wheels, "2.0")

    here = json.loads(analysis.run("reproduce", "Events", "--here", "--json", code=1, PYTHONPATH=path))
    assert here["environment"]["packages"] == [{"name": "shade", "recorded": "1.0", "here": "2.0", "used": "2.0"}]
    assert here["outputs"][0]["detail"].startswith("line 1: '1.0' and '2.0'")

    offline = {"PIP_NO_INDEX": "1", "PYTHONPATH": path}
    words = ("reproduce", "Events", "--json", "--find-links", str(wheels))
    again = json.loads(analysis.run(*words, **offline))
    assert again["verdict"] == "same" and again["environment"]["where"] == "venv"
    assert again["environment"]["packages"][0]["used"] == "1.0"

    (wheels / "shade-1.0-py3-none-any.whl").unlink()
    without = json.loads(analysis.run(*words, "--venv", code=3, **offline))
    assert "shade 1.0 can't be had" in without["cause"]


def _wheel(folder: Path, version: str) -> None:
    info = f"shade-{version}.dist-info"
    with zipfile.ZipFile(folder / f"shade-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr("shade.py", f"NUMBER = {version!r}\n")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: shade\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def _install(site: Path, wheels: Path, version: str) -> None:
    for old in site.glob("shade*"):
        subprocess.run(["rm", "-r", str(old)], check=True)
    with zipfile.ZipFile(wheels / f"shade-{version}-py3-none-any.whl") as wheel:
        wheel.extractall(site)


def test_what_is_not_there_is_told(analysis: Analysis) -> None:
    analysis.run("run", "reco.py", "Events")
    analysis.run("reproduce", "Nothing", code=2)
    analysis.script.rename(analysis.folder / "moved.py")
    analysis.run("reproduce", "Events", code=2)
    analysis.run("reproduce", "Events", "moved.py")
