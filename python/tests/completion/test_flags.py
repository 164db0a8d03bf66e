"""Completion offers the flags that commands have: held against what `--help` says of each."""

from __future__ import annotations

import re
import subprocess
import sysconfig
from pathlib import Path

import pytest

from martlet.completion import candidates
from martlet.steering import flags

MARTLET = Path(sysconfig.get_path("scripts"), "martlet")
EXAMPLES = {"--parameter", "--explain"}
"""Named in what the help says, and no flags of the command."""
EVERYWHERE = {"--help", "--version"}
ONE = re.compile(r"^ +(?:-\w, ?)?(--[a-z][a-z-]+)(?:[ =](<[^>]+>|[A-Z][A-Z_]*))?", re.MULTILINE)
pytestmark = pytest.mark.skipif(not MARTLET.exists(), reason=f"{MARTLET} is not there: no help to compare with")


def helped(command: str) -> str:
    words = ["reports", command] if command in candidates._REPORTS else [command]
    return subprocess.run([MARTLET, *words, "--help"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("command", candidates._FLAGS)
def test_completion_knows_the_flags_that_help_tells(command: str) -> None:
    text = helped(command)
    told = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text)) - EXAMPLES - EVERYWHERE
    known = set(candidates._FLAGS[command])
    assert told - known == set(), "not completed"
    of_runs = {name for flag in flags.ALL for name in flag.spellings if command in candidates._ON_SCRIPTS}
    assert known - told <= of_runs, "completed, and not there"
    if command not in candidates._ON_SCRIPTS:  # elsewhere it is of no matter which flags take a value
        return
    takes_none = {flag for flag, value in ONE.findall(text) if not value} & known
    takes_one = {flag for flag, value in ONE.findall(text) if value} & known
    assert takes_none <= candidates._SWITCHES and not takes_one & candidates._SWITCHES


@pytest.mark.parametrize("command", candidates._JOBS)
def test_completion_knows_the_flags_of_commands_on_jobs(command: str) -> None:
    text = subprocess.run([MARTLET, "jobs", command, "--help"], capture_output=True, text=True, check=True).stdout
    told = {flag for flag, _ in ONE.findall(text)} - EVERYWHERE
    assert told == {*candidates._JOB_FLAGS[command], "--state"}


def test_every_command_is_told_of() -> None:
    text = subprocess.run([MARTLET, "--help"], capture_output=True, text=True, check=True).stdout
    commands = {**candidates._ON_SCRIPTS, **candidates._ON_TASKS, **candidates._OTHERS}
    assert {name for name in commands if not re.search(rf"^ +{name}\b", text, re.MULTILINE)} == set()
