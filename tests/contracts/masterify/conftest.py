"""A client of Masterify's wire, in the process of the test: everything real but the worker."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import lameenc
import numpy as np
import pytest
import uvicorn
from httpx2 import Response
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.errors import SoundrackError
from soundrack.jobs import lifecycle
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Output
from soundrack.rack import Rack
from soundrack.service import Service
from tests.certificates import self_signed
from tests.contracts.blacklab.printed import Wire
from tests.live import free_port, noise, until, wav

HOST = "api.masterify.net"
WAV = wav(noise(0.2))
FLAC = wav(noise(0.2), form="FLAC")
MASTER = "/api/v1/master"
Master = Callable[..., Response]


def mp3() -> bytes:
    encoder = lameenc.Encoder()
    encoder.set_in_sample_rate(44_100)
    encoder.set_channels(2)
    encoder.set_bit_rate(128)
    encoder.silence()
    sound = (noise(0.5) * 20_000).astype(np.int16)
    return bytes(encoder.encode(sound.tobytes()) + encoder.flush())


def long_flac(seconds: int) -> bytes:
    """A FLAC that says that it plays so long: its count of samples is the last 36 bits of these 8 bytes."""
    packed = int.from_bytes(FLAC[18:26], "big") >> 36 << 36 | seconds * 44_100
    return FLAC[:18] + packed.to_bytes(8, "big") + FLAC[26:]


@pytest.fixture
def key(rack: Rack, account: Account) -> str:
    """A key on the highest plan, so that only tests of limits meet them."""
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.MASTERIFY, "studio")
        return keys.create(connection, rack.secret, account.id, Service.MASTERIFY, "tests").token


@pytest.fixture
def anonymous(rack: Rack) -> Iterator[TestClient]:
    url = f"{rack.settings.public_url}/masterify"
    with TestClient(app.create(rack), base_url=url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, key: str) -> TestClient:
    anonymous.headers["Authorization"] = f"Bearer {key}"
    return anonymous


@pytest.fixture
def master(client: TestClient) -> Master:
    """Send a song with some fields."""

    def send(
        content: bytes = WAV, name: str = "song.wav", *, reference: bytes | None = None, **fields: Any
    ) -> Response:
        files = {"file": (name, content)} | ({} if reference is None else {"reference_file": ("r.wav", reference)})
        headers = fields.pop("headers", {})
        return client.post(MASTER, files=files, data={"platforms": "spotify"} | fields, headers=headers)

    return send


def finish(rack: Rack, job_id: str, masters: dict[str, bytes], folder: Path) -> None:
    """Do what a worker does with a job that goes well."""
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
        assert attempt is not None
        outputs = {}
        for name, content in masters.items():
            key = f"output/{job_id}/1/{job_id}-{name}.wav"
            (folder / name).write_bytes(content)
            rack.store.put_file(key, folder / name)
            outputs[name] = Output(key, len(content), "audio/wav")
        told = {"integrated_lufs": -14.0004, "true_peak_db": -1.0321}
        result = {"rate_hz": 44_100, "platforms": dict.fromkeys(masters, told)}
        assert lifecycle.complete(connection, attempt, Outcome(outputs, result, {}, 60.0, 0.5))


def fail(rack: Rack, job_id: str, error: SoundrackError) -> None:
    """Do what a worker does with a job that goes wrong."""
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
        assert attempt is not None
        assert lifecycle.fail(connection, attempt, error)


def stored(rack: Rack) -> list[str]:
    """Every file that the store has, whole or in the making."""
    return sorted(path.name for path in rack.settings.objects.rglob("*") if path.is_file())


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"), HOST, "IP:127.0.0.1")


@pytest.fixture
def wire(rack: Rack, key: str, certificate: tuple[Path, Path]) -> Iterator[Wire]:
    """A server that answers for the document's host by HTTPS and refuses everything else, in a thread of the test."""
    port = free_port()
    served = {"public_url": f"https://127.0.0.1:{port}", "hosts": f"{HOST}=masterify", "require_https": True}
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
        yield Wire(port, certificate[0], key, HOST, ("Bearer ...", "aim_live_a1b2c3d4e5f6g7h8i9j0k1l2m3n4o5p6"))
    finally:
        server.should_exit = True
        thread.join()
