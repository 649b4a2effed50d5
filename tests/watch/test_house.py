"""What is read off the database: jobs, workers, deliveries, mails."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert
from starlette.testclient import TestClient

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.database import Database
from soundrack.database.tables import jobs, mails, webhook_deliveries, workers
from soundrack.jobs.record import Status
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.watch import house
from tests.watch.conftest import read

NOON = datetime(2100, 1, 1, 12, 0, tzinfo=UTC)
"""After the time, by the real clock, at which the server of a test begins to watch."""


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Clock:
    held = Clock()
    monkeypatch.setattr(clock, "now", held)
    monkeypatch.setattr(house, "_FRESH_S", 0.0)
    return held


def job(account: Account, job_id: str, status: Status, **values: Any) -> dict[str, Any]:
    return {
        "id": job_id,
        "account_id": account.id,
        "service": Service.BLACKLAB,
        "kind": "master",
        "status": status,
        "parameters": {},
        "work_s": 10.0,
        "credits_charged": 1,
        "request_id": "req_1",
        "created_at": NOON,
    } | values


def test_the_queue_and_the_workers_are_told(client: TestClient, rack: Rack, account: Account, held: Clock):
    with rack.database.write() as connection:
        for number, status in enumerate([Status.QUEUED, Status.QUEUED, Status.PROCESSING]):
            connection.execute(insert(jobs).values(job(account, f"job_{number}", status)))
        for name, seen_at in (("one", NOON), ("two", NOON), ("dead", NOON - timedelta(hours=1))):
            connection.execute(insert(workers).values(id=name, slots=2, speed=1.0, started_at=NOON, seen_at=seen_at))
    held.now += timedelta(seconds=8)

    assert read(client, "soundrack_jobs", service="blacklab", kind="master", status="queued") == 2
    assert read(client, "soundrack_jobs", status="processing") == 1
    assert read(client, "soundrack_job_oldest_queued_seconds") == 8
    assert read(client, "soundrack_workers") == 2
    assert read(client, "soundrack_worker_slots") == 4
    assert read(client, "soundrack_database_up") == 1


def test_each_ended_job_is_counted_once_however_often_it_is_asked(
    client: TestClient, rack: Rack, account: Account, held: Clock
):
    assert read(client, "soundrack_jobs_ended_total") == 0
    for number in range(3):
        held.now += timedelta(seconds=30)
        with rack.database.write() as connection:
            connection.execute(
                insert(jobs).values(
                    job(
                        account,
                        f"job_{number}",
                        Status.COMPLETED,
                        started_at=held.now - timedelta(seconds=7),
                        ended_at=held.now,
                        cpu_s=3.0,
                    )
                )
            )
        read(client, "soundrack_jobs")
        held.now += timedelta(seconds=30)
        for _ in range(2):
            assert read(client, "soundrack_jobs_ended_total", status="completed") == number + 1

    assert read(client, "soundrack_job_run_seconds_sum", kind="master") == 21
    assert read(client, "soundrack_job_run_seconds_bucket", le="10.0") == 3
    assert read(client, "soundrack_job_run_seconds_bucket", le="5.0") == 0
    assert read(client, "soundrack_job_cpu_seconds_sum") == 9
    assert read(client, "soundrack_job_wait_seconds_count") == 3


def test_a_job_that_commits_late_is_counted_too(client: TestClient, rack: Rack, account: Account, held: Clock):
    read(client, "soundrack_jobs")
    held.now += timedelta(seconds=60)
    read(client, "soundrack_jobs")
    ended_at = held.now - timedelta(seconds=5)  # taken before the last look, committed after it
    with rack.database.write() as connection:
        connection.execute(insert(jobs).values(job(account, "job_late", Status.FAILED, ended_at=ended_at)))
    held.now += timedelta(seconds=60)

    assert read(client, "soundrack_jobs_ended_total", status="failed") == 1


def test_deliveries_and_mails_that_are_overdue_are_told(client: TestClient, rack: Rack, account: Account, held: Clock):
    common = {
        "account_id": account.id,
        "service": Service.BLACKLAB,
        "event_name": "job.done",
        "url": "https://example.com",
        "receiver": "https://example.com:443",
        "place": 0,
        "body": b"{}",
        "is_test": False,
        "attempts": 0,
        "tries": 0,
        "created_at": NOON,
    }
    with rack.database.write() as connection:
        for number, (status, due_at) in enumerate([("pending", NOON), ("pending", NOON), ("delivered", None)]):
            name = f"dlv_{number}"
            connection.execute(
                insert(webhook_deliveries).values(
                    common | {"id": name, "lane": name, "status": status, "due_at": due_at}
                )
            )
        connection.execute(
            insert(mails).values(
                id="mail_1", recipient="a@b.c", subject="", text="", attempts=0, created_at=NOON, due_at=NOON, error=""
            )
        )
    held.now += timedelta(seconds=90)

    assert read(client, "soundrack_webhook_deliveries", status="pending") == 2
    assert read(client, "soundrack_webhook_deliveries", status="delivered") == 1
    assert read(client, "soundrack_webhook_overdue_seconds") == 90
    assert read(client, "soundrack_mails_pending") == 1
    assert read(client, "soundrack_mail_overdue_seconds") == 90


def test_a_database_that_does_not_answer_is_a_number_and_no_error(
    client: TestClient, rack: Rack, held: Clock, monkeypatch: pytest.MonkeyPatch
):
    def broken(_self: object) -> None:
        raise OSError("gone")

    monkeypatch.setattr(type(rack.database), "read", broken)

    assert read(client, "soundrack_database_up") == 0
    assert client.get("/metrics").status_code == 200


def test_the_database_is_asked_at_most_once_in_a_while(client: TestClient, rack: Rack, monkeypatch: pytest.MonkeyPatch):
    asked = []
    read_database = type(rack.database).read

    def counted(self: Database) -> AbstractContextManager[Connection]:
        asked.append(1)
        return read_database(self)

    monkeypatch.setattr(type(rack.database), "read", counted)

    for _ in range(5):
        client.get("/metrics")

    assert len(asked) == 1
