"""BlackLab's sandbox: "The sandbox environment mirrors production with synthetic responses"."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import io
import json
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import soundfile
from fastapi.routing import APIRoute
from sqlalchemy import func, select, update
from starlette.testclient import TestClient

from soundrack import app, clock
from soundrack.accounts import formats, keys, networks, people, webhooks
from soundrack.accounts.audit import HOUSE
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.database.tables import api_keys, credit_entries, events, jobs, sandbox_jobs, webhook_deliveries
from soundrack.jobs import tones
from soundrack.jobs.janitor import Janitor
from soundrack.jobs.tones import Tones
from soundrack.outbound.webhooks import endpoints, secrets
from soundrack.outbound.webhooks.courier import Courier
from soundrack.outbound.webhooks.expansion import Expansion
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices
from soundrack.services.blacklab import routes, sandbox
from soundrack.services.blacklab.errors import CATALOGUE, JOB_CODES
from soundrack.services.blacklab.sandbox import magic
from soundrack.services.blacklab.sandbox.magic import HOST, MAGIC
from soundrack.services.blacklab.sandbox.routes import PLAYED, SAME, mirror
from soundrack.settings import Settings
from soundrack.storage.objects import ObjectStore
from tests.contracts.blacklab.conftest import WAV_HEAD
from tests.contracts.blacklab.test_errors import DOCUMENT, JOBS, expect
from tests.contracts.blacklab.test_limits import access_token
from tests.standing_clock import StandingClock
from tests.web import serving

PAGE = Path(__file__).parents[3] / "docs/blacklab-sandbox.md"
REFUSED = [word for word, asked in MAGIC.items() if asked.refusal]
FAILING = [word for word, asked in MAGIC.items() if asked.script.error]
Sandbox = Callable[..., TestClient]


def file(word: str) -> str:
    return f"https://{HOST}/{word}.wav"


# what the document prints under "Webhooks", "Setup"
def verify_webhook(payload_bytes, signature, secret):
    expected = hmac.new(secret.encode(), payload_bytes, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}", signature)


VERIFY: Callable[..., bool] = verify_webhook


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that jobs give, made as a server makes them, by its first job."""
    folder = tmp_path_factory.mktemp("tones")
    made = Tones(ObjectStore(folder)).output("wav", 44_100)
    assert made.key == "sandbox/sandbox-44100.wav"
    return folder


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        workers=1,
        outbound_allow="127.0.0.1",
        outbound_forbid="203.0.113.0/24",
    )


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch, rack: Rack) -> StandingClock:
    return StandingClock(monkeypatch)


@pytest.fixture
def sandbox_key(rack: Rack, account: Account, files: Path) -> str:
    shutil.copytree(files, rack.settings.objects, dirs_exist_ok=True)
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "enterprise")
        return keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "tests", sandbox=True).token


