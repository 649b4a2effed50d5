"""A client of BlackLab's wire, in the process of the test: everything real but the worker."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.rack import Rack
from soundrack.service import Service
from tests.certificates import self_signed
from tests.contracts.blacklab.printed import HOST, Wire
from tests.live import free_port, until

WAV_HEAD = (
    b"RIFF\x24\x10\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x02\x00\x44\xac\x00\x00\x10\xb1\x02\x00\x04\x00\x10\x00data"
)
Upload = Callable[..., str]


@pytest.fixture
def key(rack: Rack, account: Account) -> str:
    """A key on the highest plan, so that only tests of limits meet them."""
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "enterprise")
        return keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "tests").token


@pytest.fixture
def anonymous(rack: Rack) -> Iterator[TestClient]:
    url = f"{rack.settings.public_url}/blacklab"
    with TestClient(app.create(rack), base_url=url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, key: str) -> TestClient:
    anonymous.headers["Authorization"] = f"Bearer {key}"
    return anonymous


@pytest.fixture
def upload(client: TestClient) -> Upload:
    """Upload bytes as the document says and return the asset_url."""

    def send(content: bytes = WAV_HEAD + bytes(4096), content_type: str = "audio/wav") -> str:
        asked = {"filename": "song.wav", "content_type": content_type, "size_bytes": len(content)}
        answer: dict[str, Any] = client.post("/v1/assets/upload-url", json=asked).json()
        sent = client.put(answer["upload_url"], content=content, headers={"Content-Type": content_type})
        assert sent.status_code == 200
        asset_url: str = answer["asset_url"]
        return asset_url

    return send


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"), HOST, "IP:127.0.0.1")


@pytest.fixture
def wire(rack: Rack, key: str, certificate: tuple[Path, Path]) -> Iterator[Wire]:
    """A server that answers for the document's host by HTTPS and refuses everything else, in a thread of the test."""
    port = free_port()
    served = {"public_url": f"https://127.0.0.1:{port}", "hosts": f"{HOST}=blacklab", "require_https": True}
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
        yield Wire(port, certificate[0], key)
    finally:
        server.should_exit = True
        thread.join()
