"""What jobs work on, each by its name: uploads, kept while a live job needs them, and URLs, forgotten when it ends."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, exists, select, update

from soundrack import clock
from soundrack.database import Database
from soundrack.database.tables import assets, job_inputs, jobs
from soundrack.jobs.record import Job, Status
from soundrack.storage.objects import ObjectStore

_LIVE = (Status.QUEUED, Status.PROCESSING)
_AT_ONCE = 500


@dataclass(frozen=True)
class Input:
    """One input of a job: an upload, or a URL of the caller's with the terms on which it is fetched."""

    name: str
    asset_id: str | None
    url: str | None = field(repr=False)  # it may hold a signature: not for logs
    terms: dict[str, Any] | None


def of(connection: Connection, job_id: str) -> list[Input]:
    """Return a job's inputs, ordered by name. Their URLs are gone once it has ended."""
    rows = connection.execute(
        select(job_inputs.c.name, job_inputs.c.asset_id, job_inputs.c.url, job_inputs.c.terms)
        .where(job_inputs.c.job_id == job_id)
        .order_by(job_inputs.c.name)
    )
    return [Input(*row) for row in rows]


def release(connection: Connection, job: Job) -> None:
    """Forget the URLs of a job that has just ended, and mark its uploads as deleted that no live job still needs."""
    connection.execute(
        update(job_inputs).where(job_inputs.c.job_id == job.id, job_inputs.c.url.is_not(None)).values(url=None)
    )
    own = select(job_inputs.c.asset_id).where(job_inputs.c.job_id == job.id, job_inputs.c.asset_id.is_not(None))
    asset_ids = set(connection.execute(own).scalars())
    if not asset_ids:
        return
    # held first: of two jobs that end at once, each would take the other for alive
    hold(connection, asset_ids)
    needed = exists(
        select(job_inputs.c.job_id)
        .join(jobs, jobs.c.id == job_inputs.c.job_id)
        .where(job_inputs.c.asset_id == assets.c.id, jobs.c.status.in_(_LIVE))
    )
    connection.execute(
        update(assets)
        .where(assets.c.id.in_(asset_ids), assets.c.deleted_at.is_(None), ~needed)
        .values(deleted_at=clock.now())
    )


def hold(connection: Connection, asset_ids: Collection[str]) -> set[str]:
    """Lock uploads until the transaction ends, and return those of them that have not been deleted.

    In the order of their ids: whoever locks the same ones in another order would wait in a circle.
    """
    there = select(assets.c.id, assets.c.deleted_at).where(assets.c.id.in_(asset_ids)).order_by(assets.c.id)
    return {row.id for row in connection.execute(there.with_for_update()) if row.deleted_at is None}


def expire(database: Database, life: timedelta) -> None:
    """Mark uploads as deleted that no job has used in their life."""
    unused = ~exists(select(job_inputs.c.job_id).where(job_inputs.c.asset_id == assets.c.id))
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
