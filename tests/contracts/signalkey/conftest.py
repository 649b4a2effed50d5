"""A client of SignalKey's wire, in the process of the test: everything real but the worker."""

from __future__ import annotations

import copy
import dataclasses
import json
import threading
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
from soundrack.billing import subscriptions
from soundrack.errors import SoundrackError
from soundrack.jobs import lifecycle, outputs
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Job, Output
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.signalkey import examples
from tests.certificates import self_signed
from tests.contracts.blacklab.printed import Wire
from tests.contracts.signalkey.streaming import Streams
from tests.live import free_port, noise, until, wav

HOST = "signalkey.io"
WAV = wav(noise(0.2))
ANALYZE = "/api/v1/analyze"
Analyze = Callable[..., Response]
FILES = {
    "midi": ("song.mid", b"MThd", "audio/midi"),
    "waveform": ("waveform.png", b"\x89PNG waveform", "image/png"),
    "spectrogram": ("spectrogram.png", b"\x89PNG spectrogram", "image/png"),
}
"""What an analysis leaves beside its report: name, bytes and type."""
STEMS = {
    f"{name}": (f"{name}.wav", b"RIFF " + name.encode(), "audio/wav") for name in ("vocals", "drums", "bass", "other")
}


def report() -> dict[str, Any]:
    """Return what the engine reports of a song, in its schema: it knows of no links."""
    found = copy.deepcopy(examples.RESULT)
    del found["links_expire_at"], found["create_report"]["midi_url"]
    for stem in found["stems_report"]["stems"]:
        del stem["url"]
    found["release_kit"]["pictures"] = {"waveform": "waveform.png", "spectrogram": "spectrogram.png"}
    return found


@pytest.fixture
def key(rack: Rack, account: Account) -> NewKey:
    """A key on the plan that the document speaks of, with its signing secret."""
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.SIGNALKEY, "studio")
        return keys.create(connection, rack.secret, account.id, Service.SIGNALKEY, "my app")


@pytest.fixture
def anonymous(rack: Rack) -> Iterator[TestClient]:
    url = f"{rack.settings.public_url}/signalkey"
    with TestClient(app.create(rack), base_url=url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(anonymous: TestClient, key: NewKey) -> TestClient:
    anonymous.headers["Authorization"] = f"Bearer {key.token}"
    return anonymous


@pytest.fixture
def analyze(client: TestClient) -> Analyze:
    """Send a song, with other fields where they are given."""

    def send(content: bytes = WAV, name: str = "track.wav", **fields: Any) -> Response:
        return client.post(ANALYZE, files={"file": (name, content)}, data=fields)

    return send


@pytest.fixture
def job_id(analyze: Analyze) -> str:
    made: str = analyze().json()["job_id"]
    return made


def begin(rack: Rack, job_id: str) -> Job:
    """Do what a worker does when it takes a job up."""
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job_id, "w", 60)
    assert attempt is not None
    return attempt


def advance(rack: Rack, attempt: Job, stage: str, progress: float) -> None:
    """Do what a worker does when the engine tells of a stage."""
    with rack.database.write() as connection:
        assert lifecycle.renew(connection, attempt, 60, stage, progress, is_step=True)


def finish(rack: Rack, job_id: str, folder: Path, *, attempt: Job | None = None, stems: bool = False) -> None:
    """Do what a worker does with a job that goes well."""
    attempt = attempt or begin(rack, job_id)
    told = json.dumps(report() | {"id": job_id}).encode()
    files = {"report": ("report.json", told, "application/json"), **FILES, **(STEMS if stems else {})}
    made = {}
    with rack.database.write() as connection:
        outputs.begin(connection, attempt)
    for name, (filename, content, content_type) in files.items():
        key = f"output/{job_id}/{attempt.attempt}/{filename}"
        (folder / filename).write_bytes(content)
        rack.store.put_file(key, folder / filename)
        made[name] = Output(key, len(content), content_type)
    with rack.database.write() as connection:
        assert lifecycle.complete(connection, attempt, Outcome(made, {"bpm": 124.0}, {}, 60.0, 0.5))


def fail(rack: Rack, job_id: str, error: SoundrackError) -> None:
    """Do what a worker does with a job that goes wrong."""
    attempt = begin(rack, job_id)
    with rack.database.write() as connection:
        assert lifecycle.fail(connection, attempt, error)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return self_signed(tmp_path_factory.mktemp("tls"), HOST, "IP:127.0.0.1")


@pytest.fixture
def wire(rack: Rack, key: NewKey, certificate: tuple[Path, Path]) -> Iterator[Wire]:
    """A server that answers for the document's host by HTTPS and refuses everything else, in a thread of the test."""
    port = free_port()
    served = {
        "public_url": f"https://127.0.0.1:{port}",
        "hosts": f"{HOST}=signalkey",
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
        yield Wire(port, certificate[0], key.token, HOST, ("sk_live_...", "sk_live_xxxxxxxxxxxxxxxxxxxxxxxx"))
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def streams(rack: Rack, key: NewKey) -> Streams:
    return Streams(rack, key.token)
