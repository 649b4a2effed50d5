"""SQLAlchemy's compiled statements, kept from one test's engine to the next.

An engine keeps what it has compiled, as a server's only one does for good. Each test has an engine of its own, which
would compile the same few hundred statements again: a fifth of what a small test takes.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.engine import Engine


class _Kept(dict[Any, Any]):
    """What was compiled, by the kind of database: SQLAlchemy's keys begin with the engine's own dialect."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(_of_kind(key), value)


_kept = _Kept()


def engine(url: str, **options: Any) -> Engine:
    """Make an engine, as `sqlalchemy.create_engine` does."""
    return create_engine(url, execution_options={"compiled_cache": _kept}, **options)


def _of_kind(key: Any) -> Any:
    dialect, *rest = key
    return (dialect.name, *rest)
