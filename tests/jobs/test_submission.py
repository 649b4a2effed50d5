"""Accepting jobs: how many at once, and what is stored of them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import PurePosixPath

import pytest
from sqlalchemy import func, insert, select, update

from soundrack import clock, ids
from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.audio.containers import Container
from soundrack.billing import credits
from soundrack.database.tables import assets, credit_entries, job_inputs, jobs, workers
from soundrack.errors import Invalid, NotEnoughCredits, TooManyJobs, UnusableAudio
from soundrack.jobs import inputs, lifecycle, submission
from soundrack.jobs import uploads as uploads_room
from soundrack.jobs.foreign import Foreign
from soundrack.jobs.record import Job
from soundrack.jobs.submission import Order
from soundrack.jobs.task import Kind
from soundrack.jobs.uploads import Accepted
from soundrack.rack import Rack

FOREIGN = Foreign("https://example.com/song.wav?signature=x", 1000, (Container.WAV, Container.MP3), "input_url")
Submit = Callable[..., Job]


@pytest.fixture
def submit(rack: Rack, account: Account) -> Submit:
    def submit_one(service: str = "masterify", price: int = 1, account_id: str = account.id, **fields: object) -> Job:
        order = Order(
            service=service,
            account_id=account_id,
            kind=Kind.MASTER,
            parameters={},
            inputs=fields.pop("inputs", {"song": FOREIGN}),  # type: ignore[arg-type]
            work_s=fields.pop("work_s", 60.0),  # type: ignore[arg-type]
            credits=price,
            request_id="req_test",
            **fields,  # type: ignore[arg-type]
        )
        with rack.database.write() as connection:
            return submission.submit(connection, rack.queue, order, job_id=ids.short("job_"), lease_s=15.0)

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


def test_a_job_on_a_url_keeps_what_its_worker_needs(rack: Rack, submit: Submit):
    job = submit(key_id="key_1", webhook_url="https://example.com/hook")

    with rack.database.read() as connection:
        (song,) = inputs.of(connection, job.id)
    assert (song.name, song.asset_id, song.url) == ("song", None, FOREIGN.url)
    assert song.terms == {"most_bytes": 1000, "containers": ["wav", "mp3"], "field": "input_url"}
    assert (job.key_id, job.webhook_url) == ("key_1", "https://example.com/hook")


def test_a_job_has_every_input_that_it_was_given_by_name(rack: Rack, submit: Submit, asset_id: str):
    reference = Accepted(asset_id, "audio/wav", 44, "reference_url")

    job = submit(inputs={"song": FOREIGN, "reference": reference})

    with rack.database.read() as connection:
        found = [(one.name, one.asset_id, one.url) for one in inputs.of(connection, job.id)]
    assert found == [("reference", asset_id, None), ("song", None, FOREIGN.url)]


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["", "Song", "a/b", "..", ".hidden", "a" * 41])
def test_an_input_s_name_is_one_that_a_file_may_have(rack: Rack, submit: Submit, name: str):
    with pytest.raises(ValueError, match="name"):
        submit(inputs={name: FOREIGN})

    assert stored(rack) == 0


@pytest.mark.one_database
def test_what_is_made_of_words_alone_has_no_input(rack: Rack, submit: Submit):
    submit(inputs={})

    assert stored(rack) == 1
    with rack.database.read() as connection:
        assert connection.execute(select(job_inputs)).first() is None


def test_an_upload_that_was_deleted_since_it_was_accepted_is_named_and_nothing_is_kept(
    rack: Rack, submit: Submit, asset_id: str
):
    with rack.database.write() as connection:
        connection.execute(update(assets).values(deleted_at=clock.now()))

    with pytest.raises(Invalid, match="no such upload") as refused:
        submit(inputs={"song": FOREIGN, "reference": Accepted(asset_id, "audio/wav", 44, "reference_url")})

    assert refused.value.field == "reference_url"
    assert stored(rack) == 0


def test_jobs_on_the_same_two_uploads_the_other_way_round_do_not_wait_in_a_circle(
    rack: Rack, account: Account, submit: Submit
):
    with rack.database.write() as connection:
        uploads = [
            uploads_room.announce(
                connection,
                rack.links,
                account_id=account.id,
                filename="a.wav",
                content_type="audio/wav",
                size_bytes=44,
                life=timedelta(hours=1),
            )
            for _ in range(2)
        ]
    pair = [Accepted(PurePosixPath(one.asset_url).stem, "audio/wav", 44, "x_url") for one in uploads]
    together = threading.Barrier(8)
    ended: list[Job] = []

    def go(turn: int) -> None:
        first, second = pair[:: 1 if turn % 2 else -1]
        together.wait()
        for _ in range(3):
            job = submit(inputs={"song": first, "reference": second})
            with rack.database.write() as connection:
                lifecycle.cancel(connection, job)
            ended.append(job)

    others = submit(inputs={"song": pair[0], "reference": pair[1]})  # keeps the uploads alive
    threads = [threading.Thread(target=go, args=(turn,)) for turn in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(ended) == 24
    with rack.database.write() as connection:
        lifecycle.cancel(connection, others)
    with rack.database.read() as connection:
        assert None not in connection.execute(select(assets.c.deleted_at)).scalars().all()


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


def refused_until(rack: Rack, submit: Submit) -> int:
    with pytest.raises(TooManyJobs) as refused:
        submit(jobs_at_once=2)
    return refused.value.retry_after_s


def test_who_has_too_many_is_told_when_the_first_of_them_ends(rack: Rack, submit: Submit):
    first, second = (submit(jobs_at_once=2, work_s=work_s) for work_s in (100.0, 300.0))
    assert refused_until(rack, submit) == 30  # nobody works, and nobody can say
    now = clock.now()
    with rack.database.write() as connection:
        connection.execute(insert(workers).values(id="w", slots=1, speed=2.0, started_at=now, seen_at=now))
    assert refused_until(rack, submit) == 50

    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, first.id, "w", 60)
        assert attempt is not None
        lifecycle.renew(connection, attempt, 60, "render", 0.8)
    assert refused_until(rack, submit) == 10

    with rack.database.write() as connection:
        lifecycle.renew(connection, attempt, 60, "render", 1.0)
    assert refused_until(rack, submit) == 1
    assert second.work_s == 300.0


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
