"""Completion as a user meets it: a real bash and a real zsh on a terminal, and what they make of the key."""

from __future__ import annotations

import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
from martlet.completion import candidates, catalogue, command
from martlet.unchanged import is_settled

SCRIPT = """
import enum, pathlib
import martlet

class Shift(enum.Enum):
    up = 1
    down = 2

class Selection(martlet.Task):
    "Events that pass the cuts."
    dataset = martlet.Parameter(default="ttH", description="the sample")
    shift = martlet.EnumParameter(enum=Shift, default=Shift.up)
    region = martlet.ChoiceParameter(choices=["signal", "control"], default="signal")
    loose = martlet.BoolParameter()
    weight = martlet.ChoiceParameter(choices=["$(touch${IFS}ran)"], default="$(touch${IFS}ran)")
    def output(self):
        return martlet.LocalTarget("out.txt")
    def run(self):
        self.output().touch()

class Summary(Selection):
    pass

with open(pathlib.Path(__file__).parent / "imports", "a") as note:
    note.write("x")

if __name__ == "__main__":
    martlet.run()
"""
_PROMPT = "ready> "
_LONGEST = 60.0


class Shell:
    """A shell on a terminal of its own."""

    def __init__(self, words: list[str], folder: Path, variables: dict[str, str]) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(words[0], words, {**os.environ, **variables, "TERM": "dumb", "COLUMNS": "200", "LINES": "60"})
        self._read = ""

    def says(self, text: str) -> str:
        """What it has printed since the last time, up to a text."""
        until = time.monotonic() + _LONGEST
        while text not in self._read:
            left = until - time.monotonic()
            assert left > 0, f"never said {text!r}, but {self._read!r}"
            if select.select([self._terminal], [], [], left)[0]:
                self._read += os.read(self._terminal, 65536).decode("utf-8", "replace")
        said, _, self._read = self._read.partition(text)
        return said

    def type(self, keys: str) -> None:
        os.write(self._terminal, keys.encode())

    def completed(self, line: str) -> str:
        """The line that the key makes of a line: it is given to a command that prints it.

        Without the space behind: zsh takes it away when the cursor moves.
        """
        self.type(f"{line}\t\x01print_line '\x05'\r")  # to the begin, to the end
        self.says("<<<")
        told = self.says(">>>")
        self.says(_PROMPT)
        return told.rstrip()

    def listed(self, line: str, expected: str) -> str:
        """What the key, twice, lists for a line, up to something that must be in it."""
        self.type(f"{line}\t\t")
        told = self.says(expected)
        self.type("\x15\r")
        self.says(_PROMPT)
        return told + expected

    def close(self) -> None:
        os.close(self._terminal)
        os.waitpid(self.pid, 0)


