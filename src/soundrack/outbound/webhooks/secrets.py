"""Secrets that sign webhooks: sealed where they are stored, shown once, rotated with an overlap.

A secret belongs to a key where the service pairs the two, else to an account at a service. Of each there is one that
is current and, for a while after a rotation, the previous one, so that a receiver can change over without losing a
delivery.
"""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, delete, insert, or_, select, update

from soundrack import clock, ids
from soundrack.database import locks
from soundrack.database.tables import api_keys, signing_secrets
from soundrack.errors import Invalid
from soundrack.service import Service
from soundrack.vault import Vault

OVERLAP = timedelta(hours=24)
"""How long a rotation keeps the previous secret if nothing else is said."""
LONGEST_OVERLAP = timedelta(days=30)
TOGETHER = frozenset({Service.SOUNDPIECE})
"""Services at which the secrets of all active keys of an account sign, so that keys change over by themselves."""
MOST_TOGETHER = 16
"""Signatures of one delivery there: a header has no room for any number."""


@dataclass(frozen=True)
class Signing:
    """One secret that signs.

    Attributes
    ----------
    secret : str
        As the receiver knows it, ``whsec_`` included.
    retires_at : datetime, optional
        When it stops signing; none for the current one.
    """

    id: str
    secret: str = field(repr=False)
    created_at: datetime
    retires_at: datetime | None

    @cached_property
    def keyed(self) -> hmac.HMAC:
        """HMAC-SHA-256 under the secret's text, to be copied: a copy costs less than to begin with the key anew."""
        return hmac.new(self.secret.encode(), digestmod="sha256")


class Headers(NamedTuple):
    """Who signs what, where the documented header has room for one signature."""

    documented: Signing
    upcoming: Signing | None
    """During an overlap: the new secret, whose signature goes into a second header whose name ends in ``-Next``."""


def of(
    connection: Connection, vault: Vault, account_id: str, service: Service, key_id: str | None = None
) -> list[Signing]:
    """Return the secrets that sign now: the current one, then the previous one while the two overlap.

    Parameters
    ----------
    key_id : str, optional
        The key that they are paired with; none for those of the account.
    """
    now = clock.now()
    rows = connection.execute(
        select(signing_secrets)
        .where(
            _whose(account_id, service, key_id),
            or_(signing_secrets.c.retires_at.is_(None), signing_secrets.c.retires_at > now),
        )
        .order_by(signing_secrets.c.retires_at.is_not(None))
    )
    return [Signing(row.id, vault.open(row.sealed, _purpose(row.id)), row.created_at, row.retires_at) for row in rows]


def together(
    connection: Connection, vault: Vault, account_id: str, service: Service, key_id: str | None
) -> list[Signing]:
    """Return the secrets of all active keys of an account: first those of one key, if it is active, the newest after.

    At most `MOST_TOGETHER`; none if the account has no active key.
    """
    now = clock.now()
    rows = connection.execute(
        select(signing_secrets)
        .join(api_keys, api_keys.c.id == signing_secrets.c.key_id)
        .where(
            signing_secrets.c.account_id == account_id,
            signing_secrets.c.service == service,
            api_keys.c.revoked_at.is_(None),
            or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > now),
            or_(signing_secrets.c.retires_at.is_(None), signing_secrets.c.retires_at > now),
        )
        .order_by(
            case((signing_secrets.c.key_id == key_id, 0), else_=1),
            signing_secrets.c.retires_at.is_not(None),
            signing_secrets.c.created_at.desc(),
        )
        .limit(MOST_TOGETHER)
    )
    return [Signing(row.id, vault.open(row.sealed, _purpose(row.id)), row.created_at, row.retires_at) for row in rows]


def for_one_header(signings: Sequence[Signing]) -> Headers:
    """Return who signs where a header holds one signature, given what `of` returned.

    The documented header is made with the old secret until the overlap ends: a receiver that knows only the old one
    goes on verifying, and one that has taken the new one can verify the second header.
    """
    return Headers(signings[-1], signings[0] if len(signings) > 1 else None)


def create(
    connection: Connection, vault: Vault, account_id: str, service: Service, key_id: str | None = None
) -> Signing:
    """Store a new current secret; the caller sees to it that there is no other."""
    signing_id, secret, now = ids.short("whs_"), ids.signing_secret(), clock.now()
    connection.execute(
        insert(signing_secrets).values(
            id=signing_id,
            account_id=account_id,
            service=service,
            key_id=key_id,
            sealed=vault.seal(secret, _purpose(signing_id)),
            created_at=now,
        )
    )
    return Signing(signing_id, secret, now, None)


def ensure(
    connection: Connection, vault: Vault, account_id: str, service: Service, key_id: str | None = None
) -> tuple[Signing, bool]:
    """Return the current secret, which is made if there is none, and whether it was made now and may be shown.

    However many ask at once, one secret is made.

    Raises
    ------
    NotFound
        If there is no such account.
    """
    found = of(connection, vault, account_id, service, key_id)
    if not found:
        locks.account(connection, account_id)
        found = of(connection, vault, account_id, service, key_id)
    return (found[0], False) if found else (create(connection, vault, account_id, service, key_id), True)


def rotate(
    connection: Connection,
    vault: Vault,
    account_id: str,
    service: Service,
    key_id: str | None = None,
    *,
    overlap: timedelta = OVERLAP,
) -> Signing:
    """Put a new secret in the place of the current one and return it, to be shown once.

    The one that was current goes on signing for `overlap`; one that an earlier rotation had left over is deleted, so
    that there are never more than two. No overlap at all is for a secret that has become known.

    Raises
    ------
    Invalid
        If `overlap` is negative or longer than 30 days.
    NotFound
        If there is no such account.
    """
    if not timedelta(0) <= overlap <= LONGEST_OVERLAP:
        raise Invalid(f"The overlap must be between 0 and {LONGEST_OVERLAP.days} days.", field="overlap")
    locks.account(connection, account_id)
    mine = _whose(account_id, service, key_id)
    connection.execute(delete(signing_secrets).where(mine, signing_secrets.c.retires_at.is_not(None)))
    if overlap:
        connection.execute(update(signing_secrets).where(mine).values(retires_at=clock.now() + overlap))
    else:
        connection.execute(delete(signing_secrets).where(mine))
    return create(connection, vault, account_id, service, key_id)


def sweep(connection: Connection) -> int:
    """Delete the secrets whose overlap has ended, and return how many they were."""
    return connection.execute(delete(signing_secrets).where(signing_secrets.c.retires_at <= clock.now())).rowcount


def among(connection: Connection, vault: Vault, texts: Collection[str]) -> set[str]:
    """Return those of some texts that sign now. Every secret of the installation is opened to find out."""
    wanted, now = set(texts), clock.now()
    rows = connection.execute(
        select(signing_secrets.c.id, signing_secrets.c.sealed).where(
            or_(signing_secrets.c.retires_at.is_(None), signing_secrets.c.retires_at > now)
        )
    )
    return wanted.intersection(vault.open(row.sealed, _purpose(row.id)) for row in rows) if wanted else set()


def _whose(account_id: str, service: Service, key_id: str | None) -> ColumnElement[bool]:
    return and_(
        signing_secrets.c.account_id == account_id,
        signing_secrets.c.service == service,
        signing_secrets.c.key_id.is_(None) if key_id is None else signing_secrets.c.key_id == key_id,
    )


def _purpose(signing_id: str) -> str:
    return f"signing secret {signing_id}"
