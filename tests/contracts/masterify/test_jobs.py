"""``GET /api/v1/jobs/{job_id}`` and its download."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.errors import TooLong, UnsupportedFormat
from soundrack.jobs import lifecycle, record
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.masterify.conftest import Master, fail, finish
from tests.standing_clock import StandingClock

FIELDS = [
    "job_id", "status", "progress", "platforms", "genre", "ai_service", "tier", "credits_used", "created_at",
    "completed_at", "results", "error_message",
]  # fmt: skip
MASTERS = {"spotify": b"RIFF spotify", "melon": b"RIFF melon!"}
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(client: TestClient) -> Read:
    def get(job_id: str, **headers: str) -> dict[str, Any]:
        found: dict[str, Any] = client.get(f"/api/v1/jobs/{job_id}", headers=headers).raise_for_status().json()
        return found

    return get


@pytest.fixture
def job_id(master: Master) -> str:
    made: str = master(name="노래.wav", platforms="spotify,melon", genre="kpop", ai_service="udio").json()["job_id"]
    return made


def test_a_job_that_waits_has_every_field(read: Read, job_id: str):
    job = read(job_id)

    assert list(job) == FIELDS
    assert (job["status"], job["progress"], job["completed_at"], job["results"]) == ("queued", 0, None, [])
    assert (job["genre"], job["ai_service"], job["tier"], job["credits_used"]) == ("kpop", "udio", "standard", 1)
    assert job["error_message"] is None


def test_a_job_that_is_done_has_a_result_for_each_platform_in_its_order(
    read: Read, rack: Rack, client: TestClient, job_id: str, tmp_path: Path
):
    finish(rack, job_id, MASTERS, tmp_path)

    job = read(job_id)

    assert list(job) == FIELDS
    assert (job["status"], job["progress"]) == ("done", 100)
    assert job["completed_at"] >= job["created_at"]
    assert [list(one) for one in job["results"]] == [["platform", "lufs", "true_peak_db", "format", "download_url"]] * 2
    assert [(one["platform"], one["lufs"], one["true_peak_db"]) for one in job["results"]] == [
        ("spotify", -14.0, -1.03),
        ("melon", -14.0, -1.03),
    ]
    client.headers.pop("Authorization")
    for one in job["results"]:
        answer = client.get(one["download_url"])
        assert answer.content == MASTERS[one["platform"]]
        assert "%EB%85%B8%EB%9E%98%20-%20" in answer.headers["Content-Disposition"]


def test_links_are_fresh_each_time_and_end_with_the_files(
    read: Read, rack: Rack, client: TestClient, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    held = StandingClock(monkeypatch)
    finish(rack, job_id, MASTERS, tmp_path)
    first = read(job_id)["results"][0]["download_url"]

    held.go_on(hours=25)
    second = read(job_id)["results"][0]["download_url"]

    assert client.get(first).status_code == 403
    assert client.get(second).status_code == 200
    held.go_on(days=30)
    assert read(job_id)["results"][0]["download_url"] is None


def test_a_job_that_failed_says_why_in_either_language_and_is_refunded(
    read: Read, rack: Rack, account: Account, job_id: str
):
    fail(rack, job_id, UnsupportedFormat("The file is not audio."))

    assert read(job_id)["status"] == "failed"
    assert read(job_id)["error_message"] == "지원하지 않는 파일 형식입니다"
    assert read(job_id, **{"Accept-Language": "en"})["error_message"] == "Unsupported file format"
    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100


def test_a_song_that_turns_out_too_long_says_its_limit(read: Read, rack: Rack, job_id: str):
    fail(rack, job_id, TooLong("The song plays longer than 600 s."))

    assert read(job_id, **{"Accept-Language": "en"})["error_message"] == "The file exceeds 10 minutes"


def test_a_job_that_was_cancelled_has_failed(read: Read, rack: Rack, account: Account, job_id: str):
    with rack.database.write() as connection:
        found = record.get(connection, job_id, account_id=account.id, service=Service.MASTERIFY)
        lifecycle.cancel(connection, found)

    assert (read(job_id)["status"], read(job_id)["error_message"]) == ("failed", "작업이 취소되었습니다")


def test_several_platforms_are_a_zip_and_one_is_its_file(rack: Rack, client: TestClient, job_id: str, tmp_path: Path):
    finish(rack, job_id, MASTERS, tmp_path)

    whole = client.get(f"/api/v1/jobs/{job_id}/download")

    assert whole.headers["Content-Type"] == "application/zip"
    assert int(whole.headers["Content-Length"]) == len(whole.content)
    with zipfile.ZipFile(io.BytesIO(whole.content)) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"노래 - {name}.wav": content for name, content in MASTERS.items()
        }
    for name, content in MASTERS.items():
        one = client.get(f"/api/v1/jobs/{job_id}/download?platform={name}")
        assert (one.content, one.headers["Content-Type"]) == (content, "audio/wav")


def test_a_part_of_a_file_can_be_asked_for(rack: Rack, client: TestClient, job_id: str, tmp_path: Path):
    finish(rack, job_id, MASTERS, tmp_path)
    path = f"/api/v1/jobs/{job_id}/download?platform=melon"

    part = client.get(path, headers={"Range": "bytes=5-9"})

    assert (part.status_code, part.content) == (206, b"melon")
    assert client.get(path, headers={"Range": "bytes=99-"}).status_code == 416
    assert client.get(path, headers={"If-None-Match": part.headers["ETag"]}).status_code == 304


def test_a_job_for_one_platform_downloads_as_its_file(rack: Rack, client: TestClient, master: Master, tmp_path: Path):
    job_id = master(platforms="youtube").json()["job_id"]
    finish(rack, job_id, {"youtube": b"RIFF"}, tmp_path)

    assert client.get(f"/api/v1/jobs/{job_id}/download").content == b"RIFF"


@pytest.mark.parametrize("platform", ["youtube", "tidal", "", "SPOTIFY", "../melon"])
def test_a_platform_that_is_not_the_job_s_is_refused(
    rack: Rack, client: TestClient, job_id: str, tmp_path: Path, platform: str
):
    finish(rack, job_id, MASTERS, tmp_path)

    response = client.get(f"/api/v1/jobs/{job_id}/download", params={"platform": platform})

    assert (response.status_code, response.json()["error"]["code"]) == (400, "INVALID_PLATFORM")


@pytest.mark.parametrize("tail", ["", "/download"])
@pytest.mark.parametrize("name", ["none", "550e8400-e29b-41d4-a716-446655440000", "%00", "x" * 3000])
def test_no_such_job_is_not_found(client: TestClient, name: str, tail: str):
    response = client.get(f"/api/v1/jobs/{name}{tail}")

    assert (response.status_code, response.json()["error"]["code"]) == (404, "JOB_NOT_FOUND")
