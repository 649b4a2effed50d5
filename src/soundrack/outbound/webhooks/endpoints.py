"""Endpoints: the URLs at which an account wants to be told, each for one service and all or some of its events."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, insert, select, update

from soundrack import clock, ids
from soundrack.database import locks
from soundrack.database.tables import webhook_deliveries, webhook_endpoints
from soundrack.errors import Conflict, Invalid, NotFound
from soundrack.outbound import Outbound, target
from soundrack.service import Service

MOST_URL_CHARACTERS = 2048
MOST_LABEL_CHARACTERS = 200

FAILED_TOO_LONG = "It failed for too long without a success."
GONE = "It answered 410 Gone."


@dataclass(frozen=True)
class Endpoint:
    """One registered endpoint."""

    id: str
    account_id: str
    service: Service
    url: str
    label: str
    events: tuple[str, ...]
    """Names as the service documents them; empty: all of them, also those to come."""
    created_at: datetime
    failing_since: datetime | None
    """The first of the failures since the last success."""
    disabled_at: datetime | None
    disabled_because: str | None

    @property
    def origin(self) -> str:
        """Scheme, host and port: what may be shown in a mail or a log."""
        return target.read(self.url).origin

    def wants(self, name: str) -> bool:
        """Say whether it subscribes to an event."""
        return not self.events or name in self.events


def add(
    connection: Connection,
    outbound: Outbound,
    account_id: str,
    service: Service,
    url: str,
    *,
    documented: Collection[str],
    events: Sequence[str] = (),
    label: str = "",
    most: int | None = None,
) -> Endpoint:
    """Register an endpoint.

    Parameters
    ----------
    documented : collection of str
        The names of the events that the service tells (`Voice.names`).
    events : sequence of str
        Those that are wanted; none means all.
    most : int, optional
        How many endpoints the account's plan allows at the service; none means any number.

    Raises
    ------
    Invalid
        If the URL, an event or the label will not do.
    ForbiddenAddress
        If the URL leads where callers' URLs may not lead.
    Conflict
        If the URL is registered already, or the plan allows no more.
    """
    check_url(outbound, url)
    wanted = _checked_events(events, documented)
    _check_label(label)
    locks.account(connection, account_id)
    count = connection.execute(
        select(func.count()).select_from(webhook_endpoints).where(_at(account_id, service))
    ).scalar_one()
    if most is not None and count >= most:
        raise Conflict(f"Your plan allows {most} webhook{'s' if most != 1 else ''} at this service.")
    _require_new(connection, account_id, service, url)
    endpoint_id = ids.short("whe_")
    connection.execute(
        insert(webhook_endpoints).values(
            id=endpoint_id,
            account_id=account_id,
            service=service,
            url=url,
            label=label,
            events=list(wanted),
            created_at=clock.now(),
        )
    )
    return get(connection, endpoint_id, account_id=account_id)


def listed(connection: Connection, account_id: str, service: Service | None = None) -> list[Endpoint]:
    """Return an account's endpoints, the oldest first."""
    mine = webhook_endpoints.c.account_id == account_id if service is None else _at(account_id, service)
    rows = connection.execute(
        select(webhook_endpoints).where(mine).order_by(webhook_endpoints.c.created_at, webhook_endpoints.c.id)
    )
    return [from_row(row) for row in rows]


def get(connection: Connection, endpoint_id: str, *, account_id: str) -> Endpoint:
    """Return an account's own endpoint.

    Raises
    ------
    NotFound
        If there is none of this id, or it is another account's: both look alike.
    """
    row = connection.execute(select(webhook_endpoints).where(_own(endpoint_id, account_id))).first()
    if row is None:
        raise NotFound("No such webhook.")
    return from_row(row)


def change(
    connection: Connection,
    outbound: Outbound,
    endpoint_id: str,
    *,
    account_id: str,
    documented: Collection[str],
    url: str | None = None,
    events: Sequence[str] | None = None,
    label: str | None = None,
) -> Endpoint:
    """Change what is given and leave the rest. What is still to be delivered goes to the new URL.

    Raises
    ------
    NotFound, Invalid, ForbiddenAddress, Conflict
        As `get` and `add` do.
    """
    locks.account(connection, account_id)
    endpoint = get(connection, endpoint_id, account_id=account_id)
    values: dict[str, Any] = {}
    if events is not None:
        values["events"] = list(_checked_events(events, documented))
    if label is not None:
        _check_label(label)
        values["label"] = label
    if url is not None and url != endpoint.url:
        check_url(outbound, url)
        _require_new(connection, account_id, endpoint.service, url)
        values |= {"url": url, "failing_since": None}
        connection.execute(
            update(webhook_deliveries)
            .where(webhook_deliveries.c.endpoint_id == endpoint_id, webhook_deliveries.c.status == "pending")
            .values(url=url, receiver=target.read(url).origin)
        )
    if values:
        connection.execute(update(webhook_endpoints).where(_own(endpoint_id, account_id)).values(values))
    return get(connection, endpoint_id, account_id=account_id)


