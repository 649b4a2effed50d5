"""An upload that has arrived, and a job on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from soundrack import ids
from soundrack.accounts.people import Account
from soundrack.jobs import record, submission, uploads
from soundrack.jobs.record import Job
from soundrack.jobs.task import Kind
from soundrack.jobs.uploads import Accepted
from soundrack.rack import Rack

HOUR = timedelta(hours=1)


@pytest.fixture
def asset_id(rack: Rack, account: Account, tmp_path: Path) -> str:
    with rack.database.write() as connection:
        announced = uploads.announce(
            connection,
            rack.links,
            account_id=account.id,
            filename="song.wav",
            content_type="audio/wav",
            size_bytes=44,
            life=HOUR,
        )
    key = announced.asset_url.removeprefix(rack.links.base_url + "/")
    path = tmp_path / "upload"
    path.write_bytes(b"RIFF" + b"\0" * 40)
    rack.store.put_file(key, path)
    return Path(key).stem


@pytest.fixture
def submit(rack: Rack, account: Account, asset_id: str) -> Callable[..., Job]:
    def submit_one(*, followed: bool = False) -> Job:
        order = submission.Order(
            service="blacklab",
            account_id=account.id,
            kind=Kind.MASTER,
            parameters={"preset": "balanced", "format": "wav", "rate_hz": None},
            inputs={"song": Accepted(asset_id, "audio/wav", 44, "input_url")},
            work_s=60.0,
            credits=1,
            request_id="req_test",
            followed=followed,
        )
        with rack.database.write() as connection:
            return submission.submit(connection, rack.queue, order, job_id=ids.short("job_"), lease_s=15.0)

    return submit_one


@pytest.fixture
def reread(rack: Rack) -> Callable[[Job], Job]:
    def read(job: Job) -> Job:
        with rack.database.read() as connection:
            return record.get(connection, job.id, account_id=job.account_id, service=job.service)

    return read
