"""BlackLab's "Authentication", "Rate Limits" and "Scopes": who is let in, from where, how often, and what is told."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from httpx2 import Response
from sqlalchemy import insert, select
from starlette.testclient import TestClient

from soundrack import app, clock, ids
from soundrack.accounts import keys, networks
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.database.tables import api_keys, oauth_clients, oauth_grants, oauth_tokens
from soundrack.jobs import record
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import routes
from soundrack.services.door import Door
from tests.contracts.blacklab.test_errors import JOBS, expect
from tests.standing_clock import StandingClock

SOMEWHERE = f"{JOBS}/job_abc123def456"
HEADERS = {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"}


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch, rack: Rack) -> StandingClock:
    return StandingClock(monkeypatch)


@pytest.fixture
def plan(rack: Rack, account: Account, key: str) -> Any:
    """Chosen after the key was made, whose fixture chooses the highest."""

    def choose(name: str) -> None:
        with rack.database.write() as connection:
            subscriptions.subscribe(connection, account.id, Service.BLACKLAB, name)

    return choose


@pytest.fixture
def free(plan) -> None:
    plan("free")


def another_key(rack: Rack, account: Account) -> dict[str, str]:
    with rack.database.write() as connection:
        token = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "another").token
    return {"Authorization": f"Bearer {token}"}


def access_token(rack: Rack, account: Account, scope: str, client_id: str = "app_1") -> dict[str, str]:
    made, now = ids.key("sat_"), clock.now()
    digest = hmac.digest(rack.secret.key("oauth tokens"), made.encode(), hashlib.sha256).hex()
    grant_id = ids.short("grant_")
    application = {"redirect_uris": [], "grant_types": [], "scope": scope, "created_at": now}
    with rack.database.write() as connection:
        if connection.execute(select(oauth_clients.c.id).where(oauth_clients.c.id == client_id)).first() is None:
            connection.execute(
                insert(oauth_clients).values(
                    id=client_id, account_id=account.id, service=Service.BLACKLAB, name="", **application
                )
            )
        connection.execute(
            insert(oauth_grants).values(
                id=grant_id, account_id=account.id, client_id=client_id, scope=scope, created_at=now
            )
        )
        connection.execute(
            insert(oauth_tokens).values(
                digest=digest,
                kind="access",
                grant_id=grant_id,
                scope=scope,
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    return {"Authorization": f"Bearer {made}"}


def told(response: Response) -> tuple[int, int]:
    return int(response.headers["x-ratelimit-limit"]), int(response.headers["x-ratelimit-remaining"])


@pytest.mark.usefixtures("free")
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/assets/upload-url", 422),
        ("GET", SOMEWHERE, 404),
        ("GET", "/v1/nothing", 404),
        ("GET", "/", 404),
        ("PATCH", JOBS, 404),
        ("HEAD", SOMEWHERE, 404),
        ("GET", "/openapi.json", 200),
    ],
)
def test_the_headers_are_on_every_response(client: TestClient, method: str, path: str, status: int):
    response = client.request(method, path)

    assert response.status_code == status
    assert response.headers.keys() >= HEADERS
    assert told(response) == (60, 59)


@pytest.mark.usefixtures("free")
def test_the_headers_are_on_a_refusal_and_on_an_answer_alike(client: TestClient, anonymous: TestClient):
    asked = {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 10}
    assert told(client.post("/v1/assets/upload-url", json=asked)) == (60, 59)
    assert told(anonymous.get(SOMEWHERE, headers={"Authorization": "nonsense"})) == (60, 59)


@pytest.mark.usefixtures("free")
def test_the_headers_are_on_an_error_of_ours_before_and_behind_the_door(client: TestClient, rack: Rack, monkeypatch):
    async def break_down(*_: Any, **__: Any) -> None:
        raise RuntimeError("a detail of ours")

    monkeypatch.setattr(record, "look_up", break_down)
    behind = client.get(SOMEWHERE)
    monkeypatch.setattr(type(rack.windows), "hit", break_down)
    before = client.get(SOMEWHERE)

    for response in (behind, before):
        expect(response, "internal_error", 500, None)
        assert "detail of ours" not in response.text
    assert told(behind) == (60, 59)


@pytest.mark.usefixtures("free")
def test_a_free_key_has_ten_requests_in_a_second_and_sixty_in_a_minute(client: TestClient, standing: StandingClock):
    began = standing.moment
    for number in range(60):
        response = client.get(SOMEWHERE)
        assert (response.status_code, told(response)) == (404, (60, 59 - number))
        assert int(response.headers["x-ratelimit-reset"]) == standing.moment.timestamp() + 60
        if number % 10 == 9:
            refused = client.get(SOMEWHERE)
            expect(refused, "rate_limited", 429, None)
            assert told(refused) == (60, 59 - number)
            assert 1 <= int(refused.headers["retry-after"]) <= 60
            standing.go_on(seconds=1)

    refused = client.get(SOMEWHERE)
    expect(refused, "rate_limited", 429, None)
    assert told(refused) == (60, 0)
    assert refused.headers["retry-after"] == str(60 - (standing.moment - began).seconds)
    standing.go_on(seconds=int(refused.headers["retry-after"]))
    assert client.get(SOMEWHERE).status_code == 404


@pytest.mark.parametrize(("name", "limit"), [("free", 60), ("pro", 300), ("enterprise", 1000)])
def test_each_plan_has_its_documented_limit_from_the_next_request_on(client: TestClient, plan, name: str, limit: int):
    plan(name)

    assert told(client.get(SOMEWHERE)) == (limit, limit - 1)


@pytest.mark.usefixtures("free")
def test_each_key_is_counted_on_its_own(client: TestClient, rack: Rack, account: Account):
    client.get(SOMEWHERE)

    assert told(client.get(SOMEWHERE, headers=another_key(rack, account))) == (60, 59)
    assert told(client.get(SOMEWHERE)) == (60, 58)


@pytest.mark.usefixtures("free")
def test_an_application_s_tokens_are_counted_together(anonymous: TestClient, rack: Rack, account: Account):
    first, second = (access_token(rack, account, "mastering:read") for _ in range(2))
    other = access_token(rack, account, "mastering:read", client_id="app_2")

    remaining = [told(anonymous.get(SOMEWHERE, headers=token))[1] for token in (first, second, other)]

    assert remaining == [59, 58, 59]


@pytest.mark.usefixtures("free", "standing")
def test_guessing_is_limited_by_address_and_harms_no_valid_key(anonymous: TestClient, key: str):
    guesses = [anonymous.get(SOMEWHERE, headers={"Authorization": f"Bearer {ids.key('sk_live_')}"}) for _ in range(12)]

    assert [response.status_code for response in guesses] == [401] * 10 + [429] * 2
    assert [told(response)[1] for response in guesses[:3]] == [59, 58, 57]
    expect(guesses[-1], "rate_limited", 429, None)
    assert anonymous.get(SOMEWHERE, headers={"Authorization": f"Bearer {key}"}).status_code == 404


@pytest.mark.parametrize(
    "headers",
    [
        [("Authorization", "Bearer {key}"), ("Authorization", "Bearer {key}")],
        [("Authorization", "Bearer {key}"), ("authorization", "Bearer other")],
        [("Authorization", "Bearer {key}, Bearer {key}")],
        [("Authorization", "Bearer {key} {key}")],
        [("Authorization", "Bearer\t{key}")],
        [("Authorization", "Bearer {key}\x00")],
        [("Authorization", "Bearer " + "x" * 9000)],
        [("Authorization", "Bearer" + " " * 9000 + "{key}")],
        [("Authorization", "Token {key}")],
        [("X-Authorization", "Bearer {key}")],
        [("Authorization_", "Bearer {key}")],
        [("Cookie", "Authorization=Bearer {key}")],
    ],
)
def test_one_plain_header_opens_and_nothing_else(anonymous: TestClient, key: str, headers):
    sent = [(name, value.replace("{key}", key)) for name, value in headers]

    response = anonymous.get(f"{SOMEWHERE}?api_key={key}", headers=sent)

    expect(response, "authentication_required", 401, None)
    assert response.headers["www-authenticate"] == "Bearer"
    assert key not in response.text


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_read_in_any_case(anonymous: TestClient, key: str, scheme: str):
    assert anonymous.get(SOMEWHERE, headers={"Authorization": f"{scheme} {key}"}).status_code == 404


class Elsewhere:
    """A client at an address of its choice, beside the same server."""

    def __init__(self, rack: Rack, key: str) -> None:
        self._rack, self._key = rack, key

    def get(self, address: str, *forwarded: str) -> Response:
        url = f"{self._rack.settings.public_url}/blacklab"
        headers = [("Authorization", f"Bearer {self._key}"), *(("X-Forwarded-For", one) for one in forwarded)]
        with TestClient(app.create(self._rack), base_url=url, client=(address, 4711)) as client:
            return client.get(SOMEWHERE, headers=headers)


@pytest.fixture
def elsewhere(rack: Rack, key: str) -> Elsewhere:
    return Elsewhere(rack, key)


def test_with_an_allow_list_nobody_else_is_let_in(elsewhere: Elsewhere, rack: Rack, account: Account):
    assert elsewhere.get("203.0.113.9").status_code == 404
    with rack.database.write() as connection:
        for network in ("192.0.2.0/24", "2001:db8::/32"):
            networks.add(connection, account.id, Service.BLACKLAB, network)

    expect(elsewhere.get("203.0.113.9"), "authentication_required", 401, None)
    expect(elsewhere.get("203.0.113.9", "192.0.2.1"), "authentication_required", 401, None)
    expect(elsewhere.get("no address"), "authentication_required", 401, None)
    for inside in ("192.0.2.255", "::ffff:192.0.2.1", "2001:db8:1::1"):
        assert elsewhere.get(inside).status_code == 404


def test_an_allow_list_of_another_service_restricts_nothing_here(elsewhere: Elsewhere, rack: Rack, account: Account):
    with rack.database.write() as connection:
        networks.add(connection, account.id, Service.MASTERIFY, "192.0.2.0/24")

    assert elsewhere.get("203.0.113.9").status_code == 404


def test_a_trusted_proxy_s_word_is_taken_for_who_called_it(rack: Rack, key: str, account: Account):
    object.__setattr__(rack, "settings", rack.settings.model_copy(update={"trusted_proxies": "10.0.0.0/8"}))
    behind = Elsewhere(rack, key)
    with rack.database.write() as connection:
        networks.add(connection, account.id, Service.BLACKLAB, "192.0.2.0/24")

    assert behind.get("10.0.0.1", "192.0.2.7").status_code == 404
    assert behind.get("10.0.0.1", "203.0.113.9, 192.0.2.7").status_code == 404
    assert behind.get("10.0.0.1", "192.0.2.7, 203.0.113.9").status_code == 401
    assert behind.get("10.0.0.1", "192.0.2.7", "203.0.113.9").status_code == 401
    assert behind.get("203.0.113.9", "192.0.2.7").status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", SOMEWHERE, "mastering:read"),
        ("DELETE", SOMEWHERE, "mastering:write"),
        ("POST", JOBS, "mastering:write"),
        ("POST", "/v1/assets/upload-url", "assets:write"),
    ],
)
def test_an_access_token_does_what_its_scopes_say_and_a_key_everything(client, rack, account, method, path, scope):
    every = {"mastering:read", "mastering:write", "assets:write", "account:read"}
    with_it = access_token(rack, account, scope)
    without = access_token(rack, account, " ".join(every - {scope}))

    expect(client.request(method, path, headers=without, json={}), "forbidden", 403, None)
    assert client.request(method, path, headers=with_it, json={}).status_code in {404, 422}
    assert client.request(method, path, json={}).status_code in {404, 422}


def test_the_shortcut_and_the_framework_answer_alike(client: TestClient, rack: Rack, upload, monkeypatch):
    job_id = client.post(JOBS, json={"input_url": upload()}).json()["id"]
    monkeypatch.setattr(routes, "Door", lambda app, rack, front, _shortcuts: Door(app, rack, front))
    with TestClient(app.create(rack), base_url=str(client.base_url), headers=dict(client.headers)) as without:
        for path in (f"{JOBS}/{job_id}", SOMEWHERE, f"{JOBS}/%00", f"{JOBS}/a%2Fb", f"{JOBS}/"):
            direct, routed = client.get(path), without.get(path)
            assert (direct.status_code, direct.json()) == (routed.status_code, routed.json())
            assert direct.headers["content-type"] == routed.headers["content-type"]


def test_the_use_of_a_key_is_written_down_when_the_server_stops(rack: Rack, key: str, account: Account):
    url = f"{rack.settings.public_url}/blacklab"
    before = clock.now()
    with TestClient(app.create(rack), base_url=url, headers={"Authorization": f"Bearer {key}"}) as client:
        client.get(SOMEWHERE)

    with rack.database.read() as connection:
        used_at = connection.execute(select(api_keys.c.last_used_at)).scalar_one()
    assert used_at is not None
    assert before <= used_at <= clock.now()


def test_requests_at_once_never_get_more_than_the_limit(rack: Rack, key: str, free: None, standing: StandingClock):
    """Through the whole application, all on the wire together."""

    async def storm() -> list[int]:
        transport = httpx2.ASGITransport(app.create(rack))
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1/blacklab") as client:
            sent = (client.get(SOMEWHERE, headers={"Authorization": f"Bearer {key}"}) for _ in range(25))
            statuses = [response.status_code for response in await asyncio.gather(*sent)]
        await rack.lookups.close()
        await rack.windows.close()
        return statuses

    statuses = asyncio.run(storm())

    assert statuses.count(404) == 10
    assert statuses.count(429) == 15
