from __future__ import annotations

import gc
import os
import pickle
import subprocess
import sys
import tempfile
from pathlib import Path

from martlet.targets import DirectoryTarget, LocalTarget, TemporaryDirectoryTarget, TemporaryTarget


def test_files_are_gone_with_their_object(tmp_path: Path) -> None:
    target = TemporaryTarget(".root", tmp_path)
    assert target.ext() == "root" and not target.exists()
    target.touch()
    path = target.path
    copy = pickle.loads(pickle.dumps(target))
    assert type(copy) is LocalTarget and copy.exists()
    del target, copy
    gc.collect()
    assert not os.path.exists(path) and os.listdir(tmp_path) == []
    assert os.path.dirname(TemporaryTarget().path) == tempfile.gettempdir()


def test_directories_are_gone_with_their_object(tmp_path: Path) -> None:
    target = TemporaryDirectoryTarget(tmp_path)
    (target / "deep" / "a.txt").dump("a")
    assert os.stat(target.path).st_mode & 0o077 == 0
    assert type(pickle.loads(pickle.dumps(target))) is DirectoryTarget
    del target
    gc.collect()
    assert os.listdir(tmp_path) == []


def test_a_forked_process_removes_nothing(tmp_path: Path) -> None:
    targets = [TemporaryTarget(".txt", tmp_path), LocalTarget(tmp_path / "luigi.txt", is_tmp=True)]
    for target in targets:
        target.touch()
    child = os.fork()
    if child == 0:
        del target
        targets.clear()
        gc.collect()
        os._exit(0)
    os.waitpid(child, 0)
    assert all(target.exists() for target in targets)


def test_the_end_of_the_process_removes_them(tmp_path: Path) -> None:
    code = "import sys, martlet; t = martlet.TemporaryTarget('.txt', sys.argv[1]); t.touch(); print(t.exists())"
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert ended.stdout == "True\n" and os.listdir(tmp_path) == []
