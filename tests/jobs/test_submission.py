"""Accepting jobs: how many at once, and what is stored of them."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.audio.containers import Container
from soundrack.billing import credits
from soundrack.database.tables import credit_entries, jobs
from soundrack.errors import NotEnoughCredits, TooManyJobs, UnusableAudio
from soundrack.jobs import lifecycle, submission
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.record import Job
from soundrack.jobs.submission import Order
from soundrack.jobs.task import Kind
from soundrack.rack import Rack

FOREIGN = Foreign("https://example.com/song.wav?signature=x", 1000, (Container.WAV, Container.MP3))
Submit = Callable[..., Job]


@pytest.fixture
def submit(rack: Rack, account: Account) -> Submit:
    def submit_one(service: str = "masterify", price: int = 1, account_id: str = account.id, **fields: object) -> Job:
        order = Order(
            service=service,
            account_id=account_id,
            kind=Kind.MASTER,
            parameters={},
            input=FOREIGN,
            work_s=60.0,
            credits=price,
            request_id="req_test",
            **fields,  # type: ignore[arg-type]
        )
        with rack.database.write() as connection:
            return submission.submit(connection, rack.queue, order, id_prefix="job_")

    return submit_one


def end(rack: Rack, job: Job) -> None:
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job.id, "w", 60)
        assert attempt is not None
        assert lifecycle.fail(connection, attempt, UnusableAudio("The file is silent."))


def stored(rack: Rack) -> int:
    with rack.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(jobs)).scalar_one()
        return found


def test_a_job_on_a_url_keeps_what_its_worker_needs(submit: Submit):
    job = submit(key_id="key_1", webhook_url="https://example.com/hook")

    assert (job.input_asset_id, job.input_url) == (None, FOREIGN.url)
    assert job.input_terms == {"most_bytes": 1000, "containers": ["wav", "mp3"]}
    assert (job.key_id, job.webhook_url) == ("key_1", "https://example.com/hook")


def test_a_job_s_text_for_logs_shows_no_url(submit: Submit):
    job = submit(webhook_url="https://example.com/hook?token=x")

    assert "example.com" not in repr(job)


@pytest.mark.parametrize("price", [0, 1])
def test_more_jobs_than_the_plan_allows_are_refused_until_one_ends(rack: Rack, submit: Submit, price: int):
    first, _ = (submit(price=price, jobs_at_once=2) for _ in range(2))
    with pytest.raises(TooManyJobs, match="2 at once"):
        submit(price=price, jobs_at_once=2)

    end(rack, first)

    submit(price=price, jobs_at_once=2)
    assert stored(rack) == 3


def test_a_cancelled_job_makes_room(rack: Rack, submit: Submit):
    job = submit(jobs_at_once=1)
    with rack.database.write() as connection:
        lifecycle.cancel(connection, job)

    submit(jobs_at_once=1)


def test_jobs_of_another_service_and_another_account_take_no_room(rack: Rack, submit: Submit):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com").id
        credits.grant(connection, other, 10, "")
    submit(service="blacklab")
    submit(account_id=other)

    submit(jobs_at_once=1)


def test_without_a_limit_there_is_none(rack: Rack, submit: Submit):
    for _ in range(20):
        submit()

    assert stored(rack) == 20


@pytest.mark.parametrize("price", [0, 1])
def test_of_many_submitted_at_once_exactly_as_many_as_allowed_are_taken(rack: Rack, submit: Submit, price: int):
    outcomes: list[bool] = []
    together = threading.Barrier(12)

    def send() -> None:
        together.wait()
        try:
            submit(price=price, jobs_at_once=5)
            outcomes.append(True)
        except TooManyJobs:
            outcomes.append(False)

    threads = [threading.Thread(target=send) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False] * 7 + [True] * 5
    assert stored(rack) == 5


def test_a_free_job_moves_no_credits_when_it_is_accepted_and_when_it_fails(rack: Rack, submit: Submit):
    end(rack, submit(price=0))

    with rack.database.read() as connection:
        rows = connection.execute(select(credit_entries.c.kind)).scalars().all()
    assert rows == ["grant"]


def test_no_room_and_no_credits_leave_nothing_behind(rack: Rack, submit: Submit):
    submit(jobs_at_once=1)

    with pytest.raises(TooManyJobs):
        submit(jobs_at_once=1)
    with pytest.raises(NotEnoughCredits):
        submit(price=1000)

    assert stored(rack) == 1
