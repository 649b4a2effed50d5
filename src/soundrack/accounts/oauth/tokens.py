"""Access and refresh tokens: how they are made, kept as digests, exchanged and looked up.

A refresh token is exchanged once. Its successors are not drawn but derived from it under the root secret, so that a
client which lost the answer and asks again within `GRACE` is told the very same tokens: nothing new comes into being,
and of each grant one refresh token is alive. Seen later, or after its successor was used, it was stolen.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from authlib.oauth2.rfc6749 import TokenMixin
from sqlalchemy import Connection, delete, insert, select, update

from soundrack import clock, ids
from soundrack.database.tables import accounts, oauth_clients, oauth_grants, oauth_tokens
from soundrack.secret import Secret

ACCESS_LIFE = timedelta(hours=1)
REFRESH_LIFE = timedelta(days=30)
GRACE = timedelta(seconds=30)
_DRAWN = 26


class Kind(StrEnum):
    """What a token is for."""

    ACCESS = "access"
    REFRESH = "refresh"


PREFIXES = {Kind.ACCESS: "sat_", Kind.REFRESH: "srt_"}
LIVES = {Kind.ACCESS: ACCESS_LIFE, Kind.REFRESH: REFRESH_LIFE}


@dataclass(frozen=True)
class Token(TokenMixin):
    """A token on record, in the shape that Authlib's grants ask for."""

    digest: str
    kind: Kind
    grant_id: str
    client_id: str
    account_id: str
    service: str
    scope: str
    expires_at: datetime
    used_at: datetime | None
    stands: bool
    """Whether its grant and its application have not ended and its account is not suspended."""

    def check_client(self, client: Any) -> bool:
        """Return whether an application may use it."""
        return bool(self.client_id == client.id)

    def get_scope(self) -> str:
        """Return what it allows."""
        return self.scope

    def is_expired(self) -> bool:
        """Return whether its time is over."""
        return self.expires_at <= clock.now()

    def is_live(self) -> bool:
        """Return whether it is good for anything."""
        return self.stands and self.used_at is None and not self.is_expired()


class Answer(dict[str, Any]):
    """The body of a token answer. Authlib writes it to its debug log, where it says nothing."""

    def __repr__(self) -> str:
        return "Answer(...)"


def digest(secret: Secret, token: str) -> str:
    """Return what is kept of a token or code: hex HMAC-SHA-256 under a key of the house."""
    return secret.digest("oauth tokens", token)


def mint(kind: Kind) -> str:
    """Return a new token: its prefix, 154 random bits in base 62, a checksum."""
    return ids.key(PREFIXES[kind])


def successor(secret: Secret, refresh_token: str, kind: Kind) -> str:
    """Return the token that follows on a refresh token, always the same, in the form of `mint`."""
    drawn = hmac.new(secret.key("oauth successors"), f"{kind} {refresh_token}".encode(), hashlib.sha256).digest()
    value, body = int.from_bytes(drawn), PREFIXES[kind]
    for _ in range(_DRAWN):
        value, digit = divmod(value, len(ids.BASE62))
        body += ids.BASE62[digit]
    return body + ids.checksum(body)


def store(connection: Connection, secret: Secret, grant_id: str, kind: Kind, token: str, scope: str) -> None:
    """Keep a token's digest for as long as the token lives."""
    now = clock.now()
    connection.execute(
        insert(oauth_tokens).values(
            digest=digest(secret, token),
            kind=kind,
            grant_id=grant_id,
            scope=scope,
            created_at=now,
            expires_at=now + LIVES[kind],
        )
    )


def find(connection: Connection, secret: Secret, token: str, kind: Kind | None = None) -> Token | None:
    """Return a token on record, whatever its state; with `kind`, only if it is of that kind."""
    row = connection.execute(_COLUMNS.where(oauth_tokens.c.digest == digest(secret, token))).first()
    if row is None or (kind is not None and row.kind != kind):
        return None
    return Token(
        digest=row.digest,
        kind=Kind(row.kind),
        grant_id=row.grant_id,
        client_id=row.client_id,
        account_id=row.account_id,
        service=row.service,
        scope=row.scope,
        expires_at=row.expires_at,
        used_at=row.used_at,
        stands=row.grant_revoked_at is None and row.client_revoked_at is None and row.suspended_at is None,
    )


def claim(connection: Connection, token: Token) -> bool:
    """Use a refresh token up; False if somebody else has, or its time is over."""
    now = clock.now()
    claimed = connection.execute(
        update(oauth_tokens)
        .where(
            oauth_tokens.c.digest == token.digest,
            oauth_tokens.c.kind == Kind.REFRESH,
            oauth_tokens.c.used_at.is_(None),
            oauth_tokens.c.expires_at > now,
        )
        .values(used_at=now)
    )
    return claimed.rowcount == 1


def forget(connection: Connection, token: Token) -> None:
    """Delete one token; others of its grant stay."""
    connection.execute(delete(oauth_tokens).where(oauth_tokens.c.digest == token.digest))


def introspect(connection: Connection, secret: Secret, token: str) -> Token | None:
    """Return a token that is good at this moment, as RFC 7662 means ``active``; None for every other."""
    found = find(connection, secret, token)
    return found if found is not None and found.is_live() else None


_COLUMNS = (
    select(
        oauth_tokens,
        oauth_grants.c.client_id,
        oauth_grants.c.account_id,
        oauth_grants.c.revoked_at.label("grant_revoked_at"),
        oauth_clients.c.service,
        oauth_clients.c.revoked_at.label("client_revoked_at"),
        accounts.c.suspended_at,
    )
    .join(oauth_grants, oauth_grants.c.id == oauth_tokens.c.grant_id)
    .join(oauth_clients, oauth_clients.c.id == oauth_grants.c.client_id)
    .join(accounts, accounts.c.id == oauth_grants.c.account_id)
)
