"""The tables of the documentation are those that the doctor answers from, and they are true."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import martlet
import martlet.luigi as luigi
from martlet.doctor import law_names, luigi_contrib, luigi_members, luigi_names, luigi_settings, tables
from martlet.doctor.differences import DIFFERENCES
from martlet.doctor.verdict import Row, Verdict
from martlet.luigi import contrib, execution_summary, interface, notifications, retcodes, scheduler, worker

DOCS = Path(__file__).resolve().parents[3] / "docs"


@pytest.mark.parametrize(
    ("page", "table"),
    [(page, table) for page, made in tables.ALL.items() for table in made],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_they_are_in_the_documentation(page: str, table: Callable[[], str]) -> None:
    said = f"paste it into docs/{page} from `python -m martlet.doctor.tables`"
    assert table() in (DOCS / page).read_text(), said


@pytest.mark.parametrize("table", [row for row in luigi_names.ROWS if row.names], ids=lambda row: row.home)
def test_what_is_said_of_names_is_true(table: Row) -> None:
    try:
        ours: Any = import_module(f"martlet.{table.home}")
    except ModuleNotFoundError:
        ours = None
    for name in table.names:
        assert hasattr(ours, name) is not (table.verdict is Verdict.NONE), name
    assert table.answer.startswith("none:") is (table.verdict is Verdict.NONE)


@pytest.mark.parametrize("row", luigi_members.ROWS, ids=lambda row: f"{row.home}: {row.names[0]}")
def test_what_is_said_of_members_is_true(row: Row) -> None:
    module, _, cls = row.home.rpartition(".")
    owner = getattr(import_module(f"martlet.{module}"), cls)
    for name in row.names:
        assert hasattr(owner, name) is not (row.verdict is Verdict.NONE), name


def test_differences_that_rows_name_are_on_the_list() -> None:
    rows = [*luigi_names.ROWS, *luigi_members.ROWS]
    named = {row.difference for row in rows} | {part.difference for part in luigi_contrib.PARTS}
    assert named - {""} <= set(DIFFERENCES)


def test_parts_of_contrib() -> None:
    here = Path(contrib.__file__).parent
    ours = {name for part in luigi_contrib.PARTS if part.verdict is not Verdict.NONE for name in part.names}
    files = {path.stem for path in here.glob("*.py")} - {"__init__", "queued_job", "shipped_task"}
    assert ours == files
    assert not ours & set(luigi_contrib.BORROWED)


@pytest.mark.parametrize(
    "config",
    [
        interface.core, worker.worker, scheduler.scheduler, retcodes.retcode, execution_summary.execution_summary,
        notifications.email, notifications.smtp, notifications.sendgrid,
    ],
    ids=lambda config: config.__name__,
)  # fmt: skip
def test_settings_are_those_of_the_face(config: type[luigi.Config]) -> None:
    section = next(section for section in luigi_settings.SECTIONS if section.name == config.__name__)
    told = {*section.counts, *section.accepted} - {"metrics_collector"}  # luigi's own is no more than accepted
    assert told == {*config.get_param_names(True), *getattr(config, "ignore_unconsumed", ())}
    for name, parameter in config.get_params():
        where = getattr(parameter, "_config_path", None)
        if where:
            older = where["section"], re.sub("-", "_", where["name"])
            known = luigi_settings.OLDER_NAMES.get(older)
            assert known in (None, (section.name, name)), older


def test_what_a_workflow_has_is_not_said_to_lack() -> None:
    rows = [row for row in law_names.MEMBERS if row.home == "law.BaseWorkflow" and row.verdict is Verdict.NONE]
    assert rows
    assert [name for row in rows for name in row.names if hasattr(martlet.Workflow, name)] == []
