"""Document, "Webhooks": "Setup", "Webhook Events" and "Example Webhook Payload".

From what happens to a receiver that checks signatures by the printed function.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from soundrack.accounts import webhooks
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.errors import UnsupportedFormat
from soundrack.jobs import lifecycle
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Output
from soundrack.outbound.webhooks import endpoints, results, secrets
from soundrack.outbound.webhooks.courier import Courier
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices
from soundrack.settings import Settings
from tests.contracts.blacklab.printed import form
from tests.receiver import Delivery, Receiver

JOBS = "/v1/mastering/jobs"
SONG = "https://storage.example.com/my-track.wav"

VERIFY = """
# Verify webhook signature (Python)
import hmac, hashlib

def verify_webhook(payload_bytes, signature, secret):
    expected = hmac.new(
        secret.encode(), payload_bytes, hashlib.sha256
    ).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", signature)
"""
PAYLOAD = """
{
  "event": "job.done",
  "timestamp": "2025-01-15T10:32:04Z",
  "data": {
    "id": "job_abc123def456",
    "status": "completed",
    "output_url": "https://cdn.blacklab.studio/output/job_abc123def456.wav"
  }
}
"""
CREDITS_LOW = '{"balance": 3, "threshold": 5}'
EVENTS = ["job.done", "job.failed", "credits.low"]
Deliver = Callable[[str], Delivery]


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, outbound_allow="127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture(scope="module")
def verify_webhook() -> Callable[[bytes, str, str], bool]:
    names: dict[str, Any] = {}
    exec(VERIFY, names)  # noqa: S102  the document's own text
    found: Callable[[bytes, str, str], bool] = names["verify_webhook"]
    return found


@pytest.fixture
def secret(rack: Rack, account: Account) -> str:
    with rack.database.write() as connection:
        return secrets.ensure(connection, rack.vault, account.id, Service.BLACKLAB)[0].secret


@pytest.fixture
def deliver(client: TestClient, rack: Rack, account: Account, receiver: Receiver) -> Deliver:
    """Let an event happen, and return what its receiver got."""

    def happen(event: str) -> Delivery:
        if event == "credits.low":
            with rack.database.write() as connection:
                endpoints.add(connection, rack.outbound, account.id, Service.BLACKLAB, receiver.url, documented=[event])
                credits.charge(connection, account.id, 95, "all but five", service=Service.BLACKLAB)
        submitted = client.post(JOBS, json={"input_url": SONG, "sample_rate": 44100, "webhook_url": receiver.url})
        if event != "credits.low":
            end(rack, submitted.json()["id"], well=event == "job.done")
        asyncio.run(carried_out(rack, receiver))
        (delivery,) = receiver.kept.values()
        return delivery

    return happen


def end(rack: Rack, job_id: str, *, well: bool) -> None:
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
        assert attempt is not None
        if well:
            output = Output(f"output/{job_id}/1/{job_id}.wav", 1000, "audio/wav")
            assert lifecycle.complete(
                connection, attempt, Outcome({"master": output}, {"rate_hz": 44100}, {}, 60.0, 0.5)
            )
        else:
            assert lifecycle.fail(connection, attempt, UnsupportedFormat("The file is not audio."))


async def carried_out(rack: Rack, receiver: Receiver) -> None:
    switched_off = webhooks.switched_off(rack.settings)
    courier = Courier(rack.settings, rack.database, rack.vault, rack.outbound, voices.of(rack), switched_off)
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(20):
        while not receiver.kept:
            await asyncio.sleep(0.01)
    courier.stop()
    await running


@pytest.mark.parametrize("event", EVENTS)
def test_the_printed_function_accepts_what_is_delivered_and_nothing_else(
    deliver: Deliver, secret: str, verify_webhook: Callable[[bytes, str, str], bool], event: str
):
    delivery = deliver(event)

    assert delivery.body["event"] == event
    assert verify_webhook(delivery.content, delivery.signature, secret)
    for place in range(len(delivery.content)):
        changed = bytearray(delivery.content)
        changed[place] ^= 1
        assert not verify_webhook(bytes(changed), delivery.signature, secret)
    assert not verify_webhook(delivery.content + b"\n", delivery.signature, secret)
    assert not verify_webhook(delivery.content, delivery.signature.removeprefix("sha256="), secret)
    assert not verify_webhook(delivery.content, delivery.signature, secret[:-1])


def test_job_done_is_the_printed_payload_with_the_full_job(deliver: Deliver, client: TestClient):
    body, printed = deliver("job.done").body, json.loads(PAYLOAD)

    assert {name: form(value) for name, value in body.items() if name != "data"} == {
        name: form(value) for name, value in printed.items() if name != "data"
    }
    assert list(body) == list(printed)
    shown = {name: body["data"][name] for name in printed["data"]}
    assert form(shown) == form(printed["data"])
    read = client.get(f"{JOBS}/{body['data']['id']}").json()
    links = {"output_url", "output_expires_at"}
    assert {name: value for name, value in body["data"].items() if name not in links} == {
        name: value for name, value in read.items() if name not in links
    }
    assert body["data"].keys() == read.keys()
    assert body["timestamp"] == read["completed_at"]


def test_job_failed_is_the_job_with_its_error_and_the_credits_are_back(
    deliver: Deliver, client: TestClient, rack: Rack, account: Account
):
    body = deliver("job.failed").body

    assert body["data"] == client.get(f"{JOBS}/{body['data']['id']}").json()
    assert body["data"]["error"] == {"code": "unsupported_format", "message": "The file is not audio."}
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_credits_low_is_the_printed_payload(deliver: Deliver):
    data = deliver("credits.low").body["data"]

    assert form(data) == form(json.loads(CREDITS_LOW))
    assert data == {"balance": 4, "threshold": 5}


@pytest.mark.one_database
def test_a_receiver_has_ten_seconds_and_five_retries_with_exponential_backoff(tmp_path: Path):
    """ "Respond with 200 OK within 10 seconds. Failed deliveries are retried up to 5 times with exponential backoff."

    How they are carried out is told in ``tests/outbound/webhooks``.
    """
    assert Settings(data=tmp_path).outbound_webhook_s == 10.0
    pauses = results.RETRY_AFTER_S
    assert len(pauses) == 5
    assert all(later >= 2 * sooner for sooner, later in pairwise(pauses))
