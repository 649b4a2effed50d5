"""What all processes share, read off the database when somebody asks: jobs, workers, webhooks, mail.

Every server on the same database tells the same, so that of several the highest is to be taken and not the sum.
"""

from __future__ import annotations

import shutil
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from threading import Lock

import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy import Connection, func, select

from soundrack import clock
from soundrack.database.tables import jobs, mails, webhook_deliveries
from soundrack.jobs import fleet
from soundrack.jobs.record import Status
from soundrack.jobs.task import Kind
from soundrack.outbound.webhooks.deliveries import State
from soundrack.rack import Rack
from soundrack.watch.spread import Spread

_FRESH_S = 5.0
"""However often it is asked, the database is not asked more often than this."""
_SETTLING = timedelta(seconds=10)
"""A job is counted this long after its end, when no transaction can still be about to commit an earlier one."""
_ENDS = (Status.COMPLETED, Status.FAILED, Status.CANCELLED)
_BUCKETS_S = (0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
_PREFIX = "soundrack"
_log = structlog.get_logger()

Of = tuple[str, str]
"""A service and a kind of job."""


class House(Collector):
    """Reads the database at most once in five seconds; while it cannot, `soundrack_database_up` is 0.

    Jobs that have ended are counted from when this process began to watch, as Prometheus expects of counters.
    """

    def __init__(self, rack: Rack) -> None:
        self._rack = rack
        self._lock = Lock()
        self._taken: float | None = None
        self._latest: list[Metric] = []
        self._ended = _Ended(clock.now())

    def describe(self) -> list[Metric]:
        """Name nothing beforehand, so that registering does not read the database."""
        return []

    def collect(self) -> Iterator[Metric]:
        """Return the latest numbers."""
        with self._lock:
            now = time.monotonic()
            if self._taken is None or now - self._taken >= _FRESH_S:
                self._latest, self._taken = self._look(), now
            yield from self._latest

    def _look(self) -> list[Metric]:
        began = time.perf_counter()
        try:
            with self._rack.database.read() as connection:
                found = [
                    *_waiting(connection),
                    *self._ended.look(connection),
                    *_workers(connection, self._rack.settings.job_lease_s),
                    *_deliveries(connection),
                    *_mails(connection),
                ]
        except Exception as error:  # noqa: BLE001  that the database is down is itself a number
            _log.error("metrics cannot be read off the database", exc_info=error)
            return [_gauge("database_up", "Whether the database answers.", 0), *self._disk()]
        took_s = time.perf_counter() - began
        return [
            _gauge("database_up", "Whether the database answers.", 1),
            _gauge("database_read_seconds", "Time that it took to read these numbers off the database.", took_s),
            *self._disk(),
            *found,
        ]

    def _disk(self) -> Iterator[Metric]:
        free = shutil.disk_usage(self._rack.settings.data).free
        yield _gauge("data_free_bytes", "Room left on the disk of the data folder.", free)


class _Ended:
    """Jobs that have ended since it was made, each counted once."""

    def __init__(self, since: datetime) -> None:
        self._until = since
        self._counts: dict[tuple[str, str, str], int] = defaultdict(int)
        self._run_s: dict[Of, Spread] = defaultdict(_spread)
        self._cpu_s: dict[Of, Spread] = defaultdict(_spread)
        self._wait_s: dict[Of, Spread] = defaultdict(_spread)

    def look(self, connection: Connection) -> list[Metric]:
        """Count those that have ended since the last look."""
        until = max(self._until, clock.now() - _SETTLING)
        rows = connection.execute(
            select(
                jobs.c.service,
                jobs.c.kind,
                jobs.c.status,
                jobs.c.created_at,
                jobs.c.started_at,
                jobs.c.ended_at,
                jobs.c.cpu_s,
            ).where(
                jobs.c.kind.in_(list(Kind)),
                jobs.c.status.in_(_ENDS),
                jobs.c.ended_at > self._until,
                jobs.c.ended_at <= until,
            )
        ).all()
        self._until = until
        for row in rows:
            of = (row.service, row.kind)
            self._counts[(*of, row.status)] += 1
            if row.started_at is not None:
                self._run_s[of].add((row.ended_at - row.started_at).total_seconds())
                self._wait_s[of].add((row.started_at - row.created_at).total_seconds())
            if row.cpu_s is not None:
                self._cpu_s[of].add(row.cpu_s)
        counts = CounterMetricFamily(
            f"{_PREFIX}_jobs_ended", "Jobs that have ended.", labels=("service", "kind", "status")
        )
        for labels, count in self._counts.items():
            counts.add_metric(labels, count)
        return [
            counts,
            _histogram("job_run_seconds", "Time that jobs' last attempts took.", self._run_s),
            _histogram("job_cpu_seconds", "Processor time of completed jobs.", self._cpu_s),
            _histogram("job_wait_seconds", "Time from a job's submission to its last attempt.", self._wait_s),
        ]


def _spread() -> Spread:
    return Spread(_BUCKETS_S)


def _waiting(connection: Connection) -> Iterator[Metric]:
    rows = connection.execute(
        select(jobs.c.service, jobs.c.kind, jobs.c.status, func.count().label("count"), func.min(jobs.c.created_at))
        .where(jobs.c.status.in_((Status.QUEUED, Status.PROCESSING)))
        .group_by(jobs.c.service, jobs.c.kind, jobs.c.status)
    ).all()
    counts = GaugeMetricFamily(
        f"{_PREFIX}_jobs", "Jobs that are queued or processing.", labels=("service", "kind", "status")
    )
    for service, kind, status, count, _ in rows:
        counts.add_metric((service, kind, status), count)
    yield counts
    oldest = [created_at for _, _, status, _, created_at in rows if status == Status.QUEUED]
    yield _gauge("job_oldest_queued_seconds", "Age of the oldest job in the queue; 0 if it is empty.", _age_s(oldest))


def _workers(connection: Connection, lease_s: float) -> Iterator[Metric]:
    alive = fleet.alive(connection, lease_s)
    yield _gauge("workers", "Workers alive.", alive.workers)
    yield _gauge("worker_slots", "Jobs that the workers alive take at once.", alive.slots)


def _deliveries(connection: Connection) -> Iterator[Metric]:
    rows = connection.execute(
        select(webhook_deliveries.c.status, func.count(), func.min(webhook_deliveries.c.due_at)).group_by(
            webhook_deliveries.c.status
        )
    ).all()
    found = {status: (count, due_at) for status, count, due_at in rows}
    counts = GaugeMetricFamily(f"{_PREFIX}_webhook_deliveries", "Webhook deliveries that are kept.", labels=("status",))
    for state in State:
        counts.add_metric((state,), found.get(state, (0, None))[0])
    yield counts
    due = [due_at for _, due_at in found.values() if due_at is not None]
    yield _gauge(
        "webhook_overdue_seconds", "How long ago the oldest pending delivery was due; 0 if none is.", _age_s(due)
    )


def _mails(connection: Connection) -> Iterator[Metric]:
    pending, due_at = connection.execute(
        select(func.count(), func.min(mails.c.due_at)).where(mails.c.due_at.is_not(None), mails.c.sent_at.is_(None))
    ).one()
    yield _gauge("mails_pending", "Mails that are to be sent.", pending)
    yield _gauge(
        "mail_overdue_seconds",
        "How long ago the oldest mail was due; 0 if none is.",
        _age_s([due_at] if due_at is not None else []),
    )


def _age_s(moments: Sequence[datetime]) -> float:
    return max(0.0, (clock.now() - min(moments)).total_seconds()) if moments else 0.0


def _gauge(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"{_PREFIX}_{name}", words, value=value)


def _histogram(name: str, words: str, spreads: dict[Of, Spread]) -> Metric:
    family = HistogramMetricFamily(f"{_PREFIX}_{name}", words, labels=("service", "kind"))
    for labels, spread in spreads.items():
        family.add_metric(labels, spread.buckets(), sum_value=spread.sum)
    return family
