"""The port to whatever carries jobs from a transaction to a worker.

The `jobs` table is the truth; an engine only delivers ids. It may deliver one twice or late, and a worker that it
forgets is noticed by our own leases, so an engine can be replaced without touching a job's life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from sqlalchemy import Connection

Perform = Callable[[str], None]
"""Runs the job of an id from claim to settlement. Called in a thread of its own."""


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

    def forget(self, worker_ids: Iterable[str]) -> None:
        """Drop deliveries that workers took with them when they died; their jobs have been enqueued anew."""

    def tidy(self) -> None:
        """Delete the engine's own records of deliveries that ended long ago."""

    def stop(self) -> None:
        """Deliver no more and wait until every `perform` has returned."""
