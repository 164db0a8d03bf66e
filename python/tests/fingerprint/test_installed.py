from __future__ import annotations

import os
from importlib import metadata
from pathlib import Path

import pytest

from martlet.fingerprint.installed import in_environment, packages


def test_it_finds_what_the_metadata_say() -> None:
    told = {
        (one.metadata["Name"] or "").lower().replace("_", "-").replace(".", "-"): one.version
        for one in metadata.distributions()
    }
    assert told and packages() == dict(sorted(told.items()))


def test_what_comes_first_counts(tmp_path: Path) -> None:
    for place, version in (("first", "2.0"), ("second", "1.0")):
        (tmp_path / place / f"Some_Thing-{version}.dist-info").mkdir(parents=True)
    (tmp_path / "second" / "other-3.1-py3.11.egg-info").touch()
    path = [str(tmp_path / name) for name in ("first", "second", "absent")]
    assert packages(path) == {"other": "3.1", "some-thing": "2.0"}


def test_an_environment_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "lib/python3.12/site-packages/numpy-2.0.1.dist-info").mkdir(parents=True)
    assert in_environment(str(tmp_path)) == {"numpy": "2.0.1"}
    assert in_environment(str(tmp_path / "absent")) == {}


def test_a_package_that_is_installed_meanwhile_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("martlet.unchanged._SETTLED", -1)
    old = tmp_path / "numpy-2.0.1.dist-info"
    old.mkdir()
    os.utime(tmp_path, ns=(1, 1))
    assert packages([str(tmp_path)]) == packages([str(tmp_path)]) == {"numpy": "2.0.1"}
    old.rename(tmp_path / "numpy-2.1.0.dist-info")
    (tmp_path / "scipy-1.0.dist-info").mkdir()
    assert packages([str(tmp_path)]) == {"numpy": "2.1.0", "scipy": "1.0"}


def test_the_current_folder_is_the_one_of_now(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("martlet.unchanged._SETTLED", -1)
    for name in ("here", "there"):
        (tmp_path / name / f"{name}-1.dist-info").mkdir(parents=True)
        os.utime(tmp_path / name, ns=(1, 1))
        monkeypatch.chdir(tmp_path / name)
        assert packages([""]) == {name: "1"}
