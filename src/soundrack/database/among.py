"""A column among many values, which are one parameter however many they are.

SQLAlchemy's ``in_`` makes a statement anew for each list and gives each value a name, which takes longer than the
database takes to find the rows.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from pydantic_core import to_json
from sqlalchemy import ARRAY, ColumnElement, Dialect, String, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class _Texts(TypeDecorator[Collection[str]]):
    """An array on PostgreSQL; a JSON text on SQLite, which has no arrays."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(ARRAY(String()) if dialect.name == "postgresql" else String())

    def process_bind_param(self, value: Collection[str] | None, dialect: Dialect) -> Any:
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else to_json(texts).decode()


class Among(FunctionElement[bool]):
    """The condition that a text column's value is one of those that are given when the statement is executed.

    Parameters
    ----------
    column : ColumnElement of str
        The column.
    name : str
        The parameter, a collection of `str`; of an empty one no row is met.
    """

    inherit_cache = True  # and no type: SQLite would be asked whether a Boolean equals 1, and use no index

    def __init__(self, column: ColumnElement[str], name: str) -> None:
        super().__init__(column, bindparam(name, type_=_Texts()))


@compiles(Among)
def _in_json(element: Among, compiler: SQLCompiler, **given: Any) -> str:
    column, values = (compiler.process(clause, **given) for clause in element.clauses)
    return f"({column} IN (SELECT value FROM json_each({values})))"  # noqa: S608  of compiled parts


@compiles(Among, "postgresql")
def _in_array(element: Among, compiler: SQLCompiler, **given: Any) -> str:
    column, values = (compiler.process(clause, **given) for clause in element.clauses)
    return f"({column} = ANY ({values}))"
