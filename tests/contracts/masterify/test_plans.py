"""Document, "API Limits by Plan": each number, met on the wire."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.errors import Conflict
from soundrack.outbound.webhooks import endpoints
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import voices
from tests.contracts.masterify.conftest import Master
from tests.standing_clock import StandingClock

PLANS = {  # "Plan": "API Keys", "Rate Limit", "Webhooks", and the decided jobs at once
    "free": (1, 5, 1, 1),
    "starter": (3, 30, 5, 2),
    "pro": (5, 60, 10, 5),
    "studio": (10, 120, None, 10),
}


@pytest.fixture(params=PLANS)
def plan(request: pytest.FixtureRequest, rack: Rack, account: Account, key: str) -> str:
    name: str = request.param
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.MASTERIFY, name)
    return name


def test_so_many_requests_a_minute(client: TestClient, plan: str, monkeypatch: pytest.MonkeyPatch):
    held = StandingClock(monkeypatch)
    statuses = [client.get("/api/v1/jobs/none").status_code for _ in range(PLANS[plan][1] + 1)]

    assert statuses == [404] * PLANS[plan][1] + [429]
    held.go_on(seconds=61)
    assert client.get("/api/v1/jobs/none").status_code == 404


def test_so_many_jobs_at_once(client: TestClient, master: Master, plan: str, monkeypatch: pytest.MonkeyPatch):
    held = StandingClock(monkeypatch)
    statuses = []
    for _ in range(PLANS[plan][3] + 1):
        statuses.append(master().status_code)
        held.go_on(seconds=61)

    assert statuses == [201] * PLANS[plan][3] + [429]


def test_so_many_keys(rack: Rack, account: Account, plan: str):
    allowed = rack.plans.of(Service.MASTERIFY, plan)

    def make() -> None:
        with rack.database.write() as connection:
            keys.create(connection, rack.secret, account.id, Service.MASTERIFY, "more", plan=allowed)

    for _ in range(PLANS[plan][0] - 1):  # the client has one already
        make()
    with pytest.raises(Conflict):
        make()


def test_so_many_webhooks(rack: Rack, account: Account, plan: str):
    most = rack.plans.of(Service.MASTERIFY, plan).webhooks
    names = list(voices.of(rack)[Service.MASTERIFY].names.values())

    def add(number: int) -> None:
        url = f"https://93.184.216.34/{number}"
        with rack.database.write() as connection:
            endpoints.add(connection, rack.outbound, account.id, Service.MASTERIFY, url, documented=names, most=most)

    assert most == PLANS[plan][2]
    for number in range(12 if most is None else most):
        add(number)
    if most is not None:
        with pytest.raises(Conflict):
            add(most)
