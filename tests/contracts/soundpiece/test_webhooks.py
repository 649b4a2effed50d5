"""Document, "Webhooks": what is posted when an operation ends, verified by the published libraries."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from standardwebhooks import Webhook, WebhookVerificationError
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, webhooks
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.database.tables import webhook_attempts
from soundrack.errors import UnusableAudio
from soundrack.outbound.webhooks.courier import Courier
from soundrack.outbound.webhooks.events import Event
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices
from soundrack.services.soundpiece.actions import ACTIONS
from soundrack.settings import Settings
from tests import node
from tests.contracts.soundpiece.conftest import FLAC, FX, Submit, dto, fail, finish
from tests.contracts.soundpiece.library import LIBRARY, installed
from tests.receiver import Delivery, Receiver

HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
JAVASCRIPT = """
import { createRequire } from "node:module";
const { calls, library } = JSON.parse(await new Promise((done) => {
  let text = ""; process.stdin.on("data", (some) => text += some).on("end", () => done(text)); }));
const { Webhook } = createRequire(library)("standardwebhooks");
console.log(JSON.stringify(calls.map(([secret, body, headers]) => {
  try { new Webhook(secret).verify(body, headers); return true; } catch (error) {
    if (error.name !== "WebhookVerificationError" && error.constructor.name !== "WebhookVerificationError") throw error;
    return false; } })));
