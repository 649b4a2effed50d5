"""Document: "The sandbox environment mirrors production with synthetic responses"."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from soundrack.rack import Rack
from soundrack.services.blacklab import routes, sandbox
from soundrack.services.blacklab.sandbox.routes import PLAYED, SAME, mirror
from tests.contracts.blacklab.sandbox.hands import bearer, file
from tests.contracts.blacklab.test_errors import JOBS


@pytest.mark.one_database
def test_the_sandbox_has_production_s_paths_and_schemas(rack: Rack):
    here = sandbox.create(rack).app.openapi()
    there = routes.create(rack).app.openapi()

    assert here.pop("servers") != there.pop("servers")
    assert here == there


@pytest.mark.one_database
def test_of_every_route_somebody_has_said_what_becomes_of_it_here(monkeypatch: pytest.MonkeyPatch):
    endpoints_ = {route.endpoint for route in routes.router.routes if isinstance(route, APIRoute)}
    assert endpoints_ == SAME | PLAYED.keys()

    monkeypatch.delitem(PLAYED, routes.get_job)
    with pytest.raises(KeyError):
        mirror()


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("POST", JOBS, {"content": b"{"}),
        ("POST", JOBS, {"json": {}}),
        ("POST", JOBS, {"json": {"input_url": "https://203.0.113.9/a.wav"}}),
        ("POST", JOBS, {"json": {"input_url": "ftp://example.com/a.wav"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "webhook_url": "https://203.0.113.9/"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "reference_url": "https://203.0.113.9/"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "preset": "loudest"}}),
        ("POST", JOBS, {"json": {"input_url": file("song"), "format": "mp3", "sample_rate": 96000}}),
        ("POST", JOBS, {"json": {"input_url": "http://127.0.0.1:8600/storage/assets/asset_000000000000.wav"}}),
        ("POST", JOBS, {"json": {"input_url": file("song")}, "headers": {"Idempotency-Key": "x" * 256}}),
        ("GET", f"{JOBS}?limit=0", {}),
        ("GET", f"{JOBS}?starting_after=job_nobodys", {}),
        ("GET", f"{JOBS}/job_nobodys", {}),
        ("DELETE", f"{JOBS}/job_nobodys", {}),
        ("PATCH", JOBS, {}),
        ("GET", "/v1/nothing", {}),
        ("GET", "/v1/account", {}),
        ("POST", "/v1/assets/upload-url", {"json": {}}),
        (
            "POST",
            "/v1/assets/upload-url",
            {"json": {"filename": "a", "content_type": "audio/wav", "size_bytes": 209_715_201}},
        ),
        (
            "POST",
            "/v1/assets/upload-url",
            {"json": {"filename": "a", "content_type": "audio/ogg", "size_bytes": 1}},
        ),
        ("POST", "/v1/oauth/token", {"data": {"grant_type": "client_credentials"}}),
    ],
)
def test_what_is_refused_is_refused_in_production_s_words(
    client: TestClient, key: str, method: str, path: str, sent: dict[str, Any]
):
    here = client.request(method, path, **sent)
    there_sent = sent | {"headers": bearer(key) | sent.get("headers", {})}
    there = client.request(method, f"http://127.0.0.1:8600/blacklab{path}", **there_sent)

    assert here.status_code == there.status_code
    assert here.text.replace(f"/{sandbox.MOUNT}/", "/blacklab/") == there.text
    different = {"x-request-id", "x-ratelimit-reset", "x-ratelimit-remaining", "content-length"}
    assert {name: value for name, value in here.headers.items() if name not in different} == {
        name: value for name, value in there.headers.items() if name not in different
    }
