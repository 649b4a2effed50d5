"""Every value that the document prints: requests are run as they are printed, answers are held against ours."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import quotas, subscriptions
from soundrack.errors import UnusableAudio
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.signalkey.errors import STATUSES
from soundrack.settings import Settings
from tests.contracts.blacklab.printed import CURL, Wire
from tests.contracts.masterify.conftest import long_flac, mp3
from tests.contracts.signalkey.conftest import ANALYZE, Analyze, advance, begin, fail, finish
from tests.contracts.signalkey.test_webhooks import carried_out
from tests.receiver import Receiver
from tests.standing_clock import StandingClock

pytestmark = pytest.mark.one_database

REQUEST = """\
# Submit a file for analysis
curl -X POST https://signalkey.io/api/v1/analyze \\
-H "Authorization: Bearer sk_live_..." \\
-F "file=@track.mp3" \\
-F "webhook_url=https://your-app.com/hook"
"""
RESPONSE = """
{
"job_id": "abc123",
"object": "analysis_job",
"status": "queued",
"stream_url": "/api/v1/jobs/abc123/stream",
"poll_url": "/api/v1/jobs/abc123",
"webhook_delivery": "scheduled"
}
"""
STREAM = """\
event: progress
data: {"progress": 0.05, "stage": "upload"}
event: progress
data: {"progress": 0.40, "stage": "features"}
event: result
data: { "id": "...", "tempo": { "bpm": 124, ... }, ... }
event: done
data: {"ok": true}
"""
WEBHOOK = """\
X-SignalKey-Signature: t=1714325000,v1=<hex>
X-SignalKey-Event: analysis.completed
"""
SIGNED_AT = 1714325000
HEADERS = (
    "X-RateLimit-Limit-Minute: 30 X-RateLimit-Remaining-Minute: 27 X-RateLimit-Reset-Minute: 1714325060 "
    "X-RateLimit-Limit-Month: 1000 X-RateLimit-Remaining-Month: 942 X-RateLimit-Reset-Month: 1717200000"
)
RESULT = """
{
"id": "...",
"file_meta": { "filename": "...", "duration_sec": 210, ... },
"tempo": { "bpm": 124, "confidence": 0.94, "time_signature": "4/4" },
"key": { "name": "C minor", "camelot": "5A", "open_key": "1m", "confidence": 0.88 },
"genre": { "primary": { "label": "House", "confidence": 0.82 }, "top5": [...] },
"mood": { "valence": 56, "energy": 74, "danceability": 78, "tags": [...] },
"loudness": { "integrated_lufs": -10.5, "true_peak_db": -0.6 },
"structure": { "sections": [...] },
"mix_report": { "lufs_integrated": -10.5, "checks": [...], "priority_move": "..." },
"create_report": { "chords": [...], "suggested_vocal_key": "C minor" },
"stems_report": { "stems": [{ "id": "vocals", "quality_pct": 92, ... }, ...] },
"release_kit": { "clips": [...], "captions": {...}, "hashtags": [...] }
}
"""
MISPRINT = ("key", "open_key")
"""C minor is 10m on the Open Key wheel, and 5A on Camelot's as printed; 1m is A minor."""
ENDPOINTS = """
POST | /api/v1/analyze | Submit a file (multipart) for full analysis |
GET | /api/v1/jobs/{id}/stream | SSE progress + result stream |
GET | /api/v1/jobs/{id} | Poll the job state (returns 202 + retry-after while running, 200 with the result when done) |
GET | /api/v1/me | Authenticated key metadata + live rate-limit window |
"""
ERRORS = """
400 | Invalid request (missing file, bad parameters) |
401 | Missing, invalid or revoked API key |
403 | Owner has dropped below the Studio tier |
404 | Job not found (or not yours) |
413 | File too large for your plan |
415 | Unsupported content-type or audio format |
429 | Rate limit exceeded — see retry-after header |
500 | Analysis failed — retry the upload |
503 | Backend not configured (returned by mock environments) |
"""


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, outbound_allow="127.0.0.1")


def excerpt(text: str) -> Any:
    """Read JSON in which dots stand for what is left out."""
    for dots, plain in (("[...]", "[]"), ("{...}", "{}"), (", ...", "")):
        text = text.replace(dots, plain)
    return json.loads(text)


def values(
    printed: Any, ours: Any, path: tuple[str, ...] = (), *, null_is_an_answer: bool = False
) -> Iterator[tuple[tuple[str, ...], Any, Any]]:
    """Yield each printed value with ours, which must be there and of its kind."""
    if isinstance(printed, dict) and not (ours is None and null_is_an_answer):
        assert isinstance(ours, dict), path
        for name, one in printed.items():
            assert name in ours, (*path, name)
            yield from values(one, ours[name], (*path, name), null_is_an_answer=null_is_an_answer)
    elif isinstance(printed, list):
        assert isinstance(ours, list), path
        for one, another in zip(printed, ours, strict=False):
            yield from values(one, another, path, null_is_an_answer=null_is_an_answer)
    elif ours is None and null_is_an_answer:
        yield path, printed, ours
    else:
        number = isinstance(printed, int | float)
        assert isinstance(ours, int | float) if number else isinstance(ours, type(printed)), path
        yield path, printed, ours


@pytest.mark.skipif(CURL is None, reason="there is no curl")
def test_the_printed_request_is_answered_as_printed(wire: Wire, tmp_path: Path):
    (tmp_path / "track.mp3").write_bytes(mp3())
    placed = dataclasses.replace(wire, placeholders=("sk_live_...",))

    whole = placed.run(f"cd {tmp_path}\n{REQUEST}")

    assert whole.status == 202
    job_id = whole.body["job_id"]
    assert whole.body == json.loads(RESPONSE.replace("abc123", job_id))
    assert list(whole.body) == list(json.loads(RESPONSE))


