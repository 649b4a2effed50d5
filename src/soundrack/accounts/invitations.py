"""Invitations: the right to make one account, held by whoever has the token, which is kept as a digest."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from soundrack import clock
from soundrack.accounts import audit, letters, mailbox, people
from soundrack.accounts.audit import Entry, Origin
from soundrack.database.tables import invitations
from soundrack.errors import Conflict, NotAllowed, NotFound
from soundrack.outbound.mail import outbox
from soundrack.secret import Secret
from soundrack.settings import Settings, SignUp

DAYS = 7
OWN_LIFE = timedelta(days=1)
"""Of one that somebody has asked for himself."""
_TOKEN_BYTES = 32
_SETUP_SEAT = "setup"


@dataclass(frozen=True)
class Invitation:
    """The right to make one account.

    Attributes
    ----------
    email : str or None
        The only address that it is good for, which counts as confirmed; None: any, which has yet to be.
    """

    email: str | None
    expires_at: datetime


@dataclass(frozen=True)
class NewInvitation(Invitation):
    """An invitation at the one moment when its token can be read."""

    token: str


def invite(
    connection: Connection, settings: Settings, secret: Secret, email: str | None, origin: Origin
) -> NewInvitation:
    """Make an invitation and, if it is for an address, mail it there. The token is not kept.

    Raises
    ------
    Invalid
        If the address cannot be one.
    Conflict
        If there is an account of this address.
    NotAllowed
        If sign-up is closed.
    """
    if settings.sign_up is SignUp.CLOSED:
        raise NotAllowed("Sign-up is closed: set SOUNDRACK_SIGN_UP to `invite` or `open` first.")
    address = mailbox.normalise(email) if email else None
    if address and people.find(connection, address) is not None:
        raise Conflict("There is an account of this mail address already.", field="email")
    new = make(connection, secret, address, timedelta(days=DAYS))
    if address:
        outbox.put(connection, letters.invitation(settings, address, new.token, DAYS))
    audit.record(connection, Entry.INVITED, origin, None, email=address or "anybody")
    return new


def link(settings: Settings, token: str) -> str:
    """Return the page on which an invitation is accepted."""
    return f"{settings.public_url}/invitation?{urlencode({'ticket': token})}"


def find(connection: Connection, settings: Settings, secret: Secret, token: str) -> Invitation:
    """Return what a token invites to, without using it up.

    Raises
    ------
    NotFound
        If it is unknown, used up or expired, or if sign-up is closed.
    """
    row = connection.execute(
        select(invitations.c.email, invitations.c.expires_at).where(
            invitations.c.digest == _digest(secret, token),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > clock.now(),
        )
    ).first()
    if row is None or settings.sign_up is SignUp.CLOSED:
        raise NotFound("This invitation has been used or is too old. Ask for a new one.")
    return Invitation(row.email, row.expires_at)


def use(connection: Connection, secret: Secret, token: str) -> None:
    """Use a token up, in the caller's transaction; of two at once, one does.

    Raises
    ------
    NotFound
        If it has been used, or is not good.
    """
    used = connection.execute(
        update(invitations)
        .where(
            invitations.c.digest == _digest(secret, token),
            invitations.c.used_at.is_(None),
            invitations.c.expires_at > clock.now(),
        )
        .values(used_at=clock.now())
    )
    if used.rowcount == 0:
        raise NotFound("This invitation has just been used.")


def make(connection: Connection, secret: Secret, email: str | None, life: timedelta) -> NewInvitation:
    """Store an invitation and return it with its token."""
    token, now = secrets.token_urlsafe(_TOKEN_BYTES), clock.now()
    connection.execute(
        insert(invitations).values(digest=_digest(secret, token), email=email, created_at=now, expires_at=now + life)
    )
    return NewInvitation(email, now + life, token)


def take_setup_seat(connection: Connection) -> None:
    """Take the one seat of whoever sets an installation up: a row that can be there once.

    Who wants it at the same time waits until this transaction has ended.

    Raises
    ------
    Conflict
        If somebody else has it then.
    """
    now = clock.now()
    connection.execute(delete(invitations).where(invitations.c.digest == _SETUP_SEAT))
    try:
        with connection.begin_nested():
            connection.execute(
                insert(invitations).values(digest=_SETUP_SEAT, created_at=now, expires_at=now, used_at=now)
            )
    except IntegrityError:
        raise Conflict("Somebody else is setting this installation up.") from None


def sweep(connection: Connection) -> None:
    """Clear away invitations that nobody can use any more."""
    connection.execute(
        delete(invitations).where(invitations.c.expires_at <= clock.now(), invitations.c.digest != _SETUP_SEAT)
    )


def _digest(secret: Secret, token: str) -> str:
    return secret.digest("invitations", token)