@pytest.fixture
def sandboxed(rack: Rack) -> Iterator[TestClient]:
    """Nobody, at the sandbox."""
    url = f"{rack.settings.public_url}/{sandbox.MOUNT}"
    with TestClient(app.create(rack), base_url=url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(sandboxed: TestClient, sandbox_key: str) -> TestClient:
    sandboxed.headers["Authorization"] = f"Bearer {sandbox_key}"
    return sandboxed


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def submit(client: TestClient, word: str = "song", **fields: Any) -> dict[str, Any]:
    response = client.post(JOBS, json={"input_url": file(word)} | fields)
    assert response.status_code == 201, response.text
    body: dict[str, Any] = response.json()
    return body


def look(client: TestClient, job: dict[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = client.get(f"{JOBS}/{job['id']}").json()
    return body


def count(rack: Rack, table: Any) -> int:
    with rack.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(table)).scalar_one()
    return found


# the mirror


@pytest.mark.one_database
def test_the_sandbox_has_production_s_paths_and_schemas(rack: Rack):
    here = sandbox.create(rack).app.openapi()
    there = routes.create(rack).app.openapi()

    assert here.pop("servers") != there.pop("servers")
    assert here == there


@pytest.mark.one_database
def test_of_every_route_somebody_has_said_what_becomes_of_it_here(monkeypatch: pytest.MonkeyPatch):
    endpoints_ = {route.endpoint for route in routes.router.routes if isinstance(route, APIRoute)}
    assert endpoints_ == SAME | PLAYED.keys()

    monkeypatch.delitem(PLAYED, routes.get_job)
    with pytest.raises(KeyError):
        mirror()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", JOBS, {"content": b"{"}),
        ("POST", JOBS, {"json": {}}),
        ("POST", JOBS, {"json": {"input_url": "https://203.0.113.9/a.wav"}}),
        ("POST", JOBS, {"json": {"input_url": "ftp://example.com/a.wav"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "webhook_url": "https://203.0.113.9/"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "reference_url": "https://203.0.113.9/"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "preset": "loudest"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "format": "mp3", "sample_rate": 96000}}),
        ("POST", JOBS, {"json": {"input_url": "http://127.0.0.1:8600/storage/assets/asset_000000000000.wav"}}),
        ("POST", JOBS, {"json": {"input_url": file("song")}, "headers": {"Idempotency-Key": "x" * 256}}),
        ("GET", f"{JOBS}?limit=0", {}),
        ("GET", f"{JOBS}?starting_after=job_nobodys", {}),
        ("GET", f"{JOBS}/job_nobodys", {}),
        ("DELETE", f"{JOBS}/job_nobodys", {}),
        ("PATCH", JOBS, {}),
        ("GET", "/v1/nothing", {}),
        ("GET", "/v1/account", {}),
        ("POST", "/v1/assets/upload-url", {"json": {}}),
        (
            "POST",
            "/v1/assets/upload-url",
            {"json": {"filename": "a", "content_type": "audio/wav", "size_bytes": 209_715_201}},
        ),
        (
            "POST",
            "/v1/assets/upload-url",
            {"json": {"filename": "a", "content_type": "audio/ogg", "size_bytes": 1}},
        ),
        ("POST", "/v1/oauth/token", {"data": {"grant_type": "client_credentials"}}),
    ],
)
def test_what_is_refused_is_refused_in_production_s_words(
    client: TestClient, key: str, method: str, path: str, sent: dict[str, Any]
):
    here = client.request(method, path, **sent)
    there_sent = sent | {"headers": bearer(key) | sent.get("headers", {})}
    there = client.request(method, f"http://127.0.0.1:8600/blacklab{path}", **there_sent)

    assert here.status_code == there.status_code
    assert here.text.replace(f"/{sandbox.MOUNT}/", "/blacklab/") == there.text
    different = {"x-request-id", "x-ratelimit-reset", "x-ratelimit-remaining", "content-length"}
    assert {name: value for name, value in here.headers.items() if name not in different} == {
        name: value for name, value in there.headers.items() if name not in different
    }


# a job's life


def test_a_job_goes_from_queued_through_processing_to_completed_by_the_clock(
    client: TestClient, standing: StandingClock
):
    job = submit(client, preset="warm", format="flac")
    assert job == {
        "id": job["id"], "status": "queued", "preset": "warm", "format": "flac", "sample_rate": None,
        "estimated_seconds": 2, "credits_charged": 0, "created_at": "2026-05-01T12:00:00Z", "output_url": None,
    }  # fmt: skip
    assert re.fullmatch(r"job_[a-z0-9]{12}", job["id"])

    standing.go_on(seconds=0.5)
    assert look(client, job) == job | {"status": "processing", "estimated_seconds": 1}

    standing.go_on(seconds=1)
    done = look(client, job)
    assert list(done) == [
        "id", "status", "preset", "format", "sample_rate", "credits_charged", "created_at", "completed_at",
        "output_url", "output_expires_at",
    ]  # fmt: skip
    assert (done["status"], done["sample_rate"]) == ("completed", 44_100)
    assert (done["completed_at"], done["output_expires_at"]) == ("2026-05-01T12:00:01Z", "2026-05-02T12:00:01Z")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("form", "rate_hz"), [(form, rate) for form in tones.RATES_HZ for rate in tones.RATES_HZ[form]]
)
def test_the_output_is_sound_in_the_format_and_rate_that_were_asked_for(
    client: TestClient, standing: StandingClock, form: str, rate_hz: int
):
    job = submit(client, format=form, sample_rate=rate_hz)
    standing.go_on(seconds=2)

    response = client.get(look(client, job)["output_url"])

    with soundfile.SoundFile(io.BytesIO(response.content)) as sound:
        samples = sound.read()
    assert (sound.format.lower(), sound.samplerate, sound.channels) == (form, rate_hz, 2)
    assert sound.subtype == ("MPEG_LAYER_III" if form == "mp3" else "PCM_24")
    assert len(samples) == rate_hz
    assert 0.05 < abs(samples).max() < 0.7


