"""Document, "Webhooks": what is posted when an analysis ends, and that the document's own function accepts it."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, webhooks
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.errors import SoundrackError, UnusableAudio
from soundrack.outbound.webhooks.courier import Courier
from soundrack.outbound.webhooks.events import Event
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices
from soundrack.settings import Settings
from tests import node
from tests.contracts.signalkey.conftest import FILES, Analyze, fail, finish
from tests.receiver import Delivery, Receiver

DOCS = Path(__file__).parents[3] / "docs/signalkey.md"
PRINTED = Path(__file__).with_name("verify.mjs").read_text()
HARNESS = """
const { body, header, secret, now } = JSON.parse(await new Promise((done) => {
  let text = ""; process.stdin.on("data", (some) => text += some).on("end", () => done(text)); }));
let printed;
try { printed = verify(body, header, secret); } catch { printed = false; }
// The printed function does not look at the time. The rule stands below it in the document:
// "Replay protection: signatures older than 300 s are rejected."
const t = Number(Object.fromEntries(header.split(",").map((p) => p.split("="))).t);
const fresh = (now ?? Math.floor(Date.now() / 1000)) - t <= 300;
console.log(JSON.stringify({ printed, withTheRule: printed && fresh }));
"""
ACCEPTED = {"printed": True, "withTheRule": True}
REFUSED = {"printed": False, "withTheRule": False}
TOO_OLD = {"printed": True, "withTheRule": False}


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, outbound_allow="127.0.0.1")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


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


def delivered(rack: Rack, receiver: Receiver) -> Delivery:
    (delivery,) = asyncio.run(carried_out(rack, receiver))
    return delivery


@pytest.fixture
def job_id(analyze: Analyze, receiver: Receiver) -> str:
    made: str = analyze(webhook_url=receiver.url).json()["job_id"]
    return made


def judged(delivery: Delivery, secret: str, *, now: int | None = None, body: bytes | None = None) -> Any:
    """Return what the document's function, and it with the document's rule on age, say of a delivery."""
    content = delivery.content if body is None else body
    given = {"body": content.decode(), "header": delivery.headers["x-signalkey-signature"], "secret": secret}
    return json.loads(node.run(PRINTED + HARNESS, json.dumps(given | {"now": now})))


def secret_of(key: NewKey) -> str:
    assert key.signing is not None
    return key.signing.secret


def test_a_success_is_told_with_the_bare_result_that_a_poll_answers(
    client: TestClient, rack: Rack, receiver: Receiver, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)

    delivery = delivered(rack, receiver)

    assert delivery.headers["x-signalkey-event"] == "analysis.completed"
    assert re.fullmatch("whd_[a-z0-9]+", delivery.headers["x-signalkey-delivery"])
    polled = client.get(f"/api/v1/jobs/{job_id}").json()
    assert without_links(delivery.body) == without_links(polled)
    client.headers.pop("Authorization")
    assert client.get(delivery.body["create_report"]["midi_url"]).content == FILES["midi"][1]


def without_links(value: Any) -> Any:
    """Return a body without what each answer signs anew."""
    if isinstance(value, dict):
        return {name: without_links(one) for name, one in value.items() if name != "links_expire_at"}
    if isinstance(value, list):
        return [without_links(one) for one in value]
    return value.partition("?")[0] if isinstance(value, str) and "/storage/" in value else value


@pytest.mark.parametrize("error", [UnusableAudio("frame 17"), SoundrackError("SELECT secret FROM house")])
def test_a_failure_is_told_with_the_id_and_the_words_that_a_poll_answers(
    client: TestClient, rack: Rack, receiver: Receiver, job_id: str, error: SoundrackError
):
    fail(rack, job_id, error)

    delivery = delivered(rack, receiver)

    assert delivery.headers["x-signalkey-event"] == "analysis.failed"
    assert delivery.body == {"id": job_id} | client.get(f"/api/v1/jobs/{job_id}").json()
    assert list(delivery.body) == ["id", "error"]
    assert str(error) not in delivery.content.decode()


def test_the_signature_is_the_hmac_of_time_and_raw_body_under_the_submitting_key_s_secret(
    client: TestClient, rack: Rack, account: Account, key: NewKey, receiver: Receiver, job_id: str, tmp_path: Path
):
    with rack.database.write() as connection:
        other = keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "another")
    finish(rack, job_id, tmp_path)

    delivery = delivered(rack, receiver)

    match = re.fullmatch("t=([0-9]{10}),v1=([0-9a-f]{64})", delivery.headers["x-signalkey-signature"])
    assert match is not None
    assert abs(int(match[1]) - time.time()) < 60
    signed = f"{match[1]}.".encode() + delivery.content
    assert match[2] == hmac.new(secret_of(key).encode(), signed, hashlib.sha256).hexdigest()
    assert match[2] != hmac.new(secret_of(other).encode(), signed, hashlib.sha256).hexdigest()


@node.needed
def test_the_document_s_function_accepts_a_delivery_and_refuses_a_tampered_one(
    rack: Rack, key: NewKey, receiver: Receiver, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)

    delivery = delivered(rack, receiver)

    tampered = delivery.content.replace(b"124", b"125", 1)
    assert tampered != delivery.content
    assert judged(delivery, secret_of(key)) == ACCEPTED
    assert judged(delivery, secret_of(key), body=tampered) == REFUSED
    assert judged(delivery, "whsec_another") == REFUSED
    header = delivery.headers["x-signalkey-signature"]
    for forged in (header.replace("t=1", "t=2"), header[:-1], header[:-1] + ("0" if header[-1] != "0" else "1")):
        other = Delivery("", "", delivery.content, {"x-signalkey-signature": forged})
        assert judged(other, secret_of(key)) == REFUSED


@node.needed
@pytest.mark.one_database
def test_with_the_document_s_rule_it_refuses_what_is_301_seconds_old(
    rack: Rack, key: NewKey, receiver: Receiver, analyze: Analyze, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The printed function itself does not look at the time: it is wrapped as the sentence below it says."""
    monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) - timedelta(seconds=301))
    finish(rack, analyze(webhook_url=receiver.url).json()["job_id"], tmp_path)

    delivery = delivered(rack, receiver)

    at = int(delivery.headers["x-signalkey-signature"].partition(",")[0].removeprefix("t="))
    assert judged(delivery, secret_of(key)) == TOO_OLD  # by Node's own clock
    assert judged(delivery, secret_of(key), now=at + 301) == TOO_OLD
    assert judged(delivery, secret_of(key), now=at + 300) == ACCEPTED


