"""OWASP API4: what one request may cost is bounded, however it is made."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.database.tables import jobs
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services import bodies
from tests.security.conftest import Somebody, services
from tests.security.test_fields import GOOD, METHODS

HOSTILE = {
    "10 MB of one string": b'{"input_url":"' + b"a" * 10_000_000 + b'"}',
    "10 MB of numbers": b'{"x":[' + b"1," * 5_000_000 + b"1]}",
    "10 MB of spaces": b" " * 10_000_000,
    "100,000 arrays in each other": b'{"x":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "100,000 objects in each other": b'{"x":' * 100_000 + b"1" + b"}" * 100_000,
    "arrays that never end": b"[" * 1_000_000,
    "bytes that are not UTF-8": b'{"input_url":"\xff\xfe\xfd"}',
    "UTF-16": '{"input_url":"x"}'.encode("utf-16"),
    "a lone surrogate": rb'{"input_url":"\ud800"}',
    "NUL": rb'{"input_url":"https://example.com/\u0000"}',
    "a number of 100,000 digits": b'{"input_url":' + b"9" * 100_000 + b"}",
    "an exponent without end": b'{"size_bytes":1e999999999,"filename":"a.wav","content_type":"audio/wav"}',
    "NaN": b'{"size_bytes":NaN,"filename":"a.wav","content_type":"audio/wav"}',
    "a key twice": b'{"input_url":"https://93.184.216.34/a.wav","input_url":1}',
    "100,000 fields": json.dumps({f"x{number}": 1 for number in range(70_000)}).encode(),
    "a bare word": b"true",
    "half an object": b'{"input_url"',
    "nothing": b"",
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_body_is_refused_in_the_service_s_words_and_makes_nothing(
    client: TestClient, rack: Rack, alice: Somebody, kind: str
):
    for service, path in GOOD:
        response = client.request(
            METHODS[service],
            f"/{service}{path}",
            headers=alice.headers(service) | {"Content-Type": "application/json", "Idempotency-Key": kind},
            content=HOSTILE[kind],
        )

        assert response.status_code in {400, 413, 422}, response.text[:300]
        if service is Service.SOUNDPIECE:
            assert list(response.json()) == ["detail"]
        else:
            assert set(response.json()["error"]) == {"code", "message", "param", "doc_url"}
        assert len(response.content) < 2_000
    with rack.database.read() as connection:
        assert len(connection.execute(jobs.select()).all()) == len(alice.ids) - 1  # those that alice began with


def test_a_body_is_read_no_further_than_its_limit(client: TestClient, alice: Somebody):
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        while sent < 100 * bodies.JSON_BYTES:
            sent += 65_536
            yield b" " * 65_536

    response = client.post(
        "/blacklab/v1/mastering/jobs",
        headers=alice.headers(Service.BLACKLAB) | {"Content-Type": "application/json"},
        content=endless(),
    )

    assert response.status_code == 413


def test_nothing_of_a_body_is_read_for_a_stranger(client: TestClient, whole: FastAPI):
    for service, path in GOOD:
        response = client.request(METHODS[service], f"/{service}{path}", content=b"[" * 1_000_000)

        assert response.status_code == 401


@pytest.mark.parametrize("size", [256, 10_000, 60_000])
def test_a_huge_idempotency_key_is_refused_and_not_repeated(client: TestClient, alice: Somebody, size: int):
    response = client.post(
        "/blacklab/v1/mastering/jobs",
        headers=alice.headers(Service.BLACKLAB) | {"Idempotency-Key": "k" * size},
        json=GOOD[Service.BLACKLAB, "/v1/mastering/jobs"],
    )

    assert response.status_code == 422
    assert "kkkk" not in response.text


def test_too_many_requests_are_refused_with_when_to_come_back(client: TestClient, rack: Rack, alice: Somebody):
    plan = rack.plans.default(Service.BLACKLAB)
    headers = alice.headers(Service.BLACKLAB)

    answers = [
        client.get("/blacklab/v1/mastering/jobs/job_1", headers=headers) for _ in range(plan.requests_per_minute + 5)
    ]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 5
    assert all(int(answer.headers["Retry-After"]) >= 1 for answer in refused)


def test_strangers_are_counted_by_their_address(client: TestClient, rack: Rack):
    most = rack.plans.default(Service.BLACKLAB).requests_per_minute

    statuses = [client.get("/blacklab/v1/mastering/jobs/job_1").status_code for _ in range(most + 5)]

    assert 429 in statuses
    assert set(statuses) == {401, 429}


def test_every_service_is_held_to_a_rate(whole: FastAPI, rack: Rack):
    for service in services(whole):
        for plan in rack.plans.of_service(service):
            assert plan.requests_per_minute > 0


def test_more_jobs_at_once_than_the_plan_allows_are_refused(
    client: TestClient, rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch, alice: Somebody
):
    plans = rack.plans
    before = plans.default(Service.BLACKLAB)
    monkeypatch.setattr(
        plans, "_plans", {**plans._plans, Service.BLACKLAB: {before.name: replace(before, jobs_at_once=2)}}
    )
    body = GOOD[Service.BLACKLAB, "/v1/mastering/jobs"]

    statuses = [
        client.post("/blacklab/v1/mastering/jobs", headers=alice.headers(Service.BLACKLAB), json=body).status_code
        for _ in range(3)
    ]

    assert statuses == [201, 429, 429]  # alice has one under way already