def test_the_link_expires(client: TestClient, standing: StandingClock):
    job = submit(client)
    standing.go_on(seconds=2)
    url = look(client, job)["output_url"]
    assert client.get(url, headers={"Range": "bytes=0-3"}).content == b"RIFF"

    standing.go_on(days=1)

    assert client.get(url).status_code == 403


def test_nothing_is_charged_queued_or_fetched(client: TestClient, rack: Rack, account: Account):
    entered = count(rack, credit_entries)
    with serving(song=WAV_HEAD) as web:
        fields = {"input_url": web.url("/song"), "reference_url": web.url("/song")}
        response = client.post(JOBS, json=fields)
        assert response.status_code == 201
        assert web.asked == []

    assert (count(rack, credit_entries), count(rack, jobs), count(rack, sandbox_jobs)) == (entered, 0, 1)
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100
    assert "127.0.0.1" not in response.text


def test_an_account_without_credits_can_test(client: TestClient, rack: Rack):
    with rack.database.write() as connection:
        poor = people.create(connection, "poor@example.com")
        token = keys.create(connection, rack.secret, poor.id, Service.BLACKLAB, "", sandbox=True).token

    assert client.post(JOBS, json={"input_url": file("song")}, headers=bearer(token)).status_code == 201


def test_an_upload_is_taken_and_judged_as_in_production(client: TestClient):
    def announced(size_bytes: int) -> dict[str, str]:
        asked = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": size_bytes}
        body: dict[str, str] = client.post("/v1/assets/upload-url", json=asked).json()
        return body

    def put(url: str, content: bytes) -> int:
        status: int = client.put(url, content=content, headers={"Content-Type": "audio/wav"}).status_code
        return status

    song, text, large = announced(len(WAV_HEAD)), announced(4), announced(4)
    expect(client.post(JOBS, json={"input_url": song["asset_url"]}), "validation_error", 422, "input_url")
    assert put(song["upload_url"], WAV_HEAD) == 200
    assert put(text["upload_url"], b"text") == 200
    assert put(large["upload_url"], b"text!") == 413

    assert client.post(JOBS, json={"input_url": song["asset_url"]}).status_code == 201
    expect(client.post(JOBS, json={"input_url": text["asset_url"]}), "unsupported_format", 415, "input_url")


# magic


@pytest.mark.parametrize("word", REFUSED)
def test_a_magic_file_has_the_job_refused(client: TestClient, rack: Rack, word: str):
    response = client.post(JOBS, json={"input_url": file(word)})

    status, code = re.match(r"(\d+) `(\w+)`", MAGIC[word].words).groups()  # type: ignore[union-attr]  # the test fails
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (int(status), code)
    assert error["message"].endswith(".")
    assert response.headers.get("retry-after") == ("1" if code == "rate_limited" else None)
    assert ("www-authenticate" in response.headers) is (code == "authentication_required")
    assert response.headers.keys() >= {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}
    assert (count(rack, sandbox_jobs), count(rack, events)) == (0, 0)