def remove(connection: Connection, endpoint_id: str, *, account_id: str) -> None:
    """Remove an endpoint, with its deliveries.

    Raises
    ------
    NotFound
        As `get` does.
    """
    if connection.execute(delete(webhook_endpoints).where(_own(endpoint_id, account_id))).rowcount == 0:
        raise NotFound("No such webhook.")


def enable(connection: Connection, endpoint_id: str, *, account_id: str) -> Endpoint:
    """Switch an endpoint on again. What happened while it was off is not delivered by itself.

    Raises
    ------
    NotFound
        As `get` does.
    """
    connection.execute(
        update(webhook_endpoints)
        .where(_own(endpoint_id, account_id))
        .values(disabled_at=None, disabled_because=None, failing_since=None)
    )
    return get(connection, endpoint_id, account_id=account_id)


def disable(connection: Connection, endpoint_id: str, because: str) -> Endpoint | None:
    """Switch an endpoint off and end what was to be delivered to it; None if it is off already, or gone.

    An attempt under way is not broken off; it is the delivery's last.
    """
    now = clock.now()
    switched = connection.execute(
        update(webhook_endpoints)
        .where(webhook_endpoints.c.id == endpoint_id, webhook_endpoints.c.disabled_at.is_(None))
        .values(disabled_at=now, disabled_because=because)
    )
    if switched.rowcount == 0:
        return None
    connection.execute(
        update(webhook_deliveries)
        .where(
            webhook_deliveries.c.endpoint_id == endpoint_id,
            webhook_deliveries.c.status == "pending",
            webhook_deliveries.c.claimed_by.is_(None),
        )
        .values(status="failed", due_at=None, ended_at=now)
    )
    return from_row(connection.execute(select(webhook_endpoints).where(webhook_endpoints.c.id == endpoint_id)).one())


def from_row(row: Any) -> Endpoint:
    """Return the endpoint of a row of the whole table."""
    fields = row._asdict()
    return Endpoint(**fields | {"events": tuple(row.events), "service": Service(row.service)})


def check_url(outbound: Outbound, url: str, *, field: str = "url") -> None:
    """Refuse a URL to which no webhook could be posted, an endpoint's or a job's own.

    Raises
    ------
    Invalid
        If it is longer than 2,048 characters or not a URL that is accepted here.
    ForbiddenAddress
        If its port or address may not be reached.
    """
    if len(url) > MOST_URL_CHARACTERS:
        raise Invalid(f"The URL must have at most {MOST_URL_CHARACTERS} characters.", field=field)
    outbound.check(url, field=field)


def _checked_events(events: Sequence[str], documented: Collection[str]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(events))
    unknown = [name for name in wanted if name not in documented]
    if unknown:
        raise Invalid(
            f"There is no event {unknown[0][:60]!r} at this service; there is: {', '.join(documented)}.",
            field="events",
        )
    return wanted


def _check_label(label: str) -> None:
    if len(label) > MOST_LABEL_CHARACTERS or not label.isprintable():
        raise Invalid(
            f"The label must be one line of at most {MOST_LABEL_CHARACTERS} printable characters.", field="label"
        )


def _require_new(connection: Connection, account_id: str, service: Service, url: str) -> None:
    """Two of the same would deliver everything twice, under two ids. The caller holds the account."""
    same = select(webhook_endpoints.c.id).where(_at(account_id, service), webhook_endpoints.c.url == url)
    if connection.execute(same).first() is not None:
        raise Conflict("This URL is registered already.", field="url")


def _own(endpoint_id: str, account_id: str) -> ColumnElement[bool]:
    return and_(webhook_endpoints.c.id == endpoint_id, webhook_endpoints.c.account_id == account_id)


def _at(account_id: str, service: Service) -> ColumnElement[bool]:
    return and_(webhook_endpoints.c.account_id == account_id, webhook_endpoints.c.service == service)
