"""Soundpiece's webhooks. Document, "Webhooks": ``{"type": "<route>.<ready|failed>", "data": <the operation>}``."""

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
from soundrack.services.soundpiece import examples, views

NAMES = {Event.JOB_COMPLETED: "ready", Event.JOB_FAILED: "failed"}
"""What an endpoint subscribes to; `type` in the body names the action as well."""


class Voice:
    """How Soundpiece tells what happened, by Standard Webhooks. Each of the account's active keys has a secret."""

    names: Mapping[Event, str] = NAMES
    scheme = schemes.SOUNDPIECE
    paired = True

    def __init__(self, rack: Rack) -> None:
        self._rack = rack

    def body(self, connection: Connection, happening: Happening) -> bytes:
        """Return the operation as a poll would tell it, without its wrapper.

        Raises
        ------
        NotFound
            If there is no such operation or result any more.
        """
        if happening.job_id is None:
            raise NotFound("The event names no job.")
        job = record.get(connection, happening.job_id, account_id=happening.account_id, service=Service.SOUNDPIECE)
        name = f"{views.action_of(job).route}.{NAMES[happening.event]}"
        return to_json({"type": name, "data": views.operation(job, self._rack)})

    def sample(self, event: Event, _at: datetime) -> bytes:
        """Return an event of invented values: a song that nobody has."""
        return to_json(examples.EVENTS[f"create.new_song.{NAMES[event]}"])
