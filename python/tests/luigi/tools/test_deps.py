from __future__ import annotations

import http.server
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import martlet
import martlet.luigi as luigi
from martlet.luigi.tools import deps, deps_tree, luigi_grep

SOURCE = Path(martlet.__file__).parent.parent
SCRIPT = """
import luigi

class Raw(luigi.ExternalTask):
    dataset = luigi.Parameter()

    def output(self):
        return luigi.LocalTarget(f"{self.dataset}.raw")

class Selection(luigi.Task):
    dataset = luigi.Parameter()
    cut = luigi.IntParameter(default=1)

    def requires(self):
        return Raw(dataset=self.dataset)

    def output(self):
        return {"file": luigi.LocalTarget(f"{self.dataset}-{self.cut}.root")}

class Plots(luigi.Task):
    day = luigi.DateParameter()

    def requires(self):
        return [Selection(dataset="ttH"), Selection(dataset="ttZ")]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "reco_deps.py").write_text(SCRIPT)
    (tmp_path / "ttH-2.root").touch()
    return tmp_path


def tool(name: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    begin = f"from martlet.luigi_finder import install; install(); from luigi.tools.{name} import main; main()"
    environment = {**os.environ, "PYTHONPATH": f"{SOURCE}:{folder}", "MARTLET_LUIGI": "", "PYTHONIOENCODING": "utf-8"}
    command = [sys.executable, "-c", begin, "--module", "reco_deps", *words]
    return subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=False)


def test_luigi_deps(folder: Path) -> None:
    words = ["Plots", "--day", "2026-01-01", "--upstream-family", "Selection", "--Selection-cut", "2"]
    ended = tool("deps", folder, *words)
    assert ended.stdout.splitlines() == [
        "   TASK: Plots(day=2026-01-01)",
        "   TASK: Selection(dataset=ttH, cut=2)",
        "                       : [FileSystem] ttH-2.root",
        "   TASK: Selection(dataset=ttZ, cut=2)",
        "                       : [FileSystem] ttZ-2.root",
    ], ended.stderr
    assert "[FileSystem] ttZ.raw" in tool("deps", folder, "Plots", "--day", "2026-01-01").stdout


def test_luigi_deps_tree(folder: Path) -> None:
    ended = tool("deps_tree", folder, "Plots", "--day", "2026-01-01", "--Selection-cut", "2")
    assert ended.stdout.splitlines() == [
        "",
        "└─--[Plots-{'day': '2026-01-01'} (PENDING)]",
        "    |---[Selection-{'dataset': 'ttH', 'cut': '2'} (COMPLETE)]",
        "    |   └─--[Raw-{'dataset': 'ttH'} (PENDING)]",
        "    └─--[Selection-{'dataset': 'ttZ', 'cut': '2'} (PENDING)]",
        "        └─--[Raw-{'dataset': 'ttZ'} (PENDING)]",
    ], ended.stderr


@pytest.mark.parametrize("name", ["deps", "deps_tree"])
def test_mistakes_are_told(name: str, folder: Path) -> None:
    none = tool(name, folder)
    assert none.returncode == 2
    assert "candidates are" in none.stderr
    wrong = tool(name, folder, "Plots", "--day", "soon")
    assert wrong.returncode == 2
    assert "'soon' given" in wrong.stderr
    assert "Traceback" not in wrong.stderr


class Layer(luigi.Task):
    """Each requires both of the next layer: as many paths as 2 to the number of layers."""

    depth = luigi.IntParameter()
    side = luigi.IntParameter(default=0)

    def requires(self) -> list[Layer]:
        return [Layer(depth=self.depth - 1, side=side) for side in (0, 1)] if self.depth else []


class Link(luigi.Task):
    n = luigi.IntParameter()

    def requires(self) -> list[Link]:
        return [Link(n=self.n - 1)] if self.n else []

    def complete(self) -> bool:
        return False


def test_many_paths_and_long_ones_are_no_trouble() -> None:
    assert len(deps.find_deps(Layer(depth=60), "Layer")) == 121
    assert len(deps.find_deps(Link(n=5000), None)) == 5001
    assert deps.find_deps(Link(n=3), "Raw") == set()
    tree = deps_tree.print_tree(Link(n=2000))
    assert tree.count("\n") == 2001
    assert deps_tree.bcolors.OKBLUE + "PENDING" + deps_tree.bcolors.ENDC in tree


@pytest.fixture
def scheduler() -> Iterator[int]:
    """A scheduler of luigi's that knows three tasks; gives its port."""
    graph = {
        "A_1": {"status": "PENDING", "deps": ["B_1", "B_2", "C_1"]},
        "B_1": {"status": "DONE", "deps": []},
        "B_2": {"status": "FAILED", "deps": []},
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path == "/api/graph"
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"response": graph}).encode())

        def log_message(self, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_luigi_grep_asks_a_scheduler(scheduler: int, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--scheduler-host", "127.0.0.1", "--scheduler-port", str(scheduler)]
    luigi_grep.main([*where, "--prefix", "A"])
    assert capsys.readouterr().out.splitlines()[1:] == [
        "A_1: PENDING, Dependencies:",
        "  status=DONE", "    B_1", "  status=FAILED", "    B_2", "  status=UNKNOWN", "    C_1",
    ]  # fmt: skip
    luigi_grep.main([*where, "--status", "failed"])
    assert capsys.readouterr().out.splitlines()[1:] == ["B_2: FAILED, Dependencies:"]


def test_luigi_grep_asks_martlets_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "martlet"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    program.chmod(0o755)
    code = (
        "import sys; from martlet.luigi.tools.luigi_grep import main; "
        "sys.executable = sys.argv[1]; main(sys.argv[2:])"
    )
    environment = {**os.environ, "PYTHONPATH": str(SOURCE)}

    def grep(*words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, str(tmp_path / "python"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    assert grep("--prefix", "Sel").stdout.split() == ["reports", "Sel*"]
    assert grep("--status", "failed").stdout.split() == ["reports", "*", "--failed"]
    assert "`martlet status`" in grep("--status", "PENDING").stderr
