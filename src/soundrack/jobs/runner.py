"""One job in a worker: claim, fetch, run in a child, store, settle."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import structlog
from sqlalchemy import Row, select

from soundrack.database import Database
from soundrack.database.tables import assets
from soundrack.errors import BY_KIND, Internal, ResourcesExhausted, SoundrackError
from soundrack.jobs import estimate, foreign, inputs, lifecycle, outputs, scratch
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.foreign import Fetched
from soundrack.jobs.forkclient import Child, Forkclient, ForkserverLost, describe
from soundrack.jobs.inputs import Input
from soundrack.jobs.outputs import Made
from soundrack.jobs.record import Job, Output
from soundrack.jobs.sandbox import Allowance
from soundrack.jobs.task import INPUTS, OUTPUTS, Task, work_s
from soundrack.outbound import Outbound
from soundrack.settings import SandboxMode, Settings
from soundrack.storage.objects import ObjectStore

_WRITES_PER_LEASE = 6
_DELIVERY = "store"
_ELSEWHERE_S = 1.0
_log = structlog.get_logger()


class Stopping(Exception):
    """The worker is shutting down."""


class Beat(Protocol):
    """A sign of life of an attempt, and how far it is."""

    def __call__(self, stage: str, progress: float, *, is_step: bool = False) -> None:
        """Give it; a step is one of the engine's stages."""


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
        if self.stopping or self._forks.lost.is_set():  # no loss to be counted: others can run it
            with self._database.write() as connection:
                self._queue.enqueue(connection, job_id, delay_s=_ELSEWHERE_S)
            return
        with self._database.write() as connection:
            job = lifecycle.claim(connection, self._queue, job_id, self._worker, self._settings.job_lease_s)
            wanted = [] if job is None else inputs.of(connection, job.id)
        if job is None:
            return
        log = _log.bind(job=job.id, attempt=job.attempt, request=job.request_id, account=job.account_id)
        try:
            outcome = self._attempt(job, wanted)
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

    def _attempt(self, job: Job, wanted: Sequence[Input]) -> lifecycle.Outcome:
        with scratch.made(self._settings.scratch, job) as folder:
            self._fetch(job, wanted, folder / INPUTS)
            last = self._run(job, folder)
            stored = self._deliver(job, outputs.judged(folder / OUTPUTS, last.get("outputs")))
        return lifecycle.Outcome(stored, last["result"], last["report"], last["work_s"], last["cpu_s"])

    def _run(self, job: Job, folder: Path) -> dict[str, Any]:
        settings = self._settings
        asked = Task(
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
        with self._forks.run(asked) as child:
            try:
                last = self._follow(job, child)
            except BaseException:
                child.kill()
                child.wait()
                raise
            if not last:
                raise _untold(child.wait().exit_code)
            child.halt()  # what it has left can be judged from here on
        if "error" in last:
            raise _told(last["error"])
        if "result" not in last:
            raise Internal("The job's process did not keep to its form.")
        _log.info("child ended", job=job.id, memory_mb=last["memory_mb"], engine_s=round(last["engine_s"], 4))
        return last

    def _follow(self, job: Job, child: Child) -> dict[str, Any]:
        """Keep the lease while the child works and return its last words, empty if it had none."""
        started = time.monotonic()
        stage, progress = "", 0.0
        pulse = self._pulse(job)
        for event in child.follow(min(self._every_s, 0.5)):
            if event is not None and "stage" in event:
                stage, progress = str(event["stage"])[:40], min(1.0, max(0.0, float(event["progress"])))
            elif event is not None:
                return event
            if self.stopping:
                raise Stopping
            if time.monotonic() - started > self._settings.job_wall_s:
                raise ResourcesExhausted(f"The job took longer than {self._settings.job_wall_s} seconds.")
            pulse(stage, progress, is_step=stage != "" and progress < 1.0)  # what comes after 1 is told with the end
        return {}

    def _pulse(self, job: Job) -> Beat:
        """Return what is to be called often while an attempt is under way: it keeps the lease, as seldom as will do.

        Whoever follows the job hears of each new step of its engine at once.
        """
        written, told = time.monotonic(), ""

        def beat(stage: str, progress: float, *, is_step: bool = False) -> None:
            nonlocal written, told
            is_news = is_step and job.followed and stage != told
            if is_news or time.monotonic() - written > self._every_s:
                written = time.monotonic()
                told = stage if is_step else told
                self._renew(job, stage, progress, is_step=is_step)

        return beat

    def _renew(
        self, job: Job, stage: str, progress: float, *, work_s: float | None = None, is_step: bool = False
    ) -> None:
        lease_s = self._settings.job_lease_s
        with self._database.write() as connection:
            if not lifecycle.renew(connection, job, lease_s, stage, progress, work_s=work_s, is_step=is_step):
                raise NotOurs

    def _deliver(self, job: Job, made: Mapping[str, Made]) -> dict[str, Output]:
        """Store an attempt's outputs, all or none."""
        with self._database.write() as connection:
            if not lifecycle.renew(connection, job, self._settings.job_lease_s, _DELIVERY, 1.0):
                raise NotOurs
            outputs.begin(connection, job)
        pulse = self._pulse(job)
        stored = {}
        try:
            for name, one in made.items():
                pulse(_DELIVERY, 1.0)
                stored[name] = outputs.store(self._store, job, one)
        except BaseException:
            outputs.withdraw(self._store, job)
            raise
        return stored

    def _settle(self, job: Job, outcome: lifecycle.Outcome) -> None:
        with self._database.write() as connection:
            settled = lifecycle.complete(connection, job, outcome)
        if not settled:
            outputs.withdraw(self._store, job)

    def _fetch(self, job: Job, wanted: Sequence[Input], folder: Path) -> None:
        """Bring a job's inputs into a folder, each under its name; first those of others, then our own."""
        uploads = self._uploads(wanted)
        foreign_ones = [one for one in wanted if one.asset_id is None]
        if foreign_ones:
            seen = {one.name: self._fetch_foreign(job, one, folder, alone=len(wanted) == 1) for one in foreign_ones}
            plays_s = {
                name: estimate.audio_seconds(one.content_type, one.size_bytes) for name, one in (uploads | seen).items()
            }
            # at once: others of the account may be waiting to fetch theirs
            self._renew(job, "", 0.0, work_s=work_s(plays_s))
        for name, upload in uploads.items():
            self._store.fetch(upload.object_key, folder / name)

    def _fetch_foreign(self, job: Job, wanted: Input, folder: Path, *, alone: bool) -> Fetched:
        pulse = self._pulse(job)

        def watch() -> None:
            if self.stopping:
                raise Stopping
            pulse(foreign.STAGE, 0.0)

        try:
            return foreign.fetch(self._outbound, wanted, folder / wanted.name, watch)
        except SoundrackError as error:
            if alone or error.field is None:
                raise
            raise type(error)(f"{error.field}: {error}", field=error.field) from error

    def _uploads(self, wanted: Sequence[Input]) -> dict[str, Row[*tuple[Any, ...]]]:
        """Return the uploads among a job's inputs, by name; one may have several."""
        columns = (assets.c.id, assets.c.object_key, assets.c.content_type, assets.c.size_bytes)
        ours = [one for one in wanted if one.asset_id is not None]
        with self._database.read() as connection:
            rows = connection.execute(select(*columns).where(assets.c.id.in_([one.asset_id for one in ours]))).all()
        if any(row.object_key is None for row in rows):
            raise NotOurs  # deleted, as they only are when the job has ended
        found = {row.id: row for row in rows}
        return {one.name: found[one.asset_id] for one in ours}


def _told(error: Any) -> SoundrackError:
    kind = BY_KIND.get(error.get("kind"), Internal)
    return kind(str(error.get("message", ""))[:1000])


def _untold(exit_code: int) -> SoundrackError:
    how = describe(exit_code)
    if how in {"signal SIGKILL", "signal SIGXCPU"}:
        return ResourcesExhausted("The job used more memory or processor time than it may.")
    return Internal(f"The job's process ended without a word ({how}).")
