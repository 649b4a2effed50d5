"""What is posted when a job ends: to the webhooks of the account and to the job's own, signed and flat."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from soundrack.accounts import webhooks
from soundrack.accounts.people import Account
from soundrack.errors import SoundrackError, UnsupportedFormat
from soundrack.outbound.webhooks import endpoints, secrets
from soundrack.outbound.webhooks.courier import Courier
from soundrack.outbound.webhooks.events import Event
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices
from soundrack.settings import Settings
from tests.contracts.masterify.conftest import Master, fail, finish
from tests.receiver import Delivery, Receiver

FAILED = """
{"event":"job.failed","job_id":"550e8400-e29b-41d4-a716-446655440000","status":"failed","error_message":"Unsupported file format"}
"""  # noqa: E501  as printed
MASTERS = {"spotify": b"RIFF spotify", "melon": b"RIFF melon!"}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, outbound_allow="127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def secret(rack: Rack, account: Account) -> str:
    with rack.database.write() as connection:
        return secrets.ensure(connection, rack.vault, account.id, Service.MASTERIFY)[0].secret


async def carried_out(rack: Rack, receiver: Receiver, count: int = 1) -> list[Delivery]:
    """Let a courier work until so many deliveries have arrived."""
    switched_off = webhooks.switched_off(rack.settings)
    courier = Courier(rack.settings, rack.database, rack.vault, rack.outbound, voices.of(rack), switched_off)
    running = asyncio.create_task(courier.run())
    async with asyncio.timeout(20):
        while len(receiver.kept) < count:
            await asyncio.sleep(0.01)
    courier.stop()
    await running
    return list(receiver.kept.values())


def submitted(master: Master, receiver: Receiver, **fields: str) -> str:
    job_id: str = master(platforms="spotify,melon", webhook_url=receiver.url, **fields).json()["job_id"]
    return job_id


def test_a_failure_is_told_as_printed(master: Master, rack: Rack, receiver: Receiver, secret: str):
    job_id = submitted(master, receiver)
    fail(rack, job_id, UnsupportedFormat("The file is not audio."))

    (delivery,) = asyncio.run(carried_out(rack, receiver))

    assert delivery.content.decode() == FAILED.strip().replace("550e8400-e29b-41d4-a716-446655440000", job_id)


def test_a_success_is_told_with_the_masters_and_links_that_work(
    client: TestClient, master: Master, rack: Rack, receiver: Receiver, tmp_path: Path, secret: str
):
    job_id = submitted(master, receiver)
    finish(rack, job_id, MASTERS, tmp_path)

    (delivery,) = asyncio.run(carried_out(rack, receiver))

    body = delivery.body
    assert list(body) == ["event", "job_id", "status", "results"]
    assert (body["event"], body["job_id"], body["status"]) == ("job.completed", job_id, "done")
    read = client.get(f"/api/v1/jobs/{job_id}").json()["results"]
    assert [one | {"download_url": ""} for one in body["results"]] == [one | {"download_url": ""} for one in read]
    client.headers.pop("Authorization")
    for one in body["results"]:
        assert client.get(one["download_url"]).content == MASTERS[one["platform"]]


def test_the_signature_is_the_hmac_of_the_raw_body(
    master: Master, rack: Rack, receiver: Receiver, secret: str, tmp_path: Path
):
    finish(rack, submitted(master, receiver), MASTERS, tmp_path)

    (delivery,) = asyncio.run(carried_out(rack, receiver))

    digest = hmac.new(secret.encode(), delivery.content, hashlib.sha256).hexdigest()
    assert delivery.signature == f"sha256={digest}"


def test_the_account_s_webhook_is_told_besides_the_job_s_own(
    master: Master, rack: Rack, account: Account, receiver: Receiver, tmp_path: Path
):
    names = list(voices.of(rack)[Service.MASTERIFY].names.values())
    with rack.database.write() as connection:
        endpoints.add(
            connection, rack.outbound, account.id, Service.MASTERIFY, f"{receiver.url}?account", documented=names
        )
    finish(rack, submitted(master, receiver), MASTERS, tmp_path)

    deliveries = asyncio.run(carried_out(rack, receiver, 2))

    assert len({one.id for one in deliveries}) == 2
    assert {one.body["event"] for one in deliveries} == {"job.completed"}


@pytest.mark.one_database
@pytest.mark.parametrize("event", [Event.JOB_COMPLETED, Event.JOB_FAILED])
def test_a_sample_has_the_fields_of_the_real_one(rack: Rack, event: Event):
    sample = json.loads(voices.of(rack)[Service.MASTERIFY].sample(event, datetime(2026, 5, 1, tzinfo=UTC)))

    ending = "results" if event is Event.JOB_COMPLETED else "error_message"
    assert list(sample) == ["event", "job_id", "status", ending]


@pytest.mark.one_database
def test_what_has_no_words_of_its_own_is_an_internal_error(master: Master, rack: Rack, receiver: Receiver, secret: str):
    fail(rack, submitted(master, receiver), SoundrackError("SELECT secret FROM house"))

    (delivery,) = asyncio.run(carried_out(rack, receiver))

    assert delivery.body["error_message"] == "The job failed because of an internal error"
