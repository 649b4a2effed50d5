"""``soundrack webhooks``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from soundrack.accounts import webhooks
from soundrack.accounts.audit import COMMAND_LINE
from soundrack.billing import subscriptions
from soundrack.cli import console, listing, whose
from soundrack.errors import NotConfigured
from soundrack.outbound.webhooks import deliveries, endpoints, secrets
from soundrack.outbound.webhooks.deliveries import Delivery
from soundrack.outbound.webhooks.endpoints import Endpoint
from soundrack.outbound.webhooks.voice import Voice
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.services import voices


def run(action: str, data: Path | None, as_json: bool, email: str | None, **options: Any) -> None:
    """Do one of the commands to or about an account's webhooks and their deliveries."""
    with open_rack(console.settings(data=data)) as rack:
        with rack.database.read() as connection:
            account_id = whose.account(connection, email).id
        _ACTIONS[action](rack, as_json, account_id, **options)


def _list(rack: Rack, as_json: bool, account_id: str) -> None:
    with rack.database.read() as connection:
        found = endpoints.listed(connection, account_id)
    listing.show([_endpoint(one) for one in found], as_json=as_json, empty="The account has no webhooks.")


def _add(rack: Rack, as_json: bool, account_id: str, service: str, url: str, events: list[str], label: str) -> None:
    named = whose.service(service)
    voice = _voice(rack, named)
    with rack.database.write() as connection:
        plan = subscriptions.plan_of(connection, rack.plans, account_id, named)
        made = webhooks.add(
            connection,
            rack.outbound,
            COMMAND_LINE,
            account_id,
            named,
            url,
            documented=list(voice.names.values()),
            events=events,
            label=label,
            most=plan.webhooks,
        )
        secret = _new_secret(connection, rack, account_id, voice, named)
    shown = _endpoint(made)
    listing.show_one(shown | {"signing_secret": secret} if secret else shown, as_json=as_json)
    if secret and not as_json:
        console.ERR.print("The signing secret is shown once: keep it where secrets are kept.")


def _new_secret(connection: Connection, rack: Rack, account_id: str, voice: Voice, service: Service) -> str | None:
    """The account's secret, if the service pairs none with keys and there was none before."""
    if voice.paired:
        return None
    signing, is_new = secrets.ensure(connection, rack.vault, account_id, service)
    return signing.secret if is_new else None


def _remove(rack: Rack, as_json: bool, account_id: str, endpoint_id: str) -> None:
    with rack.database.write() as connection:
        webhooks.remove(connection, COMMAND_LINE, account_id, endpoint_id)
    listing.show_one({"id": endpoint_id, "removed": True}, as_json=as_json)


def _enable(rack: Rack, as_json: bool, account_id: str, endpoint_id: str) -> None:
    with rack.database.write() as connection:
        endpoint = webhooks.enable(connection, COMMAND_LINE, account_id, endpoint_id)
    listing.show_one(_endpoint(endpoint), as_json=as_json)


def _test(rack: Rack, as_json: bool, account_id: str, endpoint_id: str, event: str | None) -> None:
    with rack.database.write() as connection:
        endpoint = endpoints.get(connection, endpoint_id, account_id=account_id)
        sent = deliveries.send_test(
            connection, _voice(rack, endpoint.service), endpoint_id, account_id=account_id, event=event
        )
    listing.show_one(_delivery(sent), as_json=as_json)
    if not as_json:
        console.ERR.print(f"The courier sends it now; `soundrack webhooks show {sent.id}` tells what became of it.")


def _deliveries(
    rack: Rack, as_json: bool, account_id: str, endpoint_id: str | None, job_id: str | None, limit: int
) -> None:
    with rack.database.read() as connection:
        found = deliveries.listed(connection, account_id, endpoint_id=endpoint_id, job_id=job_id, limit=limit)
    listing.show([_delivery(one) for one in found], as_json=as_json, empty="There are no deliveries.")


def _show(rack: Rack, as_json: bool, account_id: str, delivery_id: str) -> None:
    with rack.database.read() as connection:
        delivery = deliveries.get(connection, delivery_id, account_id=account_id)
        attempts = [
            {
                "number": one.number,
                "started_at": one.started_at,
                "duration_ms": one.duration_ms,
                "status": one.status,
                "error": one.error,
                "answer": one.answer.decode("utf-8", "replace"),
            }
            for one in deliveries.attempts(connection, delivery)
        ]
    if as_json:
        listing.show_one(_delivery(delivery) | {"made": attempts}, as_json=True)
        return
    listing.show_one(_delivery(delivery), as_json=False)
    listing.show(attempts, as_json=False, empty="No attempt has been made yet.")


def _resend(rack: Rack, as_json: bool, account_id: str, delivery_id: str) -> None:
    with rack.database.write() as connection:
        delivery = deliveries.resend(connection, delivery_id, account_id=account_id)
    listing.show_one(_delivery(delivery), as_json=as_json)


_ACTIONS: dict[str, Callable[..., None]] = {
    "list": _list,
    "add": _add,
    "remove": _remove,
    "enable": _enable,
    "test": _test,
    "deliveries": _deliveries,
    "show": _show,
    "resend": _resend,
}


def _voice(rack: Rack, service: Service) -> Voice:
    voice = voices.of(rack).get(service)
    if voice is None:
        raise NotConfigured(f"{service} tells no events to webhooks.", field="service")
    return voice


def _endpoint(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "service": endpoint.service,
        "url": endpoint.url,
        "label": endpoint.label,
        "events": list(endpoint.events),
        "created_at": endpoint.created_at,
        "failing_since": endpoint.failing_since,
        "disabled_at": endpoint.disabled_at,
        "disabled_because": endpoint.disabled_because,
    }


def _delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "service": delivery.service,
        "event": delivery.event_name,
        "endpoint_id": delivery.endpoint_id,
        "job_id": delivery.job_id,
        "is_test": delivery.is_test,
        "status": delivery.status,
        "attempts": delivery.attempts,
        "created_at": delivery.created_at,
        "due_at": delivery.due_at,
        "ended_at": delivery.ended_at,
    }
