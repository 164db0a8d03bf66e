"""The benchmark of remote files: its tables, and that it works at a size that takes no time."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from benchmarks.measure import Sample
from benchmarks.page import PAGE
from benchmarks.results import Results, Series
from benchmarks.stores import files
from benchmarks.stores.peers import PEERS
from benchmarks.stores.table import BLOCK, rows

from clean_environments import ROOT

MACHINE = {
    "date": "2026-11-30 03:00 UTC", "processor": "x", "cores": 2, "system": "Debian", "commit": "", "versions": {},
    "load": [0.5], "round_trip": 0.02,
}  # fmt: skip


def series(peer: str, wall: float, failed: str = "") -> Series:
    return Series(peer, 50_000, 50_000, [Sample(wall / 2, wall, 1, extra={"requests": 100.0})], failed)


def test_rows_compare_with_martlet() -> None:
    results = Results(MACHINE, {"webdav": [series("gfal2", 1.5), series("martlet", 0.5)]})
    head, martlet, gfal2 = rows(results, "webdav")
    assert head[1:4] == ["files", "requests", "wall, s"]
    assert martlet == ["Martlet", "50,000", "100", "0.500", "0.250", "1.0"]
    assert gfal2[-1] == "3.0"


def test_a_wrong_answer_is_no_result() -> None:
    results = Results(MACHINE, {"webdav": [series("gfal2", 1.5, "says that 3 files are there, of 4")]})
    assert "failed: says that 3" in rows(results, "webdav")[1][2]


def test_some_files_are_not_there(tmp_path: Path) -> None:
    files.lay_out(tmp_path, 1000)
    there = sum(1 for path in tmp_path.rglob("*.root"))
    assert there == files.present(1000) == 1000 - 10


def test_every_peer_is_a_module() -> None:
    for peer in PEERS.values():
        assert Path(ROOT, "benchmarks", "stores", "peers", f"{peer.module}.py").is_file()


def test_the_page_shows_its_results() -> None:
    page = PAGE.read_text()
    words = "renew it: python -m benchmarks.stores.table --write benchmarks/stores/results/….json"
    assert BLOCK.renewed(page) == page, words


@pytest.mark.e2e
def test_it_works(tmp_path: Path) -> None:
    out = tmp_path / "results.json"
    paths = [str(ROOT / "python" / "tests"), *filter(None, [os.environ.get("PYTHONPATH")])]
    finished = subprocess.run(
        [sys.executable, "-m", "benchmarks.stores", "--files", "2000", "--rounds", "1", "--out", str(out),
         "--peers", "martlet", "martlet-plan"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)}, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert finished.returncode == 0, finished.stderr
    measured = json.loads(out.read_text())["benchmarks"]
    for protocol in ("webdav", "xrootd"):
        assert [one["peer"] for one in measured[protocol]] == ["martlet", "martlet-plan"]
        # a listing a directory, and what connections take, but nothing a file
        requests = {one["peer"]: one["samples"][0]["extra"]["requests"] for one in measured[protocol]}
        assert all(100 <= count <= 150 for count in requests.values()), requests
