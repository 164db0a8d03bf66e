from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from martlet.targets import DirectoryTarget, LocalTarget, OptionalTarget


def test_it_lacks_nothing_and_says_whether_it_is_there(tmp_path: Path) -> None:
    target = OptionalTarget(LocalTarget(tmp_path / "control.json"))
    assert target.exists() and not target.is_present()
    target.dump([1])
    assert target.exists() and target.is_present() and target.load() == [1]
    with target.localize("r") as local:
        assert local.path == target.path
    target.remove()
    assert not target.is_present()
    assert list(target.bulk_locations() or ()) == [] and target.is_there([])


def test_unreachable_is_told(tmp_path: Path) -> None:
    loop = tmp_path / "loop"
    loop.symlink_to(loop)
    with pytest.raises(OSError, match="symbolic links"):
        OptionalTarget(LocalTarget(loop / "x")).is_present()


def test_it_stands_for_its_target(tmp_path: Path) -> None:
    target = OptionalTarget(LocalTarget("a/b"))
    assert pickle.loads(pickle.dumps(target)) == target == OptionalTarget(LocalTarget("a/b"))
    assert len({target, OptionalTarget(LocalTarget("./a/b"))}) == 1
    assert target != LocalTarget("a/b")
    assert (str(target), repr(target)) == ("a/b", "OptionalTarget(LocalTarget('a/b'))")
    assert OptionalTarget(DirectoryTarget("d")) / "x" == LocalTarget("d/x")
    with pytest.raises(AttributeError):
        _ = target.no_such_thing
