"""Who is calling: a token from a request, and the account, key or OAuth client behind it.

Nothing is remembered between requests. A revoked key, a suspended account, a changed plan and a new allow-list count
from the next request on, in every process.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, func, literal_column, select

from soundrack import clock, ids
from soundrack.accounts import formats
from soundrack.database.lookups import Lookups
from soundrack.database.tables import (
    accounts,
    allowed_networks,
    api_keys,
    oauth_clients,
    oauth_grants,
    oauth_tokens,
    subscriptions,
)
from soundrack.errors import NotAuthenticated, Why
from soundrack.secret import Secret
from soundrack.service import Service

ACCESS_TOKEN_PREFIX = "sat_"  # noqa: S105  a prefix, no secret
_ACCESS_TOKEN_CHARACTERS = 32


@dataclass(frozen=True, slots=True)
class Principal:
    """Who is calling, and what may be counted and checked without asking the database again."""

    account_id: str
    service: Service
    subject: str
    """Whose requests are counted together: the key's id, or an OAuth client's for one account."""
    key_id: str | None = None
    client_id: str | None = None
    scopes: frozenset[str] | None = None
    """What an OAuth token may do; None, for a key, is everything."""
    plan: str | None = None
    """The name of the plan that the account has chosen at this service; None if it never did."""
    networks: tuple[str, ...] = ()
    """From where alone the account may be used at this service; empty if from everywhere."""


async def authenticate(
    lookups: Lookups, secret: Secret, service: Service, token: str, *, sandbox: bool = False
) -> Principal:
    """Return who holds a key or an OAuth access token.

    Parameters
    ----------
    sandbox : bool
        Take the keys of the service's sandbox, and no others; access tokens are the same.

    The lookup is by keyed digest, so how long it takes says nothing about any stored token. What does not have the
    form, or not the right checksum, never reaches the database.

    Raises
    ------
    NotAuthenticated
        If the token has not the form of one of this service's (`Why.MALFORMED`); or is unknown, revoked, expired,
        another service's, or its account is suspended (`Why.UNKNOWN`).
    """
    if token.startswith(ACCESS_TOKEN_PREFIX):
        return await _by_access_token(lookups, secret, service, token)
    if not formats.plausible(service, token, sandbox=sandbox):
        raise NotAuthenticated("This is not the form of an API key.", why=Why.MALFORMED)
    found: _Found | None = await lookups.first(
        lookups.prepare(_KEY, _holder_of_key), digest=secret.digest("api keys", token), service=service.value
    )
    return _valid(found, "API key")


async def again(lookups: Lookups, principal: Principal) -> Principal:
    """Return who is calling as they are by now, for an answer that takes long.

    An access token is judged by its account alone: it does not live longer than such an answer takes.

    Raises
    ------
    NotAuthenticated
        If the key has been revoked since, or has expired, or the account was suspended, or either is gone.
    """
    if principal.key_id is None:
        account: _Account | None = await lookups.first(
            lookups.prepare(_ACCOUNT, _Account), account_id=principal.account_id, service=principal.service.value
        )
        if account is None or account.suspended_at is not None:
            raise NotAuthenticated("The account is suspended.")
        return replace(principal, plan=account.plan)
    found: _Found | None = await lookups.first(
        lookups.prepare(_KEY_BY_ID, _holder_of_key), key_id=principal.key_id, service=principal.service.value
    )
    return _valid(found, "API key")


class _Account(NamedTuple):
    account_id: str
    suspended_at: datetime | None
    plan: str | None
    networks: str | None


async def _by_access_token(lookups: Lookups, secret: Secret, service: Service, token: str) -> Principal:
    if len(token) != len(ACCESS_TOKEN_PREFIX) + _ACCESS_TOKEN_CHARACTERS or not _sums_up(token):
        raise NotAuthenticated("This is not the form of an access token.", why=Why.MALFORMED)
    found: _Found | None = await lookups.first(
        lookups.prepare(_ACCESS_TOKEN, _holder_of_token),
        digest=secret.digest("oauth tokens", token),
        service=service.value,
    )
    return _valid(found, "access token")


class _Found(NamedTuple):
    """Whose a token is, and what speaks against it."""

    principal: Principal
    is_revoked: bool
    is_suspended: bool
    expires_at: datetime | None


def _valid(found: _Found | None, kind: str) -> Principal:
    if found is None:
        raise NotAuthenticated(f"The {kind} is not valid.")
    if found.is_revoked:
        raise NotAuthenticated(f"The {kind} has been revoked.")
    if found.expires_at is not None and found.expires_at <= clock.now():
        raise NotAuthenticated(f"The {kind} has expired.")
    if found.is_suspended:
        raise NotAuthenticated("The account is suspended.")
    return found.principal


def _holder_of_key(key_id: str, expires_at: datetime | None, revoked_at: datetime | None, *account: Any) -> _Found:
    service, account_id, suspended_at, plan, networks = account
    principal = Principal(
        account_id=account_id,
        service=Service(service),
        subject=key_id,
        key_id=key_id,
        plan=plan,
        networks=_networks(networks),
    )
    return _Found(principal, revoked_at is not None, suspended_at is not None, expires_at)


def _holder_of_token(
    scope: str,
    expires_at: datetime | None,
    client_id: str,
    grant_revoked_at: datetime | None,
    client_revoked_at: datetime | None,
    *account: Any,
) -> _Found:
    service, account_id, suspended_at, plan, networks = account
    principal = Principal(
        account_id=account_id,
        service=Service(service),
        subject=f"{client_id} {account_id}",
        client_id=client_id,
        scopes=frozenset(scope.split()),
        plan=plan,
        networks=_networks(networks),
    )
    is_revoked = grant_revoked_at is not None or client_revoked_at is not None
    return _Found(principal, is_revoked, suspended_at is not None, expires_at)


def _networks(listed: str | None) -> tuple[str, ...]:
    return () if listed is None else tuple(listed.split())


def _sums_up(token: str) -> bool:
    body, checksum = token[: -ids.CHECKSUM_CHARACTERS], token[-ids.CHECKSUM_CHARACTERS :]
    return token.isascii() and checksum == ids.checksum(body)


_SPACE: Any = literal_column("' '")  # a bound one would be filled in at each execution
_NETWORKS = (
    select(func.aggregate_strings(allowed_networks.c.network, _SPACE))
    .where(allowed_networks.c.account_id == accounts.c.id, allowed_networks.c.service == bindparam("service"))
    .scalar_subquery()
    .label("networks")
)


def _with_account(found: Select[Any]) -> Select[Any]:
    """What a principal needs of an account, beside the row that names it."""
    return found.add_columns(
        accounts.c.id.label("account_id"), accounts.c.suspended_at, subscriptions.c.plan, _NETWORKS
    ).outerjoin(
        subscriptions,
        (subscriptions.c.account_id == accounts.c.id) & (subscriptions.c.service == bindparam("service")),
    )


_KEYS = _with_account(
    select(api_keys.c.id, api_keys.c.expires_at, api_keys.c.revoked_at, api_keys.c.service)
    .select_from(api_keys)
    .join(accounts, accounts.c.id == api_keys.c.account_id)
    .where(api_keys.c.service == bindparam("service"))
)
_KEY = _KEYS.where(api_keys.c.digest == bindparam("digest"))
_KEY_BY_ID = _KEYS.where(api_keys.c.id == bindparam("key_id"))
_ACCOUNT = _with_account(select().select_from(accounts).where(accounts.c.id == bindparam("account_id")))

_ACCESS_TOKEN = _with_account(
    select(
        oauth_tokens.c.scope,
        oauth_tokens.c.expires_at,
        oauth_grants.c.client_id,
        oauth_grants.c.revoked_at.label("grant_revoked_at"),
        oauth_clients.c.revoked_at.label("client_revoked_at"),
        oauth_clients.c.service,
    )
    .select_from(oauth_tokens)
    .join(oauth_grants, oauth_grants.c.id == oauth_tokens.c.grant_id)
    .join(oauth_clients, oauth_clients.c.id == oauth_grants.c.client_id)
    .join(accounts, accounts.c.id == oauth_grants.c.account_id)
    .where(
        oauth_tokens.c.digest == bindparam("digest"),
        oauth_tokens.c.kind == "access",
        oauth_clients.c.service == bindparam("service"),
    )
)
