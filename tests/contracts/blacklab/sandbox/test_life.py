"""A synthetic job: its life by the clock, and a real, playable output."""

from __future__ import annotations

import io
import re

import pytest
import soundfile
from starlette.testclient import TestClient

from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.database.tables import credit_entries, jobs, sandbox_jobs
from soundrack.jobs import tones
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.blacklab.conftest import WAV_HEAD
from tests.contracts.blacklab.sandbox.hands import bearer, count, file, look, submit
from tests.contracts.blacklab.test_errors import JOBS, expect
from tests.standing_clock import StandingClock
from tests.web import serving


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