@pytest.mark.parametrize("word", FAILING)
def test_a_magic_file_has_the_job_fail(client: TestClient, standing: StandingClock, word: str):
    job = submit(client, word)
    assert job["status"] == "queued"
    standing.go_on(seconds=2)

    failed = look(client, job)

    assert failed["status"] == "failed"
    assert failed["error"]["code"] == word.removeprefix("failed_")
    assert failed["error"]["message"].endswith(".")
    assert failed["output_url"] is None
    assert "completed_at" not in failed


@pytest.mark.parametrize(("word", "status"), [("queued", "queued"), ("processing", "processing")])
def test_a_magic_file_has_the_job_stay_until_it_is_cancelled(
    client: TestClient, standing: StandingClock, word: str, status: str
):
    job = submit(client, word)
    standing.go_on(hours=20)
    assert look(client, job)["status"] == status
    assert look(client, job)["estimated_seconds"] == 60

    assert client.delete(f"{JOBS}/{job['id']}").status_code == 204

    cancelled = look(client, job)
    assert (cancelled["status"], cancelled["output_url"]) == ("cancelled", None)
    assert "estimated_seconds" not in cancelled
    expect(client.delete(f"{JOBS}/{job['id']}"), "conflict", 409, None)


def test_every_code_of_the_catalogue_and_every_end_of_a_job_has_its_file():
    refused = {
        (row.status, row.code)
        for word in REFUSED
        if (made := MAGIC[word].refusal) is not None and (row := CATALOGUE[type(made())])
    }
    ends = {JOB_CODES.get(MAGIC[word].script.error.kind, "internal_error") for word in FAILING}  # type: ignore[union-attr]  # those that have one

    assert refused == {(row.status, row.code) for row in CATALOGUE.values()}
    assert {code for _, code in refused} >= DOCUMENT.keys()
    assert ends == set(JOB_CODES.values()) | {"internal_error"}


@pytest.mark.one_database
@pytest.mark.parametrize(
    "url",
    [
        f"https://{HOST}/nothing.wav",
        f"https://{HOST}/",
        f"https://{HOST}",
        f"https://{HOST}/a/song.wav",
        f"https://{HOST}/SONG.wav",
    ],
)
def test_a_file_that_the_magic_host_does_not_have_is_refused(client: TestClient, url: str):
    response = client.post(JOBS, json={"input_url": url})

    expect(response, "validation_error", 422, "input_url")
    assert "insufficient_credits" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/insufficient_credits.wav",
        f"https://x.{HOST}/insufficient_credits.wav",
        f"https://{HOST}.example.com/insufficient_credits.wav",
        f"https://example.com/{HOST}/insufficient_credits.wav",
    ],
)
def test_a_file_of_another_host_is_never_magic(url: str):
    assert magic.of(url) is magic.ORDINARY


@pytest.mark.parametrize("url", [f"http://{HOST}:8080/queued.flac?x=1#y", f"https://{HOST.upper()}/queued"])
def test_scheme_port_ending_and_query_of_a_magic_file_do_not_matter(url: str):
    assert magic.of(url) is MAGIC["queued"]


@pytest.mark.one_database
def test_production_knows_no_magic(client: TestClient, key: str):
    url = "http://127.0.0.1:8600/blacklab/v1/mastering/jobs"

    assert client.post(url, json={"input_url": file("insufficient_credits")}, headers=bearer(key)).status_code == 201


def test_the_page_prints_the_table():
    rows = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE.read_text(), re.MULTILINE)

    assert dict(rows) == {word: asked.words for word, asked in MAGIC.items()}
    assert len(rows) == len(MAGIC)


# cancelling and listing


