""" "Rate Limits": the table of tiers, and the headers that "are included in every response".

What is counted together and how a refusal recovers is told in ``test_limits.py``.
"""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.blacklab.printed import Wire
from tests.standing_clock import StandingClock

pytestmark = pytest.mark.one_database

TIERS = [("free", 60, 10), ("pro", 300, 50), ("enterprise", 1000, 200)]  # "Tier", "Requests/min", "Burst"
HEADERS = """\
X-RateLimit-Limit: 300
X-RateLimit-Remaining: 287
X-RateLimit-Reset: 1700000060
"""
NAMES = [line.partition(":")[0] for line in HEADERS.splitlines()]
JOB = "/v1/mastering/jobs/job_abc123def456"


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch, rack: Rack) -> StandingClock:
    return StandingClock(monkeypatch)


def choose(rack: Rack, account: Account, tier: str) -> None:
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, tier)


@pytest.mark.parametrize(("tier", "per_minute", "burst"), TIERS)
def test_each_tier_has_its_limit_its_burst_and_the_three_headers(
    client: TestClient,
    rack: Rack,
    account: Account,
    standing: StandingClock,
    tier: str,
    per_minute: int,
    burst: int,
):
    choose(rack, account, tier)

    for sent in range(1, burst + 1):
        response = client.get(JOB)
        assert response.status_code == 404
        assert [int(response.headers[name]) for name in NAMES[:2]] == [per_minute, per_minute - sent]
        assert int(response.headers[NAMES[2]]) == int(standing.moment.timestamp()) + 60
    refused = client.get(JOB)
    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "rate_limited")
    assert [int(refused.headers[name]) for name in NAMES[:2]] == [per_minute, per_minute - burst]
    assert int(refused.headers["Retry-After"]) >= 1
    standing.go_on(seconds=1)
    assert client.get(JOB).status_code == 404


@pytest.mark.parametrize(("tier", "per_minute", "burst"), TIERS)
def test_the_headers_come_over_a_real_wire_as_printed(
    wire: Wire, rack: Rack, account: Account, tier: str, per_minute: int, burst: int
):
    choose(rack, account, tier)

    answer = wire.send("GET", "https://api.blacklab.studio" + JOB, {"Authorization": f"Bearer {wire.key}"})

    assert answer.headers["x-ratelimit-limit"] == str(per_minute)
    assert answer.headers["x-ratelimit-remaining"] == str(per_minute - 1)
    assert all(answer.headers[name.lower()].isdecimal() for name in NAMES)
