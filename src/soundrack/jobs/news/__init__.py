"""News of jobs: the steps that any process has committed, found out by one query a tick, and none while nothing is new.

A database says in its own way that something may be new. SQLite has no word for it, but tells at next to no cost
whether anybody has committed anything; PostgreSQL calls out, to whoever listens, the ids of the jobs concerned.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from typing import Protocol

from sqlalchemy import make_url

from soundrack.database import Database
from soundrack.jobs.news.postgresql import PostgresqlNews
from soundrack.jobs.news.sqlite import SqliteNews
from soundrack.jobs.steps import Step

__all__ = ["News", "of"]

Asked = Callable[[], Mapping[str, int]]
"""Gives the jobs of which news are wanted, and after which step of each."""


class News(Protocol):
    """One way to find out. Used from one event loop."""

    ticks: int
    queries: int
    """How often it has looked, and how often it has asked the database for steps."""

    def begin(self) -> None:
        """Miss no step that is committed from now on, for `run`."""

    def run(self) -> AsyncGenerator[tuple[str, Step]]:
        """Yield steps of jobs as they are committed, those of one job in their order; some perhaps twice.

        It never ends. If it fails, close and run it anew; it then goes on where it was.
        """

    async def close(self) -> None:
        """Give back what was opened."""


def of(database: Database, asked: Asked) -> News:
    """Return what finds out for a database."""
    url = make_url(database.url)
    return SqliteNews(url) if url.get_backend_name() == "sqlite" else PostgresqlNews(url, asked)
