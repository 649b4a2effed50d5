"""API keys: made once, shown once, kept as a digest.

A key belongs to one account and one service and opens that service only.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, insert, select

from soundrack import clock, ids
from soundrack.database.tables import api_keys
from soundrack.errors import NotAuthenticated
from soundrack.secret import Secret
from soundrack.service import Service

_SHOWN_CHARACTERS = 4


_PREFIXES = {Service.BLACKLAB: "sk_live_"}


@dataclass(frozen=True)
class NewKey:
    """A key at the one moment when it can be read."""

    id: str
    service: Service
    label: str
    token: str


@dataclass(frozen=True)
class Principal:
    """Who is calling."""

    account_id: str
    key_id: str


def create(connection: Connection, secret: Secret, account_id: str, service: Service, label: str) -> NewKey:
    """Make a key and store its digest."""
    prefix = _PREFIXES[service]
    new = NewKey(ids.short("key_"), service, label, ids.key(prefix))
    connection.execute(
        insert(api_keys).values(
            id=new.id,
            account_id=account_id,
            service=service,
            label=label,
            shown_prefix=new.token[: len(prefix) + _SHOWN_CHARACTERS],
            digest=_digest(secret, new.token),
            created_at=clock.now(),
        )
    )
    return new


def authenticate(connection: Connection, secret: Secret, service: Service, token: str) -> Principal:
    """Return who holds a key.

    The lookup is by keyed digest, so how long it takes says nothing about any stored key. A key with a wrong
    checksum never reaches the database.

    Raises
    ------
    NotAuthenticated
        If the key is malformed, unknown, revoked, or another service's.
    """
    if not _plausible(service, token):
        raise NotAuthenticated("The API key is not valid.")
    row = connection.execute(_BY_DIGEST, {"digest": _digest(secret, token), "service": service}).first()
    if row is None:
        raise NotAuthenticated("The API key is not valid.")
    return Principal(account_id=row.account_id, key_id=row.id)


_BY_DIGEST = select(api_keys.c.id, api_keys.c.account_id).where(
    api_keys.c.digest == bindparam("digest"),
    api_keys.c.service == bindparam("service"),
    api_keys.c.revoked_at.is_(None),
)


def _plausible(service: Service, token: str) -> bool:
    prefix = _PREFIXES[service]
    body = token.removeprefix(prefix)
    return (
        token.startswith(prefix)
        and len(body) == 32
        and all(character in ids.BASE62 for character in body)
        and token[-ids.CHECKSUM_CHARACTERS :] == ids.checksum(token[: -ids.CHECKSUM_CHARACTERS])
    )


def _digest(secret: Secret, token: str) -> str:
    return hmac.new(secret.key("api keys"), token.encode(), hashlib.sha256).hexdigest()