"""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, outbound_allow="127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


def courier(rack: Rack) -> Courier:
    switched_off = webhooks.switched_off(rack.settings)
    return Courier(rack.settings, rack.database, rack.vault, rack.outbound, voices.of(rack), switched_off)


async def carried_out(rack: Rack, receiver: Receiver, count: int) -> list[Delivery]:
    """Let a courier work until so many deliveries have arrived."""
    working = courier(rack)
    running = asyncio.create_task(working.run())
    async with asyncio.timeout(20):
        while len(receiver.kept) < count:
            await asyncio.sleep(0.01)
    working.stop()
    await running
    return list(receiver.kept.values())


def delivered(rack: Rack, receiver: Receiver) -> Delivery:
    (delivery,) = asyncio.run(carried_out(rack, receiver, 1))
    return delivery


def secret_of(key: NewKey) -> str:
    assert key.signing is not None
    return key.signing.secret


def headers_of(delivery: Delivery) -> dict[str, str]:
    return {name: delivery.headers[name] for name in HEADERS}


def verifies(secret: str, delivery: Delivery, body: bytes | None = None) -> bool:
    """Say whether the published Python library accepts a delivery."""
    try:
        Webhook(secret).verify(delivery.content if body is None else body, headers_of(delivery))
    except WebhookVerificationError:
        return False
    return True


def make_key(rack: Rack, account: Account, label: str = "another") -> NewKey:
    with rack.database.write() as connection:
        return keys.create(connection, rack.secret, account.id, Service.SOUNDPIECE, label)


def revoke(rack: Rack, account: Account, key: NewKey) -> None:
    with rack.database.write() as connection:
        keys.revoke(connection, account.id, key.id)


@pytest.mark.one_database
def test_each_action_tells_its_end_with_its_route_and_the_operation_without_its_wrapper(
    submit: Submit, client: TestClient, rack: Rack, receiver: Receiver, tmp_path: Path
):
    made = {}
    for action in ACTIONS:
        for status in ("ready", "failed"):
            operation = dto(submit(action, callback_url=receiver.url))
            made[f"{action.route}.{status}"] = operation["id"]
            assert "callback_url" not in operation
            if status == "ready":
                finish(rack, operation["id"], tmp_path)
            else:
                fail(rack, operation["id"], UnusableAudio("silent"))

    deliveries = asyncio.run(carried_out(rack, receiver, len(made)))

    bodies = {delivery.body["type"]: delivery.body for delivery in deliveries}
    assert set(bodies) == set(made)
    for name, operation_id in made.items():
        data = bodies[name]["data"]
        assert list(bodies[name]) == ["type", "data"]
        assert (data["id"], data["status"]) == (operation_id, name.rpartition(".")[2])
        polled = dto(client.get(f"/v1/{name.rpartition('.')[0]}", params={"id": operation_id}))
        assert list(data) == list(polled)
        same = set(polled) - {"output", "outputs"}
        assert {field: data[field] for field in same} == {field: polled[field] for field in same}
    link = bodies["create.new_fx.ready"]["data"]["output"]["url"]
    assert client.get(link, headers={"Authorization": ""}).content == FLAC


def test_the_published_library_accepts_it_and_refuses_what_was_tampered_with(
    submit: Submit, rack: Rack, key: NewKey, receiver: Receiver, tmp_path: Path
):
    finish(rack, dto(submit(callback_url=receiver.url))["id"], tmp_path)

    delivery = delivered(rack, receiver)

    assert re.fullmatch(r"msg_[a-z0-9]+", delivery.headers["webhook-id"])
    assert re.fullmatch(r"v1,[A-Za-z0-9+/]{43}=", delivery.headers["webhook-signature"])
    assert verifies(secret_of(key), delivery)
    assert not verifies(secret_of(key), delivery, delivery.content.replace(b"ready", b"reedy", 1))
    assert not verifies("whsec_" + 44 * "A", delivery)


@pytest.mark.one_database
def test_a_key_changes_over_without_a_moment_at_which_a_delivery_is_not_verified(
    submit: Submit, rack: Rack, account: Account, key: NewKey, receiver: Receiver, tmp_path: Path
):
    """Document, "Rotating a key": create, deploy, delete; here the receiver changes its secret at each moment."""
    ids = [dto(submit(callback_url=receiver.url))["id"] for _ in range(3)]
    finish(rack, ids[0], tmp_path)
    first = delivered(rack, receiver)
    new = make_key(rack, account)
    finish(rack, ids[1], tmp_path)
    second = asyncio.run(carried_out(rack, receiver, 2))[1]
    revoke(rack, account, key)
    finish(rack, ids[2], tmp_path)
    third = asyncio.run(carried_out(rack, receiver, 3))[2]

    assert [verifies(secret_of(key), one) for one in (first, second, third)] == [True, True, False]
    assert [verifies(secret_of(new), one) for one in (first, second, third)] == [False, True, True]
    assert [len(one.headers["webhook-signature"].split()) for one in (first, second, third)] == [1, 2, 1]


@pytest.mark.one_database
def test_a_secret_that_is_rotated_signs_beside_the_new_one_until_its_overlap_ends(
    submit: Submit, rack: Rack, account: Account, key: NewKey, receiver: Receiver, tmp_path: Path
):
    with rack.database.write() as connection:
        new = keys.rotate_signing_secret(connection, rack.vault, account.id, Service.SOUNDPIECE, key.id)
    finish(rack, dto(submit(callback_url=receiver.url))["id"], tmp_path)

    delivery = delivered(rack, receiver)

    assert verifies(secret_of(key), delivery)
    assert verifies(new.secret, delivery)


@pytest.mark.one_database
def test_without_an_active_secret_nothing_is_delivered(
    submit: Submit, rack: Rack, account: Account, key: NewKey, receiver: Receiver, tmp_path: Path
):
    operation_id = dto(submit(callback_url=receiver.url))["id"]
    revoke(rack, account, key)
    finish(rack, operation_id, tmp_path)

    async def attempted() -> list[Any]:
        working = courier(rack)
        running = asyncio.create_task(working.run())
        async with asyncio.timeout(20):
            while True:
                with rack.database.read() as connection:
                    found = connection.execute(webhook_attempts.select()).all()
                if found:
                    break
                await asyncio.sleep(0.02)
        working.stop()
        await running
        return list(found)

    (attempt,) = asyncio.run(attempted())

    assert receiver.kept == {}
    assert "no active secret" in attempt.error


@pytest.mark.one_database
def test_the_timestamp_is_that_of_the_attempt(
    submit: Submit, rack: Rack, receiver: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    operation_id = dto(submit(callback_url=receiver.url))["id"]
    finish(rack, operation_id, tmp_path)
    late = datetime.now(UTC) + timedelta(hours=1)
    monkeypatch.setattr(clock, "now", lambda: late)

    delivery = delivered(rack, receiver)

    assert int(delivery.headers["webhook-timestamp"]) == int(late.timestamp())


@node.needed
@pytest.mark.one_database
@pytest.mark.skipif(not installed(), reason="the library for JavaScript is not installed: make test-node does it")
def test_the_published_library_for_javascript_agrees_across_a_rotation(
    submit: Submit, rack: Rack, account: Account, key: NewKey, receiver: Receiver, tmp_path: Path
):
    new = make_key(rack, account)
    finish(rack, dto(submit(callback_url=receiver.url))["id"], tmp_path)
    delivery = delivered(rack, receiver)
    body, headers = delivery.content.decode(), headers_of(delivery)
    late = headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    calls = [
        [secret_of(key), body, headers], [secret_of(new), body, headers], ["whsec_" + 44 * "A", body, headers],
        [secret_of(key), body + " ", headers], [secret_of(key), body, late],
    ]  # fmt: skip

    told = node.run(JAVASCRIPT, json.dumps({"calls": calls, "library": str(LIBRARY / "package.json")}))

    assert json.loads(told) == [True, True, False, False, False]


@pytest.mark.one_database
def test_a_sample_has_the_fields_of_the_real_one(rack: Rack):
    for event in (Event.JOB_COMPLETED, Event.JOB_FAILED):
        sample = json.loads(voices.of(rack)[Service.SOUNDPIECE].sample(event, datetime(2026, 5, 1, tzinfo=UTC)))
        assert list(sample) == ["type", "data"]
        assert sample["type"].rpartition(".")[2] == sample["data"]["status"]


@pytest.mark.one_database
def test_a_callback_is_https_unless_the_operator_allows_its_host(submit: Submit, receiver: Receiver):
    assert submit(FX, callback_url=receiver.url).status_code == 200
    assert submit(FX, callback_url="http://example.com/hook").status_code == 422
    assert submit(FX, callback_url="https://example.com/hook?tenant=1").status_code == 200
