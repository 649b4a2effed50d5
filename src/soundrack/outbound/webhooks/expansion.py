"""From events to deliveries: who is to be told, and what."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, bindparam, func, select, union_all, update

from soundrack import clock, ids
from soundrack.database.tables import events, jobs, sandbox_jobs, webhook_deliveries, webhook_endpoints
from soundrack.errors import Invalid, NotFound
from soundrack.outbound.webhooks import deliveries, endpoints
from soundrack.outbound.webhooks.endpoints import Endpoint
from soundrack.outbound.webhooks.events import Event
from soundrack.outbound.webhooks.voice import Happening, Voice, Voices
from soundrack.service import Service

AT_ONCE = 200
_PUT_OFF = timedelta(minutes=1)
_IS_WAITING = (
    select(events.c.id).where(events.c.expanded_at.is_(None), events.c.created_at <= bindparam("now")).limit(1)
)
_log = structlog.get_logger()


class Expansion:
    """Writes the deliveries of events, each event's once, whoever else is at it.

    An event whose body cannot be made for a fault of ours is put off, so that it neither is lost nor holds up others.
    """

    def __init__(self, voices: Voices) -> None:
        self._voices = voices
        self._put_off: dict[str, datetime] = {}

    def is_waiting(self, connection: Connection) -> bool:
        """Say whether there is an event to expand now."""
        if self._put_off:
            return connection.execute(self._waiting(events.c.id).limit(1)).first() is not None
        return connection.execute(_IS_WAITING, {"now": clock.now()}).first() is not None

    def round(self, connection: Connection) -> int:
        """Expand the oldest events and return how many they were.

        The rows are locked in order and without skipping: of two couriers, the second waits until the first has
        written its deliveries, so those of one job are written in the order of their events.
        """
        rows = connection.execute(
            self._waiting(*events.c).order_by(events.c.created_at, events.c.id).limit(AT_ONCE).with_for_update()
        ).all()
        told = [row for row in rows if self._name(row) is not None]
        audience = _Audience(connection, told)
        written: list[dict[str, Any]] = []
        done = [row.id for row in rows if self._name(row) is None]
        for row in told:
            try:
                with connection.begin_nested():
                    written += self._deliveries(connection, row, audience)
            except NotFound:
                _log.info("event of something that is gone", event_id=row.id, job=row.job_id)
            except Exception:  # noqa: BLE001
                _log.exception("event cannot be told", event_id=row.id, job=row.job_id)
                self._put_off[row.id] = clock.now() + _PUT_OFF
                continue
            done.append(row.id)
        deliveries.write(connection, written)
        connection.execute(update(events).where(events.c.id.in_(done)).values(expanded_at=clock.now()))
        return len(done)

    def _waiting(self, *columns: Any) -> Any:
        now = clock.now()
        self._put_off = {event_id: until for event_id, until in self._put_off.items() if until > now}
        query = select(*columns).where(events.c.expanded_at.is_(None), events.c.created_at <= now)
        return query.where(events.c.id.not_in(self._put_off)) if self._put_off else query

    def _name(self, row: Row[Any]) -> str | None:
        voice = self._voices.get(Service(row.service))
        return None if voice is None else voice.names.get(Event(row.name))

    def _deliveries(self, connection: Connection, row: Row[Any], audience: _Audience) -> list[dict[str, Any]]:
        voice, name = self._voices[Service(row.service)], self._name(row) or ""
        receivers = audience.of(row, name)
        if not receivers:
            return []
        happening = Happening(
            row.id, Event(row.name), row.account_id, Service(row.service), row.job_id, row.created_at, row.data
        )
        body = voice.body(connection, happening)
        return list(self._rows(voice, name, row, body, receivers, audience))

    @staticmethod
    def _rows(
        voice: Voice,
        name: str,
        row: Row[Any],
        body: bytes,
        receivers: Iterable[tuple[Endpoint | None, str]],
        audience: _Audience,
    ) -> Iterable[dict[str, Any]]:
        for endpoint, url in receivers:
            endpoint_id = endpoint.id if endpoint else None
            try:
                yield deliveries.row(
                    delivery_id=ids.short(voice.scheme.id_prefix, deliveries.ID_CHARACTERS),
                    account_id=row.account_id,
                    service=Service(row.service),
                    event_id=row.id,
                    endpoint_id=endpoint_id,
                    key_id=audience.key_of(row) if voice.paired else None,
                    job_id=row.job_id,
                    event_name=name,
                    url=url,
                    body=body,
                    place=audience.next_place(row.job_id, endpoint_id),
                )
            except Invalid:
                _log.warning("webhook URL cannot be read", event_id=row.id, job=row.job_id, endpoint=endpoint_id)


class _Audience:
    """Who listens to a batch of events, read with as few statements as there are tables."""

    def __init__(self, connection: Connection, batch: Sequence[Row[Any]]) -> None:
        job_ids = {row.job_id for row in batch if row.job_id}
        self._jobs = {
            job.id: job
            for job in connection.execute(
                union_all(
                    *(
                        select(table.c.id, table.c.webhook_url, table.c.key_id).where(table.c.id.in_(job_ids))
                        for table in (jobs, sandbox_jobs)
                    )
                )
            )
        }
        self._endpoints: dict[tuple[str, str], list[Endpoint]] = defaultdict(list)
        for found in connection.execute(
            select(webhook_endpoints)
            .where(
                webhook_endpoints.c.account_id.in_({row.account_id for row in batch}),
                webhook_endpoints.c.disabled_at.is_(None),
            )
            .order_by(webhook_endpoints.c.created_at, webhook_endpoints.c.id)
        ):
            self._endpoints[found.account_id, found.service].append(endpoints.from_row(found))
        counted = connection.execute(
            select(webhook_deliveries.c.lane, func.count().label("waiting"))
            .where(webhook_deliveries.c.job_id.in_(job_ids))
            .group_by(webhook_deliveries.c.lane)
        ).all()
        self._places: Counter[str] = Counter({row.lane: row.waiting for row in counted})

    def of(self, row: Row[Any], name: str) -> list[tuple[Endpoint | None, str]]:
        """Return every endpoint that subscribes, and the job's own URL unless an endpoint has it too."""
        found: list[tuple[Endpoint | None, str]] = [
            (endpoint, endpoint.url)
            for endpoint in self._endpoints[row.account_id, row.service]
            if endpoint.wants(name)
        ]
        job = self._jobs.get(row.job_id)
        if job is not None and job.webhook_url and job.webhook_url not in {url for _, url in found}:
            found.append((None, job.webhook_url))
        return found

    def key_of(self, row: Row[Any]) -> str | None:
        job = self._jobs.get(row.job_id)
        return None if job is None else job.key_id

    def next_place(self, job_id: str | None, endpoint_id: str | None) -> int:
        if job_id is None:
            return 0
        lane = deliveries.lane(job_id, endpoint_id)
        self._places[lane] += 1
        return self._places[lane] - 1
