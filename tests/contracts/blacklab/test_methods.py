"""Methods that a path does not have, and headers that every answer has, whatever was asked."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from soundrack.accounts.audit import COMMAND_LINE
from soundrack.accounts.oauth import clients
from soundrack.accounts.people import Account
from soundrack.rack import Rack
from soundrack.service import Service

pytestmark = pytest.mark.one_database

JOBS = "/v1/mastering/jobs"
SERVED = {
    JOBS: {"GET", "POST"},
    f"{JOBS}/job_abc123def456": {"GET", "DELETE"},
    "/v1/assets/upload-url": {"POST"},
    "/v1/account": {"GET"},
}


def access_token(client: TestClient, rack: Rack, account: Account, scope: str) -> str:
    """An access token with just this scope."""
    with rack.database.write() as connection:
        made = clients.register(
            connection,
            rack.secret,
            COMMAND_LINE,
            account.id,
            service=Service.BLACKLAB,
            name="Nightly",
            scope=scope,
            grant_types=["client_credentials"],
        )
    form = {"grant_type": "client_credentials", "scope": scope}
    answer = client.post("/v1/oauth/token", data=form, auth=(made.client.id, made.client_secret or ""))
    token: str = answer.raise_for_status().json()["access_token"]
    return token


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "QUERY"])
@pytest.mark.parametrize("path", SERVED)
def test_wrong_methods_are_not_found_and_the_right_ones_named(client: TestClient, path: str, method: str):
    if method in SERVED[path]:
        return

    response = client.request(method, path)

    assert response.status_code == 404
    assert set(response.headers["allow"].split(", ")) == SERVED[path]
    if method != "HEAD":
        assert response.json()["error"]["code"] == "not_found"


def test_a_path_that_is_not_served_names_no_methods(client: TestClient):
    assert "allow" not in client.get("/v1/nothing").headers


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET", "POST", "DELETE", "PUT"])
@pytest.mark.parametrize("path", [*SERVED, "/v1/nothing", "/openapi.json", "/v1/oauth/token"])
def test_every_answer_tells_the_rate_and_the_request(client: TestClient, path: str, method: str):
    response = client.request(method, path)

    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "x-request-id"} <= set(response.headers)


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "GET", "POST"])
def test_a_stranger_is_told_the_rate_too(anonymous: TestClient, method: str):
    response = anonymous.request(method, JOBS)

    assert response.status_code == 401
    assert {"x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"} <= set(response.headers)


@pytest.mark.parametrize("content", [b"{", b"{}", b"[1", b"\xff", b"x" * 2_000_000])
@pytest.mark.parametrize(
    ("path", "scope"), [(JOBS, "mastering:read"), ("/v1/assets/upload-url", "mastering:write account:read")]
)
@pytest.mark.parametrize("key", [{}, {"Idempotency-Key": "a key"}], ids=["no key", "key"])
def test_a_body_is_not_judged_for_those_who_may_not_send_it(
    anonymous: TestClient, rack: Rack, account: Account, path: str, scope: str, content: bytes, key: dict[str, str]
):
    headers = {
        "Authorization": f"Bearer {access_token(anonymous, rack, account, scope)}",
        "Content-Type": "application/json",
    } | key

    response = anonymous.post(path, content=content, headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    ("path", "scope"), [("/v1/account", "mastering:read mastering:write assets:write"), (JOBS, "account:read")]
)
def test_a_token_reads_what_its_scope_says_and_nothing_else(
    anonymous: TestClient, rack: Rack, account: Account, path: str, scope: str
):
    needed = "account:read" if path == "/v1/account" else "mastering:read"
    refused, allowed = (
        anonymous.get(path, headers={"Authorization": f"Bearer {access_token(anonymous, rack, account, one)}"})
        for one in (scope, needed)
    )

    assert (refused.status_code, allowed.status_code) == (403, 200)
    assert needed in refused.json()["error"]["message"]
