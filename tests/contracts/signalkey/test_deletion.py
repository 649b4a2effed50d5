"""Audio is deleted when its analysis ends, however it ends; results are when their time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from starlette.testclient import TestClient

from soundrack.accounts.people import Account
from soundrack.errors import UnusableAudio
from soundrack.jobs import inputs, lifecycle, record
from soundrack.jobs.janitor import Janitor
from soundrack.jobs.worker import Worker
from soundrack.rack import Rack
from soundrack.service import Service
from tests.contracts.masterify.conftest import stored
from tests.contracts.signalkey.conftest import begin, fail, finish
from tests.standing_clock import StandingClock


def uploads(rack: Rack) -> list[str]:
    return [name for name in stored(rack) if name.startswith("asset_")]


def completed(rack: Rack, job_id: str, folder: Path) -> None:
    finish(rack, job_id, folder)
    inputs.purge(rack.database, rack.store)  # as `Runner.perform` does when it has settled a job


def failed(rack: Rack, job_id: str, _folder: Path) -> None:
    fail(rack, job_id, UnusableAudio("silent"))
    inputs.purge(rack.database, rack.store)


def cancelled(rack: Rack, job_id: str, _folder: Path) -> None:
    with rack.database.write() as connection:
        job = record.from_row(connection.execute(record.COLUMNS).one())
        lifecycle.cancel(connection, job)
    inputs.purge(rack.database, rack.store)


def given_up(rack: Rack, job_id: str, _folder: Path) -> None:
    """It takes down as many workers as it may; the last reaps what the one before has left."""
    settings = rack.settings
    reaping = SimpleNamespace(
        _database=rack.database,
        _queue=rack.queue,
        _settings=settings,
        _janitor=Janitor(settings, rack.database, rack.store),
    )
    for _ in range(settings.job_max_losses):
        assert uploads(rack)
        attempt = begin(rack, job_id)
        with rack.database.write() as connection:
            lifecycle.lapse(connection, attempt)
        Worker._reap(cast(Worker, reaping))


@pytest.mark.parametrize("end", [completed, failed, cancelled, given_up])
def test_the_audio_goes_when_its_analysis_ends(
    client: TestClient,
    rack: Rack,
    account: Account,
    job_id: str,
    tmp_path: Path,
    end: Callable[[Rack, str, Path], None],
):
    (tmp_path / "out").mkdir()
    assert len(uploads(rack)) == 1

    end(rack, job_id, tmp_path / "out")

    assert uploads(rack) == []
    with rack.database.read() as connection:
        job = record.get(connection, job_id, account_id=account.id, service=Service.SIGNALKEY)
    assert job.ended_at is not None
    assert client.get(f"/api/v1/jobs/{job_id}").status_code == (200 if end is completed else 500)


def test_results_go_when_their_time_is_over(
    client: TestClient, rack: Rack, job_id: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    held = StandingClock(monkeypatch)
    completed(rack, job_id, tmp_path)
    assert len(stored(rack)) == 4

    held.go_on(seconds=timedelta(days=rack.settings.output_retention_days, hours=1).total_seconds())
    Janitor(rack.settings, rack.database, rack.store).sweep()

    assert stored(rack) == []
    assert client.get(f"/api/v1/jobs/{job_id}").status_code == 404
