"""One job in a worker: claim, fetch, run in a child, store, settle."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import select

from soundrack.database import Database
from soundrack.database.tables import assets
from soundrack.errors import BY_KIND, Internal, ResourcesExhausted, SoundrackError
from soundrack.jobs import foreign, inputs, lifecycle, scratch
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.forkclient import Child, Forkclient, ForkserverLost, describe
from soundrack.jobs.record import Job
from soundrack.jobs.sandbox import Allowance
from soundrack.jobs.task import INPUT, OUTPUT, Task
from soundrack.outbound import Outbound
from soundrack.settings import SandboxMode, Settings
from soundrack.storage.objects import ObjectStore

_WRITES_PER_LEASE = 6
_log = structlog.get_logger()


class Stopping(Exception):
    """The worker is shutting down."""


class NotOurs(Exception):
    """The attempt is not the current one any more: the job was cancelled, or given to another worker."""


class Runner:
    """Runs jobs for one worker. `perform` may be called from many threads at once."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        store: ObjectStore,
        queue: JobQueue,
        outbound: Outbound,
        forks: Forkclient,
        worker: str,
    ) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._queue = queue
        self._outbound = outbound
        self._forks = forks
        self._worker = worker
        self._every_s = settings.job_lease_s / _WRITES_PER_LEASE
        self.stopping = False
        """Set to have every job put back into the queue at its next sign of life."""

    def perform(self, job_id: str) -> None:
        """Run a job from claim to settlement; a job that is not waiting to be run is left alone."""
        with self._database.write() as connection:
            job = lifecycle.claim(connection, self._queue, job_id, self._worker, self._settings.job_lease_s)
        if job is None:
            return
        log = _log.bind(job=job.id, attempt=job.attempt, request=job.request_id, account=job.account_id)
        try:
            outcome = self._attempt(job)
        except Stopping:
            with self._database.write() as connection:
                lifecycle.give_back(connection, self._queue, job)
            log.info("job put back")
        except NotOurs:
            log.info("job no longer ours")
        except ForkserverLost:
            with self._database.write() as connection:
                lifecycle.lapse(connection, job)
            log.error("job lost its process")
        except SoundrackError as error:
            with self._database.write() as connection:
                lifecycle.fail(connection, job, error)
            log.info("job failed", kind=error.kind, error=str(error))
        except Exception:
            with self._database.write() as connection:
                lifecycle.fail(connection, job, Internal("The job could not be carried out."))
            log.exception("job failed")
        else:
            self._settle(job, outcome)
            log.info("job completed", cpu_s=round(outcome.cpu_s, 2), audio_s=round(outcome.work_s, 1))
        inputs.purge(self._database, self._store)

    def _attempt(self, job: Job) -> lifecycle.Outcome:
        with scratch.made(self._settings.scratch, job) as folder:
            self._fetch_input(job, folder / INPUT)
            last = self._run(job, folder)
            key = f"output/{job.id}/{job.attempt}/{job.id}.{job.parameters['format']}"
            size = self._store.put_file(key, folder / OUTPUT)
        return lifecycle.Outcome(key, size, last["result"], last["report"], last["work_s"], last["cpu_s"])

    def _run(self, job: Job, folder: Path) -> dict[str, Any]:
        settings = self._settings
        task = Task(
            id=f"{job.id}.{job.attempt}",
            kind=job.kind,
            folder=folder,
            parameters=job.parameters,
            allowance=Allowance(
                memory_bytes=settings.job_memory_mb * 2**20,
                cpu_s=settings.job_cpu_s,
                file_bytes=settings.job_file_mb * 2**20,
                strict=settings.sandbox is SandboxMode.STRICT,
            ),
        )
        with self._forks.run(task) as child:
            try:
                last = self._follow(job, child)
            except BaseException:
                child.kill()
                child.wait()
                raise
            end = child.wait()
        if "error" in last:
            raise _told(last["error"])
        if "result" not in last or end.exit_code != 0:
            raise _untold(end.exit_code)
        _log.info("child ended", job=job.id, memory_mb=end.memory_mb)
        return last

    def _follow(self, job: Job, child: Child) -> dict[str, Any]:
        """Keep the lease while the child works and return its last words."""
        started = written = time.monotonic()
        stage, progress, last = "", 0.0, {}
        for event in child.follow(min(self._every_s, 0.5)):
            if event is not None and "stage" in event:
                stage, progress = str(event["stage"])[:40], min(1.0, max(0.0, float(event["progress"])))
            elif event is not None:
                last = event
            if self.stopping:
                raise Stopping
            now = time.monotonic()
            if now - started > self._settings.job_wall_s:
                raise ResourcesExhausted(f"The job took longer than {self._settings.job_wall_s} seconds.")
            if now - written > self._every_s:
                written = now
                self._renew(job, stage, progress)
        return last

    def _renew(self, job: Job, stage: str, progress: float, *, work_s: float | None = None) -> None:
        with self._database.write() as connection:
            if not lifecycle.renew(connection, job, self._settings.job_lease_s, stage, progress, work_s=work_s):
                raise NotOurs

    def _settle(self, job: Job, outcome: lifecycle.Outcome) -> None:
        with self._database.write() as connection:
            settled = lifecycle.complete(connection, job, outcome)
        if not settled:
            self._store.delete(outcome.output_key)

    def _fetch_input(self, job: Job, path: Path) -> None:
        if job.input_url is not None:
            self._fetch_foreign(job, path)
            return
        with self._database.read() as connection:
            key = connection.execute(select(assets.c.object_key).where(assets.c.id == job.input_asset_id)).scalar_one()
        self._store.fetch(key, path)

    def _fetch_foreign(self, job: Job, path: Path) -> None:
        written = time.monotonic()

        def watch() -> None:
            nonlocal written
            if self.stopping:
                raise Stopping
            if time.monotonic() - written > self._every_s:
                written = time.monotonic()
                self._renew(job, foreign.STAGE, 0.0)

        work_s = foreign.fetch(self._outbound, job, path, watch)
        self._renew(job, "", 0.0, work_s=work_s)  # at once: others of the account may be waiting to fetch theirs


def _told(error: Any) -> SoundrackError:
    kind = BY_KIND.get(error.get("kind"), Internal)
    return kind(str(error.get("message", ""))[:1000])


def _untold(exit_code: int) -> SoundrackError:
    how = describe(exit_code)
    if how in {"signal SIGKILL", "signal SIGXCPU"}:
        return ResourcesExhausted("The job used more memory or processor time than it may.")
    return Internal(f"The job's process ended without a word ({how}).")