@pytest.fixture(params=["bash", "zsh"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    name = request.param
    program = shutil.which(name)
    if program is None:
        pytest.skip(f"NO {name} HERE: its completion was not tried")
    folder = tmp_path / "analysis"
    folder.mkdir()
    (folder / "reco.py").write_text(SCRIPT)
    (folder / "martlet.toml").write_text("")
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool, words in (("martlet", "-m martlet "), ("python", "")):
        (tools / tool).write_text(f'#!/bin/sh\nexec {sys.executable} {words}"$@"\n')
        (tools / tool).chmod(0o755)
    variables = {
        "PATH": f"{tools}:{os.environ['PATH']}", "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path),
        "PS1": _PROMPT,
    }  # fmt: skip
    subprocess.run(["martlet", "run", "reco.py", "Selection"], cwd=folder, env={**os.environ, **variables}, check=True)
    words = [program, "--norc", "--noprofile", "-i"] if name == "bash" else [program, "-f", "-i"]
    opened = Shell(words, folder, variables)
    opened.type(f"PS1='{_PROMPT}'; print_line() {{ printf '<''<<%s>''>>' \"$1\"; }}\r")
    opened.says(f"{_PROMPT}'")
    opened.says(_PROMPT)
    opened.type("set -o emacs; bind 'set enable-bracketed-paste off' 2>/dev/null; bindkey -e 2>/dev/null\r")
    opened.says(_PROMPT)
    opened.type(f"source <(martlet completion {name} --python); echo sour''ced\r")
    opened.says("sourced")
    opened.says(_PROMPT)
    yield opened
    opened.close()


def test_commands_tasks_parameters_and_values(shell: Shell) -> None:
    assert shell.completed("martlet repr") == "martlet reproduce"
    assert shell.completed("martlet run re") == "martlet run reco.py"
    assert shell.completed("martlet run reco.py Sel") == "martlet run reco.py Selection"
    assert shell.completed("martlet run reco.py Selection --data") == "martlet run reco.py Selection --dataset"
    line = shell.completed("martlet run reco.py Selection --region c")
    assert line == "martlet run reco.py Selection --region control"
    assert shell.completed("martlet run reco.py Selection --region=c").endswith("--region=control")
    assert shell.completed("martlet run reco.py Selection --shift d") == "martlet run reco.py Selection --shift down"
    assert shell.completed("martlet run reco.py Selection --complete-by b").endswith("--complete-by both")
    listed = shell.listed("martlet run reco.py S", "Summary")
    assert "Selection" in listed


def test_recorded_tasks(shell: Shell) -> None:
    line = shell.completed("martlet history Sel")
    assert line.startswith("martlet history Selection_ttH_")
    assert shell.completed("martlet reports show Selection_t").startswith("martlet reports show Selection_ttH_")


def test_scripts_of_python(shell: Shell) -> None:
    assert shell.completed("python reco.py Sum") == "python reco.py Summary"
    assert shell.completed("python reco.py Summary --loo") == "python reco.py Summary --loose"
    assert shell.completed("python re") == "python reco.py"


def test_what_is_completed_is_never_run(shell: Shell, tmp_path: Path) -> None:
    shell.type("martlet run reco.py Selection --weight \t; echo en''ded\r")
    shell.says("Selection")
    shell.says("ended")
    shell.says(_PROMPT)
    assert not (tmp_path / "analysis" / "ran").exists()


def told(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    command.answer(words)
    return capsys.readouterr().out.splitlines()[1:]


def test_names_are_quoted_for_bash_and_none_speaks_to_the_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ["Plain_a", "a b", "$(x)", "it's", "two\nlines", "\x1b[31mred", "`x`", "ns;touch.U", "~root", "é"]
    monkeypatch.setattr(candidates, "of", lambda _: [candidates.Candidate(name, "a\x1b[31mb") for name in names])
    bash = "martlet history "
    fine = ["Plain_a", "'a b'", "'$(x)'", "'it'\"'\"'s'", "'`x`'", "'ns;touch.U'", "'~root'", "'é'"]
    assert told(capsys, "bash", "=:", bash) == fine
    assert told(capsys, "bash", "=:", f"{bash}'") == ["Plain_a", "a b", "$(x)", "`x`", "ns;touch.U", "~root", "é"]
    assert told(capsys, "bash", "=:", f'{bash}"') == ["Plain_a", "a b", "it's", "ns;touch.U", "~root", "é"]
    assert told(capsys, "zsh", "history", "") == [
        f"{name}\ta [31mb" for name in names if name not in ("two\nlines", "\x1b[31mred")
    ]


def test_what_is_known_of_a_script_outlives_no_edit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PYTHONPATH", str(Path(martlet.__file__).parents[1]))
    script = tmp_path / "x.py"
    text = "import martlet\nclass One(martlet.Task):\n    pass\n"
    script.write_text(text)
    before = os.stat(script)
    assert list(catalogue.of(script)) == ["One"]
    for name in ("Two", "Six"):  # just written, and kept
        script.write_text(text.replace("One", name))
        os.utime(script, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert list(catalogue.of(script)) == [name]
        until_settled(script)
        assert list(catalogue.of(script)) == [name]


def until_settled(script: Path) -> None:
    while not is_settled(os.stat(script)):
        time.sleep(0.05)


def test_the_script_is_imported_once_and_again_when_it_has_changed(shell: Shell, tmp_path: Path) -> None:
    note = tmp_path / "analysis" / "imports"
    until_settled(tmp_path / "analysis" / "reco.py")
    shell.completed("martlet run reco.py Sel")
    before = len(note.read_text())
    shell.completed("martlet run reco.py Sum")
    assert len(note.read_text()) == before
    script = tmp_path / "analysis" / "reco.py"
    script.write_text(SCRIPT.replace("class Summary", "class Overview"))
    assert shell.completed("martlet run reco.py Ov") == "martlet run reco.py Overview"
    script.write_text("this is half a line (")
    assert shell.completed("martlet run reco.py Ov") == "martlet run reco.py Overview"
