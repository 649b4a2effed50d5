"""A worker on the same machine is told of a job at once, and nothing depends on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from soundrack import clock
from soundrack.database.tables import jobs
from soundrack.jobs import lifecycle, nudge
from soundrack.jobs.nudge import Ear
from soundrack.jobs.record import Job
from soundrack.rack import Rack
from tests.live import until

Submit = Callable[..., Job]


class Heard:
    def __init__(self) -> None:
        self.ids: list[str] = []

    def __call__(self, job_id: str) -> None:
        self.ids.append(job_id)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def ear(rack: Rack, heard: Heard) -> Iterator[Ear]:
    opened = Ear(rack.settings.data, heard, 2)
    opened.open()
    yield opened
    opened.close()


@pytest.mark.usefixtures("ear")
def test_a_worker_hears_of_a_job_when_it_is_committed_and_not_before(rack: Rack, heard: Heard, submit: Submit):
    job = submit()
    until(lambda: heard.ids == [job.id])

    with rack.database.write() as connection:
        rack.queue.enqueue(connection, "never")
        connection.rollback()
    with rack.database.write() as connection:
        rack.queue.enqueue(connection, "later", delay_s=1.0)
    with rack.database.write() as connection:
        rack.queue.enqueue(connection, "next")
    until(lambda: heard.ids == [job.id, "next"])


@pytest.mark.one_database
def test_that_nobody_hears_is_no_error(tmp_path: Path):
    nudge.send(tmp_path, "job")
    nudge.send(tmp_path / "nowhere", "job")


@pytest.mark.one_database
def test_of_two_workers_the_one_that_began_last_hears(tmp_path: Path):
    first, second = Heard(), Heard()
    ears = [Ear(tmp_path, first, 1), Ear(tmp_path, second, 1)]
    for ear in ears:
        ear.open()

    nudge.send(tmp_path, "job")

    until(lambda: second.ids == ["job"])
    for ear in ears:
        ear.close()
    assert first.ids == []


@pytest.mark.one_database
def test_a_folder_whose_path_is_longer_than_an_address_may_be_will_do(tmp_path: Path, heard: Heard):
    folder = tmp_path / ("d" * 100) / ("e" * 100)
    folder.mkdir(parents=True)
    ear = Ear(folder, heard, 1)
    ear.open()

    nudge.send(folder, "job")

    until(lambda: heard.ids == ["job"])
    ear.close()


@pytest.mark.one_database
def test_closing_waits_for_what_was_begun(tmp_path: Path):
    begun, go_on, done = threading.Event(), threading.Event(), []

    def hear(job_id: str) -> None:
        begun.set()
        go_on.wait(20)
        done.append(job_id)

    ear = Ear(tmp_path, hear, 1)
    ear.open()
    nudge.send(tmp_path, "job")
    assert begun.wait(20)
    threading.Timer(0.1, go_on.set).start()

    ear.close()

    assert done == ["job"]


@pytest.mark.one_database
def test_what_goes_wrong_with_one_job_does_not_deafen_the_worker(tmp_path: Path):
    heard = Heard()

    def hear(job_id: str) -> None:
        heard(job_id)
        if job_id == "bad":
            raise RuntimeError("the database is down")

    ear = Ear(tmp_path, hear, 1)
    ear.open()
    for job_id in ("bad", "good"):
        nudge.send(tmp_path, job_id)

    until(lambda: heard.ids == ["bad", "good"])
    ear.close()


def test_nobody_is_overtaken(rack: Rack, submit: Submit):
    first, second = submit(), submit()
    with rack.database.write() as connection:
        earlier = clock.now() - timedelta(minutes=1)
        connection.execute(update(jobs).where(jobs.c.id == first.id).values(created_at=earlier))

        assert lifecycle.is_next(connection, first.id)
        assert not lifecycle.is_next(connection, second.id)

        lifecycle.claim(connection, rack.queue, first.id, "worker", 15.0)
        assert not lifecycle.is_next(connection, first.id)
        assert lifecycle.is_next(connection, second.id)