def test_a_job_that_is_cancelled_never_ends_otherwise(client: TestClient, standing: StandingClock, rack: Rack):
    job = submit(client)
    standing.go_on(seconds=1)
    assert client.delete(f"{JOBS}/{job['id']}").status_code == 204
    standing.go_on(seconds=10)

    assert look(client, job)["status"] == "cancelled"
    assert count(rack, events) == 0


def test_a_job_that_has_ended_cannot_be_cancelled(client: TestClient, standing: StandingClock):
    job = submit(client)
    standing.go_on(seconds=1.5)

    expect(client.delete(f"{JOBS}/{job['id']}"), "conflict", 409, None)
    assert look(client, job)["status"] == "completed"


def test_what_has_been_told_is_not_taken_back(client: TestClient, standing: StandingClock, rack: Rack):
    """A courier whose clock is ahead of the server's."""
    job = submit(client)
    with rack.database.write() as connection:
        connection.execute(update(events).values(expanded_at=clock.now()))

    expect(client.delete(f"{JOBS}/{job['id']}"), "conflict", 409, None)
    assert look(client, job)["status"] == "queued"


def test_jobs_are_listed_page_by_page_and_by_the_status_that_they_have_now(client: TestClient, standing: StandingClock):
    made = {}
    for word in ("song", "failed_internal_error", "queued", "processing"):
        made[word] = submit(client, word)["id"]
        standing.go_on(seconds=3)
    made["cancelled"] = submit(client)["id"]
    client.delete(f"{JOBS}/{made['cancelled']}")

    def listed(**query: Any) -> tuple[list[str], bool]:
        page = client.get(JOBS, params=query).json()
        return [job["id"] for job in page["data"]], page["has_more"]

    newest_first = list(reversed(made.values()))
    assert listed() == (newest_first, False)
    assert listed(limit=2) == (newest_first[:2], True)
    assert listed(limit=2, starting_after=newest_first[1]) == (newest_first[2:4], True)
    assert listed(limit=2, starting_after=newest_first[3]) == (newest_first[4:], False)
    for word, status in {
        "song": "completed", "failed_internal_error": "failed", "queued": "queued", "processing": "processing",
        "cancelled": "cancelled",
    }.items():  # fmt: skip
        assert listed(status=status) == ([made[word]], False)
    assert client.get(JOBS).json()["data"][-1] == look(client, {"id": made["song"]})


def test_jobs_of_the_sandbox_and_of_production_do_not_know_each_other(client: TestClient, key: str, rack: Rack):
    job = submit(client)
    there = "http://127.0.0.1:8600/blacklab"
    real = client.post(f"{there}{JOBS}", json={"input_url": file("song")}, headers=bearer(key)).json()

    expect(client.get(f"{there}{JOBS}/{job['id']}", headers=bearer(key)), "not_found", 404, None)
    expect(client.get(f"{JOBS}/{real['id']}"), "not_found", 404, None)
    expect(client.delete(f"{JOBS}/{real['id']}"), "not_found", 404, None)
    assert [one["id"] for one in client.get(JOBS).json()["data"]] == [job["id"]]
    assert [one["id"] for one in client.get(f"{there}{JOBS}", headers=bearer(key)).json()["data"]] == [real["id"]]


def test_somebody_else_s_job_is_not_found(client: TestClient, rack: Rack):
    job = submit(client, "queued")
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        token = keys.create(connection, rack.secret, other.id, Service.BLACKLAB, "", sandbox=True).token

    for method in ("GET", "DELETE"):
        expect(client.request(method, f"{JOBS}/{job['id']}", headers=bearer(token)), "not_found", 404, None)
    expect(client.get(f"{JOBS}?starting_after={job['id']}", headers=bearer(token)), "validation_error", 422,
           "starting_after")  # fmt: skip
    assert client.get(JOBS, headers=bearer(token)).json() == {"data": [], "has_more": False}


