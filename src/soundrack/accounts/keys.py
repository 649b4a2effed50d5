"""API keys: made once, shown once, kept as a digest.

A key belongs to one account and one service and opens that service only.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, insert, or_, select, update

from soundrack import clock, ids
from soundrack.accounts import audit, formats
from soundrack.accounts.audit import HOUSE, Entry, Origin
from soundrack.billing.plans import Plan
from soundrack.database import locks
from soundrack.database.tables import accounts, api_keys
from soundrack.errors import Conflict, Invalid, NotAllowed, NotFound
from soundrack.outbound.webhooks import secrets as signing_secrets
from soundrack.outbound.webhooks.secrets import OVERLAP, Signing
from soundrack.secret import Secret
from soundrack.service import Service
from soundrack.vault import Vault

LABEL_CHARACTERS = 200
PAIRED = frozenset({Service.SIGNALKEY, Service.SOUNDPIECE})
"""Services whose documents pair each key with a signing secret of its own; elsewhere it is the account's."""
WITHOUT_WEBHOOKS = frozenset({Service.AUDIOLIB})

_UNSHOWABLE = {"Cc", "Cs", "Zl", "Zp"}
_ID = re.compile(r"key_[a-z0-9]{12}")


class Reason(StrEnum):
    """Why a key was revoked."""

    OWNER = "by its owner"
    OPERATOR = "by the operator"
    LEAKED = "found in public"


class State(StrEnum):
    """Whether a key opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True)
class NewKey:
    """A key at the one moment when it can be read."""

    id: str
    service: Service
    label: str
    token: str = field(repr=False)
    expires_at: datetime | None = None
    signing: Signing | None = None
    """The secret of its webhooks, shown with it and never again, where the service pairs the two."""


@dataclass(frozen=True)
class Key:
    """A key as it is listed."""

    id: str
    account_id: str
    service: Service
    label: str
    shown_prefix: str
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    revoked_because: str | None

    @property
    def state(self) -> State:
        """Whether it opens anything at this moment."""
        if self.revoked_at is not None:
            return State.REVOKED
        return State.EXPIRED if self.expires_at is not None and self.expires_at <= clock.now() else State.ACTIVE


def create(
    connection: Connection,
    secret: Secret,
    account_id: str,
    service: Service,
    label: str,
    *,
    expires_at: datetime | None = None,
    plan: Plan | None = None,
    origin: Origin = HOUSE,
    sandbox: bool = False,
) -> NewKey:
    """Make a key, with its signing secret where the service pairs the two, and store its digest.

    Parameters
    ----------
    label : str
        What it is for: at most 200 characters, in one line.
    expires_at : datetime, optional
        When it stops working; in the future.
    plan : Plan, optional
        The account's plan at the service. It says whether there is an API at all and how many active keys there may
        be, which holds under parallel requests too. Without one, nothing is limited.
    sandbox : bool
        Make a key of BlackLab's sandbox.

    Raises
    ------
    Invalid
        If the label or the expiry cannot be accepted, or the service has no sandbox.
    NotAllowed
        If the plan has no API, or the account is suspended.
    Conflict
        If the plan's number of active keys is reached.
    NotFound
        If there is no such account.
    """
    if sandbox and service not in formats.SANDBOXES:
        raise Invalid(f"{service} has no sandbox.", field="sandbox")
    form, now = formats.of(service, sandbox=sandbox), clock.now()
    label = _checked(label)
    if expires_at is not None and expires_at <= now:
        raise Invalid("The expiry must be in the future.", field="expires_at")
    locks.account(connection, account_id)
    _check_may_have_another(connection, account_id, service, plan)
    token, key_id = form.mint(), ids.short("key_")
    connection.execute(
        insert(api_keys).values(
            id=key_id,
            account_id=account_id,
            service=service,
            label=label,
            shown_prefix=form.shown(token),
            digest=digest(secret, token),
            created_at=now,
            expires_at=expires_at,
        )
    )
    paired = service in PAIRED
    signing = signing_secrets.create(connection, Vault(secret), account_id, service, key_id) if paired else None
    audit.record(connection, Entry.KEY_CREATED, origin, account_id, key=key_id, service=service, label=label)
    return NewKey(key_id, service, label, token, expires_at, signing)


def of(connection: Connection, account_id: str, service: Service | None = None) -> list[Key]:
    """Return an account's keys, those that are revoked or expired too, the newest first."""
    wanted = _COLUMNS.where(api_keys.c.account_id == account_id)
    if service is not None:
        wanted = wanted.where(api_keys.c.service == service)
    return [_key(row) for row in connection.execute(wanted.order_by(api_keys.c.created_at.desc(), api_keys.c.id))]


def get(connection: Connection, account_id: str, key_id: str) -> Key:
    """Return one of an account's keys.

    Raises
    ------
    NotFound
        If the account has no such key.
    """
    row = connection.execute(_COLUMNS.where(_is(account_id, key_id))).first()
    if row is None:
        raise NotFound("No such key.")
    return _key(row)


