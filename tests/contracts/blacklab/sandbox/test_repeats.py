"""What is sent again under an idempotency key."""

from __future__ import annotations

from typing import Any

from starlette.testclient import TestClient

from soundrack.database.tables import jobs, sandbox_jobs
from soundrack.rack import Rack
from tests.contracts.blacklab.sandbox.hands import bearer, count, file
from tests.contracts.blacklab.test_errors import JOBS, expect


def test_a_key_makes_one_job_and_never_answers_for_production(client: TestClient, rack: Rack, key: str):
    same: dict[str, Any] = {"json": {"input_url": file("song")}, "headers": {"Idempotency-Key": "one"}}
    first, second = client.post(JOBS, **same), client.post(JOBS, **same)
    real = client.post(
        f"http://127.0.0.1:8600/blacklab{JOBS}",
        json=same["json"],
        headers=bearer(key) | same["headers"],
    )

    assert second.content == first.content
    assert second.headers["x-idempotent-replayed"] == "true"
    assert (real.status_code, real.json()["credits_charged"]) == (201, 1)
    assert "x-idempotent-replayed" not in real.headers
    assert (count(rack, sandbox_jobs), count(rack, jobs)) == (1, 1)
    other = client.post(JOBS, json={"input_url": file("queued")}, headers=same["headers"])
    expect(other, "validation_error", 422, "Idempotency-Key")


def test_a_refusal_that_asks_for_another_try_is_not_kept(client: TestClient):
    for word, replayed in {"rate_limited": None, "internal_error": None, "insufficient_credits": "true"}.items():
        same: dict[str, Any] = {"json": {"input_url": file(word)}, "headers": {"Idempotency-Key": word}}
        client.post(JOBS, **same)
        again = client.post(JOBS, **same)
        assert again.headers.get("x-idempotent-replayed") == replayed, word