def test_a_day_later_the_janitor_has_forgotten_a_job_and_kept_the_files(
    client: TestClient, standing: StandingClock, rack: Rack
):
    old = submit(client, "queued")
    standing.go_on(hours=12)
    young = submit(client)
    standing.go_on(hours=12, seconds=1)

    Janitor(rack.settings, rack.database, rack.store).sweep()

    expect(client.get(f"{JOBS}/{old['id']}"), "not_found", 404, None)
    assert client.get(look(client, young)["output_url"]).status_code == 200


@pytest.mark.one_database
def test_the_files_are_made_once_however_many_ask_for_the_first(rack: Rack, files: Path, monkeypatch):
    made: list[int] = []

    def make(_store: ObjectStore) -> None:
        made.append(1)
        time.sleep(0.05)  # the others come meanwhile
        shutil.copytree(files, rack.settings.objects, dirs_exist_ok=True)

    monkeypatch.setattr(tones, "_make", make)
    here = Tones(rack.store)

    with ThreadPoolExecutor(8) as askers:
        found = set(askers.map(lambda _: here.output("mp3", 48_000), range(8)))

    assert len(made) == 1
    (one,) = found
    assert one.size_bytes == (rack.settings.objects / one.key).stat().st_size


def test_more_jobs_at_once_than_the_plan_allows_are_refused(
    client: TestClient, rack: Rack, account: Account, standing: StandingClock, monkeypatch
):
    plan = rack.plans.of(Service.BLACKLAB, "enterprise")
    monkeypatch.setattr(type(rack.plans), "of", lambda *_: type(plan)(**{**plan.__dict__, "jobs_at_once": 2}))
    submit(client)
    submit(client, "queued")

    refused = client.post(JOBS, json={"input_url": file("song")})

    expect(refused, "rate_limited", 429, None)
    assert int(refused.headers["retry-after"]) >= 1
    standing.go_on(seconds=2)
    submit(client)


# who is let in


def test_a_live_key_is_told_that_it_is_one(sandboxed: TestClient, key: str):
    response = sandboxed.get("/v1/account", headers=bearer(key))

    expect(response, "authentication_required", 401, None)
    assert "live key" in response.json()["error"]["message"]
    assert response.headers["www-authenticate"] == "Bearer"
    assert "x-ratelimit-limit" in response.headers


def test_a_sandbox_key_in_production_is_told_that_it_is_one(anonymous: TestClient, sandbox_key: str):
    response = anonymous.get("/v1/account", headers=bearer(sandbox_key))

    expect(response, "authentication_required", 401, None)
    assert "test key" in response.json()["error"]["message"]
    assert sandbox_key not in response.text


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer sk_test_short", "Basic {key}", "Bearer {key} {key}"])
def test_without_a_sandbox_key_no_route_answers(sandboxed: TestClient, sandbox_key: str, header: str | None):
    headers = {} if header is None else {"Authorization": header.replace("{key}", sandbox_key)}

    expect(sandboxed.post(JOBS, content=b"{", headers=headers), "authentication_required", 401, None)


def test_two_headers_are_refused(sandboxed: TestClient, sandbox_key: str):
    headers = [("Authorization", f"Bearer {sandbox_key}")] * 2

    expect(sandboxed.get("/v1/account", headers=headers), "authentication_required", 401, None)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"revoked_at": timedelta()}, "revoked"),
        ({"expires_at": timedelta()}, "expired"),
        ({"expires_at": timedelta(days=1)}, None),
    ],
)
def test_a_sandbox_key_can_be_revoked_and_expires(client: TestClient, rack: Rack, change, told: str | None):
    with rack.database.write() as connection:
        values = {name: clock.now() + later for name, later in change.items()}
        connection.execute(update(api_keys).values(values))

    response = client.get("/v1/account")

    if told is None:
        assert response.status_code == 200
    else:
        expect(response, "authentication_required", 401, None)
        assert told in response.json()["error"]["message"]


