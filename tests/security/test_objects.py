"""OWASP API1: nobody reaches what is another's, by any id that any route takes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.billing import subscriptions
from soundrack.database.tables import jobs
from soundrack.rack import Rack
from soundrack.service import Service
from tests.security.conftest import Somebody, routes_of, services

_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def asked(client: TestClient, who: Somebody, service: Service, method: str, path: str) -> tuple[int, Any]:
    response = client.request(method, f"/{service}{path}", headers=who.headers(service), json={})
    body = response.json() if response.content else None
    return response.status_code, body


def test_another_s_ids_answer_like_ids_of_nothing_on_every_route_that_takes_one(
    client: TestClient, whole: FastAPI, rack: Rack, alice: Somebody, mallory: Somebody
):
    tried = 0
    with rack.database.write() as connection:
        subscriptions.subscribe_highest(connection, rack.plans, mallory.account_id)  # many requests in one second
    for service, door in services(whole).items():
        for route in routes_of(door):
            if not _PARAMETER.search(route.path):
                continue
            for method in sorted(route.methods or ()):
                for theirs in alice.ids.values():
                    none = theirs[:-8] + "00000000"
                    with_theirs = asked(client, mallory, service, method, _PARAMETER.sub(theirs, route.path))
                    with_none = asked(client, mallory, service, method, _PARAMETER.sub(none, route.path))

                    assert with_theirs == with_none, f"{method} {route.path}"
                    assert with_theirs[0] == 404
                    tried += 1

    # four ids on GET and DELETE of a job, GET of a release and of its masters, GET of an analysis and of its stream
    assert tried >= 24
    with rack.database.read() as connection:
        assert {row.status for row in connection.execute(select(jobs.c.status))} == {"queued"}


def test_one_s_own_id_is_found_so_that_the_test_before_proves_something(client: TestClient, alice: Somebody):
    assert asked(client, alice, Service.BLACKLAB, "GET", f"/v1/mastering/jobs/{alice.ids['job']}")[0] == 200
    assert asked(client, alice, Service.MASTERIFY, "GET", f"/api/v1/jobs/{alice.ids['release']}")[0] == 200
    assert asked(client, alice, Service.SIGNALKEY, "GET", f"/api/v1/jobs/{alice.ids['analysis']}")[0] == 202
    assert asked(client, alice, Service.SOUNDPIECE, "GET", f"/v1/create.new_fx?id={alice.ids['operation']}")[0] == 200


def test_another_s_upload_in_a_body_answers_like_no_upload(
    client: TestClient, rack: Rack, alice: Somebody, mallory: Somebody
):
    answers = []
    for asset_id in (alice.ids["asset"], "asset_000000000000"):
        response = client.post(
            "/blacklab/v1/mastering/jobs",
            headers=mallory.headers(Service.BLACKLAB),
            json={"input_url": f"{rack.links.base_url}/assets/{asset_id}.wav"},
        )
        answers.append((response.status_code, response.json()))

    assert answers[0] == answers[1]
    assert answers[0][0] in {404, 422}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
def test_an_object_without_its_signature_is_refused_whether_it_exists_or_not(
    client: TestClient, rack: Rack, alice: Somebody, method: str
):
    existing, missing = (
        client.request(
            method, f"/storage/assets/{name}.wav?expires=9999999999", headers=alice.headers(Service.BLACKLAB)
        )
        for name in (alice.ids["asset"], "asset_000000000000")
    )

    assert existing.status_code == missing.status_code == 403
    assert existing.content == missing.content


def test_a_download_link_is_for_one_object_and_one_method(client: TestClient, rack: Rack, alice: Somebody):
    link = rack.links.download("output/a/1/a.wav", clock.now().replace(year=2100))

    assert client.get(link).status_code == 404  # the signature holds; nothing is there
    assert client.get(link.replace("/a.wav", "/b.wav")).status_code == 403
    assert client.get(link.replace("expires=4", "expires=5")).status_code == 403
    assert client.put(link, content=b"x").status_code == 403
