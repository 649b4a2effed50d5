"""Two accounts, every mounted service, and a real server on loopback whose every log line is kept."""

from __future__ import annotations

import logging
import socket
import sys
import threading
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
import structlog
import uvicorn
from fastapi import FastAPI
from fastapi.routing import APIRoute
from sqlalchemy import insert, update
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient

from soundrack import app, clock, ids, logs
from soundrack.accounts import keys, people
from soundrack.billing import credits, subscriptions
from soundrack.database.tables import assets, job_inputs, jobs
from soundrack.jobs import steps
from soundrack.jobs.record import Status
from soundrack.rack import Rack, open_rack
from soundrack.service import Service
from soundrack.services.door import Door
from soundrack.settings import Settings
from tests.live import until

NO_JOB = {
    Service.BLACKLAB: "/v1/mastering/jobs/job_1",
    Service.MASTERIFY: "/api/v1/jobs/job_1",
    Service.SIGNALKEY: "/api/v1/jobs/abc123",
    Service.SOUNDPIECE: f"/v1/create.new_fx?id=op_{26 * '0'}",
}
"""Where each service would answer for a job that there is not."""
RELEASE = {
    "platforms": ["spotify"],
    "genre": "other",
    "ai_service": "other",
    "premium": False,
    "most_s": 600,
    "title": "song",
}
ANALYSIS = {"filename": "song.wav", "most_s": 600, "stems": False}
EFFECT = {
    "prompt": "rain",
    "duration_s": 8.0,
    "seed": 1,
    "action": "create.new_fx",
    "asked": {"idempotency_key": "550e8400-e29b-41d4-a716-446655440000", "prompt": "rain", "duration": 8.0},
}


@dataclass(frozen=True)
class Somebody:
    """An account with a key at each mounted service, and things of its own."""

    account_id: str
    keys: dict[Service, str]
    ids: dict[str, str]
    """An id of each kind of thing that it owns."""

    def headers(self, service: Service) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[service]}"}


def flat(routes: list[BaseRoute]) -> Iterator[BaseRoute]:
    """Routes, those of included routers too."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is None:
            yield route
        else:
            yield from flat(inner.routes)


def mounts(whole: FastAPI) -> dict[str, Any]:
    """Every mounted application by its path."""
    return {route.path: route.app for route in whole.routes if isinstance(route, Mount)}


def services(whole: FastAPI) -> dict[Service, Door]:
    """The services that stand behind a door, by name; a sandbox has tests of its own."""
    return {
        found.front.service: found
        for path, found in mounts(whole).items()
        if isinstance(found, Door) and path == f"/{found.front.service}"
    }


def routes_of(door: Door) -> list[APIRoute]:
    """A service's own routes; `front.public` ones too."""
    assert isinstance(door.app, FastAPI)
    return [route for route in flat(list(door.app.routes)) if isinstance(route, APIRoute)]


@pytest.fixture
def whole(rack: Rack) -> FastAPI:
    return app.create(rack)


@pytest.fixture
def client(whole: FastAPI, rack: Rack) -> Iterator[TestClient]:
    with TestClient(whole, base_url=rack.settings.public_url, raise_server_exceptions=False) as client:
        yield client


