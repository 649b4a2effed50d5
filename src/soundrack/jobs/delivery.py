"""DBOS Transact behind the port: the queue lives in our own database, so a job and its delivery commit together.

Facts that shape this file (measured, ``docs/decisions/0003-jobs-on-dbos.md``): the open-source package does not
recover the work of a worker that died, so ours carries no state worth recovering: a delivery is a workflow without
steps, named uniquely, and re-delivery is a new one. Only the worker's id and the fixed version bind it to DBOS.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Iterable
from pathlib import Path

from dbos import DBOS, DBOSClient, DBOSConfig, EnqueueOptions
from sqlalchemy import Connection

from soundrack.database import after_commit
from soundrack.jobs import nudge
from soundrack.jobs.engine import Perform, Stranded

_APPLICATION = "soundrack"
_VERSION = "1"
"""Raised by hand when a delivery's shape changes: workers of another version leave it alone."""
_QUEUE = "jobs"
_WORKFLOW = "perform"
_POLL_S = 0.1
_KEPT_S = 3600.0
_TIDY_AT_ONCE = 1000


def migrate(database_url: str) -> None:
    """Create or update the engine's own tables."""
    DBOS.migrate(database_url)


class DbosQueue:
    """See `soundrack.jobs.engine.JobQueue`.

    Parameters
    ----------
    data : Path
        The data folder, by which a worker on this machine is told at once.
    """

    def __init__(self, database_url: str, data: Path) -> None:
        self._data = data
        self._client = DBOSClient(system_database_url=database_url, application_name=_APPLICATION, lazy=True)

    def enqueue(self, connection: Connection, job_id: str, *, delay_s: float = 0.0) -> None:
        options: EnqueueOptions = {
            "workflow_name": _WORKFLOW,
            "queue_name": _QUEUE,
            "workflow_id": f"{job_id}.{uuid.uuid4().hex}",
            "app_version": _VERSION,
        }
        if delay_s > 0:
            options["delay_seconds"] = delay_s
        else:
            after_commit(connection, lambda: nudge.send(self._data, job_id))
        self._client.enqueue_in_transaction(connection, options, job_id)

    def close(self) -> None:
        self._client.destroy()


class DbosRunner:
    """See `soundrack.jobs.engine.JobRunner`."""

    def __init__(self, database_url: str, worker_id: str, slots: int) -> None:
        self._config: DBOSConfig = {
            "name": _APPLICATION,
            "system_database_url": database_url,
            "executor_id": worker_id,
            "application_version": _VERSION,
            "run_migrations": False,
            "log_level": "WARNING",
            "console_log_level": "WARNING",
        }
        self._slots = slots

    def start(self, perform: Perform) -> None:
        DBOS(config=self._config)

        @DBOS.workflow(name=_WORKFLOW)
        def deliver(job_id: str) -> None:
            perform(job_id)

        DBOS.listen_queues([_QUEUE])
        DBOS.launch()
        DBOS.register_queue(_QUEUE, worker_concurrency=self._slots, polling_interval_sec=_POLL_S)

    def stranded(self, alive: Collection[str]) -> list[Stranded]:
        left = DBOS.list_workflows(
            status=["PENDING", "ERROR"], name=_WORKFLOW, limit=_TIDY_AT_ONCE, load_input=False, load_output=False
        )
        return [
            Stranded(one.workflow_id, one.workflow_id.rpartition(".")[0], one.status == "ERROR")
            for one in left
            if one.status == "ERROR" or one.executor_id not in alive
        ]

    def drop(self, delivery_ids: Collection[str]) -> None:
        if delivery_ids:
            DBOS.delete_workflows(list(delivery_ids))

    def forget(self, worker_ids: Iterable[str]) -> None:
        executors = list(worker_ids)
        if not executors:
            return
        left = DBOS.list_workflows(status="PENDING", executor_id=executors, load_input=False, load_output=False)
        if left:
            DBOS.delete_workflows([workflow.workflow_id for workflow in left])

    def tidy(self) -> None:
        ended = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=_iso(time.time() - _KEPT_S),
            limit=_TIDY_AT_ONCE,
            load_input=False,
            load_output=False,
        )
        if ended:
            DBOS.delete_workflows([workflow.workflow_id for workflow in ended])

    def stop(self) -> None:
        DBOS.destroy(workflow_completion_timeout_sec=30)


def _iso(timestamp: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(timestamp))
