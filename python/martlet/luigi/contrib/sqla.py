"""luigi.contrib.sqla: rows in the table of a database, through SQLAlchemy (1.4 or 2).

Which rows are there is noted in a table of its own, `[sqlalchemy] marker_table` in luigi's configuration.
"""

# The names are luigi's.

from __future__ import annotations

import abc
import datetime
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, ClassVar, NamedTuple

import sqlalchemy
import sqlalchemy.exc

from ..configuration import get_config
from ..target import Target
from ..task import Task


def _reflected(engine: Any, name: str, schema: str | None) -> Any:
    """A table as it is in the database; None if it is not there."""
    with engine.begin() as connection:
        if not sqlalchemy.inspect(connection).has_table(name, schema=schema):
            return None
        return sqlalchemy.Table(name, sqlalchemy.MetaData(schema=schema), autoload_with=connection)


def _table(engine: Any, name: str, columns: Iterable[Any], schema: str | None = None) -> Any:
    """A table, made of these columns unless it is there. Another process may make it at the same moment."""
    found = _reflected(engine, name, schema)
    if found is not None:
        return found
    made = sqlalchemy.Table(name, sqlalchemy.MetaData(schema=schema), *columns)
    try:
        with engine.begin() as connection:
            made.metadata.create_all(connection)
    except sqlalchemy.exc.DBAPIError:
        found = _reflected(engine, name, schema)
        if found is None:
            raise
        return found
    return made


def _marker_columns() -> list[Any]:
    return [
        sqlalchemy.Column("update_id", sqlalchemy.String(128), primary_key=True),
        sqlalchemy.Column("target_table", sqlalchemy.String(128)),
        sqlalchemy.Column("inserted", sqlalchemy.DateTime, default=datetime.datetime.now),
    ]


class SQLAlchemyTarget(Target):
    """Rows of a table that were inserted under one name, the `update_id`."""

    class Connection(NamedTuple):
        """An engine, and the process that made it."""

        engine: Any
        pid: int

    marker_table: str | None = None
    """The table that says what was inserted; None: as configured, else `table_updates`."""
    _engine_dict: ClassVar[dict[tuple[str, str, bool], Connection]] = {}
    _of_parents: ClassVar[list[Any]] = []
    """Engines from before a fork. They are kept: whoever closes them hangs up for the other process."""

    def __init__(
        self,
        connection_string: str,
        target_table: str,
        update_id: str,
        echo: bool = False,
        connect_args: Mapping[str, Any] | None = None,
    ) -> None:
        """
        :param connection_string: URL of the database, as of `sqlalchemy.create_engine`.
        :param echo: logs every statement.
        :param connect_args: arguments of the database driver.
        """
        self.connection_string = connection_string
        self.target_table = target_table
        self.update_id = update_id
        self.echo = echo
        self.connect_args = dict(connect_args or {})
        self.marker_table_bound: Any = None

    def __str__(self) -> str:
        return self.target_table

    def __repr__(self) -> str:
        # without the URL, which may have a password in it
        return f"{type(self).__name__}({self.target_table!r}, {self.update_id!r})"

    @property
    def engine(self) -> Any:
        """SQLAlchemy's engine, one for each database and process."""
        key = (self.connection_string, repr(self.connect_args), self.echo)
        known = self._engine_dict.get(key)
        if known is not None and known.pid != os.getpid():
            self._of_parents.append(known.engine)
            known = None
        if known is None:
            engine = sqlalchemy.create_engine(self.connection_string, connect_args=self.connect_args, echo=self.echo)
            known = self._engine_dict[key] = self.Connection(engine, os.getpid())
        return known.engine

    def create_marker_table(self) -> None:
        """Makes the table that says what was inserted, unless it is there."""
        if self.marker_table is None:
            self.marker_table = get_config().get("sqlalchemy", "marker_table", "table_updates")
        self.marker_table_bound = _table(self.engine, self.marker_table, _marker_columns())

    def _bound(self) -> Any:
        if self.marker_table_bound is None:
            self.create_marker_table()
        return self.marker_table_bound

    def _own(self) -> Any:
        columns = self._bound().c
        return sqlalchemy.and_(columns.update_id == self.update_id, columns.target_table == self.target_table)

    def exists(self) -> bool:
        marked = self._bound().select().where(self._own()).limit(1)
        with self.engine.begin() as connection:
            return connection.execute(marked).fetchone() is not None

    def mark(self, connection: Any) -> None:
        """Notes within a transaction that the rows are there; the marker table must have been made before."""
        table = self._bound()
        values = {"update_id": self.update_id, "target_table": self.target_table, "inserted": datetime.datetime.now()}
        if connection.execute(table.update().where(self._own()).values(values)).rowcount == 0:
            connection.execute(table.insert().values(values))

    def touch(self) -> None:
        """Notes that the rows are there."""
        self._bound()
        with self.engine.begin() as connection:
            self.mark(connection)

    def open(self, mode: str) -> Any:
        """There is nothing to open."""
        raise NotImplementedError("Cannot open() SQLAlchemyTarget")


