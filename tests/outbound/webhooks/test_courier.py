"""The courier at work: in which order, beside another, and when something breaks."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta

from sqlalchemy import select, update

from soundrack import clock
from soundrack.database.tables import (
    events,
    signing_secrets,
    webhook_deliveries,
)
from soundrack.outbound.webhooks import claims, endpoints, results, secrets
from soundrack.outbound.webhooks.events import Event
from soundrack.service import Service
from tests.outbound.listener import Listener, answer
from tests.outbound.test_fetch import never
from tests.outbound.test_lines import KEPT, Talker
from tests.outbound.webhooks.conftest import Post, attempted, ended, header


def test_an_event_of_something_that_is_gone_is_done_with_and_a_broken_one_waits_without_holding_up_others(post: Post):
    async def act() -> None:
        async with Talker(KEPT) as receiver:
            post.endpoint(receiver.url())
            post.event(job_id="job_gone")
            post.event(job_id="job_broken")
            post.event(job_id=post.job())
            await post.working(until=ended(post))

    asyncio.run(act())
    with post.rack.database.read() as connection:
        left = connection.execute(select(events.c.job_id).where(events.c.expanded_at.is_(None))).scalars().all()
    assert left == ["job_broken"]


def test_deliveries_of_one_job_go_out_in_order_and_a_failing_one_holds_the_next_until_it_has_ended(post: Post):
    async def act() -> list[str]:
        async with Talker(answer(status="500 No", Connection="keep-alive"), KEPT) as receiver:
            post.endpoint(receiver.url())
            job_id = post.job()
            post.event(Event.JOB_FAILED, job_id)
            post.event(Event.JOB_COMPLETED, job_id)
            await post.working(until=lambda: attempted(post)() and len(post.deliveries()) == 2)
            assert [row.status for row in post.deliveries()] == ["pending", "pending"]
            assert len(receiver.requests) == 1
            post.hurry()
            await post.working(until=ended(post, 2))
            return [header(one, "X-BlackLab-Event") for one in receiver.requests]

    assert asyncio.run(act()) == ["job.failed", "job.failed", "job.done"]


def test_two_couriers_share_the_work_and_send_nothing_twice(post: Post):
    async def act() -> list[str]:
        async with Talker(KEPT) as receiver, Talker(KEPT) as other:
            for one in (receiver, other):
                post.endpoint(one.url())
            for _ in range(40):
                post.event(job_id=post.job())
            await post.working(post.courier(), post.courier(), until=ended(post, 80))
            return [header(one, "X-BlackLab-Delivery") for one in receiver.requests + other.requests]

    received = asyncio.run(act())
    assert len(received) == len(set(received)) == 80


def test_dead_receivers_do_not_delay_another(post: Post):
    async def act() -> int:
        async with Listener(never) as dead, Talker(KEPT) as quick:
            post.endpoint(dead.url())
            post.endpoint(quick.url())
            for _ in range(60):
                post.event(job_id=post.job())
            await post.working(until=lambda: len(quick.requests) == 60)
            return dead.connections

    assert asyncio.run(act()) < 60  # each takes two seconds there: had they been waited for, all would have been tried


def test_a_courier_that_is_stopped_gives_back_what_it_holds(post: Post):
    async def act() -> float:
        async with Listener(never) as silent:
            post.endpoint(silent.url())
            for _ in range(6):
                post.event(job_id=post.job())
            courier = post.courier(outbound_webhook_s=10.0)
            running = asyncio.create_task(courier.run())
            async with asyncio.timeout(10):
                while not silent.open:
                    await asyncio.sleep(0.01)
            started = time.monotonic()
            courier.stop()
            await running
            return time.monotonic() - started

    took_s = asyncio.run(act())
    assert took_s < 9  # the attempts would have taken ten seconds
    assert [(row.status, row.claimed_by, row.attempts) for row in post.deliveries()] == [("pending", None, 0)] * 6
    with post.rack.database.read() as connection:
        assert len(claims.due_receivers(connection)) == 1


def test_what_a_courier_held_that_is_no_more_is_due_again_when_its_lease_ends(post: Post, monkeypatch):
    post.event(job_id=post.job("http://127.0.0.1:9/"))
    post.work(until=lambda: bool(post.deliveries()))
    with post.rack.database.write() as connection:
        connection.execute(
            update(webhook_deliveries).values(claimed_by="dead", due_at=clock.now() + timedelta(seconds=30))
        )
        assert claims.due_receivers(connection) == []
        now = clock.now() + timedelta(seconds=31)
        monkeypatch.setattr(clock, "now", lambda: now)
        assert claims.due_receivers(connection) == ["http://127.0.0.1:9"]


def test_what_is_not_held_any_more_is_not_written(post: Post):
    post.event(job_id=post.job("http://127.0.0.1:9/"))
    post.work(until=lambda: bool(post.deliveries()))
    row = post.deliveries()[0]
    with post.rack.database.write() as connection:
        connection.execute(update(webhook_deliveries).values(claimed_by="another", status="pending", attempts=3))
        parcel = claims.Parcel(
            row.id, row.account_id, Service.BLACKLAB, "job.done", None, row.job_id, row.url, row.receiver, False,
            row.body, (), 0.0,
        )  # fmt: skip
        outcome = results.Outcome(parcel, clock.now(), 5, 200)
        settled = results.settle(connection, "me", [outcome], disable_after=timedelta(hours=1))
    assert (settled.delivered, settled.failed) == ([], [])
    assert post.deliveries()[0].attempts == 3


def test_a_failing_database_delays_and_loses_nothing(post: Post, monkeypatch):
    async def act() -> int:
        async with Talker(KEPT) as receiver:
            post.endpoint(receiver.url())
            post.event(job_id=post.job())
            broken = {"left": 3}
            settle = results.settle

            def failing(*arguments, **named):
                if broken["left"]:
                    broken["left"] -= 1
                    raise OSError("the disk is full")
                return settle(*arguments, **named)

            monkeypatch.setattr(results, "settle", failing)
            await post.working(until=ended(post))
            return len(receiver.requests)

    assert asyncio.run(act()) == 1
    assert len(post.attempts()) == 1


def test_a_secret_that_cannot_be_opened_fails_the_attempt_and_not_the_courier(post: Post):
    with post.rack.database.write() as connection:
        secrets.ensure(connection, post.rack.vault, post.account.id, Service.BLACKLAB)
        connection.execute(update(signing_secrets).values(sealed="v1.AAAA"))
    post.event(job_id=post.job("http://127.0.0.1:9/"))

    post.work(until=attempted(post))

    assert "cannot be signed" in post.attempts()[0].error


def test_removing_an_endpoint_in_mid_delivery_takes_its_deliveries_with_it(post: Post):
    async def act() -> None:
        async with Listener(never) as silent:
            endpoint = post.endpoint(silent.url())
            post.event(job_id=post.job())
            courier = post.courier()
            running = asyncio.create_task(courier.run())
            async with asyncio.timeout(10):
                while not silent.open:
                    await asyncio.sleep(0.01)
            with post.rack.database.write() as connection:
                endpoints.remove(connection, endpoint.id, account_id=post.account.id)
            await asyncio.sleep(2.3)
            courier.stop()
            await running

    asyncio.run(act())
    assert post.deliveries() == []
    assert post.attempts() == []
