"""Many rows for one statement, which is compiled once and goes to the driver as it is.

SQLAlchemy collects the values of each row by name, which takes longer than the database takes to write the row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

_STATEMENTS_KEPT = 32


@dataclass(frozen=True, slots=True)
class _Compiled:
    sql: str
    names: tuple[str, ...]
    is_positional: bool
    processes: tuple[tuple[int, Callable[[Any], Any]], ...]
    """What the driver takes otherwise than Python has it, by place."""


def insert_rows(connection: Connection, table: Table, rows: Iterable[Sequence[Any]]) -> None:
    """Insert whole rows: a value for each column, in the order in which the table has them."""
    compiled = _compiled(table, connection.dialect)
    given: list[Any] = []
    for row in rows:
        values = list(row)
        for place, process in compiled.processes:
            values[place] = process(values[place])
        given.append(tuple(values) if compiled.is_positional else dict(zip(compiled.names, values, strict=True)))
    if given:
        connection.exec_driver_sql(compiled.sql, given)


@lru_cache(_STATEMENTS_KEPT)
def _compiled(table: Table, dialect: Dialect) -> _Compiled:
    names = tuple(column.name for column in table.columns)
    compiled = insert(table).compile(dialect=dialect, column_keys=list(names))
    processes = [column.type.dialect_impl(dialect).bind_processor(dialect) for column in table.columns]
    return _Compiled(
        sql=str(compiled),
        names=names,
        is_positional=dialect.positional,
        processes=tuple((place, process) for place, process in enumerate(processes) if process is not None),
    )