class CopyToTable(Task):
    """Inserts rows into a table; they are noted as inserted in the same transaction.

    Subclasses say where (`connection_string`, `table`), what the table is like (`columns`, or `reflect`), and give the
    rows: by default the lines of their input, columns separated by tabs.
    """

    _logger: ClassVar[Any] = logging.getLogger("luigi-interface")

    echo: Any = False
    connect_args: Any = {}
    columns: Any = []
    """For each column the arguments of `sqlalchemy.Column`: `(["name", sqlalchemy.String(9)], {"nullable": False})`."""
    schema: Any = ""
    """The schema of the database the table is in, which must be there."""
    column_separator: Any = "\t"
    chunk_size: Any = 5000
    """Rows that are inserted by one statement."""
    reflect: Any = False
    """Whether the table is there, so that columns need not be said."""
    table_bound: Any = None

    @property
    @abc.abstractmethod
    def connection_string(self) -> Any:
        """URL of the database."""

    @property
    @abc.abstractmethod
    def table(self) -> Any:
        """Name of the table."""

    def create_table(self, engine: Any) -> None:
        """Makes the table unless it is there, and sets `table_bound` to it."""
        if not self.reflect and (not self.columns or any(len(column) != 2 for column in self.columns)):
            raise NotImplementedError(
                f"{type(self).__name__} does not say what its table {self.table!r} is like: "
                "columns need names and types, or reflect = True, or a create_table()"
            )
        columns = [sqlalchemy.Column(*args, **kwargs) for args, kwargs in self.columns]
        self.table_bound = _table(engine, self.table, columns, self.schema or None)

    def update_id(self) -> str:
        """The name under which the rows are noted."""
        return self.task_id

    def output(self) -> SQLAlchemyTarget:
        return SQLAlchemyTarget(
            self.connection_string, self.table, self.update_id(), echo=self.echo, connect_args=self.connect_args
        )

    def rows(self) -> Iterable[Sequence[Any]]:
        """The rows, columns in the order of the table."""
        with self.input().open("r") as file:
            for line in file:
                yield line.strip("\n").split(self.column_separator)

    def _chunks(self) -> Iterator[list[dict[str, Any]]]:
        names = [f"_{column.key}" for column in self.table_bound.c]
        rows = iter(self.rows())
        while chunk := [dict(zip(names, row, strict=False)) for row in islice(rows, self.chunk_size)]:
            yield chunk

    def run(self) -> None:
        target = self.output()
        self._logger.info("Inserting %s into table %s", self.update_id(), self.table)
        self.create_table(target.engine)
        target.create_marker_table()
        # who has a touch() of their own notes the rows in their own way
        marks_itself = type(target).touch is not SQLAlchemyTarget.touch
        with target.engine.begin() as connection:
            for chunk in self._chunks():
                self.copy(connection, chunk, self.table_bound)
                self._logger.info("Inserted %d rows into table %s", len(chunk), self.table)
            if not marks_itself:
                target.mark(connection)
        if marks_itself:
            target.touch()

    def copy(self, conn: Any, ins_rows: list[dict[str, Any]], table_bound: Any) -> None:
        """Inserts rows; override it to change rows instead.

        :param conn: the connection, in a transaction.
        :param ins_rows: for each row its values, by the column's name with an underscore in front of it.
        """
        values = {column: sqlalchemy.bindparam(f"_{column.key}") for column in table_bound.columns}
        conn.execute(table_bound.insert().values(values), ins_rows)


__all__ = ["CopyToTable", "SQLAlchemyTarget"]
