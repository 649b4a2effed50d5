"""Applications: who registered them, where they may send people back to, and how they prove who they are."""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import Connection, Row, func, insert, select, update

from soundrack import clock, ids
from soundrack.accounts import audit
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.oauth import redirects, scopes
from soundrack.database import locks
from soundrack.database.tables import accounts, oauth_clients
from soundrack.errors import Conflict, Invalid, NotFound
from soundrack.secret import Secret
from soundrack.service import Service

CODE, REFRESH, OWN = "authorization_code", "refresh_token", "client_credentials"
GRANT_TYPES = (CODE, REFRESH, OWN)
MOST_CLIENTS = 50
_MOST_NAME_CHARACTERS = 80
_ID = re.compile(r"app_[0-9a-z]{12}")


@dataclass(frozen=True)
class Client(ClientMixin):
    """An application, in the shape that Authlib's grants ask for."""

    id: str
    account_id: str
    """Who registered it; with client credentials it acts as this account."""
    service: Service
    name: str
    redirect_uris: tuple[str, ...]
    grant_types: tuple[str, ...]
    scope: str
    created_at: datetime
    revoked_at: datetime | None
    secret_digest: str | None = field(repr=False)
    _secret: Secret = field(repr=False, compare=False)

    @property
    def is_public(self) -> bool:
        """Whether it cannot keep a secret, so that its id alone proves nothing."""
        return self.secret_digest is None

    def get_client_id(self) -> str:
        """Return its id."""
        return self.id

    def get_default_redirect_uri(self) -> str | None:
        """Return where people go if a request does not say: the one place that there is (RFC 6749, 3.1.2.3)."""
        return self.redirect_uris[0] if len(self.redirect_uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """Return the scope in the house's order, or None if it is empty or exceeds what the application has."""
        return scopes.within(scope, self.scope)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Return whether people may be sent there."""
        return redirects.match(self.redirect_uris, redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        """Compare a secret in a time that says nothing of the right one."""
        return self.secret_digest is not None and hmac.compare_digest(
            self.secret_digest, _digest(self._secret, client_secret)
        )

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        """Return whether this is how it proves who it is: by its secret, or not at all if it has none."""
        return (method == "none") is self.is_public

    def check_response_type(self, response_type: str) -> bool:
        """Return whether it may send people to the consent page."""
        return response_type == "code" and CODE in self.grant_types

    def check_grant_type(self, grant_type: str) -> bool:
        """Return whether it was registered for a grant."""
        return grant_type in self.grant_types


@dataclass(frozen=True)
class NewClient:
    """An application at the one moment when its secret can be read."""

    client: Client
    client_secret: str | None = field(repr=False)


def register(
    connection: Connection,
    secret: Secret,
    origin: Origin,
    account_id: str,
    *,
    service: Service,
    name: str,
    scope: str,
    redirect_uris: Sequence[str] = (),
    grant_types: Sequence[str] = (CODE, REFRESH),
    confidential: bool = True,
) -> NewClient:
    """Store a new application.

    Parameters
    ----------
    account_id : str
        Who registers it.
    name : str
        1 to 80 characters, as people see it when they are asked.
    scope : str
        The most that it may ever ask for, space separated.
    redirect_uris : sequence of str
        1 to 10 with the authorization code grant, none without; see `redirects.require`.
    grant_types : sequence of str
        Some of ``authorization_code``, ``refresh_token`` and ``client_credentials``.
    confidential : bool
        Whether it can keep a secret. An application on people's machines or in their browsers cannot: it is public,
        gets no secret and must use PKCE.

    Raises
    ------
    Invalid
        If a value cannot be accepted.
    Conflict
        If the account has 50 applications already.
    """
    _check_grants(grant_types, redirect_uris, confidential=confidential)
    values = {
        "id": ids.short("app_"),
        "account_id": account_id,
        "service": service,
        "name": _require_name(name),
        "redirect_uris": list(dict.fromkeys(redirects.require(uri) for uri in redirect_uris)),
        "grant_types": [known for known in GRANT_TYPES if known in grant_types],
        "scope": scopes.require(service, scope),
        "created_at": clock.now(),
    }
    client_secret = ids.key("scs_") if confidential else None
    digest = _digest(secret, client_secret) if client_secret else None
    locks.account(connection, account_id)
    if _count(connection, account_id) >= MOST_CLIENTS:
        raise Conflict(f"An account has at most {MOST_CLIENTS} applications. Revoke one that is not used.")
    connection.execute(insert(oauth_clients).values(**values, secret_digest=digest))
    client = get(connection, secret, str(values["id"]), account_id=account_id)
    audit.record(
        connection, Entry.CLIENT_REGISTERED, origin, account_id, client=client.id, name=client.name, scope=client.scope
    )
    return NewClient(client, client_secret)


def find(connection: Connection, secret: Secret, client_id: str, service: Service | None = None) -> Client | None:
    """Return an application that may act: not revoked, and its owner not suspended. None for every other text."""
    if not _ID.fullmatch(client_id):
        return None
    statement = _COLUMNS.join(accounts, accounts.c.id == oauth_clients.c.account_id).where(
        oauth_clients.c.id == client_id, oauth_clients.c.revoked_at.is_(None), accounts.c.suspended_at.is_(None)
    )
    if service is not None:
        statement = statement.where(oauth_clients.c.service == service)
    row = connection.execute(statement).first()
    return _client(row, secret) if row else None


def get(connection: Connection, secret: Secret, client_id: str, *, account_id: str | None = None) -> Client:
    """Return an application, revoked or not; with `account_id`, only that account's.

    Raises
    ------
    NotFound
        If there is none.
    """
    statement = _COLUMNS.where(oauth_clients.c.id == client_id)
    if account_id is not None:
        statement = statement.where(oauth_clients.c.account_id == account_id)
    row = connection.execute(statement).first()
    if row is None:
        raise NotFound("No such application.")
    return _client(row, secret)


def owned(connection: Connection, secret: Secret, account_id: str | None = None) -> list[Client]:
    """Return an account's applications, or everybody's, oldest first, the revoked ones too."""
    statement = _COLUMNS.order_by(oauth_clients.c.created_at, oauth_clients.c.id)
    if account_id is not None:
        statement = statement.where(oauth_clients.c.account_id == account_id)
    return [_client(row, secret) for row in connection.execute(statement)]


def rotate_secret(
    connection: Connection, secret: Secret, origin: Origin, client_id: str, *, account_id: str | None = None
) -> str:
    """Return a new secret of an application; the old one is refused from now on, what people granted stays.

    Raises
    ------
    NotFound
        If there is no such application, or it is not the account's.
    Conflict
        If it is public or revoked.
    """
    client = get(connection, secret, client_id, account_id=account_id)
    client_secret = ids.key("scs_")
    changed = connection.execute(
        update(oauth_clients)
        .where(
            oauth_clients.c.id == client_id,
            oauth_clients.c.revoked_at.is_(None),
            oauth_clients.c.secret_digest.is_not(None),
        )
        .values(secret_digest=_digest(secret, client_secret))
    )
    if changed.rowcount == 0:
        raise Conflict("A public or revoked application has no secret to change.")
    audit.record(connection, Entry.CLIENT_SECRET_ROTATED, origin, client.account_id, client=client_id)
    return client_secret


def revoke(
    connection: Connection, secret: Secret, origin: Origin, client_id: str, *, account_id: str | None = None
) -> None:
    """End an application with everything that anybody granted it. Doing it twice changes nothing.

    Raises
    ------
    NotFound
        If there is no such application, or it is not the account's.
    """
    client = get(connection, secret, client_id, account_id=account_id)
    changed = connection.execute(
        update(oauth_clients)
        .where(oauth_clients.c.id == client_id, oauth_clients.c.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    if changed.rowcount:
        audit.record(connection, Entry.CLIENT_REVOKED, origin, client.account_id, client=client_id)


_COLUMNS = select(oauth_clients)


def _client(row: Row[Any], secret: Secret) -> Client:
    return Client(
        id=row.id,
        account_id=row.account_id,
        service=Service(row.service),
        name=row.name,
        redirect_uris=tuple(row.redirect_uris),
        grant_types=tuple(row.grant_types),
        scope=row.scope,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        secret_digest=row.secret_digest,
        _secret=secret,
    )


def _count(connection: Connection, account_id: str) -> int:
    return connection.execute(
        select(func.count())
        .select_from(oauth_clients)
        .where(oauth_clients.c.account_id == account_id, oauth_clients.c.revoked_at.is_(None))
    ).scalar_one()


def _check_grants(grant_types: Sequence[str], redirect_uris: Sequence[str], *, confidential: bool) -> None:
    if not grant_types or not set(grant_types).issubset(GRANT_TYPES):
        raise Invalid(f"The grant types are some of: {', '.join(GRANT_TYPES)}.", field="grant_types")
    if REFRESH in grant_types and CODE not in grant_types:
        raise Invalid("Refresh tokens come with the authorization code grant alone.", field="grant_types")
    if OWN in grant_types and not confidential:
        raise Invalid("A public application has no credentials of its own.", field="grant_types")
    if CODE in grant_types and not 1 <= len(redirect_uris) <= redirects.MOST:
        raise Invalid(f"The authorization code grant needs 1 to {redirects.MOST} redirect URIs.", field="redirect_uris")
    if CODE not in grant_types and redirect_uris:
        raise Invalid("Only the authorization code grant sends people anywhere.", field="redirect_uris")


def _require_name(name: str) -> str:
    """A name stands on the page where people decide: nothing invisible, nothing that turns the text around."""
    kept = unicodedata.normalize("NFC", name.strip())
    if not 1 <= len(kept) <= _MOST_NAME_CHARACTERS or not kept.isprintable():
        raise Invalid(f"A name has 1 to {_MOST_NAME_CHARACTERS} visible characters.", field="name")
    return kept


def _digest(secret: Secret, client_secret: str) -> str:
    return secret.digest("oauth tokens", client_secret)
