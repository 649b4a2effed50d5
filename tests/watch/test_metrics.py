"""`/metrics`: who may read it, and what it says of requests."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import SecretStr
from starlette.testclient import TestClient

from soundrack import app, watch
from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.settings import Settings
from tests.watch.conftest import HERE, read

OPERATIONS = Path(__file__).parents[2] / "docs/operations.md"


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("127.8.0.1", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("192.0.2.1", 404),
        ("10.0.0.1", 404),
        ("::ffff:192.0.2.1", 404),
        ("testclient", 404),
    ],
)
def test_without_a_token_only_this_machine_reads_metrics(rack: Rack, address: str, status: int):
    client = TestClient(app.create(rack), client=(address, 1))

    assert client.get("/metrics").status_code == status


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_what_a_proxy_on_this_machine_passes_on_is_not_from_this_machine(client: TestClient, header: str):
    assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        ("Bearer open sesame, please", 200),
        ("bearer open sesame, please", 200),
        ("Bearer open sesame", 403),
        ("Basic open sesame, please", 403),
        ("open sesame, please", 403),
        ("Bearer \xfc", 403),
        (None, 403),
    ],
)
@pytest.mark.parametrize("address", ["127.0.0.1", "192.0.2.1"])
def test_with_a_token_everybody_needs_it(tmp_path: Path, authorization: str | None, status: int, address: str):
    settings = Settings(data=tmp_path, metrics_token=SecretStr("open sesame, please"))
    with open_rack(settings) as rack:
        client = TestClient(app.create(rack), client=(address, 1))
        headers = [] if authorization is None else [(b"authorization", authorization.encode("latin-1"))]

        assert client.get("/metrics", headers=headers).status_code == status


def test_requests_are_counted_by_route_and_never_by_path(client: TestClient, rack: Rack, account: Account):
    with rack.database.write() as connection:
        token = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "").token
    for number in range(3):
        client.get(f"/blacklab/v1/mastering/jobs/job_{number}", headers={"Authorization": f"Bearer {token}"})

    labels = {"service": "blacklab", "route": "/v1/mastering/jobs/{id}", "method": "GET", "status": "4xx"}
    assert read(client, "soundrack_http_request_seconds_count", **labels) == 3
    assert read(client, "soundrack_http_request_seconds_bucket", le="+Inf", **labels) == 3
    text = client.get("/metrics").text
    assert "job_0" not in text
    assert account.id not in text
    assert token not in text


def test_strangers_can_make_no_new_series(client: TestClient):
    def series() -> set[str]:
        return {line.rpartition(" ")[0] for line in client.get("/metrics").text.splitlines() if "http" in line}

    client.request("BREW", "/coffee")
    client.get("/nowhere")
    series()
    before = series()
    for number in range(20):
        client.get(f"/nowhere/{number}?a={number}")
        client.request(f"BREW{number}", f"/coffee/{number}")
        client.get(f"/blacklab/v1/{number}", headers={"X-Request-Id": str(number)})

    assert {line for line in series() - before if "blacklab" not in line} == set()
    assert {re.search('route="([^"]*)"', line)[1] for line in series() if "blacklab" in line and "route" in line} == {  # type: ignore[index]
        "none"
    }


def test_refusals_are_counted_by_reason(client: TestClient):
    for _ in range(2):
        client.get("/blacklab/v1/mastering/jobs/job_1")
    client.get("/storage/output/x?signature=y")

    assert read(client, "soundrack_http_refused_total", service="blacklab", reason="unauthenticated") == 2
    assert read(client, "soundrack_http_refused_total", service="storage", reason="forbidden") == 1


def test_a_request_that_breaks_down_is_counted_as_our_fault(rack: Rack):
    whole = FastAPI()

    @whole.get("/broken")
    def broken() -> None:
        raise RuntimeError("broken")

    watch.install(whole, rack)
    client = TestClient(whole, client=HERE, raise_server_exceptions=False)
    assert client.get("/broken").status_code == 500

    assert read(client, "soundrack_http_request_seconds_count", route="/broken", status="5xx") == 1
    assert read(client, "soundrack_http_requests_open") == 1  # the one that asks


def test_replays_are_counted(rack: Rack):
    whole = FastAPI()

    @whole.post("/again")
    def again() -> Any:
        return JSONResponse({}, headers={"X-Idempotent-Replayed": "true"})

    watch.install(whole, rack)
    client = TestClient(whole, client=HERE)
    client.post("/again")

    assert read(client, "soundrack_http_replayed_total", service="root") == 1


def test_every_metric_is_documented_and_every_documented_metric_exists(rack: Rack):
    registry = watch.install(FastAPI(), rack)
    ours = {metric.name for metric in registry.collect() if metric.name.startswith("soundrack_")}

    documented = set(re.findall(r"^\| `(soundrack_\w+)`", OPERATIONS.read_text(), re.MULTILINE))
    assert {name.removesuffix("_total").removesuffix("_info") for name in documented} == ours
