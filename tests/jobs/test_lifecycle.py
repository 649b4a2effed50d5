"""A job's life on the table: leases, attempts, ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.database.tables import assets, credit_entries, events, job_inputs, jobs
from soundrack.errors import Conflict, NotEnoughCredits, NotFound, UnusableAudio
from soundrack.jobs import lifecycle, record
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.record import Job, Output, Status
from soundrack.rack import Rack
from soundrack.service import Service

LEASE_S = 10.0
MASTER = Output("output/x", 10, "audio/wav")
OUTCOME = Outcome({"master": MASTER}, {"rate_hz": 44100}, {"all": "that"}, 60.0, 1.0)
Submit = Callable[[], Job]
Reread = Callable[[Job], Job]
End = Callable[[Rack, Job], bool]


def claim(rack: Rack, job: Job, worker: str = "worker-1") -> Job | None:
    with rack.database.write() as connection:
        return lifecycle.claim(connection, rack.queue, job.id, worker, LEASE_S)


def claimed(rack: Rack, job: Job, worker: str = "worker-1") -> Job:
    attempt = claim(rack, job, worker)
    assert attempt is not None
    return attempt


def reap(rack: Rack, max_losses: int = 3) -> list[Job]:
    lost: list[Job] = []
    while True:
        with rack.database.write() as connection:
            job = lifecycle.reap(connection, rack.queue, max_losses)
        if job is None:
            return lost
        lost.append(job)


def complete(rack: Rack, job: Job) -> bool:
    with rack.database.write() as connection:
        return lifecycle.complete(connection, job, OUTCOME)


def fail(rack: Rack, job: Job) -> bool:
    with rack.database.write() as connection:
        return lifecycle.fail(connection, job, UnusableAudio("The file is silent."))


def cancel(rack: Rack, job: Job) -> None:
    with rack.database.write() as connection:
        lifecycle.cancel(connection, job)


def told(rack: Rack) -> list[tuple[str, str]]:
    with rack.database.read() as connection:
        rows = connection.execute(
            select(events.c.job_id, events.c.name)
            .where(events.c.job_id.is_not(None))
            .order_by(events.c.created_at, events.c.name)
        )
        return [(job_id, name) for job_id, name in rows]


def ledger(rack: Rack) -> list[tuple[str, int]]:
    with rack.database.read() as connection:
        rows = connection.execute(
            select(credit_entries.c.kind, credit_entries.c.amount).where(credit_entries.c.job_id.is_not(None))
        )
        return [(kind, amount) for kind, amount in rows]


def deliveries(rack: Rack) -> int:
    with rack.database.read() as connection:
        schema = "dbos." if connection.dialect.name == "postgresql" else ""
        found: int = connection.execute(text(f"SELECT count(*) FROM {schema}workflow_status")).scalar_one()  # noqa: S608
        return found


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    def move(seconds: float) -> None:
        moment = clock.now() + timedelta(seconds=seconds)
        monkeypatch.setattr(clock, "now", lambda: moment)

    return move


def test_accepting_stores_charges_and_enqueues_together(rack: Rack, submit: Submit):
    job = submit()

    assert (job.status, job.attempt) == (Status.QUEUED, 0)
    assert ledger(rack) == [("charge", -1)]
    assert deliveries(rack) == 1


def test_without_credits_nothing_is_stored_charged_or_enqueued(rack: Rack, account: Account, submit: Submit):
    with rack.database.write() as connection:
        credits.charge(connection, account.id, 100, "all of it", service=Service.BLACKLAB)

    with pytest.raises(NotEnoughCredits):
        submit()

    with rack.database.read() as connection:
        assert connection.execute(select(jobs)).all() == []
    assert deliveries(rack) == 0
    assert ledger(rack) == [("charge", -100)]


def test_a_job_delivered_twice_is_claimed_once(rack: Rack, submit: Submit):
    job = submit()

    assert claimed(rack, job, "worker-1").attempt == 1
    assert claim(rack, job, "worker-2") is None


def test_a_job_that_ended_is_not_claimed_again(rack: Rack, submit: Submit):
    job = submit()
    complete(rack, claimed(rack, job))

    assert claim(rack, job) is None


def test_a_completed_job_has_its_result_and_its_charge_stands(rack: Rack, submit: Submit, reread: Reread):
    job = submit()

    assert complete(rack, claimed(rack, job))

    ended = reread(job)
    assert (ended.status, ended.outputs, ended.result) == (Status.COMPLETED, {"master": MASTER}, OUTCOME.result)
    assert isinstance(ended.ended_at, datetime)
    assert ledger(rack) == [("charge", -1)]


def test_a_failed_job_is_refunded_once(rack: Rack, submit: Submit, reread: Reread):
    attempt = claimed(rack, submit())

    assert fail(rack, attempt)
    assert not fail(rack, attempt)
    assert not complete(rack, attempt)

    ended = reread(attempt)
    assert (ended.status, ended.error_kind) == (Status.FAILED, "unusable_audio")
    assert ledger(rack) == [("charge", -1), ("refund", 1)]


def test_a_renewed_lease_is_not_reaped(rack: Rack, submit: Submit, later, reread: Reread):
    attempt = claimed(rack, submit())
    later(LEASE_S - 1)
    with rack.database.write() as connection:
        assert lifecycle.renew(connection, attempt, LEASE_S, "limiting", 0.5)
    later(LEASE_S - 1)

    assert reap(rack) == []
    assert (reread(attempt).stage, reread(attempt).progress) == ("limiting", 0.5)


def test_a_lost_worker_s_job_is_given_to_another_and_charged_once(rack: Rack, submit: Submit, later, reread: Reread):
    first = claimed(rack, submit(), "worker-1")
    later(LEASE_S + 1)

    assert [job.id for job in reap(rack)] == [first.id]
    assert deliveries(rack) == 2
    second = claimed(rack, first, "worker-2")
    assert complete(rack, second)

    assert (second.attempt, second.losses) == (2, 1)
    assert reread(first).status is Status.COMPLETED
    assert ledger(rack) == [("charge", -1)]


def test_a_worker_that_thaws_after_it_was_given_up_changes_nothing(rack: Rack, submit: Submit, later, reread: Reread):
    frozen = claimed(rack, submit(), "worker-1")
    later(LEASE_S + 1)
    reap(rack)
    current = claimed(rack, frozen, "worker-2")

    with rack.database.write() as connection:
        assert not lifecycle.renew(connection, frozen, LEASE_S, "stale", 0.9)
        assert not lifecycle.give_back(connection, rack.queue, frozen)
    assert not complete(rack, frozen)
    assert not fail(rack, frozen)

    assert reread(frozen) == current
    assert deliveries(rack) == 2
    assert ledger(rack) == [("charge", -1)]


def test_a_lapsed_lease_is_reaped_at_once_and_counts_as_a_loss(rack: Rack, submit: Submit, later, reread: Reread):
    attempt = claimed(rack, submit())
    with rack.database.write() as connection:
        lifecycle.lapse(connection, attempt)
    later(0.01)

    assert [job.id for job in reap(rack)] == [attempt.id]
    assert (reread(attempt).status, reread(attempt).losses) == (Status.QUEUED, 1)


def test_two_reapers_take_a_job_back_once(rack: Rack, submit: Submit, later):
    claimed(rack, submit())
    later(LEASE_S + 1)

    assert len(reap(rack)) == 1
    assert reap(rack) == []
    assert deliveries(rack) == 2


def test_a_job_that_takes_down_every_worker_is_failed_and_refunded(rack: Rack, submit: Submit, later, reread: Reread):
    job = submit()
    for _ in range(3):
        claimed(rack, job)
        later(LEASE_S + 1)
        reap(rack)

    ended = reread(job)
    assert (ended.status, ended.losses, ended.error_kind) == (Status.FAILED, 3, "internal")
    assert ledger(rack) == [("charge", -1), ("refund", 1)]
    assert claim(rack, job) is None


def test_a_worker_that_stops_gives_its_job_back_without_a_loss(rack: Rack, submit: Submit, reread: Reread):
    attempt = claimed(rack, submit())

    with rack.database.write() as connection:
        assert lifecycle.give_back(connection, rack.queue, attempt)

    assert (reread(attempt).status, reread(attempt).losses) == (Status.QUEUED, 0)
    assert deliveries(rack) == 2


def test_an_input_is_released_when_the_last_job_on_it_ends(rack: Rack, submit: Submit):
    def deleted() -> bool:
        with rack.database.read() as connection:
            return connection.execute(select(assets.c.deleted_at)).scalar_one() is not None

    first, second = claimed(rack, submit()), claimed(rack, submit())
    complete(rack, first)
    assert not deleted()
    fail(rack, second)
    assert deleted()


def test_of_two_jobs_that_end_at_once_the_later_releases_their_input(rack: Rack, submit: Submit):
    first, second = (claimed(rack, submit()) for _ in range(2))
    ending = threading.Thread(target=complete, args=(rack, second))

    with rack.database.write() as connection:
        assert lifecycle.complete(connection, first, OUTCOME)
        ending.start()
        ending.join(0.3)  # it waits for us; if it did not, it would now have taken the first for alive
    ending.join()

    with rack.database.read() as connection:
        assert connection.execute(select(assets.c.deleted_at)).scalar_one() is not None


def test_an_upload_is_kept_for_a_job_that_has_it_under_another_name(
    rack: Rack, account: Account, asset_id: str, submit: Submit
):
    first, second = claimed(rack, submit()), claimed(rack, submit())
    with rack.database.write() as connection:
        connection.execute(update(job_inputs).where(job_inputs.c.job_id == second.id).values(name="reference"))
        connection.execute(insert(job_inputs).values(job_id=first.id, name="stem", asset_id=asset_id))

    def deleted() -> bool:
        with rack.database.read() as connection:
            return connection.execute(select(assets.c.deleted_at)).scalar_one() is not None

    complete(rack, first)
    assert not deleted()
    cancel(rack, second)
    assert deleted()


def test_a_cancelled_job_is_refunded_once_and_its_input_released(rack: Rack, submit: Submit, reread: Reread):
    job = submit()

    cancel(rack, job)
    with pytest.raises(Conflict):
        cancel(rack, job)

    assert (reread(job).status, reread(job).ended_at is not None) == (Status.CANCELLED, True)
    assert ledger(rack) == [("charge", -1), ("refund", 1)]
    assert claim(rack, job) is None
    with rack.database.read() as connection:
        assert connection.execute(select(assets.c.deleted_at)).scalar_one() is not None


def test_a_job_that_is_cancelled_while_it_runs_is_nobody_s_any_more(rack: Rack, submit: Submit, later, reread: Reread):
    attempt = claimed(rack, submit())

    cancel(rack, attempt)

    with rack.database.write() as connection:
        assert not lifecycle.renew(connection, attempt, LEASE_S, "limiting", 0.5)
        assert not lifecycle.give_back(connection, rack.queue, attempt)
    assert not complete(rack, attempt)
    assert not fail(rack, attempt)
    later(LEASE_S + 1)
    assert reap(rack) == []
    assert reread(attempt).status is Status.CANCELLED
    assert ledger(rack) == [("charge", -1), ("refund", 1)]


@pytest.mark.parametrize("end", [complete, fail])
def test_a_job_that_has_ended_is_not_cancelled(rack: Rack, submit: Submit, reread: Reread, end: End):
    attempt = claimed(rack, submit())
    end(rack, attempt)
    before = ledger(rack)

    with pytest.raises(Conflict):
        cancel(rack, attempt)

    assert reread(attempt).status in {Status.COMPLETED, Status.FAILED}
    assert ledger(rack) == before


@pytest.mark.parametrize("end", [complete, fail])
def test_of_an_end_and_a_cancelling_at_once_one_counts(rack: Rack, submit: Submit, reread: Reread, end: End):
    outcomes: list[bool] = []
    together = threading.Barrier(2)
    attempt = claimed(rack, submit())

    def cancel_it() -> None:
        together.wait()
        try:
            cancel(rack, attempt)
            outcomes.append(True)
        except Conflict:
            outcomes.append(False)

    def end_it() -> None:
        together.wait()
        outcomes.append(end(rack, attempt))

    threads = [threading.Thread(target=act) for act in (cancel_it, end_it)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [False, True]
    refunds = ledger(rack).count(("refund", 1))
    assert refunds == (0 if reread(attempt).status is Status.COMPLETED else 1)


def test_an_end_is_told_once(rack: Rack, submit: Submit):
    first, second, third = submit(), submit(), submit()
    good, bad = claimed(rack, first), claimed(rack, second)

    assert (complete(rack, good), complete(rack, good), fail(rack, good)) == (True, False, False)
    assert (fail(rack, bad), fail(rack, bad), complete(rack, bad)) == (True, False, False)
    cancel(rack, third)

    assert told(rack) == [(first.id, "job.completed"), (second.id, "job.failed")]


def test_a_job_that_was_lost_on_its_way_is_told_of_once(rack: Rack, submit: Submit, later):
    lost = claimed(rack, submit(), "worker-1")
    later(LEASE_S + 1)
    reap(rack)
    assert told(rack) == []
    current = claimed(rack, lost, "worker-2")

    assert complete(rack, current)
    assert not complete(rack, lost)

    assert told(rack) == [(lost.id, "job.completed")]


def test_a_job_that_takes_down_every_worker_is_told_of_once(rack: Rack, submit: Submit, later):
    job = submit()
    for _ in range(3):
        claimed(rack, job)
        later(LEASE_S + 1)
        reap(rack)

    assert told(rack) == [(job.id, "job.failed")]


def test_an_end_that_is_rolled_back_is_not_told(rack: Rack, submit: Submit, reread: Reread):
    attempt = claimed(rack, submit())

    def die() -> None:
        with rack.database.write() as connection:
            assert lifecycle.complete(connection, attempt, OUTCOME)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        die()

    assert told(rack) == []
    assert reread(attempt).status is Status.PROCESSING


def test_another_account_s_and_another_service_s_job_look_like_none(rack: Rack, submit: Submit):
    job = submit()

    for account_id, service in (("acc_other", "blacklab"), (job.account_id, "masterify")):
        with pytest.raises(NotFound), rack.database.read() as connection:
            record.get(connection, job.id, account_id=account_id, service=service)
