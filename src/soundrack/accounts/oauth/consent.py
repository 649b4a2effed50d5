"""What people have granted to applications, and its end.

Every token follows from one grant and falls with it. A grant is made each time somebody says yes: nothing is
remembered that would let an application pass without the page, since whoever can make a browser open a link could
then fetch a code in its owner's name (RFC 6749, 10.2; RFC 8252, 8.6). The page says what was granted before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, update

from soundrack import clock, ids
from soundrack.accounts import audit
from soundrack.accounts.audit import Entry, Origin
from soundrack.accounts.oauth.clients import CODE, Client
from soundrack.database.tables import oauth_clients, oauth_codes, oauth_grants, oauth_tokens
from soundrack.errors import NotFound
from soundrack.service import Service


@dataclass(frozen=True)
class Granted:
    """What one application may do for one account, all its grants together."""

    client_id: str
    name: str
    service: Service
    scope: str
    since: datetime


def give(connection: Connection, client: Client, account_id: str, scope: str, grant_type: str) -> str:
    """Store a grant and return its id."""
    grant_id = ids.short("grt_")
    connection.execute(
        insert(oauth_grants).values(
            id=grant_id,
            account_id=account_id,
            client_id=client.id,
            grant_type=grant_type,
            scope=scope,
            created_at=clock.now(),
        )
    )
    return grant_id


def agree(connection: Connection, origin: Origin, client: Client, account_id: str, scope: str) -> str:
    """Store that somebody said yes on the consent page, and return the grant's id."""
    grant_id = give(connection, client, account_id, scope, CODE)
    audit.record(
        connection,
        Entry.CONSENT_GIVEN,
        replace(origin, actor=account_id),
        account_id,
        client=client.id,
        grant=grant_id,
        scope=scope,
    )
    return grant_id


def end(connection: Connection, grant_id: str, because: str) -> bool:
    """End a grant with all its tokens; False if it had ended already."""
    return bool(_end(connection, oauth_grants.c.id == grant_id, because))


def standing(connection: Connection, account_id: str) -> list[Granted]:
    """Return the applications that can act for an account by its consent, those longest there first."""
    rows = connection.execute(
        select(
            oauth_clients.c.id,
            oauth_clients.c.name,
            oauth_clients.c.service,
            oauth_clients.c.scope.label("all"),
            oauth_grants.c.scope,
            oauth_grants.c.created_at,
        )
        .join(oauth_grants, oauth_grants.c.client_id == oauth_clients.c.id)
        .where(_of(account_id), oauth_clients.c.revoked_at.is_(None), _alive())
        .order_by(oauth_grants.c.created_at, oauth_grants.c.id)
    ).all()
    found: dict[str, Granted] = {}
    for row in rows:
        before = found.get(row.id)
        scope = _union(row.all, (before.scope if before else "", row.scope))
        since = before.since if before else row.created_at
        found[row.id] = Granted(row.id, row.name, Service(row.service), scope, since)
    return list(found.values())


def withdraw(connection: Connection, origin: Origin, account_id: str, client_id: str) -> None:
    """End everything that a person granted to an application; its tokens are refused from now on.

    Raises
    ------
    NotFound
        If nothing is granted to it.
    """
    grants = select(oauth_grants.c.id).where(_of(account_id), oauth_grants.c.client_id == client_id)
    # in one order, so that two who end the same grants wait for each other and not both for ever
    held = connection.execute(grants.order_by(oauth_grants.c.id).with_for_update()).scalars().all()
    if not _end(connection, oauth_grants.c.id.in_(held), "withdrawn"):
        raise NotFound("Nothing is granted to this application.")
    audit.record(connection, Entry.GRANT_REVOKED, origin, account_id, client=client_id, because="withdrawn")


def _of(account_id: str) -> ColumnElement[bool]:
    return and_(
        oauth_grants.c.account_id == account_id,
        oauth_grants.c.grant_type == CODE,
        oauth_grants.c.revoked_at.is_(None),
    )


def _alive() -> ColumnElement[bool]:
    """A grant of which something can still be used."""
    now = clock.now()
    return or_(
        *(
            exists().where(table.c.grant_id == oauth_grants.c.id, table.c.used_at.is_(None), table.c.expires_at > now)
            for table in (oauth_codes, oauth_tokens)
        )
    )


def _end(connection: Connection, which: ColumnElement[bool], because: str) -> int:
    return connection.execute(
        update(oauth_grants)
        .where(which, oauth_grants.c.revoked_at.is_(None))
        .values(revoked_at=clock.now(), revoked_because=because)
    ).rowcount


def _union(order: str, parts: Iterable[str]) -> str:
    held = {name for scope in parts for name in scope.split(" ")}
    return " ".join(name for name in order.split(" ") if name in held)
