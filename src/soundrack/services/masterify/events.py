"""Masterify's webhooks: their names, their bodies and their signature.

A body is flat, as the document's template page prints that of a failure; that of a success has the masters instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from soundrack.errors import NotFound
from soundrack.jobs import record
from soundrack.outbound.webhooks import schemes
from soundrack.outbound.webhooks.events import Event
from soundrack.outbound.webhooks.voice import Happening
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.services.languages import Language
from soundrack.services.masterify import examples, views
from soundrack.services.masterify.messages import Failure

NAMES = {Event.JOB_COMPLETED: "job.completed", Event.JOB_FAILED: "job.failed"}


class Voice:
    """How Masterify tells what happened. Its signing secret is the account's."""

    names: Mapping[Event, str] = NAMES
    scheme = schemes.MASTERIFY
    paired = False

    def __init__(self, rack: Rack) -> None:
        self._rack = rack

    def body(self, connection: Connection, happening: Happening) -> bytes:
        """Return how a job ended: its masters, or why it failed, in English.

        Raises
        ------
        NotFound
            If there is no such job any more.
        """
        if happening.job_id is None:
            raise NotFound("The event names no job.")
        job = record.get(connection, happening.job_id, account_id=happening.account_id, service=Service.MASTERIFY)
        told: dict[str, Any]
        if happening.event is Event.JOB_COMPLETED:
            told = {"results": views.results(job, self._rack)}
        else:
            message = views.error_message(job, Language.ENGLISH) or Failure.INTERNAL.said(Language.ENGLISH)
            told = {"error_message": message}
        head = {"event": NAMES[happening.event], "job_id": job.id, "status": views.STATUSES[job.status]}
        return _bytes(head | told)

    def sample(self, event: Event, _at: datetime) -> bytes:
        """Return an event of invented values: a job that nobody has."""
        return _bytes(examples.EVENTS[NAMES[event]])


def _bytes(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
