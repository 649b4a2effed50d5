"""Tickets: what a link in a mail carries. Each is good for one purpose, once, for a while, and kept as a digest."""

from __future__ import annotations

import secrets
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, insert, select, update

from soundrack import clock
from soundrack.database.tables import tickets
from soundrack.errors import NotFound
from soundrack.secret import Secret

_TOKEN_BYTES = 32


class Purpose(StrEnum):
    """What a ticket is good for."""

    PASSWORD = "password"  # noqa: S105  a word
    """To choose a new password."""
    EMAIL = "email"
    """To confirm a mail address."""


LIVES = {Purpose.PASSWORD: timedelta(hours=1), Purpose.EMAIL: timedelta(days=7)}


def issue(connection: Connection, secret: Secret, account_id: str, purpose: Purpose) -> str:
    """Return the token of a new ticket."""
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), clock.now()
    connection.execute(
        insert(tickets).values(
            digest=digest(secret, token),
            account_id=account_id,
            purpose=purpose,
            created_at=now,
            expires_at=now + LIVES[purpose],
        )
    )
    return token


def holder(connection: Connection, secret: Secret, token: str, purpose: Purpose) -> str:
    """Return whose a ticket is, without using it up.

    Raises
    ------
    NotFound
        If it is unknown, used up, expired, or for something else.
    """
    found: str | None = connection.execute(
        select(tickets.c.account_id).where(
            tickets.c.digest == digest(secret, token),
            tickets.c.purpose == purpose,
            tickets.c.used_at.is_(None),
            tickets.c.expires_at > clock.now(),
        )
    ).scalar_one_or_none()
    if found is None:
        raise NotFound("This link has been used or is too old. Ask for a new one.")
    return found


def redeem(connection: Connection, secret: Secret, token: str, purpose: Purpose) -> str:
    """Use a ticket up, in the caller's transaction, and return whose it was; of two at once, one does.

    Raises
    ------
    NotFound
        As `holder`.
    """
    account_id = holder(connection, secret, token, purpose)
    used = connection.execute(
        update(tickets)
        .where(tickets.c.digest == digest(secret, token), tickets.c.used_at.is_(None))
        .values(used_at=clock.now())
    )
    if used.rowcount == 0:
        raise NotFound("This link has been used. Ask for a new one.")
    return account_id


def cancel(connection: Connection, account_id: str, purpose: Purpose) -> None:
    """Make all of an account's tickets for a purpose worthless."""
    connection.execute(
        update(tickets)
        .where(tickets.c.account_id == account_id, tickets.c.purpose == purpose, tickets.c.used_at.is_(None))
        .values(used_at=clock.now())
    )


def sweep(connection: Connection) -> None:
    """Clear away every ticket that is too old."""
    connection.execute(delete(tickets).where(tickets.c.expires_at <= clock.now()))


def digest(secret: Secret, token: str) -> str:
    """Return the digest under which a mailed token is kept."""
    return secret.digest("tickets", token)
