"""The workers alive: how many jobs they take at once, and how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, func, select

from soundrack import clock
from soundrack.database.tables import workers


@dataclass(frozen=True)
class Fleet:
    """All workers that have given a sign of life."""

    workers: int
    slots: int
    speed: float
    """Seconds of audio that one slot masters in one second, as measured when they started; 0 without a worker."""


def ids(connection: Connection, lease_s: float) -> set[str]:
    """Return the ids of the workers whose last heartbeat is younger than a lease."""
    seen = workers.c.seen_at > clock.now() - timedelta(seconds=lease_s)
    return set(connection.execute(select(workers.c.id).where(seen)).scalars())


def alive(connection: Connection, lease_s: float) -> Fleet:
    """Return the workers whose last heartbeat is younger than a lease."""
    count, slots, speed = connection.execute(
        select(func.count(), func.coalesce(func.sum(workers.c.slots), 0), func.coalesce(func.avg(workers.c.speed), 0.0))
        .select_from(workers)
        .where(workers.c.seen_at > clock.now() - timedelta(seconds=lease_s))
    ).one()
    return Fleet(count, slots, float(speed))
