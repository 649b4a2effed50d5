"""Events: written in the transaction in which the thing happens, so that none is lost and none is made up."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert

from soundrack import clock, ids
from soundrack.database.tables import events
from soundrack.service import Service


class Event(StrEnum):
    """What can happen, in the house's words; each service has its own for those that it tells."""

    JOB_COMPLETED = "job.completed"
    JOB_FAILED = "job.failed"
    CREDITS_LOW = "credits.low"


def record(
    connection: Connection,
    event: Event,
    account_id: str,
    service: Service,
    *,
    job_id: str | None = None,
    data: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> str:
    """Write an event down in the caller's transaction and return its id; its deliveries follow from it later.

    Parameters
    ----------
    at : datetime, optional
        When it happens; now if not given. One that is to come is told when it has come, unless it is deleted before.
    """
    event_id = ids.short("evt_", 20)
    connection.execute(
        insert(events).values(
            id=event_id,
            account_id=account_id,
            service=service,
            name=event,
            job_id=job_id,
            data=dict(data or {}),
            created_at=at or clock.now(),
        )
    )
    return event_id
