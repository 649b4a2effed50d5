"""Tables, transactions and migrations, on SQLite or PostgreSQL."""

from soundrack.database.engine import Database

__all__ = ["Database"]
