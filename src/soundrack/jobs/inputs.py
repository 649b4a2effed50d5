"""The files that jobs work on: kept while a live job needs them, deleted when the last one ends."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, exists, select, update

from soundrack import clock
from soundrack.database import Database
from soundrack.database.tables import assets, jobs
from soundrack.jobs.record import Job, Status
from soundrack.storage.objects import ObjectStore

_LIVE = (Status.QUEUED, Status.PROCESSING)
_AT_ONCE = 500


def release(connection: Connection, job: Job) -> None:
    """Mark the input of a job that has just ended as deleted, unless another live job still needs it."""
    if job.input_asset_id is None:
        return
    # held first: of two jobs that end at once, each would take the other for alive
    connection.execute(select(assets.c.id).where(assets.c.id == job.input_asset_id).with_for_update())
    needed = exists(select(jobs.c.id).where(jobs.c.input_asset_id == assets.c.id, jobs.c.status.in_(_LIVE)))
    connection.execute(
        update(assets)
        .where(assets.c.id == job.input_asset_id, assets.c.deleted_at.is_(None), ~needed)
        .values(deleted_at=clock.now())
    )


def expire(database: Database, life: timedelta) -> None:
    """Mark uploads as deleted that no job has used in their life."""
    unused = ~exists(select(jobs.c.id).where(jobs.c.input_asset_id == assets.c.id))
    old = (assets.c.deleted_at.is_(None), assets.c.created_at < clock.now() - life, unused)
    with database.write() as connection:
        held = connection.execute(select(assets.c.id).where(*old).limit(_AT_ONCE).with_for_update(skip_locked=True))
        # asked again: a job may have been accepted on one before it was held
        connection.execute(
            update(assets).where(assets.c.id.in_(held.scalars().all()), *old).values(deleted_at=clock.now())
        )


def purge(database: Database, store: ObjectStore) -> None:
    """Delete the bytes of what is marked as deleted; the rows stay, without an object."""
    with database.read() as connection:
        marked = connection.execute(
            select(assets.c.id, assets.c.object_key)
            .where(assets.c.deleted_at.is_not(None), assets.c.object_key.is_not(None))
            .limit(_AT_ONCE)
        ).all()
    if not marked:
        return
    for asset in marked:
        store.delete(asset.object_key)
    with database.write() as connection:
        connection.execute(update(assets).where(assets.c.id.in_([row.id for row in marked])).values(object_key=None))
