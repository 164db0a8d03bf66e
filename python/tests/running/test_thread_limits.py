"""Libraries that are loaded already are limited too."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from martlet.running.thread_limits import ThreadLimits
from running.analysis import Sees

_SOURCE = """
static int threads = 7;
int openblas_get_num_threads(void) { return threads; }
void openblas_set_num_threads(int n) { threads = n; }
char *openblas_get_config(void) { return "OpenBLAS 0.0.0"; }
int openblas_get_parallel(void) { return 1; }
char *openblas_get_corename(void) { return "none"; }
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A library that looks like OpenBLAS from outside."""
    compiler = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None)
    if compiler is None:
        pytest.skip("SKIPPED: making a library with a thread pool needs a C compiler")
    pytest.importorskip("threadpoolctl", reason="SKIPPED: threadpoolctl, a dependency, is not installed")
    folder = tmp_path_factory.mktemp("library")
    (folder / "pool.c").write_text(_SOURCE)
    file = folder / "libopenblas.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-o", file, folder / "pool.c"], check=True)
    return ctypes.CDLL(str(file))


class Counts(Sees):
    """Writes down how many threads a library would use that was loaded before."""

    counts: Any = None

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(f"{Counts.counts()}")


@pytest.mark.parametrize(("workers", "expected"), [(1, ["7", "2", "7"]), (2, ["1", "2", "1"])])
def test_loaded_libraries_follow(
    tmp_path: Path, library: Any, monkeypatch: pytest.MonkeyPatch, workers: int, expected: list[str]
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setattr(Counts, "counts", staticmethod(library.openblas_get_num_threads))
    tasks = [Counts(str(tmp_path), 0), Counts(str(tmp_path), 1, {"cores": 2}), Counts(str(tmp_path), 2)]
    options = Options(workers=workers, state=tmp_path / "state", resources={"cores": 4})
    assert run(tasks, options, Silent())
    assert [task.output().open().read() for task in tasks] == expected
    assert library.openblas_get_num_threads() == 7


def test_the_limit_that_stands_costs_nothing(library: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = ThreadLimits()
    limits.set(3)
    assert library.openblas_get_num_threads() == 3
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} is read"))
    limits.set(3)
    monkeypatch.undo()
    limits.set(0)
    assert library.openblas_get_num_threads() == 7
