"""Inputs at callers' own URLs, per-job webhooks and cancelling, as BlackLab's wire has them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from sqlalchemy import func, insert, select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.database.tables import api_keys, assets, job_inputs, jobs, workers
from soundrack.errors import ForbiddenAddress, SoundrackError, TooLarge, Unreachable, UnsupportedFormat
from soundrack.jobs import inputs, lifecycle
from soundrack.outbound.webhooks import endpoints
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.settings import Settings

JOBS = "/v1/mastering/jobs"
SONG = "https://cdn.example.com/masters/song.wav?X-Amz-Signature=5e884898da28"


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1, outbound_forbid="203.0.113.0/24")


def row(rack: Rack, column: Any) -> Any:
    with rack.database.read() as connection:
        return connection.execute(select(column)).scalar_one()


def is_refused(response: Response, param: str) -> bool:
    error = response.json()["error"]
    return (response.status_code, error["code"], error["param"]) == (422, "validation_error", param)


def test_any_public_url_is_an_input(client: TestClient, rack: Rack):
    response = client.post(JOBS, json={"input_url": SONG})

    assert response.status_code == 201, response.text
    assert row(rack, job_inputs.c.url) == SONG
    assert row(rack, job_inputs.c.terms) == {
        "most_bytes": 209_715_200,
        "containers": ["wav", "flac", "aiff", "mp3"],
        "field": "input_url",
    }
    assert "example.com" not in response.text


@pytest.mark.one_database
@pytest.mark.parametrize("field", ["input_url", "reference_url", "webhook_url"])
@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.com/song.wav",
        "song.wav",
        "https://user:password@example.com/song.wav",
        "http://127.0.0.1/song.wav",
        "http://[::1]/song.wav",
        "http://169.254.169.254/latest/meta-data",
        "http://0x7f000001/song.wav",
        "https://10.0.0.1/song.wav",
        "https://example.com:25/song.wav",
        "https://[::ffff:192.168.0.1]/",
    ],
)
def test_a_bad_or_forbidden_url_is_refused_at_once(client: TestClient, rack: Rack, field: str, url: str):
    response = client.post(JOBS, json={"input_url": SONG} | {field: url})

    assert is_refused(response, field), response.text
    assert url not in response.text
    with rack.database.read() as connection:
        assert connection.execute(select(func.count()).select_from(jobs)).scalar_one() == 0


@pytest.mark.one_database
@pytest.mark.parametrize("field", ["input_url", "reference_url"])
@pytest.mark.parametrize("path", ["/output/job_x/1/job_x.wav", "/assets/asset_000000000000.wav", "/", "/assets/"])
def test_nothing_of_this_server_but_an_upload_is_an_input(client: TestClient, rack: Rack, field: str, path: str):
    assert is_refused(client.post(JOBS, json={"input_url": SONG} | {field: rack.links.base_url + path}), field)


@pytest.mark.one_database
@pytest.mark.parametrize("url", [7, "", "x" * 2049, ["https://example.com/a.wav"]])
def test_a_reference_that_is_no_url_is_named(client: TestClient, url: object):
    assert is_refused(client.post(JOBS, json={"input_url": SONG, "reference_url": url}), "reference_url")


def test_without_a_reference_there_is_one_input(client: TestClient, rack: Rack):
    assert client.post(JOBS, json={"input_url": SONG, "reference_url": None}).status_code == 201

    assert row(rack, job_inputs.c.name) == "song"


def test_input_and_reference_may_each_be_an_upload_or_any_public_url(client: TestClient, rack: Rack, upload):
    ours = upload()
    for song, reference in ((SONG, SONG), (SONG, ours), (ours, SONG), (ours, ours)):
        response = client.post(JOBS, json={"input_url": song, "reference_url": reference})

        assert response.status_code == 201, response.text
        with rack.database.read() as connection:
            found = {one.name: one for one in inputs.of(connection, response.json()["id"])}
        assert found.keys() == {"song", "reference"}
        for name, url, field in (("song", song, "input_url"), ("reference", reference, "reference_url")):
            assert (found[name].asset_id is not None) == (url == ours)
            assert found[name].url == (SONG if url == SONG else None)
            terms = found[name].terms
            assert terms is None if url == ours else terms is not None and terms["field"] == field
        assert response.json()["credits_charged"] == 1


def test_a_reference_that_is_not_audio_is_refused_at_once_and_deleted(client: TestClient, rack: Rack, upload):
    response = client.post(JOBS, json={"input_url": SONG, "reference_url": upload(b"%PDF-1.7" + bytes(100))})

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (415, "unsupported_format", "reference_url")
    assert [path for path in rack.settings.objects.rglob("*") if path.is_file()] == []


def test_another_account_s_upload_is_no_reference(client: TestClient, rack: Rack, upload):
    ours = upload()
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        credits.grant(connection, other.id, 10, "")
        client.headers["Authorization"] = (
            f"Bearer {keys.create(connection, rack.secret, other.id, Service.BLACKLAB, '').token}"
        )

    assert is_refused(client.post(JOBS, json={"input_url": SONG, "reference_url": ours}), "reference_url")


def test_song_and_reference_are_deleted_when_the_job_ends_and_not_before(client: TestClient, rack: Rack, upload):
    job = client.post(JOBS, json={"input_url": upload(), "reference_url": upload()}).json()
    other = client.post(JOBS, json={"input_url": SONG, "reference_url": upload()}).json()
    assert len([path for path in rack.settings.objects.rglob("*") if path.is_file()]) == 3

    client.delete(f"{JOBS}/{job['id']}")
    assert len([path for path in rack.settings.objects.rglob("*") if path.is_file()]) == 1

    client.delete(f"{JOBS}/{other['id']}")
    assert [path for path in rack.settings.objects.rglob("*") if path.is_file()] == []
    with rack.database.read() as connection:
        assert set(connection.execute(select(job_inputs.c.url)).scalars()) == {None}


def test_a_reference_makes_the_estimate_longer_by_less_than_a_song(client: TestClient, rack: Rack):
    now = clock.now()
    with rack.database.write() as connection:
        connection.execute(insert(workers).values(id="w", slots=1, speed=1.0, started_at=now, seen_at=now))

    def estimate(**reference: str) -> int:
        job = client.post(JOBS, json={"input_url": SONG} | reference).json()
        client.delete(f"{JOBS}/{job['id']}")
        seconds: int = job["estimated_seconds"]
        return seconds

    assert estimate() == 240
    assert 240 < estimate(reference_url=SONG) < 480


@pytest.mark.one_database
@pytest.mark.parametrize("url", ["https://example.com/hook#part", "https://example.com:25/", "mailto:a@example.com"])
def test_a_job_s_webhook_is_judged_as_an_endpoint_is(client: TestClient, rack: Rack, account: Account, url: str):
    refused: list[str | None] = []
    for field in ("url", "webhook_url"):
        try:
            endpoints.check_url(rack.outbound, url, field=field)
            refused.append(None)
        except SoundrackError as error:
            refused.append(str(error))
    response = client.post(JOBS, json={"input_url": SONG, "webhook_url": url})

    assert refused[0] == refused[1]
    if refused[0] is None:
        assert response.status_code == 201
    else:
        assert is_refused(response, "webhook_url")
        assert response.json()["error"]["message"] == refused[0]


def test_too_many_jobs_at_once_are_told_when_the_first_of_them_ends(
    client: TestClient, rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch
):
    now = clock.now()
    plan = replace(rack.plans.highest(Service.BLACKLAB), jobs_at_once=1)
    monkeypatch.setattr(subscriptions, "named", lambda *_: plan)
    with rack.database.write() as connection:
        connection.execute(insert(workers).values(id="w", slots=1, speed=10.0, started_at=now, seen_at=now))
    assert client.post(JOBS, json={"input_url": SONG}).status_code == 201

    response = client.post(JOBS, json={"input_url": SONG})

    assert (response.status_code, response.json()["error"]["code"]) == (429, "rate_limited")
    assert response.headers["Retry-After"] == "24"  # 240 s at ten times their speed


def test_the_webhook_and_the_key_are_kept_with_the_job(client: TestClient, rack: Rack):
    client.post(JOBS, json={"input_url": SONG, "webhook_url": "https://example.com/hook?token=a%2Fb"})

    assert row(rack, jobs.c.webhook_url) == "https://example.com/hook?token=a%2Fb"
    assert row(rack, jobs.c.key_id) == row(rack, api_keys.c.id)


def test_an_input_that_nobody_has_seen_is_judged_like_a_song(client: TestClient, rack: Rack):
    now = clock.now()
    with rack.database.write() as connection:
        connection.execute(insert(workers).values(id="w", slots=2, speed=100.0, started_at=now, seen_at=now))

    assert client.post(JOBS, json={"input_url": SONG}).json()["estimated_seconds"] == 3  # 240 s at a hundredfold


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Unreachable("The URL's server answers with status 404."), "input_unreachable"),
        (ForbiddenAddress("The URL leads where it may not."), "input_unreachable"),
        (TooLarge("The file behind the URL is larger than 209715200 bytes."), "file_too_large"),
        (UnsupportedFormat("The file behind the URL is not audio."), "unsupported_format"),
    ],
)
def test_what_is_wrong_with_the_file_behind_it_fails_the_job_with_a_refund(
    client: TestClient, rack: Rack, account: Account, error: Any, code: str
):
    job = client.post(JOBS, json={"input_url": SONG}).json()
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job["id"], "w", 60)
        assert attempt is not None
        assert lifecycle.fail(connection, attempt, error)

    failed = client.get(f"{JOBS}/{job['id']}").json()

    assert (failed["status"], failed["error"]["code"]) == ("failed", code)
    assert row(rack, job_inputs.c.url) is None
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_a_queued_job_is_cancelled_refunded_and_its_upload_deleted(
    client: TestClient, rack: Rack, account: Account, upload
):
    job = client.post(JOBS, json={"input_url": upload()}).json()

    response = client.delete(f"{JOBS}/{job['id']}")

    assert (response.status_code, response.content) == (204, b"")
    cancelled = client.get(f"{JOBS}/{job['id']}").json()
    assert (cancelled["status"], cancelled["output_url"]) == ("cancelled", None)
    assert cancelled.keys().isdisjoint({"estimated_seconds", "completed_at", "error"})
    assert row(rack, assets.c.object_key) is None
    assert [path for path in rack.settings.objects.rglob("*") if path.is_file()] == []
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_a_processing_job_is_cancelled_too(client: TestClient, rack: Rack):
    job = client.post(JOBS, json={"input_url": SONG}).json()
    with rack.database.write() as connection:
        assert lifecycle.claim(connection, rack.queue, job["id"], "w", 60) is not None

    assert client.delete(f"{JOBS}/{job['id']}").status_code == 204
    assert row(rack, job_inputs.c.url) is None


def test_a_job_that_has_ended_is_not_cancelled(client: TestClient):
    job = client.post(JOBS, json={"input_url": SONG}).json()
    client.delete(f"{JOBS}/{job['id']}")

    response = client.delete(f"{JOBS}/{job['id']}")

    error = response.json()["error"]
    assert (response.status_code, error["code"], error["param"]) == (409, "conflict", None)


@pytest.mark.parametrize("job_id", ["job_abc123def456", "nonsense", "%00"])
def test_a_job_that_is_not_there_is_not_cancelled(client: TestClient, job_id: str):
    assert client.delete(f"{JOBS}/{job_id}").status_code == 404
