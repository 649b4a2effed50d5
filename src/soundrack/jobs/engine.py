"""The port to whatever carries jobs from a transaction to a worker.

The `jobs` table is the truth; an engine only delivers ids. It may deliver one twice or late; that a worker died over a
job is noticed by our own leases, and that it died before it had begun one, by asking the engine. So an engine can be
replaced without touching a job's life.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

Perform = Callable[[str], None]
"""Runs the job of an id from claim to settlement. Called in a thread of its own."""


@dataclass(frozen=True)
class Stranded:
    """A delivery that nobody works on any more; whether its job had been begun is not known."""

    id: str
    job_id: str
    is_over: bool
    """It has ended with an error, and will not go on should its worker turn out to be alive."""


class JobQueue(Protocol):
    """The sending end, in every process that accepts jobs."""

    def enqueue(self, connection: Connection, job_id: str, *, delay_s: float = 0.0) -> None:
        """Have a job delivered some time after the connection's transaction commits, and never if it rolls back."""

    def close(self) -> None:
        """Give up its connections."""


class JobRunner(Protocol):
    """The receiving end, in a worker."""

    def start(self, perform: Perform) -> None:
        """Begin to deliver job ids, as many at once as the worker has slots."""

    def stranded(self, alive: Collection[str]) -> list[Stranded]:
        """Return the deliveries to workers that are not among these, and those that have ended with an error."""

    def drop(self, delivery_ids: Collection[str]) -> None:
        """Drop deliveries whose jobs need them no more."""

    def forget(self, worker_ids: Iterable[str]) -> None:
        """Drop deliveries that workers took with them when they died; their jobs have been enqueued anew."""

    def tidy(self) -> None:
        """Delete the engine's own records of deliveries that ended long ago."""

    def stop(self) -> None:
        """Deliver no more and wait until every `perform` has returned."""
