"""The worker process: a warm process, as many jobs at once as it has slots, a heartbeat, and care for others' jobs.

Every worker looks after all: whoever sees a lease run out takes the job back, whoever is idle sweeps.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import threading
from collections.abc import Callable

import structlog
from sqlalchemy import insert, update

from soundrack import clock
from soundrack.database import Database
from soundrack.database.tables import workers
from soundrack.jobs import fleet, lifecycle, scratch
from soundrack.jobs.delivery import DbosRunner
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.forkclient import Forkclient
from soundrack.jobs.janitor import Janitor
from soundrack.jobs.nudge import Ear
from soundrack.jobs.record import Status
from soundrack.jobs.runner import Runner
from soundrack.outbound import Outbound
from soundrack.settings import Settings
from soundrack.storage.objects import ObjectStore

_BEATS_PER_LEASE = 3
_SWEEP_EVERY_BEATS = 60
_log = structlog.get_logger()


class Worker:
    """One worker; `run` returns when it has been told to stop."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        store: ObjectStore,
        queue: JobQueue,
        outbound: Outbound,
        forks: Forkclient,
    ) -> None:
        self.id = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(4)}"
        self._settings = settings
        self._database = database
        self._queue = queue
        self._janitor = Janitor(settings, database, store)
        self._forks = forks
        self._runner = Runner(settings, database, store, queue, outbound, forks, self.id)
        self._delivery = DbosRunner(settings.database_url, self.id, settings.workers)
        self._ear = Ear(settings.data, self._perform_at_once, settings.workers)
        self._slots = threading.Semaphore(settings.workers)
        self._stop = threading.Event()

    def run(self) -> int:
        """Work until `stop`; return the exit code: 1 if the warm process was lost, for a supervisor to start anew."""
        self._forks.await_ready()
        self._enrol()
        self._delivery.start(self._perform)
        self._ear.open()
        _log.info("worker ready", worker=self.id, slots=self._settings.workers, speed=round(self._forks.speed))
        beat = 0
        while not self._stop.wait(self._settings.job_lease_s / _BEATS_PER_LEASE):
            if self._forks.lost.is_set():
                _log.error("the process that runs jobs has ended; so does this worker")
                break
            self._survive(self._heartbeat)
            self._survive(self._reap)
            self._survive(self._redeliver)
            if beat % _SWEEP_EVERY_BEATS == 0:
                self._survive(self._sweep)
            beat += 1
        self._runner.stopping = True
        self._ear.close()
        self._delivery.stop()
        self._retire()
        self._forks.close()
        return 1 if not self._stop.is_set() else 0

    def stop(self) -> None:
        """Have `run` put its jobs back into the queue and return."""
        self._stop.set()

    def stop_on_signals(self) -> None:
        """Stop when asked by SIGTERM or SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self.stop())

    def _perform(self, job_id: str) -> None:
        """Do what the engine delivers. A job that was begun at once is delivered too, and holds its place meanwhile."""
        with self._slots:
            self._runner.perform(job_id)

    def _perform_at_once(self, job_id: str) -> None:
        """Do a job of which this worker was told, unless it is busy, or others have waited longer."""
        if self._runner.stopping or not self._slots.acquire(blocking=False):
            return
        try:
            with self._database.read() as connection:
                is_next = lifecycle.is_next(connection, job_id)
            if is_next:
                self._runner.perform(job_id)
        finally:
            self._slots.release()

    def _enrol(self) -> None:
        now = clock.now()
        with self._database.write() as connection:
            connection.execute(
                insert(workers).values(
                    id=self.id, slots=self._settings.workers, speed=self._forks.speed, started_at=now, seen_at=now
                )
            )

    def _heartbeat(self) -> None:
        with self._database.write() as connection:
            seen = connection.execute(update(workers).where(workers.c.id == self.id).values(seen_at=clock.now()))
        if seen.rowcount == 0:  # taken for dead, after a long freeze
            self._enrol()

    def _retire(self) -> None:
        with self._database.write() as connection:
            connection.execute(workers.delete().where(workers.c.id == self.id))

    def _reap(self) -> None:
        taken = False
        while True:
            with self._database.write() as connection:
                job = lifecycle.reap(connection, self._queue, self._settings.job_max_losses)
            if job is None:
                break
            taken = True
            scratch.clear(self._settings.scratch, job)
            _log.warning("job taken back", job=job.id, attempt=job.attempt, worker=job.worker_id)
        if taken:  # one that was given up has left its inputs
            self._janitor.purge()

    def _redeliver(self) -> None:
        """Jobs that were handed to a worker that died before it had begun them; first anew, so that none is lost.

        A delivery whose job another worker has begun meanwhile is kept until that has ended.
        """
        with self._database.read() as connection:
            alive = fleet.ids(connection, self._settings.job_lease_s)
        over: list[str] = []
        for delivery in self._delivery.stranded({*alive, self.id}):
            with self._database.write() as connection:
                status = lifecycle.redeliver(connection, self._queue, delivery.job_id)
            if status is Status.QUEUED:
                _log.warning("job delivered again", job=delivery.job_id)
            if status is not Status.PROCESSING or delivery.is_over:
                over.append(delivery.id)
        self._delivery.drop(over)

    def _sweep(self) -> None:
        self._delivery.forget(self._janitor.bury_workers())
        self._delivery.tidy()
        self._janitor.sweep()

    @staticmethod
    def _survive(duty: Callable[[], None]) -> None:
        """A duty that fails once (a full disk, a lost connection) is done again at the next beat."""
        try:
            duty()
        except Exception:  # noqa: BLE001
            _log.exception("duty failed", duty=duty.__name__)
