"""SignalKey's webhooks: their names, their bodies and their signature.

Document, "Webhooks": the result is posted as it is. A failure is posted with the body that a poll answers, and the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic_core import to_json
from sqlalchemy import Connection

from soundrack.errors import NotFound
from soundrack.jobs import record
from soundrack.outbound.webhooks import schemes
from soundrack.outbound.webhooks.events import Event
from soundrack.outbound.webhooks.voice import Happening
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.signalkey import examples, views

NAMES = {Event.JOB_COMPLETED: "analysis.completed", Event.JOB_FAILED: "analysis.failed"}


class Voice:
    """How SignalKey tells what happened. The signing secret is that of the key by which a song was submitted."""

    names: Mapping[Event, str] = NAMES
    scheme = schemes.SIGNALKEY
    paired = True

    def __init__(self, rack: Rack) -> None:
        self._rack = rack

    def body(self, connection: Connection, happening: Happening) -> bytes:
        """Return what was found, or why nothing was.

        Raises
        ------
        NotFound
            If there is no such job or result any more.
        """
        if happening.job_id is None:
            raise NotFound("The event names no job.")
        job = record.get(connection, happening.job_id, account_id=happening.account_id, service=Service.SIGNALKEY)
        if happening.event is Event.JOB_COMPLETED:
            return views.result(job, self._rack)
        return to_json({"id": job.id, "error": views.failure_of(job)})

    def sample(self, event: Event, _at: datetime) -> bytes:
        """Return an event of invented values: a job that nobody has."""
        return to_json(examples.EVENTS[NAMES[event]])
