"""What the set-up does about missing system packages, on a stage with a pkg-config, an id and an apt-get of ours."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from clean_environments import ROOT


class Stage:
    """A PATH whose pkg-config finds libpython only once apt-get has installed it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.installed = folder / "installed"
        self.calls = folder / "calls"
        self.program("pkg-config", f"test -e '{self.installed}'")

    def program(self, name: str, script: str) -> None:
        path = self.folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def user(self, number: int) -> None:
        self.program("id", f"echo {number}")

    def apt_get(self, effect: str) -> None:
        self.program("apt-get", f"echo \"$*\" >> '{self.calls}'\ncase \"$*\" in *install*) {effect} ;; esac")

    def run(self, purpose: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"}
        environment.pop("PYTHON", None)
        command = [ROOT / ".ci/system-packages", purpose]
        return subprocess.run(command, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return Stage(tmp_path)


def test_root_installs_what_is_missing(stage: Stage) -> None:
    stage.user(0)
    stage.apt_get(f"touch '{stage.installed}'")
    assert stage.run("test").returncode == 0
    update, install = stage.calls.read_text().splitlines()
    assert update.endswith("update")
    assert install.endswith(" libpython3-dev")


def test_others_get_one_message_with_the_command_to_type(stage: Stage) -> None:
    stage.user(1000)
    stage.apt_get("false")
    finished = stage.run("test")
    assert finished.returncode != 0
    assert "sudo apt-get update && sudo apt-get install libpython3-dev" in finished.stderr
    assert not stage.calls.exists()


def test_an_installation_that_does_not_help_is_a_failure(stage: Stage) -> None:
    stage.user(0)
    stage.apt_get("true")
    finished = stage.run("test")
    assert finished.returncode != 0
    assert "this machine lacks: libpython3-dev" in finished.stderr


def test_the_demo_needs_less(stage: Stage) -> None:
    stage.user(1000)
    assert stage.run("demo").returncode == 0
