"""What every store must do, over each there is: `storageContract` of the engine, through couriers as a run has them."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

import contract_program
from martlet.storage import launching
from storage.contract.place import Place
from storage.contract.places import PLACES

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="session")
def program() -> Path:
    return contract_program.path()


def played(program: Path, place: Place, commands: Mapping[str, list[str]]) -> subprocess.CompletedProcess[str]:
    request = {"url": place.url, "settings": place.stores, "shape": place.shape, "commands": commands, "patience": 120}
    return subprocess.run(
        [program], input=json.dumps(request), env={**os.environ, **place.environment}, capture_output=True, text=True,
        timeout=600,
    )  # fmt: skip


@pytest.mark.parametrize("place", PLACES, indirect=True)
def test_every_store_keeps_the_contract(program: Path, place: Place) -> None:
    # the place itself is made by nobody: what is written there makes what is above it
    finished = played(program, place, launching.commands())
    assert (finished.returncode, finished.stdout, finished.stderr) == (0, "", "")


def test_a_store_that_does_not_keep_it_is_found_out(program: Path, tmp_path: Path) -> None:
    """A folder that cannot be written."""
    finished = played(program, Place(f"{tmp_path}/file/below"), launching.commands())
    assert finished.returncode == 0  # it is made
    (tmp_path / "file").rename(tmp_path / "moved")
    (tmp_path / "file").write_text("")
    finished = played(program, Place(f"{tmp_path}/file/below"), launching.commands())
    assert finished.returncode == 2
    assert "cannot be made: absent" in finished.stdout
