"""A store and a copy of it here: the store counts."""

from __future__ import annotations

import logging
import os
import pickle
from pathlib import Path

import pytest

from martlet.storage import StorageError
from martlet.targets import MirroredTarget, RemoteTarget

from .conftest import Store

pytestmark = pytest.mark.usefixtures("temporary_files")


@pytest.fixture
def fit(rude: Store, tmp_path: Path) -> MirroredTarget:
    return MirroredTarget(f"{rude.url}/deep/fit.json", tmp_path / "mirror" / "deep" / "fit.json")


def reads(store: Store) -> int:
    return sum(operation == "read" for operation, _ in store.calls())


def test_written_to_both_and_read_here(fit: MirroredTarget, rude: Store) -> None:
    fit.dump({"mu": 1})
    assert rude.files() == ["deep/fit.json"] and fit.is_current()
    before = reads(rude)
    assert fit.load() == {"mu": 1}
    with fit.open() as file:
        assert file.read() == '{"mu": 1}\n'
    assert reads(rude) == before
    with fit.open("w") as file:
        file.write("2")
    assert fit.mirror.load() == 2 and fit.target.load() == 2


def test_a_copy_that_is_old_is_fetched_anew(fit: MirroredTarget, rude: Store) -> None:
    fit.dump([1])
    (rude.root / "deep" / "fit.json").write_text("[2]\n")
    os.utime(rude.root / "deep" / "fit.json", (1e9, 1e9))
    assert not fit.is_current()
    assert fit.load() == [2]
    assert fit.is_current() and os.stat(fit.mirror.path).st_mtime == 1e9
    os.remove(fit.mirror.path)
    assert fit.load() == [2] and fit.mirror.exists()
    with open(fit.mirror.path, "w") as file:
        file.write("[2, 3]")
    os.utime(fit.mirror.path, (1e9, 1e9))  # of the time that the store tells, and of another size
    assert fit.load() == [2]


def test_the_store_counts(fit: MirroredTarget, rude: Store) -> None:
    fit.dump(1)
    assert fit.bulk_location() == fit.target.path and fit.bulk_path() is None
    os.remove(rude.root / "deep" / "fit.json")
    assert fit.mirror.exists() and not fit.exists()
    with pytest.raises(StorageError):
        fit.load()
    rude.inject("full", "put")
    with pytest.raises(StorageError):
        fit.dump(2)
    assert not fit.exists() and fit.mirror.load() == 1
    fit.dump(3)
    fit.remove()
    assert rude.files() == [] and not fit.mirror.exists()


def test_a_mirror_that_cannot_be_written_is_told_and_no_failure(
    rude: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    fit = MirroredTarget(f"{rude.url}/fit.json", tmp_path / "file" / "fit.json")
    with caplog.at_level(logging.WARNING):
        fit.dump(1)
    assert f"no copy of {rude.url}/fit.json in its mirror" in caplog.text
    assert fit.target.load() == 1


def test_a_mounted_store_is_read_and_not_written(rude: Store) -> None:
    fit = MirroredTarget(f"{rude.url}/deep/fit.json", rude.root / "deep" / "fit.json", mounted=True)
    fit.dump([1])
    before = reads(rude)
    assert fit.load() == [1] and reads(rude) == before
    slow = MirroredTarget(f"{rude.url}/deep/fit.json", rude.root / "not" / "yet" / "fit.json", mounted=True)
    assert slow.load() == [1] and reads(rude) > before
    assert rude.files() == ["deep/fit.json"]
    fit.remove()
    assert not fit.exists()


def test_copies_and_neighbours(fit: MirroredTarget, rude: Store, tmp_path: Path) -> None:
    fit.dump(1)
    assert fit.copy_to(tmp_path / "copy.json").load() == 1
    other = fit.sibling("other.json")
    assert isinstance(other, MirroredTarget)
    assert (other.path, other.mirror.path) == (f"{rude.url}/deep/other.json", f"{tmp_path}/mirror/deep/other.json")
    assert fit.copy_to(other).load() == 1 and other.mirror.exists()
    assert fit.parent == RemoteTarget(fit.path).parent
    assert pickle.loads(pickle.dumps(fit)) == fit
    assert fit.stat() == fit.target.stat()
    with pytest.raises(ValueError, match="'r' or 'w'"), fit.localize("a"):
        pass
    with pytest.raises(FileNotFoundError, match="nothing was written"), fit.temporary_path():
        pass
