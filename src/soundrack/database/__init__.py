"""Tables, transactions and migrations, on SQLite or PostgreSQL."""

from soundrack.database import old_sqlite
from soundrack.database.engine import Database

__all__ = ["Database"]

old_sqlite.teach()