def test_a_suspended_account_s_sandbox_key_opens_nothing(client: TestClient, rack: Rack, account: Account):
    with rack.database.write() as connection:
        people.suspend(connection, account.id, HOUSE)

    expect(client.get("/v1/account"), "authentication_required", 401, None)


def test_an_allow_list_holds_here_too(client: TestClient, rack: Rack, account: Account):
    with rack.database.write() as connection:
        networks.add(connection, account.id, Service.BLACKLAB, "192.0.2.0/24")

    expect(client.get("/v1/account"), "authentication_required", 401, None)


def test_who_guesses_sandbox_keys_is_counted_by_address(
    sandboxed: TestClient, sandbox_key: str, standing: StandingClock
):
    guesses = [sandboxed.get("/v1/account", headers=bearer(formats.BLACKLAB_SANDBOX.mint())) for _ in range(12)]

    assert [response.status_code for response in guesses] == [401] * 10 + [429] * 2
    assert sandboxed.get("/v1/account", headers=bearer(sandbox_key)).status_code == 200


def test_a_sandbox_key_has_its_plan_s_rate(client: TestClient, rack: Rack, account: Account, standing: StandingClock):
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "free")
    seen = [client.get("/v1/account") for _ in range(11)]

    assert [response.status_code for response in seen] == [200] * 10 + [429]
    assert [response.headers["x-ratelimit-remaining"] for response in seen[:2]] == ["59", "58"]
    expect(seen[-1], "rate_limited", 429, None)


def test_an_access_token_works_in_both_with_its_scopes_and_is_counted_apart(
    sandboxed: TestClient, rack: Rack, account: Account, sandbox_key: str
):
    token = access_token(rack, account, "mastering:read account:read")
    there = "http://127.0.0.1:8600/blacklab/v1/account"

    first, second = (sandboxed.get("/v1/account", headers=token) for _ in range(2))
    real = sandboxed.get(there, headers=token)

    assert [one.status_code for one in (first, second, real)] == [200, 200, 200]
    assert second.headers["x-ratelimit-remaining"] == "998"
    assert real.headers["x-ratelimit-remaining"] == "999"
    expect(sandboxed.post(JOBS, json={"input_url": file("song")}, headers=token), "forbidden", 403, None)


def test_last_use_of_a_sandbox_key_is_noted(client: TestClient, rack: Rack):
    client.get("/v1/account")
    rack.last_use.write(rack.database)

    with rack.database.read() as connection:
        assert connection.execute(select(api_keys.c.last_used_at)).scalar_one() is not None


# idempotency


def test_a_key_makes_one_job_and_never_answers_for_production(client: TestClient, rack: Rack, key: str):
    same: dict[str, Any] = {"json": {"input_url": file("song")}, "headers": {"Idempotency-Key": "one"}}
    first, second = client.post(JOBS, **same), client.post(JOBS, **same)
    real = client.post(
        f"http://127.0.0.1:8600/blacklab{JOBS}",
        json=same["json"],
        headers=bearer(key) | same["headers"],
    )

    assert second.content == first.content
    assert second.headers["x-idempotent-replayed"] == "true"
    assert (real.status_code, real.json()["credits_charged"]) == (201, 1)
    assert "x-idempotent-replayed" not in real.headers
    assert (count(rack, sandbox_jobs), count(rack, jobs)) == (1, 1)
    other = client.post(JOBS, json={"input_url": file("queued")}, headers=same["headers"])
    expect(other, "validation_error", 422, "Idempotency-Key")


def test_a_refusal_that_asks_for_another_try_is_not_kept(client: TestClient):
    for word, replayed in {"rate_limited": None, "internal_error": None, "insufficient_credits": "true"}.items():
        same: dict[str, Any] = {"json": {"input_url": file(word)}, "headers": {"Idempotency-Key": word}}
        client.post(JOBS, **same)
        again = client.post(JOBS, **same)
        assert again.headers.get("x-idempotent-replayed") == replayed, word


# events


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
