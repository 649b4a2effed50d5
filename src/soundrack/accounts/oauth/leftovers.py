"""What nobody can use any more and nobody needs to know again."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, Connection, Table, and_, delete, exists, select

from soundrack import clock
from soundrack.database.tables import oauth_codes, oauth_grants, oauth_tokens

CODE_MEMORY = timedelta(days=1)
"""How long a code is known after its time, so that its second use ends what followed from the first."""
_AT_ONCE = 500


def sweep(connection: Connection) -> int:
    """Delete expired tokens, codes that expired a day ago, and grants of which nothing is left; return how many rows.

    A used refresh token stays until it would have expired: until then it is worth knowing that it was used.
    """
    now = clock.now()
    gone = _delete(connection, oauth_tokens, oauth_tokens.c.expires_at <= now)
    gone += _delete(connection, oauth_codes, oauth_codes.c.expires_at <= now - CODE_MEMORY)
    empty = and_(
        oauth_grants.c.created_at <= now - CODE_MEMORY,
        *(~exists().where(table.c.grant_id == oauth_grants.c.id) for table in (oauth_codes, oauth_tokens)),
    )
    return gone + _delete(connection, oauth_grants, empty)


def _delete(connection: Connection, table: Table, which: ColumnElement[bool]) -> int:
    (key,) = table.primary_key.columns
    return connection.execute(delete(table).where(key.in_(select(key).where(which).limit(_AT_ONCE)))).rowcount
