""" "Authentication" and "Base URL"."""

from __future__ import annotations

import dataclasses
import re
from urllib.parse import urlsplit

import pytest
from starlette.testclient import TestClient

from soundrack import app
from soundrack.rack import Rack
from tests.contracts.blacklab.printed import HOST, Wire

pytestmark = pytest.mark.one_database

HEADER = "Authorization: Bearer sk_live_your_api_key_here"
OAUTH = {
    "Authorization URL": "https://app.blacklab.studio/oauth/authorize",
    "Token URL": "https://api.blacklab.studio/v1/oauth/token",
    "Scopes": "mastering:read mastering:write assets:write account:read",
}
PRODUCTION, SANDBOX = "https://api.blacklab.studio/v1", "https://sandbox.api.blacklab.studio/v1"
JOB = "/mastering/jobs/job_abc123def456"


def test_the_printed_header_opens(wire: Wire):
    name, value = HEADER.split(": ")

    shut = wire.send("GET", f"{PRODUCTION}{JOB}", {name: value})
    opened = wire.send("GET", f"{PRODUCTION}{JOB}", {name: value.replace("sk_live_your_api_key_here", wire.key)})

    assert (shut.status, shut.body["error"]["code"]) == (401, "authentication_required")
    assert (opened.status, opened.body["error"]["code"]) == (404, "not_found")


def test_a_key_has_the_printed_prefix(key: str):
    assert re.fullmatch(r"sk_live_[A-Za-z0-9]{32}", key)


def test_api_keys_carry_full_permissions(client: TestClient):
    asked = [
        (method, path.replace("{id}", "job_abc123def456"))
        for path, ways in client.get("/openapi.json").json()["paths"].items()
        for method in ways
        if "/oauth/" not in path
    ]

    assert len(asked) >= 6
    assert [one for one in asked if client.request(*one).status_code in {401, 403}] == []


def test_the_oauth_table_is_what_the_metadata_says(anonymous: TestClient, rack: Rack):
    found = anonymous.get(f"{rack.settings.public_url}/.well-known/oauth-authorization-server").json()

    assert set(found["scopes_supported"]) == set(OAUTH["Scopes"].split())
    assert found["authorization_endpoint"].endswith(urlsplit(OAUTH["Authorization URL"]).path)
    assert found["token_endpoint"].endswith(urlsplit(OAUTH["Token URL"]).path)
    assert {"authorization_code", "client_credentials"} <= set(found["grant_types_supported"])


def test_http_requests_are_rejected(rack: Rack, key: str):
    """ "All endpoints use HTTPS. HTTP requests are rejected." """
    settings = rack.settings.model_copy(
        update={"hosts": f"{HOST}=blacklab", "require_https": True, "public_url": "https://localhost"}
    )
    server = app.create(dataclasses.replace(rack, settings=settings))
    statuses = {}
    for scheme in ("http", "https"):
        with TestClient(server, base_url=f"{scheme}://{HOST}", headers={"Authorization": f"Bearer {key}"}) as client:
            statuses[scheme] = client.get(f"/v1{JOB}")

    assert (statuses["http"].status_code, statuses["http"].json()["error"]["code"]) == (403, "forbidden")
    assert statuses["https"].status_code == 404


def test_the_sandbox_mirrors_production(rack: Rack, key: str):
    """ "The sandbox environment mirrors production with synthetic responses." """
    hosts = f"{HOST}=blacklab, {urlsplit(SANDBOX).netloc}=blacklab-sandbox"
    settings = rack.settings.model_copy(update={"hosts": hosts})
    server = app.create(dataclasses.replace(rack, settings=settings))
    paths = []
    for base in (PRODUCTION, SANDBOX):
        with TestClient(server, base_url=f"https://{urlsplit(base).netloc}") as client:
            described = client.get("/openapi.json").json()["paths"]
            paths.append({path: sorted(ways) for path, ways in described.items()})
            assert client.get(f"/v1{JOB}").json()["error"]["code"] == "authentication_required"

    production, sandbox = paths
    assert {path: ways for path, ways in production.items() if "/oauth/" not in path}.items() <= sandbox.items()
