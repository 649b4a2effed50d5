"""Webhooks as their account manages them: what `outbound.webhooks.endpoints` does, with its entry in the audit log."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection

from soundrack.accounts import audit, people
from soundrack.accounts.audit import HOUSE, Entry, Origin
from soundrack.outbound import Outbound
from soundrack.outbound.mail import outbox
from soundrack.outbound.mail.outbox import Mail
from soundrack.outbound.webhooks import endpoints
from soundrack.outbound.webhooks.endpoints import Endpoint
from soundrack.service import Service
from soundrack.settings import Settings


def add(
    connection: Connection,
    outbound: Outbound,
    origin: Origin,
    account_id: str,
    service: Service,
    url: str,
    *,
    documented: Collection[str],
    events: Sequence[str] = (),
    label: str = "",
    most: int | None = None,
) -> Endpoint:
    """Register an endpoint; parameters and errors are those of `endpoints.add`."""
    endpoint = endpoints.add(
        connection,
        outbound,
        account_id,
        service,
        url,
        documented=documented,
        events=events,
        label=label,
        most=most,
    )
    _enter(connection, Entry.WEBHOOK_ADDED, origin, endpoint)
    return endpoint


def change(
    connection: Connection,
    outbound: Outbound,
    origin: Origin,
    account_id: str,
    endpoint_id: str,
    *,
    documented: Collection[str],
    url: str | None = None,
    events: Sequence[str] | None = None,
    label: str | None = None,
) -> Endpoint:
    """Change what is given; parameters and errors are those of `endpoints.change`."""
    endpoint = endpoints.change(
        connection,
        outbound,
        endpoint_id,
        account_id=account_id,
        documented=documented,
        url=url,
        events=events,
        label=label,
    )
    _enter(connection, Entry.WEBHOOK_CHANGED, origin, endpoint)
    return endpoint


def remove(connection: Connection, origin: Origin, account_id: str, endpoint_id: str) -> None:
    """Remove an endpoint with its deliveries, or raise NotFound."""
    endpoint = endpoints.get(connection, endpoint_id, account_id=account_id)
    endpoints.remove(connection, endpoint_id, account_id=account_id)
    _enter(connection, Entry.WEBHOOK_REMOVED, origin, endpoint)


def enable(connection: Connection, origin: Origin, account_id: str, endpoint_id: str) -> Endpoint:
    """Switch an endpoint on again, or raise NotFound."""
    endpoint = endpoints.enable(connection, endpoint_id, account_id=account_id)
    _enter(connection, Entry.WEBHOOK_ENABLED, origin, endpoint)
    return endpoint


def switched_off(settings: Settings) -> Callable[[Connection, Endpoint], None]:
    """Return what a courier calls when it has given an endpoint up: a mail to the owner, and an entry."""

    def tell(connection: Connection, endpoint: Endpoint) -> None:
        outbox.put(connection, _mail(settings, people.get(connection, endpoint.account_id).email, endpoint))
        _enter(connection, Entry.WEBHOOK_DISABLED, HOUSE, endpoint, because=endpoint.disabled_because)

    return tell


def _mail(settings: Settings, email: str, endpoint: Endpoint) -> Mail:
    """A URL's path and query can be secret, and mail is read by many machines: the origin alone is named."""
    named = f"“{endpoint.label}” at {endpoint.origin}" if endpoint.label else f"at {endpoint.origin}"
    return Mail(
        email,
        "A webhook has been switched off",
        f"Your {endpoint.service} webhook {named} has been switched off. {endpoint.disabled_because}\n\n"
        "Nothing is sent to it until you switch it on again, and what happens meanwhile is not sent later.\n"
        f"Its attempts and what they were answered are at {settings.public_url}.",
    )


def _enter(connection: Connection, entry: Entry, origin: Origin, endpoint: Endpoint, **details: str | None) -> None:
    audit.record(
        connection,
        entry,
        origin,
        endpoint.account_id,
        webhook=endpoint.id,
        service=endpoint.service,
        receiver=endpoint.origin,
        **details,
    )
