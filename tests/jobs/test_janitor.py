"""What is cleared away, and what is not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from soundrack import clock
from soundrack.database.tables import assets, jobs, workers
from soundrack.jobs import inputs, lifecycle
from soundrack.jobs.janitor import Janitor
from soundrack.jobs.lifecycle import Outcome
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
    key = f"output/{job.id}/1/{job.id}.wav"
    (tmp_path / "result").write_bytes(b"result")
    rack.store.put_file(key, tmp_path / "result")
    with rack.database.write() as connection:
        attempt = lifecycle.claim(connection, rack.queue, job.id, "w", 60)
        assert attempt is not None
        assert lifecycle.complete(connection, attempt, Outcome(key, 6, {}, {}, 1.0, 1.0))
    inputs.purge(rack.database, rack.store)


def test_an_upload_is_kept_while_a_job_needs_it_and_gone_when_the_job_has_ended(
    rack, janitor, submit: Submit, tmp_path
):
    job = submit()
    age(rack, assets, "created_at", timedelta(days=2))
    janitor.sweep()
    assert objects(rack) == 1

    done(rack, job, tmp_path)

    assert objects(rack) == 1  # the result
    with rack.database.read() as connection:
        assert connection.execute(select(assets.c.object_key)).scalar_one() is None


def test_an_upload_that_no_job_used_is_gone_after_its_time_and_not_before(rack, janitor, asset_id):
    janitor.sweep()
    assert objects(rack) == 1

    age(rack, assets, "created_at", timedelta(hours=rack.settings.input_retention_h, seconds=1))
    janitor.sweep()

    assert objects(rack) == 0


def test_a_result_is_gone_after_its_time_and_not_before(rack, janitor, submit: Submit, tmp_path: Path):
    done(rack, submit(), tmp_path)
    janitor.sweep()
    assert objects(rack) == 1

    age(rack, jobs, "ended_at", timedelta(days=rack.settings.output_retention_days, seconds=1))
    janitor.sweep()
    janitor.sweep()

    assert objects(rack) == 0


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
