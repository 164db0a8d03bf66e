"""Options of luigi.cfg and luigi.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.analyses import CLEAN, write
from doctor.conftest import Ask, verdicts

CFG = """\
[core]
workers = 4
default-scheduler-host = luigi.example.org
wrkers = 3
rpc-retry-attempts: 3

[worker]
keep_alive = true
wait_interval = 0.1

[scheduler]
retry_delay = 1
state_path = /tmp/x

[retcode]
missing_data = 20

[Raw]
dataset = ttH
    more = 1
datset = ttH

[hdfs]
user = me
[cors]
enabled = true
[Row]
dataset = 1
[resources]
tape = 2
[own]
password = hush
"""


def test_of_luigi_cfg(folder: Path, ask: Ask) -> None:
    own = CLEAN + "luigi.configuration.get_config().get('own', 'password', '')\n"
    write(folder, {"reco.py": own, "luigi.cfg": CFG})
    code, told = ask("reco.py")
    found = {subject: fate for subject, fate in verdicts(told).items() if subject.startswith("[")}
    works, differs, unknown = "works", "works differently", "is not known"
    assert found == {
        "[core] workers": (works, ["luigi.cfg:2"]),
        "[core] default-scheduler-host": (differs, ["luigi.cfg:3"]),
        "[core] wrkers": (unknown, ["luigi.cfg:4"]),
        "[core] rpc-retry-attempts": (differs, ["luigi.cfg:5"]),
        "[worker] keep_alive": (works, ["luigi.cfg:8"]),
        "[worker] wait_interval": (differs, ["luigi.cfg:9"]),
        "[scheduler] retry_delay": (works, ["luigi.cfg:12"]),
        "[scheduler] state_path": (differs, ["luigi.cfg:13"]),
        "[retcode] missing_data": (works, ["luigi.cfg:16"]),
        "[Raw] dataset": (works, ["luigi.cfg:19"]),
        "[Raw] datset": (unknown, ["luigi.cfg:21"]),
        "[hdfs] user": (works, ["luigi.cfg:24"]),
        "[cors] enabled": (differs, ["luigi.cfg:26"]),
        "[Row] dataset": (unknown, ["luigi.cfg:28"]),
        "[resources] tape": (works, ["luigi.cfg:30"]),
        "[own] password": (works, ["luigi.cfg:32"]),
    }
    hints = {finding["subject"]: finding["why"] for finding in told["findings"]}
    assert "did you mean workers?" in hints["[core] wrkers"]
    assert "did you mean dataset?" in hints["[Raw] datset"]
    assert "did you mean Raw?" in hints["[Row] dataset"]
    assert "hush" not in str(told)
    assert code == 0  # what nothing reads stands in nobody's way


@pytest.mark.parametrize("reading", [(), ("--no-import",)], ids=["imported", "read"])
def test_parameters_that_are_inherited(reading: tuple[str, ...], folder: Path, ask: Ask) -> None:
    deep = "import luigi\nclass A(luigi.Task):\n    a = luigi.Parameter()\n"
    deep += "class B(A):\n    b = luigi.Parameter()\nclass C(B):\n    task_namespace = 'x'\n"
    write(folder, {"deep.py": deep, "luigi.cfg": "[x.C]\na = 1\nb = 2\nc = 3\n"})
    _, told = ask("deep.py", *reading)
    found = {name: fate[0] for name, fate in verdicts(told).items() if name.startswith("[")}
    assert found == {"[x.C] a": "works", "[x.C] b": "works", "[x.C] c": "is not known"}


def test_of_luigi_toml(folder: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    toml = '[Raw]\ndataset = "ttH"\n\n[core]\nworkres = 2\n'
    write(folder, {"reco.py": CLEAN, "luigi.toml": toml, "luigi.cfg": CFG})
    monkeypatch.setenv("LUIGI_CONFIG_PARSER", "toml")
    _, told = ask("reco.py")
    found = {subject: fate for subject, fate in verdicts(told).items() if subject.startswith("[")}
    assert found == {
        "[Raw] dataset": ("works", ["luigi.toml:2"]),
        "[core] workres": ("is not known", ["luigi.toml:5"]),
    }


def test_the_file_that_the_environment_names(folder: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    write(folder, {"reco.py": CLEAN, "elsewhere/my.cfg": "[Raw]\ndataset = 1\n"})
    monkeypatch.setenv("LUIGI_CONFIG_PATH", "elsewhere/my.cfg")
    _, told = ask("reco.py")
    assert verdicts(told)["[Raw] dataset"] == ("works", ["elsewhere/my.cfg:2"])
