"""The tables of the documentation say what the declarations say."""

from __future__ import annotations

from pathlib import Path

import pytest

from martlet.running.result import ExitCode
from martlet.steering import flags, settings, tables

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize(
    ("page", "table"),
    [
        ("configuration.md", tables.settings_table()),
        ("command-line.md", tables.flags_table()),
        ("storage.md", tables.stores_table()),
    ],
    ids=["settings", "flags", "stores"],
)
def test_tables(page: str, table: str) -> None:
    assert table in (DOCS / page).read_text(), f"paste this table into docs/{page}:\n{table}"


@pytest.mark.parametrize("code", ExitCode)
def test_every_exit_code_is_documented(code: ExitCode) -> None:
    assert f"| {int(code)} | {code.name} |" in (DOCS / "exit-codes.md").read_text()


def test_every_setting_has_help_and_a_flag_of_its_own() -> None:
    assert all(key.help and key.flag for key in settings.KEYS)
    spellings = [name for flag in flags.ALL for name in flag.names]
    assert len(spellings) == len(set(spellings))
    assert {flag.name for flag in flags.ALL if flag.setting} == set(settings.BY_NAME)
