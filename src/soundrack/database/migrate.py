"""Bring the database to the newest schema. Safe to run from several processes at once."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, select, text

from soundrack.database.engine import Database

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = 0x536F756E64
"""Any number that nobody else takes a lock by."""
_MIGRATIONS = resources.files("soundrack.database") / "migrations"


def migrate(database: Database) -> None:
    """Apply every migration that is missing, in one transaction."""
    with database.read() as connection:
        if _version(connection) == newest_version():
            return
    from alembic import command  # noqa: PLC0415  a third of a second that only a new schema costs

    config = _config()
    with database.write() as connection:
        if connection.dialect.name == "postgresql":  # as SQLite does by itself: one after another
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def newest_version() -> str:
    """Return the newest revision: the number that the last file of migrations begins with."""
    files = (file.name for file in (_MIGRATIONS / "versions").iterdir())
    return max(name.partition("_")[0] for name in files if name[0].isdigit())


def _version(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    return config
