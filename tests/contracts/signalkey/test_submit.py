"""``POST /api/v1/analyze``: what is taken, what is refused, and that nothing of what is refused is kept."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from sqlalchemy import func, select
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.billing.plans import Plans
from soundrack.database.tables import assets, jobs, monthly_usage
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.signalkey import intake
from soundrack.settings import Settings, StemsMode
from tests.contracts.masterify.conftest import long_flac, mp3, stored
from tests.contracts.masterify.test_uploads import END, FORM, HOSTILE, part
from tests.contracts.signalkey.conftest import ANALYZE, WAV, Analyze
from tests.live import noise, wav

MIB = 2**20
HOOK = "https://93.184.216.34/hook?token=a%20b"
NOTHING: tuple[int, int, int, list[str]] = (0, 0, 0, [])


def kept(rack: Rack) -> tuple[int, int, int, list[str]]:
    """Return how many uploads, jobs and counted requests there are, and every file."""
    with rack.database.read() as connection:
        uploads, submitted = (
            connection.execute(select(func.count()).select_from(one)).scalar_one() for one in (assets, jobs)
        )
        counted = connection.execute(select(func.coalesce(func.sum(monthly_usage.c.used), 0))).scalar_one()
    return uploads, submitted, counted, stored(rack)


def encoded(form: str) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, noise(0.5), 44_100, format=form)
    return buffer.getvalue()


def m4a(folder: Path) -> bytes:
    mpeg4 = pytest.importorskip("soundrack.audio.mpeg4", reason="PyAV is not installed", exc_type=ImportError)
    from soundrack.audio.tags.metadata import Tags  # noqa: PLC0415

    path = folder / "song.m4a"
    mpeg4.write_mpeg4(path, [noise(0.5).astype(np.float32)], 44_100, 2, Tags())
    return path.read_bytes()


def test_a_song_alone_is_accepted_as_the_document_prints_it(analyze: Analyze):
    response = analyze()

    body = response.json()
    assert response.status_code == 202
    assert re.fullmatch("[a-z0-9]{12}", body["job_id"])
    assert body == {
        "job_id": body["job_id"],
        "object": "analysis_job",
        "status": "queued",
        "stream_url": f"/api/v1/jobs/{body['job_id']}/stream",
        "poll_url": f"/api/v1/jobs/{body['job_id']}",
        "webhook_delivery": "none",
    }


def test_with_a_webhook_it_is_scheduled_and_the_url_kept_whole(analyze: Analyze, rack: Rack):
    response = analyze(webhook_url=f" {HOOK} ")

    assert (response.status_code, response.json()["webhook_delivery"]) == (202, "scheduled")
    with rack.database.read() as connection:
        assert connection.execute(select(jobs.c.webhook_url)).scalar_one() == HOOK


def test_what_a_form_leaves_blank_and_what_nobody_knows_counts_as_nothing(analyze: Analyze):
    response = analyze(webhook_url="  ", genre="house", priority="high")

    assert (response.status_code, response.json()["webhook_delivery"]) == (202, "none")


def test_it_costs_no_credits_and_one_of_the_month(analyze: Analyze, rack: Rack, account: Account):
    analyze()

    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100
    assert kept(rack)[:3] == (1, 1, 1)


@pytest.mark.one_database
@pytest.mark.parametrize("form", ["MP3", "WAV", "FLAC", "AIFF", "OGG", "M4A"])
def test_each_decided_format_is_taken_whatever_it_is_called(analyze: Analyze, rack: Rack, form: str, tmp_path: Path):
    content = m4a(tmp_path) if form == "M4A" else mp3() if form == "MP3" else encoded(form)

    assert analyze(content, "track.bin").status_code == 202
    with rack.database.read() as connection:
        (content_type,) = connection.execute(select(assets.c.content_type)).scalars()
    told = {"MP3": "audio/mpeg", "M4A": "audio/mp4"}.get(form, f"audio/{form.lower()}")
    assert content_type == told


@pytest.mark.one_database
def test_where_m4a_cannot_be_read_the_answer_says_what_is_missing(
    analyze: Analyze, rack: Rack, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(intake, "_reads_m4a", lambda: False)

    response = analyze(b"\0\0\0\x18ftypM4A \0\0\0\0" + bytes(5000), "track.m4a")

    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_format")
    assert "soundrack[m4a]" in response.json()["error"]["message"]
    assert kept(rack) == NOTHING


REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "no file": ({"data": {"webhook_url": HOOK}, "files": {"other": ("a.wav", WAV)}}, 400, "invalid_request"),
    "nothing at all": ({}, 400, "invalid_request"),
    "an empty file": ({"files": {"file": ("a.wav", b"")}}, 400, "invalid_request"),
    "two files": ({"files": [("file", ("a.wav", WAV)), ("file", ("b.wav", WAV))]}, 400, "invalid_request"),
    "a private webhook": (
        {"files": {"file": WAV}, "data": {"webhook_url": "http://10.0.0.1/"}},
        400,
        "invalid_request",
    ),
    "metadata's address": (
        {"files": {"file": WAV}, "data": {"webhook_url": "http://169.254.169.254/latest"}},
        400,
        "invalid_request",
    ),
    "no URL": ({"files": {"file": WAV}, "data": {"webhook_url": "javascript:alert(1)"}}, 400, "invalid_request"),
    "a long URL": (
        {"files": {"file": WAV}, "data": {"webhook_url": f"https://93.184.216.34/{'a' * 2048}"}},
        400,
        "invalid_request",
    ),
    "JSON": ({"json": {"file": "a.wav"}}, 415, "unsupported_media_type"),
    "a bare song": ({"content": WAV, "headers": {"Content-Type": "audio/wav"}}, 415, "unsupported_media_type"),
    "no boundary": (
        {"content": b"x", "headers": {"Content-Type": "multipart/form-data"}},
        415,
        "unsupported_media_type",
    ),
    "a picture": ({"files": {"file": ("a.wav", b"\x89PNG\r\n\x1a\n" + bytes(5000))}}, 415, "unsupported_format"),
    "raw AAC": ({"files": {"file": ("a.aac", b"\xff\xf1\x50\x80" * 2000)}}, 415, "unsupported_format"),
    "a broken FORM": ({"files": {"file": ("a.aiff", b"FORM\0\0\0\4AIFF")}}, 415, "unsupported_format"),
    "31 minutes": ({"files": {"file": ("a.flac", long_flac(1860))}}, 413, "file_too_long"),
}


@pytest.mark.one_database
@pytest.mark.parametrize("kind", REFUSED)
def test_what_cannot_be_accepted_is_refused_with_its_status_and_keeps_nothing(
    client: TestClient, rack: Rack, kind: str
):
    sent, status, code = REFUSED[kind]

    response = client.post(ANALYZE, **sent)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code), response.text
    assert set(response.json()["error"]) == {"code", "message"}
    assert kept(rack) == NOTHING


OTHERWISE = {
    "a field of 1 MB": 202,  # nobody knows it here, so it is looked over
    "a form in a form": 415,  # its file is no song, which shows first
    "what looks like a boundary": 415,
}


@pytest.mark.one_database
@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_form_is_refused_and_keeps_nothing(client: TestClient, rack: Rack, kind: str):
    response = client.post(ANALYZE, content=HOSTILE[kind], headers={"Content-Type": FORM})

    assert response.status_code == OTHERWISE.get(kind, 400)
    if response.status_code != 202:
        assert kept(rack) == NOTHING


@pytest.mark.one_database
def test_two_hundred_megabytes_are_taken_and_no_byte_more(client: TestClient, rack: Rack):
    def body(size: int) -> Any:
        yield part("file", b"", "a.wav").removesuffix(b"\r\n") + WAV
        left = size - len(WAV)
        while left:
            yield bytes(min(left, MIB))
            left -= min(left, MIB)
        yield b"\r\n" + END

    headers = {"Content-Type": FORM}
    large = client.post(ANALYZE, content=body(200 * MIB + 1), headers=headers)
    assert (large.status_code, large.json()["error"]["code"]) == (413, "file_too_large")
    assert kept(rack) == NOTHING
    assert client.post(ANALYZE, content=body(200 * MIB), headers=headers).status_code == 202


@pytest.mark.one_database
def test_a_body_that_says_that_it_is_too_large_is_refused_unread(client: TestClient, rack: Rack):
    headers = {"Content-Type": FORM, "Content-Length": str(300 * MIB)}
    response = client.post(ANALYZE, content=b"", headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (413, "file_too_large")


@pytest.mark.one_database
def test_half_an_hour_and_an_encoder_s_padding_are_half_an_hour(analyze: Analyze):
    assert analyze(long_flac(1800)).status_code == 202


SMALL = """
[signalkey.small]
title = "Small"
requests_per_minute = 30
file_bytes = 40_000
file_seconds = 60
jobs_at_once = 1
"""


@pytest.mark.one_database
def test_the_plan_s_own_limits_hold_where_they_are_lower(
    analyze: Analyze, rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch
):
    plans = Plans.parse(f"{Plans.documented().to_toml()}\n{SMALL}", "plans.toml")
    monkeypatch.setattr(rack.plans, "_plans", plans._plans)
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, "small")

    large, long = analyze(wav(noise(0.5))), analyze(long_flac(61))
    first, second = analyze(wav(noise(0.1))), analyze(wav(noise(0.1)))

    assert [(one.status_code, one.json()["error"]["code"]) for one in (large, long)] == [
        (413, "file_too_large"),
        (413, "file_too_long"),
    ]
    assert (first.status_code, second.status_code) == (202, 429)
    assert second.json()["error"]["scope"] == "jobs"
    assert int(second.headers["Retry-After"]) == second.json()["error"]["retry_after"] >= 1


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("../../etc/passwd.wav", "passwd.wav"),
        ("노래 (최종).wav", "노래 (최종).wav"),
        ("a\u202egnp.wav", "agnp.wav"),
        ("", "song"),
    ],
)
def test_a_file_s_name_is_told_and_never_a_path(client: TestClient, rack: Rack, sent: str, told: str):
    content = part("file", WAV, sent) + END

    assert client.post(ANALYZE, content=content, headers={"Content-Type": FORM}).status_code == 202
    with rack.database.read() as connection:
        assert connection.execute(select(jobs.c.parameters)).scalar_one()["filename"] == told
    assert stored(rack)[0].startswith("asset_")


class TestSwitchedOff:
    """With `engines_off`, submissions are 503; what is there already is answered."""

    pytestmark = pytest.mark.one_database

    @pytest.fixture
    def settings(self, tmp_path: Path, database_url: str) -> Settings:
        return Settings(data=tmp_path / "data", database_url=database_url, workers=1, engines_off="signalkey")

    def test_submissions_are_503_and_keep_nothing(self, analyze: Analyze, rack: Rack):
        response = analyze()

        assert (response.status_code, response.json()["error"]["code"]) == (503, "backend_not_configured")
        assert kept(rack) == NOTHING

    def test_the_key_is_told_all_the_same(self, client: TestClient):
        assert client.get("/api/v1/me").status_code == 200
        assert client.get("/api/v1/jobs/abc123").status_code == 404


@pytest.mark.one_database
@pytest.mark.parametrize(("mode", "wanted"), [(StemsMode.AUTO, True), (StemsMode.NEVER, False)])
def test_stems_are_asked_for_unless_the_setting_says_never(
    analyze: Analyze, rack: Rack, mode: StemsMode, wanted: bool, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setitem(rack.settings.__dict__, "signalkey_stems", mode)

    analyze()

    with rack.database.read() as connection:
        assert connection.execute(select(jobs.c.parameters)).scalar_one()["stems"] is wanted
