"""When keys were last used: noted in memory, and written down together now and then.

A write for each request would cost more than the request. What is lost with a process that is killed is a minute's
worth of `last_used_at`, on which nothing depends.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, or_, update

from soundrack import clock
from soundrack.database import Database
from soundrack.database.tables import api_keys

EVERY_S = 60.0
"""How often what was noted is to be written."""


class LastUse:
    """The keys that were used since the last writing."""

    def __init__(self) -> None:
        self._noted: dict[str, datetime] = {}

    def note(self, key_id: str) -> None:
        """Remember that a key is used now."""
        self._noted[key_id] = clock.now()

    def write(self, database: Database) -> int:
        """Write what was noted in one transaction and forget it; if that fails, nothing is forgotten.

        Returns
        -------
        int
            How many keys there were.
        """
        noted, self._noted = self._noted, {}
        if not noted:
            return 0
        # sorted, so that two servers which write the same keys wait for each other in one direction only
        rows = [{"key": key_id, "at": at} for key_id, at in sorted(noted.items())]
        try:
            with database.write() as connection:
                connection.execute(_LATER, rows)
        except BaseException:
            self._noted = noted | self._noted
            raise
        return len(rows)


_LATER = (
    update(api_keys)
    .where(
        api_keys.c.id == bindparam("key"),
        or_(api_keys.c.last_used_at.is_(None), api_keys.c.last_used_at < bindparam("at")),
    )
    .values(last_used_at=bindparam("at"))
)