def somebody(rack: Rack, whole: FastAPI, name: str) -> Somebody:
    """Make an account with keys, an asset, and jobs that wait."""
    with rack.database.write() as connection:
        account = people.create(connection, f"{name}@example.com")
        credits.grant(connection, account.id, 100, "for tests")
        tokens = {
            service: keys.create(connection, rack.secret, account.id, service, name).token
            for service in services(whole)
        }
        # its lowest plan allows fewer requests than there are routes to try
        subscriptions.subscribe(connection, account.id, Service.MASTERIFY, "studio")
        # whose lowest plan has no API, and whose next one allows fewer requests than these tests send
        subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, "enterprise")
        # which allows fewer requests than there are routes to try, too
        subscriptions.subscribe(connection, account.id, Service.SOUNDPIECE, "enterprise")
        asset_id, job_id, release_id, analysis_id = ids.short("asset_"), ids.short("job_"), ids.uuid4(), ids.short("")
        operation_id = ids.ulid("op_")
        connection.execute(
            insert(assets).values(
                id=asset_id,
                account_id=account.id,
                object_key=f"assets/{asset_id}.wav",
                filename="song.wav",
                content_type="audio/wav",
                size_bytes=1,
                created_at=clock.now(),
            )
        )
        for made, service, kind, parameters in (
            (job_id, Service.BLACKLAB, "master", {"preset": "warm", "format": "wav", "rate_hz": None}),
            (release_id, Service.MASTERIFY, "release", RELEASE),
            (analysis_id, Service.SIGNALKEY, "analyze", ANALYSIS),
            (operation_id, Service.SOUNDPIECE, "effect", EFFECT),
        ):
            connection.execute(
                insert(jobs).values(
                    id=made,
                    account_id=account.id,
                    service=service,
                    kind=kind,
                    status=Status.QUEUED,
                    parameters=parameters,
                    work_s=10.0,
                    credits_charged=0,
                    request_id="req_1",
                    created_at=clock.now(),
                )
            )
            connection.execute(insert(job_inputs).values(job_id=made, name="song", asset_id=asset_id))
        connection.execute(update(jobs).where(jobs.c.id == analysis_id).values(followed=True))
        steps.begin(connection, analysis_id)
    return Somebody(
        account.id,
        tokens,
        {
            "job": job_id,
            "asset": asset_id,
            "release": release_id,
            "analysis": analysis_id,
            "operation": operation_id,
        },
    )


@pytest.fixture
def alice(rack: Rack, whole: FastAPI) -> Somebody:
    return somebody(rack, whole, "alice")


@pytest.fixture
def mallory(rack: Rack, whole: FastAPI) -> Somebody:
    return somebody(rack, whole, "mallory")


class Wire:
    """A real server, and a socket to it."""

    def __init__(self, rack: Rack, port: int, log: StringIO, key: str) -> None:
        self.rack = rack
        self.port = port
        self.log = log
        self.key = key

    def send(self, raw: bytes, *, within_s: float = 3.0) -> bytes:
        """Send bytes and return what comes back until the server closes, or says no more for a while."""
        found = b""
        with socket.create_connection(("127.0.0.1", self.port), timeout=within_s) as connection:
            try:
                connection.sendall(raw)
                while received := connection.recv(65_536):
                    found += received
            except (ConnectionResetError, BrokenPipeError, TimeoutError):
                pass
        return found

    def statuses(self, raw: bytes) -> list[int]:
        """Return the status of each response to what was sent."""
        parts = self.send(raw).split(b"HTTP/1.1 ")[1:]
        return [int(part[:3]) for part in parts]

    def request(self, *lines: bytes, path: bytes = b"/blacklab/v1/mastering/jobs/job_1", body: bytes = b"") -> bytes:
        """Return a request that asks for the connection to be closed."""
        method = b"POST" if body else b"GET"
        head = [method + b" " + path + b" HTTP/1.1", b"Host: x", b"Connection: close", *lines]
        return b"\r\n".join(head) + b"\r\n\r\n" + body


@pytest.fixture(scope="module")
def log() -> Iterator[StringIO]:
    """Everything that the process logs, ours and libraries', from DEBUG."""
    stream, root = StringIO(), logging.getLogger()
    before, stderr, level = root.handlers[:], sys.stderr, root.level
    sys.stderr = stream
    try:
        logs.configure(json=True)
    finally:
        sys.stderr = stderr
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG), cache_logger_on_first_use=False
    )
    root.setLevel(logging.DEBUG)
    yield stream
    structlog.reset_defaults()
    logging.captureWarnings(False)
    root.handlers[:] = before
    root.setLevel(level)


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory, log: StringIO) -> Generator[Wire]:
    """The server as `soundrack serve` runs it, in a thread."""
    with open_rack(Settings(data=tmp_path_factory.mktemp("wire"))) as rack, socket.socket() as listener:
        with rack.database.write() as connection:
            account = people.create(connection, "wire@example.com")
            subscriptions.subscribe_highest(connection, rack.plans, account.id)
            key = keys.create(
                connection,
                rack.secret,
                account.id,
                Service.BLACKLAB,
                "",
                expires_at=clock.now() + timedelta(days=1),
            ).token
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(
            uvicorn.Config(
                app.create(rack),
                http="httptools",
                log_config=None,
                access_log=False,
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=1,
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            until(lambda: server.started)
            yield Wire(rack, listener.getsockname()[1], log, key)
        finally:
            server.should_exit = True
            thread.join()
