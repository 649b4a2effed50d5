"""What a followed job goes through, written down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, delete, select, update

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.database.tables import accounts, job_steps, jobs
from soundrack.errors import Conflict, Internal
from soundrack.jobs import lifecycle, steps
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Job
from soundrack.jobs.steps import Step
from soundrack.rack import Rack

LEASE_S = 15.0
Submit = Callable[..., Job]
OUTCOME = Outcome(outputs={}, result={}, report={}, work_s=1.0, cpu_s=1.0)


def told(rack: Rack, job: Job, after: int = 0) -> list[Step]:
    async def look() -> list[Step]:
        try:
            return await steps.since(rack.lookups, job.id, after)
        finally:
            await rack.lookups.close()

    return asyncio.run(look())


def claim(rack: Rack, job: Job) -> Job:
    with rack.database.write() as connection:
        claimed = lifecycle.claim(connection, rack.queue, job.id, "worker", LEASE_S)
    assert claimed is not None
    return claimed


def tell(rack: Rack, job: Job, stage: str, progress: float) -> bool:
    with rack.database.write() as connection:
        return lifecycle.renew(connection, job, LEASE_S, stage, progress, is_step=True)


def test_a_followed_job_has_its_first_step_as_soon_as_it_exists(rack: Rack, submit: Submit):
    job = submit(followed=True)

    assert job.followed
    assert told(rack, job) == [Step(1, "upload", 0.05, is_end=False)]


def test_a_job_that_nobody_follows_writes_nothing(rack: Rack, submit: Submit):
    job = claim(rack, submit())
    tell(rack, job, "decode", 0.1)
    with rack.database.write() as connection:
        assert lifecycle.complete(connection, job, OUTCOME)

    assert told(rack, job) == []


def test_stages_follow_each_other_and_the_engine_s_progress_is_spread_over_the_rest(rack: Rack, submit: Submit):
    job = claim(rack, submit(followed=True))
    for stage, progress in (("decode", 0.0), ("features", 0.1), ("tempo", 0.5)):
        assert tell(rack, job, stage, progress)
    with rack.database.write() as connection:
        lifecycle.complete(connection, job, OUTCOME)

    assert told(rack, job) == [
        Step(1, "upload", 0.05, is_end=False),
        Step(2, "decode", 0.05, is_end=False),
        Step(3, "features", 0.145, is_end=False),
        Step(4, "tempo", 0.525, is_end=False),
        Step(5, "tempo", 1.0, is_end=True),
    ]
    assert told(rack, job, after=3) == told(rack, job)[3:]


def test_what_is_no_news_is_not_written(rack: Rack, submit: Submit):
    job = claim(rack, submit(followed=True))
    for _ in range(3):
        assert tell(rack, job, "stems", 0.5)
    tell(rack, job, "stems", 0.6)

    assert [(step.stage, step.progress) for step in told(rack, job)] == [
        ("upload", 0.05),
        ("stems", 0.525),
        ("stems", 0.62),
    ]


def test_a_renewal_that_is_no_step_of_the_engine_s_is_not_told(rack: Rack, submit: Submit):
    job = claim(rack, submit(followed=True))
    with rack.database.write() as connection:
        lifecycle.renew(connection, job, LEASE_S, "store", 1.0)

    assert len(told(rack, job)) == 1


def test_after_a_lost_attempt_the_stages_come_again_and_the_progress_waits(rack: Rack, submit: Submit):
    first = claim(rack, submit(followed=True))
    tell(rack, first, "decode", 0.0)
    tell(rack, first, "chords", 0.6)
    with rack.database.write() as connection:
        lifecycle.lapse(connection, first)
    with rack.database.write() as connection:
        assert lifecycle.reap(connection, rack.queue, max_losses=3)
    second = claim(rack, first)
    tell(rack, second, "decode", 0.0)
    tell(rack, second, "chords", 0.6)
    tell(rack, second, "mix", 0.85)

    assert [(step.number, step.stage, step.progress) for step in told(rack, second)] == [
        (1, "upload", 0.05),
        (2, "decode", 0.05),
        (3, "chords", 0.62),
        (4, "decode", 0.62),
        (5, "chords", 0.62),
        (6, "mix", 0.8575),
    ]


def test_a_worker_that_lost_its_job_tells_nothing(rack: Rack, submit: Submit):
    first = claim(rack, submit(followed=True))
    with rack.database.write() as connection:
        lifecycle.lapse(connection, first)
    with rack.database.write() as connection:
        lifecycle.reap(connection, rack.queue, max_losses=3)
    second = claim(rack, first)

    assert not tell(rack, first, "tempo", 0.4)
    with rack.database.write() as connection:
        assert not lifecycle.complete(connection, first, OUTCOME)
        assert not lifecycle.fail(connection, first, Internal("late"))
    assert len(told(rack, second)) == 1


def test_failing_ends_it_where_it_stood(rack: Rack, submit: Submit):
    job = claim(rack, submit(followed=True))
    tell(rack, job, "tempo", 0.5)
    with rack.database.write() as connection:
        lifecycle.fail(connection, job, Internal("no"))

    assert told(rack, job)[-1] == Step(3, "tempo", 0.525, is_end=True)


def test_losing_too_many_workers_ends_it_once(rack: Rack, submit: Submit):
    job = claim(rack, submit(followed=True))
    with rack.database.write() as connection:
        lifecycle.lapse(connection, job)
    with rack.database.write() as connection:
        lifecycle.reap(connection, rack.queue, max_losses=1)

    assert told(rack, job)[1:] == [Step(2, "upload", 0.05, is_end=True)]


def test_cancelling_ends_it_once(rack: Rack, submit: Submit):
    job = submit(followed=True)
    with rack.database.write() as connection:
        lifecycle.cancel(connection, job)
    with pytest.raises(Conflict), rack.database.write() as connection:
        lifecycle.cancel(connection, job)

    assert told(rack, job)[1:] == [Step(2, "upload", 0.05, is_end=True)]


def test_nothing_comes_after_the_end(rack: Rack, submit: Submit):
    job = submit(followed=True)
    with rack.database.write() as connection:
        steps.end(connection, job.id, completed=True)
        steps.tell(connection, job.id, "mix", 0.9)
        steps.end(connection, job.id, completed=False)

    assert [step.number for step in told(rack, job)] == [1, 2]


def test_a_step_that_is_rolled_back_was_never_told(rack: Rack, submit: Submit):
    job = claim(rack, submit(followed=True))
    with rack.database.write() as connection:
        lifecycle.renew(connection, job, LEASE_S, "tempo", 0.5, is_step=True)
        connection.rollback()

    assert len(told(rack, job)) == 1


def test_the_last_step_is_found(rack: Rack, submit: Submit):
    job = claim(rack, submit(followed=True))
    tell(rack, job, "tempo", 0.5)
    nobody_s = submit()

    async def look() -> Step:
        try:
            with pytest.raises(LookupError):
                await steps.last(rack.lookups, nobody_s.id)
            return await steps.last(rack.lookups, job.id)
        finally:
            await rack.lookups.close()

    assert asyncio.run(look()) == Step(2, "tempo", 0.525, is_end=False)


def test_only_the_ends_of_jobs_that_ended_an_hour_ago_are_kept(rack: Rack, submit: Submit):
    old, young, running = (claim(rack, submit(followed=True)) for _ in range(3))
    for job in (old, young, running):
        tell(rack, job, "tempo", 0.5)
    with rack.database.write() as connection:
        for job in (old, young):
            lifecycle.complete(connection, job, OUTCOME)
        long_ago = clock.now() - timedelta(hours=2)
        connection.execute(update(job_steps).where(job_steps.c.job_id != young.id).values(at=long_ago))
        connection.execute(update(jobs).where(jobs.c.id == old.id).values(ended_at=long_ago))
        steps.sweep(connection)

    assert [step.is_end for step in told(rack, old)] == [True]
    assert [len(told(rack, job)) for job in (young, running)] == [3, 2]


def test_steps_go_with_their_account(rack: Rack, account: Account, submit: Submit):
    submit(followed=True)
    with rack.database.write() as connection:
        connection.execute(delete(accounts).where(accounts.c.id == account.id))

        assert connection.execute(select(job_steps)).all() == []


@pytest.mark.one_database
@given(told=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20))
def test_progress_never_falls_and_is_1_only_at_the_end(told: list[float]):
    """Whatever an engine says, in a database of one table."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        job_steps.create(connection)
        steps.begin(connection, "job")
        for place, progress in enumerate(told):
            steps.tell(connection, "job", f"stage {place}", min(progress, 0.999))
        steps.end(connection, "job", completed=True)
        found = connection.execute(select(job_steps).order_by(job_steps.c.number)).all()
    engine.dispose()

    heights = [row.progress for row in found]
    assert heights == sorted(heights)
    assert [row.number for row in found] == list(range(1, len(told) + 3))
    assert all(0.05 <= height < 1 for height in heights[:-1])
    assert heights[-1] == 1