def test_a_key_goes_in_the_printed_header_and_the_placeholder_opens_nothing(anonymous: TestClient, key: NewKey):
    authorization = "Bearer sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"
    assert anonymous.get("/api/v1/me", headers={"Authorization": authorization}).status_code == 401
    assert anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {key.token}"}).status_code == 200


def test_a_stream_has_the_printed_events_in_their_order_with_their_data(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path
):
    attempt = begin(rack, job_id)
    advance(rack, attempt, "features", (0.4 - 0.05) / 0.95)
    finish(rack, job_id, tmp_path, attempt=attempt)
    path = json.loads(RESPONSE.replace("abc123", job_id))["stream_url"]

    text = client.get(path, headers={"Last-Event-ID": "0"}).text

    told = re.findall(r"^event: (\w+)\ndata: (.*)$", text, re.MULTILINE)
    printed = re.findall(r"^event: (\w+)\ndata: (.*)$", STREAM, re.MULTILINE)
    assert [name for name, _ in told] == ["progress", "progress", "progress", "result", "done"]  # the third is the end
    (first, second, result, done) = (told[0], told[1], told[3], told[4])
    assert first == printed[0]  # to the letter
    assert json.loads(second[1]) == json.loads(printed[1][1])
    assert list(values(excerpt(printed[2][1]), json.loads(result[1])))
    assert done == printed[3]


def test_a_webhook_has_the_printed_headers(
    analyze: Analyze, rack: Rack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    held = StandingClock(monkeypatch)
    held.moment = datetime.fromtimestamp(SIGNED_AT, UTC)
    with Receiver() as receiver:
        finish(rack, analyze(webhook_url=receiver.url).json()["job_id"], tmp_path)
        (delivery,) = asyncio.run(carried_out(rack, receiver))

    for line in WEBHOOK.splitlines():
        name, _, value = line.partition(": ")
        assert re.fullmatch(value.replace("<hex>", "[0-9a-f]{64}"), delivery.headers[name.lower()])


@pytest.mark.parametrize("window", ["Minute", "Month"])
def test_the_headers_have_the_printed_values(
    client: TestClient, rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch, window: str
):
    """At two moments: the printed minute is one of April 2024, and its month ends with May."""
    held = StandingClock(monkeypatch)
    held.moment = (
        datetime.fromtimestamp(SIGNED_AT, UTC) if window == "Minute" else datetime(2024, 5, 20, 12, tzinfo=UTC)
    )
    with rack.database.write() as connection:
        plan = rack.plans.of(Service.SIGNALKEY, "studio")
        quotas.spend(connection, f"signalkey {account.id}", plan, 1000 - 942)

    answers = [client.get("/api/v1/me") for _ in range(30 - 27)]

    printed = dict(re.findall(r"([\w-]+): (\d+)", HEADERS))
    assert len(printed) == 6
    for name, value in printed.items():
        if name.endswith(window):
            assert answers[-1].headers[name] == value


def test_a_result_has_every_printed_field_of_the_printed_kind_and_in_the_printed_order(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)

    ours = client.get(f"/api/v1/jobs/{job_id}").json()

    printed = excerpt(RESULT)
    assert [name for name in ours if name in printed] == list(printed)
    told = {path: (one, another) for path, one, another in values(printed, ours) if one != "..."}
    assert len(told) == 19
    # the invented report that these tests have is the printed song: every number and word is as printed but one
    assert {path for path, (one, another) in told.items() if one != another} == {MISPRINT}
    assert ours["key"]["name"] == "C minor"
    assert ours["key"]["open_key"] == "10m"


def test_the_printed_endpoints_are_those_that_are_served(client: TestClient):
    printed = re.findall(r"^(GET|POST) \| (\S+) \|", ENDPOINTS, re.MULTILINE)
    described = client.get("/openapi.json").json()["paths"]

    assert {(method, path.replace("{id}", "{job_id}")) for method, path in printed} == {
        (method.upper(), path) for path, item in described.items() for method in item
    }


def test_every_printed_status_comes_from_what_is_printed_beside_it_and_no_other_is_an_error(
    client: TestClient, rack: Rack, account: Account, analyze: Analyze, monkeypatch: pytest.MonkeyPatch
):
    def move(plan: str) -> None:
        with rack.database.write() as connection:
            subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, plan)

    failed = analyze().json()["job_id"]
    fail(rack, failed, UnusableAudio("silent"))
    answers: dict[int, Response] = {
        400: client.post(ANALYZE, files={"webhook_url": (None, "https://your-app.com/hook")}),
        401: client.get("/api/v1/me", headers={"Authorization": ""}),
        404: client.get("/api/v1/jobs/abc123"),
        413: analyze(long_flac(1801)),
        415: analyze(b"no song"),
        500: client.get(f"/api/v1/jobs/{failed}"),
    }
    monkeypatch.setitem(rack.settings.__dict__, "engines_off", "signalkey")
    answers[503] = analyze()
    move("free")
    answers[403] = client.get("/api/v1/me")
    move("studio")
    answers[429] = [client.get("/api/v1/me") for _ in range(31)][-1]

    printed = {int(status) for status in re.findall(r"^(\d{3}) \|", ERRORS, re.MULTILINE)}
    assert set(answers) == printed == set(STATUSES.values())
    for status, answer in answers.items():
        assert answer.status_code == status
        assert STATUSES[answer.json()["error"]["code"]] == status
        assert list(answer.json()) == ["error"]
    assert "retry-after" in answers[429].headers
    assert answers[429].json()["error"]["scope"] == "minute"
