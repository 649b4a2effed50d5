"""OWASP API9 and API8: nothing is served that is not documented, and nothing answers with its insides."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.routing import Mount
from starlette.testclient import TestClient

from soundrack.billing import subscriptions
from soundrack.rack import Rack
from tests.security.conftest import NO_JOB, Somebody, flat, mounts, routes_of, services

ROOT = Path(__file__).parents[2]
PAGES = {path.name: path.read_text() for path in (ROOT / "docs").glob("*.md")}


def test_every_route_of_a_service_is_in_its_own_description(client: TestClient, whole: FastAPI):
    for service, door in services(whole).items():
        described = client.get(f"/{service}/openapi.json").json()["paths"]
        for route in routes_of(door):
            assert {method.lower() for method in route.methods or ()} <= described[route.path].keys()


def test_every_other_path_of_the_root_is_on_a_page(whole: FastAPI):
    pages = "\n".join(PAGES.values())
    for route in flat(list(whole.routes)):
        if isinstance(route, APIRoute):
            assert route.path in pages, f"{route.path} is on no page of docs/"


def test_every_mount_is_on_the_page_on_operations(whole: FastAPI):
    for path in mounts(whole):
        assert not path or f"`{path}/" in PAGES["operations.md"], f"{path} is not in docs/operations.md"


def test_no_route_is_written_twice(whole: FastAPI):
    for app in [whole, *(door.app for door in services(whole).values())]:
        assert isinstance(app, FastAPI)
        served = [
            (method, route.path)
            for route in flat(list(app.routes))
            if isinstance(route, APIRoute)
            for method in route.methods or ()
        ]
        assert len(served) == len(set(served))


@pytest.mark.parametrize(
    "path",
    [
        "/redoc", "/openapi.json", "/blacklab/docs", "/blacklab/redoc", "/masterify/docs",
        "/masterify/api/v1/jobs", "/signalkey/docs", "/signalkey/redoc", "/signalkey/api/v1/jobs", "/storage/docs",
        "/storage/openapi.json", "/leaks/openapi.json", "/.git/config", "/.env", "/admin", "/debug", "/secret",
        "/soundrack.db", "/static/../app.py", "/blacklab/v2/mastering/jobs/x", "/blacklab/v1/admin",
        "/blacklab//v1/mastering/jobs/x", "/console",
    ],
)  # fmt: skip
def test_nothing_is_served_that_one_guesses_at(client: TestClient, path: str):
    assert client.get(path).status_code in {401, 403, 404}


def test_an_error_of_ours_shows_nothing_of_itself(client: TestClient, alice: Somebody, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("SELECT secret FROM house WHERE path='/root'")

    monkeypatch.setattr("soundrack.jobs.record.look_up", broken)
    for service in alice.keys:
        response = client.get(f"/{service}{NO_JOB[service]}", headers=alice.headers(service))

        assert response.status_code == 500
        assert not re.search(r"Traceback|SELECT|RuntimeError|/root|\.py", response.text)


def test_methods_that_are_not_documented_do_nothing(client: TestClient, whole: FastAPI, rack: Rack, alice: Somebody):
    with rack.database.write() as connection:
        subscriptions.subscribe_highest(connection, rack.plans, alice.account_id)  # many requests in one second
    for service, door in services(whole).items():
        for route in routes_of(door):
            if route.path in door.front.public:
                continue  # strangers are held to a lower rate than this loop
            served = set().union(*(one.methods or set() for one in routes_of(door) if one.path == route.path))
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"} - served:
                path = re.sub(r"\{.*?\}", alice.ids["job"], route.path)
                assert client.request(method, f"/{service}{path}", headers=alice.headers(service)).status_code in {
                    404,
                    405,
                }


def test_no_answer_lets_another_site_s_page_read_it(client: TestClient, alice: Somebody):
    for service in alice.keys:
        response = client.get(
            f"/{service}{NO_JOB[service]}", headers=alice.headers(service) | {"Origin": "https://evil.example"}
        )

        assert "access-control-allow-origin" not in response.headers


def test_the_secret_and_the_data_are_for_their_owner_alone(rack: Rack, tmp_path: Path):
    from soundrack import secret  # noqa: PLC0415
    from soundrack.settings import Settings  # noqa: PLC0415

    settings = Settings(data=tmp_path / "fresh")
    secret.load(settings)

    assert (settings.data / "secret").stat().st_mode & 0o077 == 0
    assert settings.data.stat().st_mode & 0o077 == 0


def test_mounts_are_those_that_are_known(whole: FastAPI):
    known = {"/blacklab", "/blacklab-sandbox", "/masterify", "/signalkey", "/soundpiece", "/leaks", "/storage", ""}
    assert {route.path for route in whole.routes if isinstance(route, Mount)} <= known
