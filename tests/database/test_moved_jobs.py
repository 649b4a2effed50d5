"""Jobs of the first version, which had one input and one output, keep both when they are named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, Table, insert, inspect, select

from soundrack import clock
from soundrack.database import Database
from soundrack.database.migrate import _config
from soundrack.database.tables import job_inputs, jobs, metadata, output_folders
from tests.postgresql import Postgresql

KEY = "output/job_done/2/job_done.flac"
MASTER = {"key": KEY, "size_bytes": 7, "content_type": "audio/flac"}


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        opened = Database(f"sqlite:///{tmp_path / 'soundrack.db'}")
        yield opened
        opened.close()
    else:
        server: Postgresql = request.getfixturevalue("postgresql_server")
        with server.database(empty=True) as url:
            opened = Database(url)
            yield opened
            opened.close()


def go(database: Database, version: str) -> None:
    config = _config()
    with database.write() as connection:
        config.attributes["connection"] = connection
        move = command.upgrade if version >= "0002" else command.downgrade
        move(config, version)


def first_version(database: Database) -> None:
    config = _config()
    now = clock.now()
    with database.write() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        was = MetaData()
        was.reflect(connection, only=["accounts", "assets", "jobs"])
        connection.execute(
            insert(was.tables["accounts"]).values(id="acc_1", email="a@example.com", credit_balance=1, created_at=now)
        )
        asset = {
            "id": "asset_1",
            "account_id": "acc_1",
            "object_key": None,
            "filename": "a",
            "content_type": "audio/wav",
        }
        connection.execute(insert(was.tables["assets"]).values(asset | {"size_bytes": 1, "created_at": now}))
        for job_id, status, key, deleted_at in (
            ("job_waits", "queued", None, None),
            ("job_done", "completed", KEY, None),
            ("job_old", "completed", "output/job_old/1/job_old.wav", now),
        ):
            connection.execute(insert(was.tables["jobs"]).values(_job(job_id, status, key, deleted_at, now)))


def _job(job_id: str, status: str, key: str | None, deleted_at: Any, now: Any) -> dict[str, Any]:
    ended = {"ended_at": now, "output_bytes": 7, "result": {"rate_hz": 1}} if key else {}
    return {
        "id": job_id,
        "account_id": "acc_1",
        "service": "blacklab",
        "kind": "master",
        "status": status,
        "parameters": {"preset": "warm"},
        "input_asset_id": "asset_1",
        "work_s": 1.0,
        "credits_charged": 1,
        "request_id": "req_1",
        "created_at": now - timedelta(hours=1),
        "attempt": 2,
        "losses": 0,
        "stage": "",
        "progress": 0.0,
        "output_key": key,
        "output_deleted_at": deleted_at,
    } | ended


def test_inputs_and_outputs_move_and_the_tables_are_as_they_should_be(database: Database):
    first_version(database)

    go(database, "head")

    with database.read() as connection:
        found = {row.id: row for row in connection.execute(select(jobs))}
        assert {job_id: row.outputs for job_id, row in found.items()} == {
            "job_waits": None,
            "job_done": {"master": MASTER},
            "job_old": {
                "master": {"key": "output/job_old/1/job_old.wav", "size_bytes": 7, "content_type": "audio/wav"}
            },
        }
        assert found["job_done"].parameters == {"preset": "warm"}
        rows = connection.execute(select(job_inputs.c.job_id, job_inputs.c.name, job_inputs.c.asset_id))
        assert {tuple(row) for row in rows} == {(job_id, "song", "asset_1") for job_id in found}
        folders = connection.execute(select(output_folders.c.job_id, output_folders.c.attempt)).all()
        assert folders == [("job_done", 2)]
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _object, name, kind, *_: kind != "table" or name in metadata.tables},
        )
        assert compare_metadata(context, metadata) == []
        checks = [check["name"] for check in inspect(connection).get_check_constraints("jobs")]
        assert checks == ["ck_jobs_status_known"]


def test_the_way_back_keeps_the_song_and_the_master(database: Database):
    first_version(database)
    go(database, "head")
    with database.write() as connection:
        connection.execute(insert(job_inputs).values(job_id="job_done", name="reference", asset_id="asset_1"))

    go(database, "0001")

    with database.read() as connection:
        former = Table("jobs", MetaData(), autoload_with=connection)
        columns = (former.c.id, former.c.input_asset_id, former.c.output_key, former.c.output_bytes)
        assert sorted(tuple(row) for row in connection.execute(select(*columns))) == [
            ("job_done", "asset_1", KEY, 7),
            ("job_old", "asset_1", "output/job_old/1/job_old.wav", 7),
            ("job_waits", "asset_1", None, None),
        ]
    go(database, "head")