@node.needed
@pytest.mark.one_database
def test_our_guide_s_function_for_node_looks_at_both(
    rack: Rack, key: NewKey, receiver: Receiver, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)
    delivery = delivered(rack, receiver)
    (code,) = re.findall(r"```js\n(.*?)```", DOCS.read_text(), re.DOTALL)
    harness = (
        "const { calls } = JSON.parse(await new Promise((done) => { let text = ''; process.stdin.on('data', (some) "
    )
    harness += "=> text += some).on('end', () => done(text)); }));\n"
    harness += "console.log(JSON.stringify(calls.map(([body, header, now]) => verify(body, header, secret, now))));"
    header, body = delivery.headers["x-signalkey-signature"], delivery.content.decode()
    at = int(header.partition(",")[0].removeprefix("t="))
    calls = [
        [body, header, at], [body, header, at + 300], [body, header, at + 301], [body, header, at - 301],
        [body + " ", header, at], [body, header[:-1], at], [body, "", at], [body, "t=,v1=", at],
    ]  # fmt: skip

    told = node.run(f"{code}\nconst secret = {json.dumps(secret_of(key))};\n{harness}", json.dumps({"calls": calls}))

    assert json.loads(told) == [True, True, False, False, False, False, False, False]


@pytest.mark.one_database
def test_our_guide_s_function_for_python_looks_at_both(
    rack: Rack, key: NewKey, receiver: Receiver, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)
    delivery = delivered(rack, receiver)
    (code,) = (one for one in re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL) if "def verify" in one)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102  our own document
    verify, header = names["verify"], delivery.headers["x-signalkey-signature"]
    at = int(header.partition(",")[0].removeprefix("t="))

    assert verify(delivery.content, header, secret_of(key))
    assert verify(delivery.content, header, secret_of(key), now=at + 300)
    assert not verify(delivery.content, header, secret_of(key), now=at + 301)
    assert not verify(delivery.content, header, secret_of(key), now=at - 301)
    assert not verify(delivery.content + b" ", header, secret_of(key))
    for broken in ("", "t=,v1=", "v1=00", header[:-1], "t=x,v1=\u00e9"):
        assert not verify(delivery.content, broken, secret_of(key))


@pytest.mark.one_database
def test_each_attempt_is_signed_at_its_own_time_with_the_same_body_and_id(
    rack: Rack, key: NewKey, receiver: Receiver, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    finish(rack, job_id, tmp_path)
    takes: list[Delivery] = []

    def unwell_once(delivery: Delivery) -> int:
        takes.append(delivery)
        receiver.kept[f"{len(takes)}"] = delivery
        if len(takes) == 1:
            monkeypatch.setattr(clock, "now", lambda: datetime.now(UTC) + timedelta(minutes=10))
            return 503
        return 200

    monkeypatch.setattr(receiver, "_take", unwell_once)

    asyncio.run(carried_out(rack, receiver, 2))

    first, second = takes[:2]
    assert (first.id, first.content) == (second.id, second.content)
    at = [int(one.headers["x-signalkey-signature"].partition(",")[0].removeprefix("t=")) for one in (first, second)]
    assert at[1] - at[0] >= 590


@pytest.mark.one_database
@pytest.mark.parametrize("event", [Event.JOB_COMPLETED, Event.JOB_FAILED])
def test_a_sample_has_the_fields_of_the_real_one(
    rack: Rack, client: TestClient, job_id: str, tmp_path: Path, event: Event
):
    sample = json.loads(voices.of(rack)[Service.SIGNALKEY].sample(event, datetime(2026, 5, 1, tzinfo=UTC)))

    if event is Event.JOB_FAILED:
        assert list(sample) == ["id", "error"]
    else:
        finish(rack, job_id, tmp_path)
        assert list(sample) == list(client.get(f"/api/v1/jobs/{job_id}").json())
