"""OWASP API3: a body sets the documented fields and no others, and an answer shows none beyond the documented."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack.database.tables import accounts, job_inputs, jobs
from soundrack.jobs.record import Status
from soundrack.rack import Rack
from soundrack.service import Service
from tests.security.conftest import Somebody, services

URL = "https://93.184.216.34/song.wav"
GOOD: dict[tuple[Service, str], dict[str, Any]] = {
    (Service.BLACKLAB, "/v1/assets/upload-url"): {"filename": "a.wav", "content_type": "audio/wav", "size_bytes": 9},
    (Service.BLACKLAB, "/v1/mastering/jobs"): {"input_url": URL},
}
"""A body that each route accepts."""
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


def test_every_route_with_a_body_is_tried_here(whole: FastAPI, client: TestClient):
    assert set(bodies(whole, client)) == set(GOOD)


def test_fields_that_are_not_documented_change_nothing(client: TestClient, rack: Rack, alice: Somebody):
    with rack.database.read() as connection:
        before = connection.execute(select(accounts).where(accounts.c.id == alice.account_id)).one()
    for (service, path), body in GOOD.items():
        plain, greedy = (
            client.post(f"/{service}{path}", headers=alice.headers(service), json=one) for one in (body, GREEDY | body)
        )

        assert plain.status_code == greedy.status_code, path
        assert plain.json().keys() == greedy.json().keys()
    with rack.database.read() as connection:
        after = connection.execute(select(accounts).where(accounts.c.id == alice.account_id)).one()
        made = connection.execute(select(jobs).join(job_inputs).where(job_inputs.c.url == URL)).all()

    spent = sum(job.credits_charged for job in made)
    assert len(made) == 2
    assert spent == 2
    assert after._asdict() == before._asdict() | {"credit_balance": before.credit_balance - spent}
    for job in made:
        assert job.id != GREEDY["id"]
        assert (job.account_id, job.status, job.attempt) == (alice.account_id, Status.QUEUED, 0)
        assert (job.worker_id, job.outputs, job.kind) == (None, None, "master")
        assert job.parameters["rate_hz"] is None


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
