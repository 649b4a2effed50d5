"""Statements, compiled once for the database that they go to."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json
from sqlalchemy import JSON, Dialect
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import TypeEngine

_NUMERIC = 1700
"""PostgreSQL's own number of the type `numeric`, for types that ask what the server sends: as from it, a `Float` is
made a float of whatever comes."""

Process = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Bind:
    """One place for a value in a compiled statement."""

    name: str
    required: bool
    default: Any
    process: Process | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement, compiled for one database."""

    sql: str
    binds: tuple[Bind, ...]
    columns: tuple[Process | None, ...]
    make_row: Callable[..., Any]
    sql_of_many: str | None = None
    """The same for many lists of values at once, each value an array; a row begins with the place of what it answers.
    None where a database has no need of it."""

    def values(self, parameters: dict[str, Any]) -> list[Any]:
        """Return what the driver is given, in the order of the places.

        Raises
        ------
        KeyError
            If a parameter is missing.
        """
        found = []
        for bind in self.binds:
            value = parameters[bind.name] if bind.required else parameters.get(bind.name, bind.default)
            found.append(value if bind.process is None else bind.process(value))
        return found

    def row(self, values: Any) -> Any:
        """Return what is made of a driver's row."""
        return self.make_row(
            *[
                value if process is None or value is None else process(value)
                for value, process in zip(values, self.columns, strict=True)
            ]
        )


def compiled_for(statement: Executable, dialect: Dialect, make: Callable[..., Any] | None) -> Prepared:
    compiled = statement.compile(dialect=dialect)  # type: ignore[attr-defined]  # every executable clause has it
    assert isinstance(compiled, SQLCompiler)  # noqa: S101  for the type alone
    if compiled.post_compile_params or compiled.literal_execute_params:
        raise ValueError("a lookup takes no lists of values")
    if compiled.insert_prefetch or compiled.update_prefetch:
        raise ValueError("a lookup takes no defaults that are made in Python")
    binds = []
    for name in compiled.positiontup or ():
        bind = compiled.binds[name]
        process = bind.type.dialect_impl(dialect).bind_processor(dialect)
        binds.append(Bind(name, bind.required, bind.effective_value, process))
    columns = getattr(statement, "exported_columns", {})
    # what is counted or computed without a name of its own is called _0, _1, ... by its place
    row = namedtuple("Row", columns.keys(), rename=True)  # type: ignore[misc]  # made of the statement
    return Prepared(
        sql=str(compiled),
        sql_of_many=_of_many(str(compiled), len(binds)) if dialect.name == "postgresql" else None,
        binds=tuple(binds),
        columns=tuple(_result_processor(column.type, dialect) for column in columns.values()),
        make_row=make or row,
    )


_PLACE = re.compile(r"\$([0-9]+)::(TIMESTAMP WITH TIME ZONE|DOUBLE PRECISION|[A-Z]+)\b(?![\[(])")


def _of_many(sql: str, places: int) -> str | None:
    """Have PostgreSQL carry out a statement for each row of arrays; None if a place does not tell its type."""
    types = {int(number): kind for number, kind in _PLACE.findall(sql)}
    if not places or [*range(1, places + 1)] != sorted(types) or sql.count("$") != len(_PLACE.findall(sql)):
        return None
    arrays = ", ".join(f"${number}::{types[number]}[]" for number in sorted(types))
    names = ", ".join(f"p{number}" for number in sorted(types))
    one = _PLACE.sub(r"asked.p\1", sql)
    # nothing of a caller's is in it: names of types and the statement as it was compiled
    return (
        f"SELECT asked.place, answer.* FROM unnest({arrays}) WITH ORDINALITY AS asked({names}, place) "  # noqa: S608
        f"CROSS JOIN LATERAL ({one}) AS answer"
    )


def _result_processor(kind: TypeEngine[Any], dialect: Dialect) -> Process | None:
    if isinstance(kind, JSON):
        return from_json  # both drivers give text; four times as fast as the standard library on a job's result
    processor: Process | None = kind.dialect_impl(dialect).result_processor(dialect, _NUMERIC)
    return processor
