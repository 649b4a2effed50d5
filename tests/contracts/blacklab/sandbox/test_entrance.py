"""Who is let in: test keys, access tokens, and nobody else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts import formats, networks, people
from soundrack.accounts.audit import HOUSE
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.database.tables import api_keys
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.blacklab.sandbox.hands import bearer, file
from tests.contracts.blacklab.test_errors import JOBS, expect
from tests.contracts.blacklab.test_limits import access_token
from tests.standing_clock import StandingClock


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
