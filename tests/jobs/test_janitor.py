"""What is cleared away, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, update

from soundrack import clock
from soundrack.database.tables import accounts, assets, jobs, output_folders, workers
from soundrack.errors import Internal
from soundrack.jobs import inputs, lifecycle, outputs
from soundrack.jobs.janitor import Janitor
from soundrack.jobs.lifecycle import Outcome
from soundrack.jobs.outputs import Made
from soundrack.jobs.record import Job
from soundrack.rack import Rack

Submit = Callable[[], Job]


@pytest.fixture
def janitor(rack: Rack) -> Janitor:
    return Janitor(rack.settings, rack.database, rack.store)


def objects(rack: Rack) -> int:
    return len([path for path in rack.settings.objects.rglob("*") if path.is_file()])


def age(rack: Rack, table, column: str, by: timedelta) -> None:
    with rack.database.write() as connection:
        connection.execute(update(table).values({column: clock.now() - by}))


def done(rack: Rack, job: Job, tmp_path: Path) -> None:
    attempt = stored(rack, job, tmp_path)
    with rack.database.write() as connection:
        assert lifecycle.complete(connection, attempt, Outcome({}, {}, {}, 1.0, 1.0))
    inputs.purge(rack.database, rack.store)


def stored(rack: Rack, job: Job, tmp_path: Path) -> Job:
    """Claim a job and store two outputs of the attempt, as far as its end."""
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job.id, "w", 60)
        assert attempt is not None
        outputs.begin(connection, attempt)
    for name in ("a.wav", "b.json"):
        (tmp_path / name).write_bytes(b"result")
        outputs.store(rack.store, attempt, Made(tmp_path / name, "audio/wav"))
    return attempt


def folders(rack: Rack) -> int:
    with rack.database.read() as connection:
        return len(connection.execute(select(output_folders)).all())


def test_an_upload_is_kept_while_a_job_needs_it_and_gone_when_the_job_has_ended(
    rack, janitor, submit: Submit, tmp_path
):
    job = submit()
    age(rack, assets, "created_at", timedelta(days=2))
    janitor.sweep()
    assert objects(rack) == 1

    done(rack, job, tmp_path)

    assert objects(rack) == 2  # the results
    with rack.database.read() as connection:
        assert connection.execute(select(assets.c.object_key)).scalar_one() is None


def test_an_upload_that_no_job_used_is_gone_after_its_time_and_not_before(rack, janitor, asset_id):
    janitor.sweep()
    assert objects(rack) == 1

    age(rack, assets, "created_at", timedelta(hours=rack.settings.input_retention_h, seconds=1))
    janitor.sweep()

    assert objects(rack) == 0


def test_all_results_of_a_job_are_gone_after_their_time_and_not_before(rack, janitor, submit: Submit, tmp_path: Path):
    done(rack, submit(), tmp_path)
    age(rack, output_folders, "begun_at", timedelta(hours=2))
    janitor.sweep()
    assert objects(rack) == 2

    age(rack, jobs, "ended_at", timedelta(days=rack.settings.output_retention_days, seconds=1))
    janitor.sweep()
    janitor.sweep()

    assert (objects(rack), folders(rack)) == (0, 0)
    with rack.database.read() as connection:
        assert connection.execute(select(jobs.c.output_deleted_at)).scalar_one() is not None


def lost(rack: Rack, attempt: Job) -> None:
    with rack.database.write() as connection:
        assert lifecycle.give_back(connection, rack.queue, attempt)


def failed(rack: Rack, attempt: Job) -> None:
    with rack.database.write() as connection:
        assert lifecycle.fail(connection, attempt, Internal("It broke."))


def cancelled(rack: Rack, attempt: Job) -> None:
    with rack.database.write() as connection:
        lifecycle.cancel(connection, attempt)


def deleted(rack: Rack, attempt: Job) -> None:
    with rack.database.write() as connection:
        connection.execute(delete(accounts).where(accounts.c.id == attempt.account_id))


@pytest.mark.parametrize("end", [lost, failed, cancelled, deleted])
def test_what_an_attempt_stored_that_never_counted_is_gone_after_an_hour(
    rack, janitor, submit: Submit, tmp_path: Path, end: Callable[[Rack, Job], None]
):
    attempt = stored(rack, submit(), tmp_path)
    end(rack, attempt)
    inputs.purge(rack.database, rack.store)
    before = objects(rack)
    janitor.sweep()
    assert objects(rack) == before

    age(rack, output_folders, "begun_at", timedelta(hours=1, seconds=1))
    janitor.sweep()

    assert (before - objects(rack), folders(rack)) == (2, 0)


def test_the_outputs_of_an_attempt_under_way_are_left_alone_however_old(rack, janitor, submit: Submit, tmp_path: Path):
    stored(rack, submit(), tmp_path)
    age(rack, output_folders, "begun_at", timedelta(days=100))

    janitor.sweep()

    assert objects(rack) == 3  # with the upload


def test_of_two_attempts_the_one_that_counted_stays(rack, janitor, submit: Submit, tmp_path: Path):
    job = submit()
    lost(rack, stored(rack, job, tmp_path))
    done(rack, job, tmp_path)
    age(rack, output_folders, "begun_at", timedelta(hours=2))

    janitor.sweep()

    left = {str(path.relative_to(rack.settings.objects)) for path in rack.settings.objects.rglob("*") if path.is_file()}
    assert left == {f"output/{job.id}/2/{name}" for name in ("a.wav", "b.json")}


def test_silent_workers_are_buried_with_their_files_and_live_ones_are_not(rack: Rack, janitor: Janitor):
    now = clock.now()
    with rack.database.write() as connection:
        for name, seen in (("alive", now), ("dead", now - timedelta(hours=1))):
            connection.execute(insert(workers).values(id=name, slots=1, speed=1.0, started_at=seen, seen_at=seen))
    for name in ("alive", "dead", "forgotten"):
        (rack.settings.scratch / name / "job_1.1").mkdir(parents=True)

    assert janitor.bury_workers() == ["dead"]

    assert [path.name for path in rack.settings.scratch.iterdir()] == ["alive"]


def test_a_round_with_nothing_to_do_does_nothing(rack: Rack, janitor: Janitor):
    janitor.sweep()

    assert janitor.bury_workers() == []
