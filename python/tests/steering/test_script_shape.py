"""Which scripts leave running their task to us."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import martlet
from martlet.steering.autorun import interpreter_flags, wants_run

TASK = """
import luigi
class Reco(luigi.Task):
    def run(self):
        self.tool.run()
"""


@pytest.mark.parametrize(
    "text",
    [
        TASK,
        "from martlet import Task\nclass Reco(Task): pass",
        "from analysis.base import *\nclass Reco(BaseTask): pass",
        "from . import base\nclass A(base.Task): pass",
        "import luigi\nclass A(luigi.util.inherits(X)(luigi.Task)): pass",
        "import law\nlaw.contrib.load('root')\nclass A(law.Task): pass",
        "import luigi\ntry:\n    import x\nexcept ImportError:\n    x = None\nif x:\n    class A(luigi.Task): pass",
        TASK + "\nimport subprocess\ndef tool():\n    subprocess.run(['true'])",
        TASK + "    def complete(self):\n        return luigi.build([self.other])",
        TASK + "\nclass Sub(Reco): pass\ntask = Reco()",
    ],
)
def test_scripts_that_leave_it_to_us(text: str) -> None:
    assert wants_run(text.encode(), ["Reco"])


@pytest.mark.parametrize(
    "text",
    [
        TASK + "if __name__ == '__main__':\n    luigi.run()",
        TASK + "if '__main__' == __name__: pass",
        TASK + "luigi.run()",
        TASK + "def main():\n    luigi.build([Reco()])\nmain()",
        TASK + "from luigi import build\nbuild([Reco()])",
        TASK + "import argparse\nargparse.ArgumentParser().parse_args()",
        TASK + "from typer import Typer",
        TASK + "def f():\n    import click",
        TASK + "import sys\nprint(sys.argv[1])",
        TASK + "from sys import argv",
        "import luigi\nprint(luigi.__version__)",
        "import luigi\nclass Wrong(luigi.ParameterException): pass",
        "import luigi\nclass Wrong(luigi.target.MissingError): pass",
        "import luigi\nclass Wrong(Exception): pass",
        "import luigi, enum\nclass Kind(enum.Enum): pass",
        "import luigi, threading\nclass B(threading.Thread): pass",
        "import luigi\nclass Plain: pass\nclass Sub(Plain): pass",
        "import luigi\nfrom x import *\nclass A(object): pass",
        "import luigi\nclass (",
        "import luigi\nclass A(luigi.Task): pass\x00",
    ],
)
def test_scripts_that_are_left_alone(text: str) -> None:
    assert not wants_run(text.encode(), ["Reco"])


def test_without_arguments_only_scripts_that_do_nothing() -> None:
    assert wants_run(TASK.encode(), [])
    assert not wants_run((TASK + "print('hello')").encode(), [])
    assert not wants_run((TASK + "for x in range(3): pass").encode(), [])


def test_other_encodings_are_read() -> None:
    assert wants_run(("# -*- coding: latin-1 -*-\n# \u00e9\n" + TASK).encode("latin-1"), ["Reco"])


@pytest.mark.parametrize(
    ("line", "flags", "script"),
    [
        ("python reco.py Reco", "", "reco.py"),
        ("python -u -X dev -W error reco.py -i", "-u -X dev -W error", "reco.py"),
        ("python -Xdev -Werror -bb -OO reco.py", "-Xdev -Werror -bb -OO", "reco.py"),
        ("python -uBX utf8 reco.py", "-uBX utf8", "reco.py"),
        ("python -uXutf8 reco.py", "-uXutf8", "reco.py"),
        ("python --check-hash-based-pycs always reco.py", "--check-hash-based-pycs always", "reco.py"),
        ("python -P -- reco.py", "-P", "reco.py"),
    ],
)
def test_interpreter_flags(line: str, flags: str, script: str) -> None:
    assert interpreter_flags(line.split()) == (flags.split(), script)


@pytest.mark.parametrize(
    "line",
    [
        "python", "python -", "python -c pass", "python -cpass", "python -m pdb reco.py", "python -mpdb reco.py",
        "python -i reco.py", "python -Bi reco.py", "python -ui reco.py", "python -x reco.py", "python -um pdb reco.py",
        "python --help", "python -X", "python -u",
    ],
)  # fmt: skip
def test_command_lines_that_are_left_alone(line: str) -> None:
    assert interpreter_flags(line.split()) is None


def test_looking_at_a_script_imports_little() -> None:
    # a package without its __init__, so that only what the look itself needs is imported; -S for the same reason
    program = f"""
import sys, types
package = types.ModuleType("martlet")
package.__path__ = [{str(Path(martlet.__file__).parent)!r}]
sys.modules["martlet"] = package
from martlet.steering.autorun import wants_run
assert wants_run({TASK.encode()!r}, ["Reco"])
sys.exit(bool({{"ast", "argparse", "re", "pathlib", "typing"}} & set(sys.modules)))
"""
    assert subprocess.run([sys.executable, "-S", "-c", program], check=False).returncode == 0
