"""Tables, transactions and migrations, on SQLite or PostgreSQL."""

from soundrack.database import old_sqlite
from soundrack.database.engine import Database, after_commit

__all__ = ["Database", "after_commit"]

old_sqlite.teach()
