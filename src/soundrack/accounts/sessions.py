"""Sessions: a browser that somebody has signed in with, one row each, so that it can be ended from elsewhere.

The browser holds a token of 256 random bits, the database its keyed digest. Each step of signing in makes a new
token; one that somebody slipped to the browser before is never taken over (session fixation).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, Select, delete, insert, or_, select, update

from soundrack import clock
from soundrack.database.tables import accounts, sign_ins
from soundrack.secret import Secret

HALF_LIFE = timedelta(minutes=10)
"""Time for the second step."""
IDLE_LIFE = timedelta(days=3)
"""A session that is not used for so long has ended."""
_SEEN_EVERY = timedelta(minutes=5)
_TOKEN_BYTES = 32
_MOST_AGENT_CHARACTERS = 300


@dataclass(frozen=True)
class Browser:
    """What asks: its IP address and what it calls itself."""

    address: str = ""
    user_agent: str = ""


@dataclass(frozen=True)
class Session:
    """One browser's way in.

    Attributes
    ----------
    id : str
        The digest of its token.
    half : bool
        Whether the password was right and the second step is still owed: nobody is signed in.
    """

    id: str
    account_id: str
    half: bool
    address: str
    user_agent: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


def begin(
    connection: Connection, secret: Secret, account_id: str, browser: Browser, life: timedelta, *, half: bool = False
) -> str:
    """Begin a session and return its token, which is not kept. The account's ended sessions are cleared away."""
    now = clock.now()
    connection.execute(delete(sign_ins).where(sign_ins.c.account_id == account_id, _ended(now)))
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    connection.execute(
        insert(sign_ins).values(
            digest=_digest(secret, token),
            account_id=account_id,
            half=half,
            address=browser.address[:45],
            user_agent="".join(filter(str.isprintable, browser.user_agent))[:_MOST_AGENT_CHARACTERS],
            created_at=now,
            seen_at=now,
            expires_at=now + (HALF_LIFE if half else life),
        )
    )
    return token


def find(connection: Connection, secret: Secret, token: str) -> Session | None:
    """Return the session of a token, unless it has ended or its account is suspended."""
    row = connection.execute(
        _COLUMNS.join(accounts, accounts.c.id == sign_ins.c.account_id).where(
            sign_ins.c.digest == _digest(secret, token), ~_ended(clock.now()), accounts.c.suspended_at.is_(None)
        )
    ).first()
    return _session(row) if row else None


def half_of(connection: Connection, session: Session) -> Session | None:
    """Return a half session as it is now, if it still is one."""
    row = connection.execute(
        _COLUMNS.where(sign_ins.c.digest == session.id, sign_ins.c.half, ~_ended(clock.now()))
    ).first()
    return _session(row) if row else None


def due(session: Session) -> bool:
    """Return whether a session's use is worth being written down: once in five minutes."""
    return clock.now() - session.seen_at >= _SEEN_EVERY


def touch(connection: Connection, session: Session) -> None:
    """Remember that a session has been used now."""
    connection.execute(update(sign_ins).where(sign_ins.c.digest == session.id).values(seen_at=clock.now()))


def of(connection: Connection, account_id: str) -> list[Session]:
    """Return an account's sessions, the last used first."""
    rows = connection.execute(
        _COLUMNS.where(sign_ins.c.account_id == account_id, sign_ins.c.half.is_(False), ~_ended(clock.now())).order_by(
            sign_ins.c.seen_at.desc(), sign_ins.c.digest
        )
    )
    return [_session(row) for row in rows]


def end(connection: Connection, account_id: str, session_id: str) -> bool:
    """End one of an account's sessions, and return whether there was one to end."""
    ended = connection.execute(
        delete(sign_ins).where(sign_ins.c.account_id == account_id, sign_ins.c.digest == session_id)
    )
    return ended.rowcount == 1


def end_all(connection: Connection, account_id: str) -> int:
    """End every session of an account, halves too, and return how many there were."""
    return connection.execute(delete(sign_ins).where(sign_ins.c.account_id == account_id)).rowcount


def sweep(connection: Connection) -> None:
    """Clear away every session that has ended."""
    connection.execute(delete(sign_ins).where(_ended(clock.now())))


def _ended(now: datetime) -> ColumnElement[bool]:
    return or_(sign_ins.c.expires_at <= now, sign_ins.c.seen_at <= now - IDLE_LIFE)


def _digest(secret: Secret, token: str) -> str:
    return secret.digest("browser sessions", token)


def _session(row: Row[*tuple[object, ...]]) -> Session:
    fields = row._asdict()
    return Session(id=fields.pop("digest"), **fields)


_COLUMNS: Select[*tuple[object, ...]] = select(*sign_ins.c)
