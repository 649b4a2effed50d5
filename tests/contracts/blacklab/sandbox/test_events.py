"""Events are told by the real courier, signed as the document verifies it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack.accounts import webhooks
from soundrack.accounts.people import Account
from soundrack.database.tables import events, webhook_deliveries
from soundrack.outbound.webhooks import endpoints, secrets
from soundrack.outbound.webhooks.courier import Courier
from soundrack.outbound.webhooks.expansion import Expansion
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices
from tests.contracts.blacklab.sandbox.hands import count, look, submit
from tests.standing_clock import StandingClock


# what the document prints under "Webhooks", "Setup"
def verify_webhook(payload_bytes, signature, secret):
    expected = hmac.new(secret.encode(), payload_bytes, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", signature)


VERIFY: Callable[..., bool] = verify_webhook


class Receiver(BaseHTTPRequestHandler):
    """Takes what is posted, and keeps it."""

    received: list[tuple[dict[str, str], bytes]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.received.append(({name.lower(): value for name, value in self.headers.items()}, body))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def receiving() -> Iterator[tuple[str, list[tuple[dict[str, str], bytes]]]]:
    received: list[tuple[dict[str, str], bytes]] = []
    handler = type("One", (Receiver,), {"received": received})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/hook?x=1", received
        finally:
            server.shutdown()
            thread.join()


async def carry(rack: Rack, until: Callable[[], bool]) -> None:
    """Run a real courier until something holds."""
    witness = webhooks.switched_off(rack.settings)
    courier = Courier(rack.settings, rack.database, rack.vault, rack.outbound, voices.of(rack), witness)
    running = asyncio.create_task(courier.run())
    try:
        async with asyncio.timeout(20):
            while not until():
                await asyncio.sleep(0.01)
    finally:
        courier.stop()
        await running


def pending(rack: Rack) -> bool:
    with rack.database.read() as connection:
        waiting = select(webhook_deliveries.c.id).where(webhook_deliveries.c.status == "pending")
        return connection.execute(waiting).first() is not None


def signing_secret(rack: Rack, account: Account) -> str:
    with rack.database.write() as connection:
        signing, _ = secrets.ensure(connection, rack.vault, account.id, Service.BLACKLAB)
    return signing.secret


@pytest.mark.parametrize(("word", "event"), [("song", "job.done"), ("failed_file_too_large", "job.failed")])
def test_the_job_s_own_url_is_told_how_it_ended_signed_as_the_document_verifies_it(
    client: TestClient, rack: Rack, account: Account, standing: StandingClock, word: str, event: str
):
    secret = signing_secret(rack, account)
    with receiving() as (url, received):
        job = submit(client, word, webhook_url=url)
        standing.go_on(seconds=2)
        asyncio.run(carry(rack, lambda: bool(received) and not pending(rack)))

    ((headers, body),) = received
    assert VERIFY(body, headers["x-blacklab-signature"], secret)
    assert headers["x-blacklab-event"] == event
    told = json.loads(body)
    assert (told["event"], told["timestamp"]) == (event, "2026-05-01T12:00:01Z")
    assert told["data"] == look(client, job)
    if event == "job.done":
        assert client.get(told["data"]["output_url"]).status_code == 200


def test_the_account_s_endpoints_are_told_everything_and_credits_low_at_once(
    client: TestClient, rack: Rack, account: Account, standing: StandingClock
):
    secret = signing_secret(rack, account)

    with receiving() as (url, received):
        with rack.database.write() as connection:
            names = list(voices.of(rack)[Service.BLACKLAB].names.values())
            endpoints.add(connection, rack.outbound, account.id, Service.BLACKLAB, url, documented=names)
        submit(client, "credits_low")
        standing.go_on(seconds=2)
        asyncio.run(carry(rack, lambda: len(received) >= 2 and not pending(rack)))

    bodies = {headers["x-blacklab-event"]: json.loads(body) for headers, body in received}
    assert bodies.keys() == {"credits.low", "job.done"}
    assert bodies["credits.low"]["data"] == {"balance": 3, "threshold": 5}
    assert bodies["credits.low"]["timestamp"] == "2026-05-01T12:00:00Z"
    assert all(VERIFY(body, headers["x-blacklab-signature"], secret) for headers, body in received)


def test_no_end_is_told_before_it_has_come(client: TestClient, rack: Rack, standing: StandingClock):
    submit(client, webhook_url="http://127.0.0.1:9999/hook")
    expansion = Expansion(voices.of(rack))

    def expanded() -> tuple[bool, int]:
        with rack.database.write() as connection:
            return expansion.is_waiting(connection), expansion.round(connection)

    standing.go_on(seconds=1.4)
    assert expanded() == (False, 0)
    standing.go_on(seconds=0.1)
    assert expanded() == (True, 1)
    assert expanded() == (False, 0)
    assert count(rack, webhook_deliveries) == 1


def test_a_script_that_never_ends_has_no_event(client: TestClient, rack: Rack):
    submit(client, "queued")
    submit(client, "processing")

    assert count(rack, events) == 0
