"""The doctor, asked in an empty folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from martlet.steering.command_line import main

Answer = tuple[int, dict[str, Any]]
Ask = Callable[..., Answer]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the analysis lies, and where we are."""
    monkeypatch.chdir(tmp_path)
    for name in ("LUIGI_CONFIG_PATH", "LUIGI_CONFIG_PARSER", "LAW_CONFIG_FILE", "MARTLET_LUIGI"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def ask(folder: Path, capsys: pytest.CaptureFixture[str]) -> Ask:
    """`martlet doctor --json WORDS`: the exit code, and what it told."""

    def asked(*words: str) -> Answer:
        code = main(["doctor", "--json", *words])
        printed = capsys.readouterr()
        assert printed.out, printed.err
        return code, json.loads(printed.out)

    return asked


def verdicts(told: dict[str, Any]) -> dict[str, tuple[str, list[str]]]:
    """By subject the verdict and the places."""
    return {
        finding["subject"]: (
            finding["verdict"],
            [f"{place['file']}:{place['line']}" for place in finding["places"]],
        )
        for finding in told["findings"]
    }
