"""Paths without symbolic links, as os.path.realpath tells them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from martlet._bridge import real_path


@pytest.mark.parametrize(
    "path",
    ["", ".", "..", "/", "//", "a", "a/../a", "link", "link/b", "chain/b/", "dangling", "dangling/x", "round",
     "round/x", "a/none/../b", "a/b/c", "b\udcff", "ü", "up"],
)  # fmt: skip
def test_it_is_what_python_says(path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkdir("a")
    for name in ("a/b", "b\udcff", "ü"):
        Path(name).write_text("")
    for name, target in (("link", "a"), ("chain", "link"), ("dangling", "none"), ("round", "round"), ("up", "..")):
        os.symlink(target, name)
    assert real_path(path) == os.path.realpath(path)
    assert real_path(os.path.join(tmp_path, path)) == os.path.realpath(os.path.join(tmp_path, path))


def test_no_path_is_refused_alike() -> None:
    with pytest.raises(ValueError, match="null"):
        real_path("a\0b")
