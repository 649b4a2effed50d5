"""What SQLite before 3.42 (Debian 12 has 3.40) lacks and the job engine uses: ``unixepoch('subsec')``.

On Python 3.12 and newer DBOS writes it into its tables' defaults and its statements, on its own connections and on
ours; an older SQLite answers NULL. The function is added to every connection of the process, whoever opens it.
"""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Engine, event

_SINCE = (3, 42)


def teach() -> None:
    """Have every SQLite connection of this process know ``unixepoch('subsec')``, if the library does not."""
    if sqlite3.sqlite_version_info < _SINCE and not event.contains(Engine, "connect", _add_function):
        event.listen(Engine, "connect", _add_function)


def _add_function(connection: Any, _record: object) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.create_function("unixepoch", 1, _unixepoch)


def _unixepoch(modifier: str) -> float | None:
    """Return the seconds since 1970 to the millisecond; NULL, as SQLite does, for what is asked otherwise."""
    return round(time.time(), 3) if modifier == "subsec" else None
