"""The sandbox in the process of the test, with its files made beforehand and its clock in hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from soundrack import app
from soundrack.accounts import keys
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.jobs.tones import Tones
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.blacklab import sandbox
from soundrack.settings import Settings
from soundrack.storage.objects import ObjectStore
from tests.standing_clock import StandingClock


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that jobs give, made as a server makes them, by its first job."""
    folder = tmp_path_factory.mktemp("tones")
    made = Tones(ObjectStore(folder)).output("wav", 44_100)
    assert made.key == "sandbox/sandbox-44100.wav"
    return folder


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(
        data=tmp_path / "data",
        database_url=database_url,
        workers=1,
        outbound_allow="127.0.0.1",
        outbound_forbid="203.0.113.0/24",
    )


@pytest.fixture
def standing(monkeypatch: pytest.MonkeyPatch, rack: Rack) -> StandingClock:
    return StandingClock(monkeypatch)


@pytest.fixture
def sandbox_key(rack: Rack, account: Account, files: Path) -> str:
    shutil.copytree(files, rack.settings.objects, dirs_exist_ok=True)
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "enterprise")
        return keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "tests", sandbox=True).token


@pytest.fixture
def sandboxed(rack: Rack) -> Iterator[TestClient]:
    """Nobody, at the sandbox."""
    url = f"{rack.settings.public_url}/{sandbox.MOUNT}"
    with TestClient(app.create(rack), base_url=url, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def client(sandboxed: TestClient, sandbox_key: str) -> TestClient:
    sandboxed.headers["Authorization"] = f"Bearer {sandbox_key}"
    return sandboxed
