"""A voice that says little, endpoints, and a courier whose receivers are on loopback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select, update

from soundrack import clock, ids
from soundrack.accounts import webhooks
from soundrack.accounts.people import Account
from soundrack.database.tables import events as happened
from soundrack.database.tables import jobs, webhook_attempts, webhook_deliveries
from soundrack.errors import NotFound
from soundrack.outbound.webhooks import endpoints, events, schemes
from soundrack.outbound.webhooks.courier import Courier
from soundrack.outbound.webhooks.endpoints import Endpoint
from soundrack.outbound.webhooks.events import Event
from soundrack.outbound.webhooks.voice import Happening
from soundrack.rack import Rack
from soundrack.service import Service
from soundrack.settings import Settings

NAMES = {Event.JOB_COMPLETED: "job.done", Event.JOB_FAILED: "job.failed", Event.CREDITS_LOW: "credits.low"}


class Voice:
    """Says an event's name and its job."""

    names = NAMES
    scheme = schemes.BLACKLAB
    paired = False

    def __init__(self) -> None:
        self.spoken = 0

    def body(self, _connection: Connection, happening: Happening) -> bytes:
        self.spoken += 1
        if happening.job_id == "job_gone":
            raise NotFound("gone")
        if happening.job_id == "job_broken":
            raise RuntimeError("our fault")
        return json.dumps({"event": NAMES[happening.event], "job": happening.job_id, "n": self.spoken}).encode()

    def sample(self, event: Event, _at: datetime) -> bytes:
        return json.dumps({"event": NAMES[event], "job": "sample"}).encode()


class Post:
    """What tests do with webhooks, on one account."""

    def __init__(self, rack: Rack, account: Account) -> None:
        self.rack = rack
        self.account = account
        self.voice = Voice()

    def endpoint(self, url: str, **given: Any) -> Endpoint:
        with self.rack.database.write() as connection:
            return endpoints.add(
                connection, self.rack.outbound, self.account.id, Service.BLACKLAB, url,
                documented=list(NAMES.values()), **given,
            )  # fmt: skip

    def job(self, webhook_url: str | None = None) -> str:
        job_id = ids.short("job_")
        with self.rack.database.write() as connection:
            connection.execute(
                insert(jobs).values(
                    id=job_id, account_id=self.account.id, service=Service.BLACKLAB, kind="master", status="completed",
                    parameters={}, work_s=1.0, credits_charged=1, request_id="req_1", webhook_url=webhook_url,
                    created_at=clock.now(),
                )
            )  # fmt: skip
        return job_id

    def event(self, event: Event = Event.JOB_COMPLETED, job_id: str | None = None) -> None:
        with self.rack.database.write() as connection:
            events.record(connection, event, self.account.id, Service.BLACKLAB, job_id=job_id)

    def courier(self, **settings: Any) -> Courier:
        return Courier(
            Settings(**self.rack.settings.model_dump() | settings) if settings else self.rack.settings,
            self.rack.database,
            self.rack.vault,
            self.rack.outbound,
            {Service.BLACKLAB: self.voice},
            webhooks.switched_off(self.rack.settings),
        )

    def deliveries(self) -> list[Any]:
        with self.rack.database.read() as connection:
            table = webhook_deliveries.c
            return list(connection.execute(select(webhook_deliveries).order_by(table.created_at, table.place)))

    def attempts(self) -> list[Any]:
        with self.rack.database.read() as connection:
            table = webhook_attempts.c
            return list(connection.execute(select(webhook_attempts).order_by(table.delivery_id, table.number)))

    def hurry(self) -> None:
        """Make every pending delivery that nobody holds due now."""
        with self.rack.database.write() as connection:
            table = webhook_deliveries.c
            connection.execute(
                update(webhook_deliveries)
                .where(table.status == "pending", table.claimed_by.is_(None))
                .values(due_at=clock.now() - timedelta(seconds=1))
            )

    def work(self, *couriers: Courier, until: Callable[[], bool]) -> None:
        """Run couriers until something holds."""
        asyncio.run(self.working(*couriers, until=until))

    async def working(self, *couriers: Courier, until: Callable[[], bool], within_s: float = 20.0) -> None:
        couriers = couriers or (self.courier(),)
        running = [asyncio.create_task(one.run()) for one in couriers]
        try:
            async with asyncio.timeout(within_s):
                while not until():
                    await asyncio.sleep(0.01)
        finally:
            for task, one in zip(running, couriers, strict=False):
                if not task.done():
                    one.stop()
            await asyncio.gather(*running)


def ended(post: Post, count: int = 1):
    """Say whether so many deliveries have ended, and no other is left."""
    return lambda: [row.status != "pending" for row in post.deliveries()] == [True] * count


def attempted(post: Post, count: int = 1):
    return lambda: len(post.attempts()) >= count


def waiting(post: Post) -> list[str]:
    with post.rack.database.read() as connection:
        return list(connection.execute(select(happened.c.id).where(happened.c.expanded_at.is_(None))).scalars())


def header(request: bytes, name: str) -> str:
    lines = dict(line.split(": ", 1) for line in request.decode().split("\r\n")[1:] if line)
    return lines[name]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"outbound_allow": "127.0.0.1", "outbound_webhook_s": 2.0})


@pytest.fixture
def post(rack: Rack, account: Account) -> Post:
    return Post(rack, account)
