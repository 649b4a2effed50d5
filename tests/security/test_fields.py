"""OWASP API3: a body sets the documented fields and no others, and an answer shows none beyond the documented."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack import ids
from soundrack.database.tables import accounts, job_inputs, jobs
from soundrack.jobs.record import Status
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.soundpiece.actions import ACTIONS, BY_ROUTE
from tests.contracts.soundpiece.conftest import body as operation
from tests.security.conftest import Somebody, services

URL = "https://93.184.216.34/song.wav"
GOOD: dict[tuple[Service, str], dict[str, Any]] = {
    (Service.BLACKLAB, "/v1/assets/upload-url"): {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 9},
    (Service.BLACKLAB, "/v1/mastering/jobs"): {"input_url": URL},
    **{(Service.SOUNDPIECE, f"/v1/{action.route}"): operation(action) for action in ACTIONS},
}
"""A body that each route accepts."""
METHODS = {Service.BLACKLAB: "POST", Service.SOUNDPIECE: "PUT"}
GREEDY: dict[str, Any] = {
    "id": "job_mine00000000",
    "account_id": "acc_000000000000",
    "status": "completed",
    "credits_charged": 0,
    "credits": 0,
    "credit_balance": 1_000_000,
    "is_admin": True,
    "plan": "enterprise",
    "worker_id": "mine",
    "attempt": 99,
    "outputs": {"master": {"key": "assets/other.wav", "size_bytes": 1, "content_type": "audio/wav"}},
    "inputs": {"song": "asset_000000000000"},
    "output_url": "https://example.com/other.wav",
    "work_s": 0,
    "kind": "other",
    "parameters": {"rate_hz": 1},
    "__class__": "x",
    "expires_at": "2100-01-01T00:00:00Z",
}
"""What a caller would like to set."""


def bodies(whole: FastAPI, client: TestClient) -> list[tuple[Service, str]]:
    """Every route of every service that takes JSON, by its own description."""
    return [
        (service, path)
        for service in services(whole)
        for path, operations in client.get(f"/{service}/openapi.json").json()["paths"].items()
        for operation in operations.values()
        if "application/json" in operation.get("requestBody", {}).get("content", {})
    ]


def new_keys(body: dict[str, Any]) -> list[dict[str, str]]:
    """Return an idempotency key for each of two sendings, where one is needed."""
    return [{"idempotency_key": ids.uuid4()} if "idempotency_key" in body else {} for _ in range(2)]


def test_every_route_with_a_body_is_tried_here(whole: FastAPI, client: TestClient):
    assert set(bodies(whole, client)) == set(GOOD)


def test_fields_that_are_not_documented_change_nothing(client: TestClient, rack: Rack, alice: Somebody):
    with rack.database.read() as connection:
        before = connection.execute(select(accounts).where(accounts.c.id == alice.account_id)).one()
    for (service, path), body in GOOD.items():
        plain, greedy = (
            client.request(METHODS[service], f"/{service}{path}", headers=alice.headers(service), json=one | key)
            for one, key in zip((body, GREEDY | body), new_keys(body), strict=True)
        )

        assert plain.status_code == greedy.status_code, path
        assert plain.json().keys() == greedy.json().keys()
    with rack.database.read() as connection:
        after = connection.execute(select(accounts).where(accounts.c.id == alice.account_id)).one()
        made = connection.execute(select(jobs).join(job_inputs).where(job_inputs.c.url == URL)).all()
        operations = connection.execute(
            select(jobs).where(jobs.c.service == Service.SOUNDPIECE, jobs.c.id != alice.ids["operation"])
        ).all()

    spent = sum(job.credits_charged for job in (*made, *operations))
    assert len(made) == 2
    assert spent == 2 + 2 * sum(action.credits for action in ACTIONS)
    assert after._asdict() == before._asdict() | {"credit_balance": before.credit_balance - spent}
    for job in made:
        assert job.id != GREEDY["id"]
        assert (job.account_id, job.status, job.attempt) == (alice.account_id, Status.QUEUED, 0)
        assert (job.worker_id, job.outputs, job.kind) == (None, None, "master")
        assert job.parameters["rate_hz"] is None
    for job in operations:
        action = BY_ROUTE[job.parameters["action"]]
        assert (job.account_id, job.status, job.attempt) == (alice.account_id, Status.QUEUED, 0)
        assert (job.worker_id, job.outputs, job.kind) == (None, None, action.kind)
        assert set(job.parameters["asked"]) == {"idempotency_key", *action.echoed}


def test_answers_hold_the_documented_fields_and_nothing_of_the_house(client: TestClient, alice: Somebody):
    description = client.get("/blacklab/openapi.json").json()["components"]["schemas"]
    headers = alice.headers(Service.BLACKLAB)
    made = client.post("/blacklab/v1/mastering/jobs", headers=headers, json={"input_url": URL}).json()
    read = client.get(f"/blacklab/v1/mastering/jobs/{made['id']}", headers=headers).json()
    upload = client.post(
        "/blacklab/v1/assets/upload-url", headers=headers, json=GOOD[Service.BLACKLAB, "/v1/assets/upload-url"]
    ).json()

    assert made.keys() | read.keys() <= description["Job"]["properties"].keys()
    assert upload.keys() == description["Upload"]["properties"].keys()
