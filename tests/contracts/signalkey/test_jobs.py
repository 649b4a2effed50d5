"""``GET /api/v1/jobs/{id}``: 202 with `Retry-After` while it runs, 200 with the bare result, 500 when it failed."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys, people
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.errors import (
    Internal,
    ResourcesExhausted,
    SoundrackError,
    TooLong,
    UnsupportedFormat,
    UnusableAudio,
)
from soundrack.jobs import lifecycle, outputs, record
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.signalkey import views
from tests.contracts.signalkey.conftest import FILES, STEMS, Analyze, advance, begin, fail, finish, report
from tests.standing_clock import StandingClock


def path(job_id: str) -> str:
    return f"/api/v1/jobs/{job_id}"


def test_a_job_that_waits_is_202_and_says_when_to_ask_again(client: TestClient, job_id: str):
    response = client.get(path(job_id))

    assert response.status_code == 202
    assert response.json() == {
        "job_id": job_id,
        "object": "analysis_job",
        "status": "queued",
        "progress": 0.05,
        "stage": "upload",
    }
    assert 2 <= int(response.headers["Retry-After"]) <= 10


def test_a_job_under_way_tells_its_stage_and_a_progress_that_never_falls(client: TestClient, rack: Rack, job_id: str):
    attempt = begin(rack, job_id)
    told = []
    for stage, progress in (("decode", 0.0), ("features", 0.1), ("tempo", 0.35), ("release", 0.96)):
        advance(rack, attempt, stage, progress)
        response = client.get(path(job_id))
        assert (response.status_code, response.json()["status"], response.json()["stage"]) == (202, "processing", stage)
        told.append(response.json()["progress"])
    with rack.database.write() as connection:
        lifecycle.lapse(connection, attempt)
        lifecycle.give_back(connection, rack.queue, attempt)
    told.append(client.get(path(job_id)).json()["progress"])

    assert told == sorted(told)
    assert told[0] >= 0.05
    assert told[-1] < 1


def test_whoever_polls_as_often_as_told_stays_within_the_minute(client: TestClient, job_id: str):
    pause_s = int(client.get(path(job_id)).headers["Retry-After"])

    assert 60 / pause_s <= 30


def test_a_job_that_is_done_is_the_bare_result_as_the_engine_reported_it(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)

    response = client.get(path(job_id))

    body = response.json()
    assert response.status_code == 200
    assert "Retry-After" not in response.headers
    assert body["id"] == job_id
    bare = body | {
        "create_report": {name: one for name, one in body["create_report"].items() if name != "midi_url"},
        "stems_report": body["stems_report"]
        | {"stems": [{k: v for k, v in stem.items() if k != "url"} for stem in body["stems_report"]["stems"]]},
        "release_kit": body["release_kit"] | {"pictures": report()["release_kit"]["pictures"]},
    }
    del bare["links_expire_at"]
    assert bare == report() | {"id": job_id}


def test_its_links_lead_to_the_files_with_names_of_the_song(
    client: TestClient, rack: Rack, analyze: Analyze, tmp_path: Path
):
    job_id = analyze(name="노래 (최종).wav").json()["job_id"]
    finish(rack, job_id, tmp_path, stems=True)

    body = client.get(path(job_id)).json()

    client.headers.pop("Authorization")
    links = {"midi": body["create_report"]["midi_url"]} | body["release_kit"]["pictures"]
    links |= {stem["id"]: stem["url"] for stem in body["stems_report"]["stems"]}
    assert set(links) == {*FILES, *STEMS}
    for name, (_, content, content_type) in {**FILES, **STEMS}.items():
        answer = client.get(links[name])
        assert (answer.content, answer.headers["Content-Type"]) == (content, content_type)
        assert "%EB%85%B8%EB%9E%98%20%28%EC%B5%9C%EC%A2%85%29" in answer.headers["Content-Disposition"]


def test_stems_that_were_not_separated_have_no_link(client: TestClient, rack: Rack, job_id: str, tmp_path: Path):
    finish(rack, job_id, tmp_path)

    stems = client.get(path(job_id)).json()["stems_report"]["stems"]

    assert [stem["url"] for stem in stems] == [None] * 4


def test_links_are_fresh_each_time_and_say_how_long_they_are_good(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    held = StandingClock(monkeypatch)
    finish(rack, job_id, tmp_path)
    first = client.get(path(job_id)).json()
    assert (datetime.fromisoformat(first["links_expire_at"]) - clock.now()).total_seconds() == pytest.approx(
        86400, abs=1
    )

    held.go_on(hours=25)
    second = client.get(path(job_id)).json()

    assert client.get(first["create_report"]["midi_url"]).status_code == 403
    assert client.get(second["create_report"]["midi_url"]).status_code == 200


@pytest.mark.parametrize("ending", ["well", "badly"])
def test_what_ended_long_ago_is_not_found(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
):
    held = StandingClock(monkeypatch)
    if ending == "well":
        finish(rack, job_id, tmp_path)
    else:
        fail(rack, job_id, UnusableAudio("Nothing is there."))
    held.go_on(days=29, hours=23)
    assert client.get(path(job_id)).status_code == (200 if ending == "well" else 500)

    held.go_on(hours=2)

    for tail in ("", "/stream"):
        response = client.get(path(job_id) + tail)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_a_result_that_somebody_has_deleted_is_not_found(client: TestClient, rack: Rack, job_id: str, tmp_path: Path):
    finish(rack, job_id, tmp_path)
    with rack.database.read() as connection:
        account_id = connection.execute(record.COLUMNS).one().account_id
        job = record.get(connection, job_id, account_id=account_id, service=Service.SIGNALKEY)
    outputs.withdraw(rack.store, job)

    assert client.get(path(job_id)).status_code == 404


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UnsupportedFormat("libsndfile: /var/lib/x: bad header"), "cannot be read as audio"),
        (UnusableAudio("frame 17 of /tmp/x"), "damaged, truncated or holds no sound"),
        (TooLong("1801 s"), "longer than is allowed"),
        (ResourcesExhausted("SIGKILL"), "Upload it again"),
        (Internal("SELECT secret FROM house"), "Upload it again"),
    ],
)
def test_a_job_that_failed_is_500_and_says_why_in_words_of_its_own(
    client: TestClient, rack: Rack, job_id: str, error: SoundrackError, words: str
):
    fail(rack, job_id, error)

    response = client.get(path(job_id))

    assert response.status_code == 500
    assert list(response.json()) == ["error"]
    assert response.json()["error"]["code"] == "analysis_failed"
    assert words in response.json()["error"]["message"]
    assert str(error) not in response.text


def test_a_job_that_was_cancelled_has_failed(client: TestClient, rack: Rack, account: Account, job_id: str):
    with rack.database.write() as connection:
        lifecycle.cancel(connection, record.get(connection, job_id, account_id=account.id, service=Service.SIGNALKEY))

    response = client.get(path(job_id))

    assert (response.status_code, response.json()["error"]["code"]) == (500, "analysis_failed")
    assert "cancelled" in response.json()["error"]["message"]


@pytest.mark.parametrize("tail", ["", "/stream"])
def test_unknown_malformed_and_other_people_s_ids_are_answered_alike(
    client: TestClient, rack: Rack, job_id: str, tail: str
):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        subscriptions.subscribe(connection, other.id, Service.SIGNALKEY, "studio")
        token = keys.create(connection, rack.secret, other.id, Service.SIGNALKEY, "").token
    stranger = {"Authorization": f"Bearer {token}"}

    answers = [client.get(path(name) + tail) for name in ("abc123", "a" * 12, "%00", "x" * 3000, "job_000000000000")]
    answers.append(client.get(path(job_id) + tail, headers=stranger))

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.text for answer in answers} == {'{"error":{"code":"not_found","message":"No such job."}}'}


def test_a_result_larger_than_any_can_be_is_not_read(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    finish(rack, job_id, tmp_path)
    monkeypatch.setattr(views, "_MOST_BYTES", 100)

    response = client.get(path(job_id))

    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal_error")


def test_a_result_is_one_line_so_that_a_stream_can_carry_it(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path
):
    finish(rack, job_id, tmp_path)

    text = client.get(path(job_id)).text

    assert len(text.splitlines()) == 1
    assert json.loads(text)["file_meta"]["filename"] == "track.mp3"
