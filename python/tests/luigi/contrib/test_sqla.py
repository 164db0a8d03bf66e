from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sqlalchemy = pytest.importorskip("sqlalchemy", reason="SKIPPED luigi.contrib.sqla: sqlalchemy is missing here")

import martlet  # noqa: E402
import martlet.luigi as luigi  # noqa: E402
from martlet.luigi import configuration  # noqa: E402
from martlet.luigi.contrib import sqla  # noqa: E402
from martlet.luigi.mock import MockFileSystem, MockTarget  # noqa: E402

COLUMNS = [(["item", sqlalchemy.String(64)], {}), (["property", sqlalchemy.String(64)], {})]


class Lines(luigi.Task):
    def output(self) -> MockTarget:
        return MockTarget("lines")

    def run(self) -> None:
        with self.output().open("w") as file:
            file.writelines(f"item{n}\tproperty{n}\n" for n in range(7))


class Copy(sqla.CopyToTable):
    database = luigi.Parameter()
    name = luigi.Parameter(default="a")
    columns = COLUMNS
    table = "item_property"
    chunk_size = 3

    @property
    def connection_string(self) -> str:
        return str(self.database)

    def requires(self) -> Any:
        return Lines()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    MockFileSystem().clear()
    yield f"sqlite:///{tmp_path}/data.db"
    for engine, _ in sqla.SQLAlchemyTarget._engine_dict.values():
        engine.dispose()
    sqla.SQLAlchemyTarget._engine_dict.clear()


def rows(database: str, table: str = "item_property") -> list[tuple[Any, ...]]:
    engine = sqlalchemy.create_engine(database)
    with engine.begin() as connection:
        found = [tuple(row) for row in connection.execute(sqlalchemy.text(f"select * from {table}"))]
    engine.dispose()
    return found


EXPECTED = [(f"item{n}", f"property{n}") for n in range(7)]


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_are_inserted_once(workers: int, database: str, tmp_path: Path) -> None:
    task = Copy(database=database)
    assert not task.complete()
    for _ in range(2):
        assert martlet.build(task, workers=workers, state=tmp_path / "state", quiet=True)
    assert rows(database) == EXPECTED
    assert [row[:2] for row in rows(database, "table_updates")] == [(task.task_id, "item_property")]
    assert martlet.build(Copy(database=database, name="b"), state=tmp_path / "state", quiet=True)
    assert rows(database) == EXPECTED * 2


def test_all_rows_or_none(database: str) -> None:
    class Half(Copy):
        def rows(self) -> Any:
            yield from EXPECTED[:5]
            raise ValueError("the file ends in the middle")

    task = Half(database=database)
    with pytest.raises(ValueError, match="in the middle"):
        task.run()
    assert rows(database) == []
    assert not task.complete()


def test_a_target_that_notes_rows_in_its_own_way(database: str) -> None:
    touched = []

    class Own(sqla.SQLAlchemyTarget):
        def touch(self) -> None:
            touched.append(rows(database))
            super().touch()

    class CopyToOwn(Copy):
        def output(self) -> Own:
            return Own(self.connection_string, self.table, self.update_id())

    Lines().run()
    task = CopyToOwn(database=database)
    task.run()
    assert touched == [EXPECTED]
    assert task.complete()


def test_a_table_that_is_there(database: str) -> None:
    Lines().run()
    Copy(database=database).run()

    class Known(Copy):
        reflect = True
        columns: Any = []

        def copy(self, conn: Any, ins_rows: Any, table_bound: Any) -> None:
            values = {table_bound.c.item: sqlalchemy.bindparam("_item")}
            changed = table_bound.update().where(table_bound.c.property == sqlalchemy.bindparam("_property"))
            conn.execute(changed.values(values), [{**row, "_item": "new"} for row in ins_rows])

    Known(database=database).run()
    assert rows(database) == [("new", f"property{n}") for n in range(7)]


def test_who_does_not_say_what_the_table_is_like(database: str) -> None:
    class Vague(Copy):
        columns: Any = [["item"]]

    Lines().run()
    with pytest.raises(NotImplementedError, match="columns need names and types"):
        Vague(database=database).run()

    class Abstract(sqla.CopyToTable):
        pass

    with pytest.raises(TypeError, match="abstract"):
        Abstract()


def test_the_target(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    parser = configuration.LuigiConfigParser()
    parser.set("sqlalchemy", "marker_table", "done")
    monkeypatch.setattr(configuration.LuigiConfigParser, "_instance", parser)
    target = sqla.SQLAlchemyTarget(database, "items", "some rows")
    assert not target.exists()
    target.touch()
    target.touch()
    assert sqla.SQLAlchemyTarget(database, "items", "some rows").exists()
    assert not sqla.SQLAlchemyTarget(database, "others", "some rows").exists()
    assert target.marker_table == "done"
    assert str(target) == "items"
    with pytest.raises(NotImplementedError):
        target.open("r")


def test_a_table_that_another_process_makes_meanwhile(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    reflected = sqla._reflected
    looks = []

    def late(engine: Any, name: str, schema: str | None) -> Any:
        looks.append(name)
        found = reflected(engine, name, schema)
        if len(looks) == 1:
            sqla._table(engine, name, sqla._marker_columns())
        return found

    # it is not there at the first look, and when it is made it is
    monkeypatch.setattr(sqla, "_reflected", late)
    monkeypatch.setattr(sqlalchemy.MetaData, "create_all", _without_looking(sqlalchemy.MetaData.create_all))
    target = sqla.SQLAlchemyTarget(database, "items", "rows")
    target.touch()
    assert target.exists()
    assert len(looks) == 3


def _without_looking(create_all: Any) -> Any:
    return lambda metadata, bind: create_all(metadata, bind, checkfirst=False)


def test_a_password_is_not_shown() -> None:
    target = sqla.SQLAlchemyTarget("postgresql://me:secret@far/db", "items", "rows")
    assert "secret" not in repr(target)


def test_a_forked_process_connects_anew(database: str) -> None:
    target = sqla.SQLAlchemyTarget(database, "items", "rows")
    engine = target.engine
    assert target.engine is engine
    pid = os.fork()
    if pid == 0:
        os._exit(0 if target.engine is not engine and not target.exists() else 1)
    assert os.waitpid(pid, 0)[1] == 0
    assert sqla.SQLAlchemyTarget(database, "items", "rows", echo=True).engine is not engine
