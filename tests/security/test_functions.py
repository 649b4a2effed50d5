"""OWASP API5 and API2: each function asks for its scope, and each form of wrong credentials is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from soundrack import clock, ids
from soundrack.accounts import formats, keys, people
from soundrack.accounts.audit import HOUSE
from soundrack.accounts.credentials import Principal
from soundrack.accounts.oauth import scopes
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.door import Door, Needs
from tests.security.conftest import Somebody, routes_of, services


def scopes_of(dependant: Dependant) -> list[str]:
    own = [one.call.scope for one in dependant.dependencies if isinstance(one.call, Needs)]
    return own + [scope for one in dependant.dependencies for scope in scopes_of(one)]


def closed_routes(door: Door) -> list[APIRoute]:
    return [route for route in routes_of(door) if route.path not in door.front.public]


def test_every_route_that_is_not_public_declares_one_scope(whole: FastAPI):
    for service, door in services(whole).items():
        assert closed_routes(door)
        for route in closed_routes(door):
            assert len(scopes_of(route.dependant)) == 1, f"{service} {route.path}"


def test_public_paths_are_those_few(whole: FastAPI):
    assert {service: set(door.front.public) for service, door in services(whole).items()} == {
        Service.BLACKLAB: {"/openapi.json", "/v1/oauth/token", "/v1/oauth/revoke"},
        Service.MASTERIFY: {"/openapi.json"},
        Service.SIGNALKEY: {"/openapi.json"},
        Service.SOUNDPIECE: {"/openapi.json"},
    }


def test_a_token_without_the_scope_is_forbidden_on_every_route(
    client: TestClient, whole: FastAPI, monkeypatch: pytest.MonkeyPatch, alice: Somebody
):
    for service, door in services(whole).items():
        every = {scope for route in closed_routes(door) for scope in scopes_of(route.dependant)}
        for route in closed_routes(door):
            (needed,) = scopes_of(route.dependant)
            others = frozenset(every - {needed})
            bearer = Principal(alice.account_id, service, f"app_{service}", client_id="app_1", scopes=others)

            async def found(*_: object, bearer: Principal = bearer, **_sandbox: bool) -> Principal:
                return bearer

            headers = alice.headers(service) | {"Idempotency-Key": "k"}
            monkeypatch.setattr("soundrack.accounts.credentials.authenticate", found)
            for method in route.methods or ():
                path = re.sub(r"\{.*?\}", alice.ids["job"], route.path)
                response = client.request(method, f"/{service}{path}", json={}, headers=headers)
                assert response.status_code == 403, f"{method} {path}"
                assert needed in response.text or service not in scopes.WORDS


def wrong_credentials() -> dict[str, Any]:
    """Each makes an Authorization header from the rack, the service and its door."""

    def made(rack: Rack, service: Service, **values: Any) -> str:
        with rack.database.write() as connection:
            account = people.create(connection, f"{ids.short('x')}@example.com")
            return keys.create(connection, rack.secret, account.id, service, "", **values).token

    def revoked(rack: Rack, service: Service) -> str:
        token = made(rack, service)
        with rack.database.write() as connection:
            for account in people.listed(connection):
                for key in keys.of(connection, account.id):
                    keys.revoke(connection, account.id, key.id)
        return token

    def suspended(rack: Rack, service: Service) -> str:
        token = made(rack, service)
        with rack.database.write() as connection:
            for account in people.listed(connection):
                people.suspend(connection, account.id, HOUSE)
        return token

    def other(service: Service) -> Service:
        return next(one for one in Service if one is not service)

    return {
        "none": lambda _rack, _service: None,
        "empty": lambda _rack, _service: "",
        "malformed": lambda _rack, _service: "Bearer sk_live_short",
        "not ASCII": lambda _rack, _service: "Bearer \xfc\xdf\xe4".encode("latin-1"),
        "NUL": lambda _rack, _service: b"Bearer a\x00b",
        "oversized": lambda _rack, service: "Bearer " + formats.of(service).prefix + "A" * 60_000,
        "never made": lambda _rack, service: f"Bearer {formats.mint(service)}",
        "basic": lambda rack, service: f"Basic {made(rack, service)}",
        "two tokens": lambda rack, service: f"Bearer {made(rack, service)} {formats.mint(service)}",
        "revoked": lambda rack, service: f"Bearer {revoked(rack, service)}",
        "suspended": lambda rack, service: f"Bearer {suspended(rack, service)}",
        "another service's": lambda rack, service: f"Bearer {made(rack, other(service))}",
        "the sandbox's": lambda rack, _service: f"Bearer {made(rack, Service.BLACKLAB, sandbox=True)}",
        "another installation's": lambda _rack, service: f"Bearer {formats.mint(service)}",
        "an access token never made": lambda _rack, _service: f"Bearer {ids.key('sat_')}",
        "a refresh token": lambda _rack, _service: f"Bearer {ids.key('srt_')}",
        "a signing secret": lambda _rack, _service: f"Bearer {ids.signing_secret()}",
    }


@pytest.mark.parametrize("kind", wrong_credentials())
def test_wrong_credentials_are_refused_on_every_route_with_nothing_of_them_in_the_answer(
    client: TestClient, whole: FastAPI, rack: Rack, kind: str
):
    for service, door in services(whole).items():
        given = wrong_credentials()[kind](rack, service)
        headers = {} if given is None else {"Authorization": given}
        for route in closed_routes(door):
            for method in route.methods or ():
                path = re.sub(r"\{.*?\}", "job_000000000000", route.path)
                response = client.request(method, f"/{service}{path}", headers=headers, json={})

                assert response.status_code == 401, f"{method} {path}"
                assert response.headers["WWW-Authenticate"].startswith("Bearer")
                secret = (given if isinstance(given, str) else "").split(" ")[-1]
                assert not secret or secret not in response.text


def test_an_expired_key_is_refused(client: TestClient, rack: Rack, monkeypatch: pytest.MonkeyPatch):
    with rack.database.write() as connection:
        account = people.create(connection, "late@example.com")
        expires_at = clock.now() + timedelta(hours=1)
        made = keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "", expires_at=expires_at)
    headers = {"Authorization": f"Bearer {made.token}"}
    assert client.get("/blacklab/v1/mastering/jobs/job_1", headers=headers).status_code == 404

    monkeypatch.setattr(clock, "now", lambda: expires_at)

    assert client.get("/blacklab/v1/mastering/jobs/job_1", headers=headers).status_code == 401


def test_two_authorization_headers_are_refused_and_not_chosen_from(client: TestClient, alice: Somebody):
    right = alice.headers(Service.BLACKLAB)["Authorization"]
    for pair in ((right, "Bearer x"), ("Bearer x", right), (right, right)):
        response = client.get("/blacklab/v1/mastering/jobs/job_1", headers=[("Authorization", one) for one in pair])

        assert response.status_code == 401