def by_digest(connection: Connection, digests: Collection[str]) -> dict[str, Key]:
    """Return the keys of some digests, whatever their state and service."""
    rows = connection.execute(_COLUMNS.add_columns(api_keys.c.digest).where(api_keys.c.digest.in_(digests)))
    return {row.digest: _key(row) for row in rows}


def rename(connection: Connection, account_id: str, key_id: str, label: str, *, origin: Origin = HOUSE) -> None:
    """Give a key another label.

    Raises
    ------
    Invalid
        If the label cannot be accepted.
    NotFound
        If the account has no such key.
    """
    label = _checked(label)
    renamed = connection.execute(update(api_keys).where(_is(account_id, key_id)).values(label=label))
    if renamed.rowcount == 0:
        raise NotFound("No such key.")
    audit.record(connection, Entry.KEY_RENAMED, origin, account_id, key=key_id, label=label)


def revoke(
    connection: Connection,
    account_id: str,
    key_id: str,
    *,
    because: Reason = Reason.OWNER,
    origin: Origin = HOUSE,
) -> bool:
    """Have a key open nothing from the moment of the commit, and return whether it was this call that revoked it.

    The first reason stays. What the key has submitted goes on, and its webhooks are signed as before.

    Raises
    ------
    NotFound
        If the account has no such key.
    """
    revoked = connection.execute(
        update(api_keys)
        .where(_is(account_id, key_id), api_keys.c.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_because=because)
    )
    if revoked.rowcount == 0:
        get(connection, account_id, key_id)
        return False
    audit.record(connection, Entry.KEY_REVOKED, origin, account_id, key=key_id, because=because)
    return True


def rotate_signing_secret(
    connection: Connection,
    vault: Vault,
    account_id: str,
    service: Service,
    key_id: str | None = None,
    *,
    overlap: timedelta = OVERLAP,
    origin: Origin = HOUSE,
) -> Signing:
    """Replace a key's signing secret, or the account's at a service that pairs none, and return the new one.

    Secrets are shown when they are made and never again: whoever has lost one rotates it.

    Raises
    ------
    Invalid
        If the overlap cannot be accepted, the service sends no webhooks, or its secrets belong to keys and none is
        named, or the other way round.
    Conflict
        If the key is revoked.
    NotFound
        If the account has no such key at this service.
    """
    if service in WITHOUT_WEBHOOKS:
        raise Invalid(f"{service} sends no webhooks.")
    if (key_id is not None) is not (service in PAIRED):
        raise Invalid(f"Signing secrets of {service} belong to {'a key' if key_id is None else 'the account'}.")
    if key_id is not None:
        key = get(connection, account_id, key_id)
        if key.service is not service:
            raise NotFound("No such key.")
        if key.state is State.REVOKED:
            raise Conflict("The key is revoked.")
    signing = signing_secrets.rotate(connection, vault, account_id, service, key_id, overlap=overlap)
    details = {"service": service, "key": key_id, "overlap_s": int(overlap.total_seconds())}
    audit.record(connection, Entry.SIGNING_SECRET_ROTATED, origin, account_id, **details)
    return signing


def digest(secret: Secret, token: str) -> str:
    """Return what is stored of a key: its HMAC-SHA-256, in hexadecimal, under a key of the root secret."""
    return secret.digest("api keys", token)


def is_active() -> ColumnElement[bool]:
    """Return the condition that a key is neither revoked nor expired at this moment."""
    return api_keys.c.revoked_at.is_(None) & or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > clock.now())


_COLUMNS = select(*(api_keys.c[one.name] for one in fields(Key)))


def _key(row: Row[Any]) -> Key:
    values = {column.name: getattr(row, column.name) for column in fields(Key)}
    return Key(**(values | {"service": Service(row.service)}))


def _is(account_id: str, key_id: str) -> ColumnElement[bool]:
    if _ID.fullmatch(key_id) is None:  # whatever it is, PostgreSQL need not be asked about it
        raise NotFound("No such key.")
    return (api_keys.c.id == key_id) & (api_keys.c.account_id == account_id)


def _check_may_have_another(connection: Connection, account_id: str, service: Service, plan: Plan | None) -> None:
    """The account is locked, so that none is added between the count and the insertion."""
    owner = connection.execute(select(accounts.c.suspended_at).where(accounts.c.id == account_id)).one()
    if owner.suspended_at is not None:
        raise NotAllowed("The account is suspended.")
    if plan is None:
        return
    if not plan.api_access:
        raise NotAllowed(f"The plan {plan.title} does not include the API.")
    if plan.keys is None:
        return
    mine = (api_keys.c.account_id == account_id) & (api_keys.c.service == service)
    active = connection.execute(select(func.count()).select_from(api_keys).where(mine, is_active())).scalar_one()
    if active >= plan.keys:
        raise Conflict(f"The plan {plan.title} allows {plan.keys} active keys: revoke one first.")


def _checked(label: str) -> str:
    label = label.strip()
    if len(label) > LABEL_CHARACTERS:
        raise Invalid(f"The label must have at most {LABEL_CHARACTERS} characters.", field="label")
    if any(unicodedata.category(character) in _UNSHOWABLE for character in label):
        raise Invalid("The label must be one line without control characters.", field="label")
    return label
