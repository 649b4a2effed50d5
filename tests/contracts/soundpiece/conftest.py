"""A client of Soundpiece's wire, in the process of the test: everything real but the worker."""

from __future__ import annotations

import dataclasses
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from httpx2 import Response
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import keys
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.billing import credits, subscriptions
from soundrack.errors import SoundrackError
from soundrack.jobs import lifecycle, outputs
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Job, Output
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.soundpiece import examples
from soundrack.services.soundpiece.actions import ACTIONS, BY_ROUTE, STEMS, Action, Delivery
from tests.certificates import self_signed
from tests.contracts.blacklab.printed import Wire
from tests.live import free_port, until

HOST = "api.soundpiece.co"
SONG = BY_ROUTE["create.new_song"]
FX = BY_ROUTE["create.new_fx"]
EVERY = [pytest.param(action, id=action.route) for action in ACTIONS]
FLAC = b"fLaC of a song"
Submit = Callable[..., Response]


def body(action: Action = FX, **fields: Any) -> dict[str, Any]:
    """Return a good request with a key of its own, and other fields where they are given."""
    given = {name: value for name, value in examples.asked(action).items() if value is not None}
    return {"idempotency_key": str(uuid.uuid4())} | given | fields


def path(action: Action = FX) -> str:
    return f"/v1/{action.route}"


@pytest.fixture
def key(rack: Rack, account: Account) -> NewKey:
    """A key with its signing secret; the account has 100 credits."""
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.SOUNDPIECE, "standard")
        return keys.create(connection, rack.secret, account.id, Service.SOUNDPIECE, "production-server")


@pytest.fixture
def anonymous(rack: Rack) -> Iterator[TestClient]:
    url = f"{rack.settings.public_url}/soundpiece"
    with TestClient(app.create(rack), base_url=url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, key: NewKey) -> TestClient:
    anonymous.headers["Authorization"] = f"Bearer {key.token}"
    return anonymous


@pytest.fixture
def submit(client: TestClient) -> Submit:
    """Submit an action; without fields, a good one."""

    def send(action: Action = FX, **fields: Any) -> Response:
        return client.put(path(action), json=body(action, **fields))

    return send


def dto(response: Response) -> dict[str, Any]:
    """Return the operation of an answer without its wrapper."""
    assert response.status_code == 200, response.text
    ((_, operation),) = response.json().items()
    found: dict[str, Any] = operation
    return found


@pytest.fixture
def operation_id(submit: Submit) -> str:
    made: str = dto(submit())["id"]
    return made


def begin(rack: Rack, job_id: str) -> Job:
    """Do what a worker does when it takes a job up."""
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
    assert attempt is not None
    return attempt


def finish(rack: Rack, job_id: str, folder: Path) -> None:
    """Do what a worker does with a job that goes well."""
    attempt = begin(rack, job_id)
    action = BY_ROUTE[attempt.parameters["action"]]
    result: dict[str, Any] = {"duration_s": 87.4}
    names = [action.output]
    if action.delivery is Delivery.STEMS:
        names = list(STEMS)
    elif action.delivery is Delivery.VARIATIONS:
        count = attempt.parameters["variations"]
        names = [f"{action.output}-{number + 1}" for number in range(count)]
        result = {"variations": [{"duration_s": 87.4 + number} for number in range(count)]}
    made = {}
    with rack.database.write() as connection:
        outputs.begin(connection, attempt)
    for name in names:
        key = f"output/{job_id}/{attempt.attempt}/{name}.flac"
        (folder / "made.flac").write_bytes(FLAC)
        made[name] = Output(key, rack.store.put_file(key, folder / "made.flac"), "audio/flac")
    with rack.database.write() as connection:
        assert lifecycle.complete(connection, attempt, Outcome(made, result, {}, 60.0, 0.5))


def fail(rack: Rack, job_id: str, error: SoundrackError) -> None:
    """Do what a worker does with a job that goes wrong."""
    attempt = begin(rack, job_id)
    with rack.database.write() as connection:
        assert lifecycle.fail(connection, attempt, error)


def balance(rack: Rack, account: Account) -> int:
    with rack.database.read() as connection:
        return credits.balance(connection, account.id)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"), HOST, "IP:127.0.0.1")


@pytest.fixture
def wire(rack: Rack, key: NewKey, certificate: tuple[Path, Path]) -> Iterator[Wire]:
    """A server that answers for the document's host by HTTPS and refuses everything else, in a thread of the test."""
    port = free_port()
    served = {
        "public_url": f"https://127.0.0.1:{port}",
        "hosts": f"{HOST}=soundpiece",
        "require_https": True,
    }
    settings = rack.settings.model_copy(update=served)
    server = uvicorn.Server(
        uvicorn.Config(
            app.create(dataclasses.replace(rack, settings=settings)),
            port=port,
            log_config=None,
            ws="none",
            ssl_certfile=str(certificate[0]),
            ssl_keyfile=str(certificate[1]),
        )
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        until(lambda: server.started)
        yield Wire(port, certificate[0], key.token, HOST, ("spk_<your-key>",))
    finally:
        server.should_exit = True
        thread.join()
