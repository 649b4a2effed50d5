"""Authorization codes: good for 60 seconds and one use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin
from sqlalchemy import Connection, insert, select, update

from soundrack import clock, ids
from soundrack.accounts.oauth.tokens import digest
from soundrack.database.tables import accounts, oauth_codes, oauth_grants
from soundrack.secret import Secret

LIFE = timedelta(seconds=60)


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):
    """A code on record."""

    digest: str
    grant_id: str
    client_id: str
    account_id: str
    scope: str
    redirect_uri: str
    """Empty if the request named none."""
    code_challenge: str | None
    expires_at: datetime
    used_at: datetime | None
    stands: bool
    """Whether its grant has not ended and its account is not suspended."""

    def get_redirect_uri(self) -> str:
        """Return what the token request must repeat."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """Return what was granted."""
        return self.scope


def put(connection: Connection, secret: Secret, grant_id: str, redirect_uri: str, code_challenge: str | None) -> str:
    """Store a new code of a grant and return it."""
    code = ids.key("sac_")
    now = clock.now()
    connection.execute(
        insert(oauth_codes).values(
            digest=digest(secret, code),
            grant_id=grant_id,
            redirect_uri=redirect_uri,
            code_challenge=code_challenge,
            created_at=now,
            expires_at=now + LIFE,
        )
    )
    return code


def find(connection: Connection, secret: Secret, code: str) -> Code | None:
    """Return a code on record, whatever its state."""
    row = connection.execute(_COLUMNS.where(oauth_codes.c.digest == digest(secret, code))).first()
    if row is None:
        return None
    return Code(
        digest=row.digest,
        grant_id=row.grant_id,
        client_id=row.client_id,
        account_id=row.account_id,
        scope=row.scope,
        redirect_uri=row.redirect_uri,
        code_challenge=row.code_challenge,
        expires_at=row.expires_at,
        used_at=row.used_at,
        stands=row.revoked_at is None and row.suspended_at is None,
    )


def claim(connection: Connection, code: Code) -> bool:
    """Use a code up; False if somebody else has, or its time is over."""
    now = clock.now()
    claimed = connection.execute(
        update(oauth_codes)
        .where(oauth_codes.c.digest == code.digest, oauth_codes.c.used_at.is_(None), oauth_codes.c.expires_at > now)
        .values(used_at=now)
    )
    return claimed.rowcount == 1


_COLUMNS = (
    select(
        oauth_codes,
        oauth_grants.c.client_id,
        oauth_grants.c.account_id,
        oauth_grants.c.scope,
        oauth_grants.c.revoked_at,
        accounts.c.suspended_at,
    )
    .join(oauth_grants, oauth_grants.c.id == oauth_codes.c.grant_id)
    .join(accounts, accounts.c.id == oauth_grants.c.account_id)
)
