"""Document, "Rate limits": two windows, six headers on every authenticated response, and a 429 that names its scope."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from httpx2 import Response
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import keys
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import quotas, subscriptions
from soundrack.billing.plans import Plans
from soundrack.database.tables import jobs, monthly_usage
from soundrack.errors import UnusableAudio
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.signalkey.conftest import ANALYZE, Analyze, fail, finish
from tests.standing_clock import StandingClock

PREFIX = "X-RateLimit-"
HEADERS = [f"{PREFIX}{what}-{window}" for window in ("Minute", "Month") for what in ("Limit", "Remaining", "Reset")]
NOW = 1_777_636_800
"""The moment of the standing clock, 1 May 2026 at noon."""
JUNE = int(datetime(2026, 6, 1, tzinfo=UTC).timestamp())


def windows(response: Response) -> list[int]:
    return [int(response.headers[name]) for name in HEADERS]


def use(rack: Rack, account: Account, plan: str, used: int) -> None:
    """Give an account a plan, and have it use so much of its month."""
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, plan)
        found = rack.plans.of(Service.SIGNALKEY, plan)
        if used:
            quotas.spend(connection, f"signalkey {account.id}", found, used)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> StandingClock:
    return StandingClock(monkeypatch)


def test_the_six_headers_tell_both_windows(client: TestClient, held: StandingClock, analyze: Analyze):
    first = client.get("/api/v1/me")
    held.go_on(seconds=1)
    second = analyze()

    assert windows(first) == [30, 29, NOW + 60, 1000, 1000, JUNE]
    assert windows(second) == [30, 28, NOW + 61, 1000, 999, JUNE]


def test_they_are_on_every_response_to_a_key_that_is_known(
    client: TestClient, rack: Rack, account: Account, analyze: Analyze, tmp_path: Path
):
    done, failed = (analyze().json()["job_id"] for _ in range(2))
    finish(rack, done, tmp_path)
    fail(rack, failed, UnusableAudio("x"))
    answers = {
        202: analyze(),
        200: client.get(f"/api/v1/jobs/{done}"),
        500: client.get(f"/api/v1/jobs/{failed}"),
        404: client.get("/api/v1/jobs/abc123"),
        400: client.post(ANALYZE),
        413: client.post(
            ANALYZE, headers={"Content-Length": str(10**9), "Content-Type": "multipart/form-data; boundary=b"}
        ),
        415: client.post(ANALYZE, json={}),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert windows(answer)[3:5] == [1000, 997]
    for path in (f"/api/v1/jobs/{done}/stream", "/api/v1/me", "/api/v1/nowhere"):
        assert len(windows(client.get(path))) == 6
    use(rack, account, "free", 0)
    forbidden = client.get("/api/v1/me")
    assert (forbidden.status_code, len(windows(forbidden))) == (403, 6)


def test_strangers_are_told_nothing_of_any_window(anonymous: TestClient):
    for headers in ({}, {"Authorization": "Bearer sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"}):
        response = anonymous.get("/api/v1/me", headers=headers)

        assert response.status_code == 401
        assert not [name for name in response.headers if name.lower().startswith("x-ratelimit")]


@pytest.mark.parametrize(("plan", "minute", "month"), [("studio", 30, 1000), ("studio_plus", 120, 10_000)])
def test_a_minute_has_as_many_requests_as_the_document_says(
    client: TestClient, rack: Rack, account: Account, held: StandingClock, plan: str, minute: int, month: int
):
    use(rack, account, plan, 0)

    answers = [client.get("/api/v1/jobs/abc123") for _ in range(minute)]
    held.go_on(seconds=20)
    refused = client.get("/api/v1/jobs/abc123")

    assert {answer.status_code for answer in answers} == {404}
    assert windows(answers[-1]) == [minute, 0, NOW + 60, month, month, JUNE]
    assert refused.status_code == 429
    assert windows(refused) == [minute, 0, NOW + 60, month, month, JUNE]
    assert refused.headers["Retry-After"] == "40"
    error = refused.json()["error"]
    assert error.pop("message").startswith("Too many requests")
    assert error == {"code": "rate_limited", "scope": "minute", "retry_after": 40}
    held.go_on(seconds=40)
    assert client.get("/api/v1/jobs/abc123").status_code == 404


def test_five_keys_of_an_account_share_its_windows(
    client: TestClient, rack: Rack, account: Account, held: StandingClock, analyze: Analyze
):
    with rack.database.write() as connection:
        other = keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "another").token
    analyze()

    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {other}"})

    assert windows(answer)[1::3] == [28, 999]


def test_the_month_counts_accepted_analyses_alone(client: TestClient, analyze: Analyze, rack: Rack, tmp_path: Path):
    job_id = analyze().json()["job_id"]
    client.post(ANALYZE)
    analyze(b"no song")
    analyze(webhook_url="http://10.0.0.1/")
    fail(rack, job_id, UnusableAudio("silent"))
    for _ in range(3):
        client.get(f"/api/v1/jobs/{job_id}")

    assert windows(client.get("/api/v1/me"))[4] == 999


def test_a_month_that_is_used_up_is_429_and_names_the_month(
    client: TestClient, rack: Rack, account: Account, held: StandingClock, analyze: Analyze
):
    use(rack, account, "studio", 999)

    last, refused = analyze(), analyze()

    assert (last.status_code, windows(last)[4]) == (202, 0)
    assert refused.status_code == 429
    assert windows(refused) == [30, 28, NOW + 60, 1000, 0, JUNE]
    wait_s = JUNE - NOW
    assert refused.headers["Retry-After"] == str(wait_s)
    error = refused.json()["error"]
    assert (error["code"], error["scope"], error["retry_after"]) == ("rate_limited", "month", wait_s)
    assert client.get("/api/v1/me").status_code == 200  # only analyses count
    with rack.database.read() as connection:
        assert len(connection.execute(select(jobs.c.id)).all()) == 1
    held.go_on(seconds=wait_s)
    july = int(datetime(2026, 7, 1, tzinfo=UTC).timestamp())
    assert windows(analyze())[3:] == [1000, 999, july]


def test_whoever_accepts_the_job_has_the_last_word_on_the_month(
    rack: Rack, account: Account, analyze: Analyze, monkeypatch: pytest.MonkeyPatch
):
    """Two that begin to send when one is left: the second is refused when both have arrived, and leaves nothing."""
    use(rack, account, "studio", 1000)
    monkeypatch.setattr("soundrack.services.signalkey.intake.quotas.check", lambda _plan, _quota: None)

    response = analyze()

    assert (response.status_code, response.json()["error"]["scope"]) == (429, "month")
    with rack.database.read() as connection:
        assert connection.execute(select(monthly_usage.c.used)).scalars().all() == [1000]
        assert connection.execute(select(jobs.c.id)).all() == []
    assert not [path for path in rack.settings.objects.rglob("*") if path.is_file()]


@pytest.mark.one_database
def test_a_plan_without_a_limit_of_the_month_tells_of_none(
    client: TestClient, rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch
):
    endless = '\n[signalkey.endless]\ntitle = "Endless"\nrequests_per_minute = 600\n'
    plans = Plans.parse(Plans.documented().to_toml() + endless, "plans.toml")
    monkeypatch.setattr(rack.plans, "_plans", plans._plans)
    use(rack, account, "endless", 5)

    response = client.get("/api/v1/me")

    assert [name for name in HEADERS if name in response.headers] == HEADERS[:3]
    month = response.json()["rate_limit"]["month"]
    assert month == {"limit": None, "remaining": None, "reset": month["reset"]}
    assert month["reset"] > clock.now().timestamp()


def test_me_tells_the_windows_that_its_own_headers_tell(
    client: TestClient, rack: Rack, key: NewKey, held: StandingClock
):
    held.go_on(hours=1)
    rack.last_use.note(key.id)
    rack.last_use.write(rack.database)
    held.go_on(hours=1)

    response = client.get("/api/v1/me")

    told = response.json()
    limits = told.pop("rate_limit")
    assert [limits[window][what] for window in ("minute", "month") for what in ("limit", "remaining", "reset")] == (
        windows(response)
    )
    created_at = told.pop("created_at")
    assert told == {
        "object": "api_key",
        "id": key.id,
        "name": "my app",
        "prefix": key.token[:12],
        "last_used_at": "2026-05-01T13:00:00Z",
        "plan": "studio",
    }
    assert created_at.endswith("Z")
    assert key.token not in response.text


def test_a_key_that_is_used_for_the_first_time_was_never_used(client: TestClient):
    assert client.get("/api/v1/me").json()["last_used_at"] is None
