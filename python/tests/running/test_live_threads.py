"""Threads that live when workers are forked."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import martlet
from martlet.running import live_threads
from martlet.running.build import run
from martlet.running.options import Options
from martlet.running.reporter import Silent
from running.analysis import Sees


class Listening(Silent):
    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


@pytest.fixture
def a_thread() -> Iterator[None]:
    over = threading.Event()
    thread = threading.Thread(target=over.wait, name="prefetch-3", daemon=True)
    thread.start()
    yield
    over.set()
    thread.join()


def test_python_threads_are_named_once(tmp_path: Path, a_thread: None) -> None:
    listening = Listening()
    tasks = [Sees(str(tmp_path), n) for n in range(3)]
    assert run(tasks, Options(workers=2, state=tmp_path / "state"), listening)
    assert [note for note in listening.notes if "prefetch (Python)" in note] == listening.notes
    assert len(listening.notes) == 1


def notes_of_a_run(folder: Path) -> list[str]:
    listening = Listening()
    assert run([Sees(str(folder))], Options(workers=2, state=folder / "state"), listening)
    return listening.notes


def test_nothing_is_said_without_them(tmp_path: Path) -> None:
    """In a process of its own: what other tests used may have left threads in this one."""
    script = (
        "import sys\nfrom pathlib import Path\nfrom running.test_live_threads import notes_of_a_run\n"
        "print(notes_of_a_run(Path(sys.argv[1])))\n"
    )
    path = f"{Path(martlet.__file__).parents[1]}{os.pathsep}{Path(__file__).parents[1]}"
    command = [sys.executable, "-c", script, str(tmp_path)]
    said = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, timeout=60, check=True
    )
    assert said.stdout == "[]\n"


def test_a_notebooks_own_threads_are_none_of_it(a_thread: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ipykernel", threading)
    assert live_threads.of_concern() == ""


_SOURCE = """
int work(void) {
    int sum = 0;
    #pragma omp parallel reduction(+:sum)
    sum += 1;
    return sum;
}
"""


@pytest.fixture(scope="module")
def openmp(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A library that uses the OpenMP of GCC."""
    folder = tmp_path_factory.mktemp("openmp")
    (folder / "work.c").write_text(_SOURCE)
    compiler = shutil.which("gcc")
    made = compiler and subprocess.run(
        [compiler, "-fopenmp", "-shared", "-fPIC", "-o", folder / "work.so", folder / "work.c"], check=False
    )
    if not made or made.returncode != 0:
        pytest.skip("SKIPPED: a library with the OpenMP of GCC needs gcc")
    return ctypes.CDLL(str(folder / "work.so"))


class Parallel(Sees):
    """Calls a library that had threads before the fork."""

    library: Any = None

    def run(self) -> None:
        with self.output().open("w") as file:
            file.write(str(Parallel.library.work()))


def test_openmp_works_in_workers_though_it_ran_before(
    tmp_path: Path, openmp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    # other tests may have loaded it: so many threads without a name as it may have are nobody's concern
    monkeypatch.delitem(sys.modules, "pyarrow", raising=False)
    ctypes.CDLL("libgomp.so.1").omp_set_num_threads(3)
    monkeypatch.setattr(Parallel, "library", openmp)
    assert openmp.work() == 3
    assert "libgomp" in live_threads.of_concern()
    tasks = [Parallel(str(tmp_path), n) for n in range(2)]
    # it would hang with more than one thread
    assert run(tasks, Options(workers=2, state=tmp_path / "state"), Listening())
    assert [task.output().open().read() for task in tasks] == ["1", "1"]
