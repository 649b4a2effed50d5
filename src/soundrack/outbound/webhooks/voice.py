"""The port by which a service tells what happened: its words, its bodies, its signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection

from soundrack.outbound.webhooks.events import Event
from soundrack.outbound.webhooks.schemes import Scheme
from soundrack.service import Service


@dataclass(frozen=True)
class Happening:
    """One event, as it was written down."""

    id: str
    event: Event
    account_id: str
    service: Service
    job_id: str | None
    at: datetime
    data: Mapping[str, Any] = field(default_factory=dict)


class Voice(Protocol):
    """How one service speaks to webhooks."""

    @property
    def names(self) -> Mapping[Event, str]:
        """The events that it tells, each under the name that its document gives it."""
        ...

    @property
    def scheme(self) -> Scheme:
        """How its deliveries are signed."""
        ...

    @property
    def paired(self) -> bool:
        """Whether the secret is that of the key by which a job was submitted; else it is the account's."""
        ...

    def body(self, connection: Connection, happening: Happening) -> bytes:
        """Return what is posted. It is made once and kept, so that every retry is the same, byte for byte.

        Raises
        ------
        NotFound
            If what happened concerns something that is gone.
        """
        ...

    def sample(self, event: Event, at: datetime) -> bytes:
        """Return a body of invented values, in the same form, to try an endpoint with."""
        ...


Voices = Mapping[Service, Voice]
"""The services that have webhooks."""
