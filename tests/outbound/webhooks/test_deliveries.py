"""What is delivered to whom, and what becomes of it, with real receivers on loopback and a real database."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from soundrack import clock
from soundrack.database.tables import (
    audit_entries,
    mails,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)
from soundrack.errors import Conflict, NotFound
from soundrack.outbound.webhooks import deliveries, endpoints, results, secrets
from soundrack.outbound.webhooks.events import Event
from soundrack.service import Service
from tests.outbound.listener import Listener, answer
from tests.outbound.test_fetch import never
from tests.outbound.test_lines import KEPT, Talker
from tests.outbound.webhooks.conftest import Post, attempted, ended, header, waiting


def deliver(post: Post, *plays: bytes, until, job: bool = True, **given) -> list[bytes]:
    """Tell one event to one endpoint that plays its part; return the requests that it got."""

    async def act() -> list[bytes]:
        async with Listener(*plays) as receiver:
            post.endpoint(receiver.url("/hook?token=1"), **given)
            post.event(job_id=post.job() if job else None)
            await post.working(until=until)
            return receiver.requests

    return asyncio.run(act())


def test_an_event_is_delivered_signed_to_the_endpoint_that_asked_for_it(post: Post):
    (request,) = deliver(post, answer(b"thanks"), until=ended(post))

    (row,) = post.deliveries()
    with post.rack.database.read() as connection:
        (signing,) = secrets.of(connection, post.rack.vault, post.account.id, Service.BLACKLAB)
    expected = hmac.new(signing.secret.encode(), row.body, hashlib.sha256).hexdigest()
    assert request.startswith(b"POST /hook?token=1 HTTP/1.1\r\n")
    assert header(request, "X-BlackLab-Signature") == f"sha256={expected}"
    assert header(request, "X-BlackLab-Event") == "job.done"
    assert header(request, "X-BlackLab-Delivery") == row.id
    assert header(request, "Content-Type") == "application/json"
    assert (row.status, row.attempts, row.due_at, row.claimed_by) == ("delivered", 1, None, None)
    (attempt,) = post.attempts()
    assert (attempt.number, attempt.status, attempt.error, attempt.answer) == (1, 200, "", b"thanks")


def test_the_job_s_own_url_is_told_and_an_endpoint_with_the_same_url_once_only(post: Post):
    async def act() -> list[bytes]:
        async with Talker(KEPT) as receiver:
            post.endpoint(receiver.url("/same"))
            post.event(job_id=post.job(receiver.url("/same")))
            post.event(job_id=post.job(receiver.url("/own")))
            await post.working(until=ended(post, 3))
            return receiver.requests

    paths = sorted(request.split(b" ")[1] for request in asyncio.run(act()))
    assert paths == [b"/own", b"/same", b"/same"]


def test_credits_low_goes_to_endpoints_and_what_nobody_wants_to_nobody(post: Post):
    async def act() -> None:
        async with Talker(KEPT) as receiver:
            post.endpoint(receiver.url("/money"), events=["credits.low"])
            post.endpoint(receiver.url("/jobs"), events=["job.failed"])
            post.event(Event.CREDITS_LOW)
            post.event(job_id=post.job())
            await post.working(until=lambda: ended(post)() and not waiting(post))

    asyncio.run(act())
    assert [row.event_name for row in post.deliveries()] == ["credits.low"]


def test_an_endpoint_that_is_switched_off_is_not_told(post: Post):
    off = post.endpoint("http://127.0.0.1:9999/")
    with post.rack.database.write() as connection:
        endpoints.disable(connection, off.id, "for a test")
    post.event(job_id=post.job())

    post.work(until=lambda: not waiting(post))

    assert post.deliveries() == []


@pytest.mark.parametrize("status", [302, 404, 409, 500])
def test_anything_but_a_2xx_is_tried_again_after_about_two_seconds(post: Post, status: int):
    deliver(post, answer(status=f"{status} No"), until=attempted(post))

    (row,) = post.deliveries()
    (attempt,) = post.attempts()
    pause = (row.due_at - (attempt.started_at + timedelta(milliseconds=attempt.duration_ms))).total_seconds()
    assert (row.status, row.tries, row.claimed_by) == ("pending", 1, None)
    assert 1.7 < pause < 3.5
    assert attempt.status == status


def test_the_pauses_are_as_documented_and_jittered():
    assert results.RETRY_AFTER_S == (2, 15, 120, 600, 3600)
    assert results.JITTER == 0.1


def test_a_round_is_six_attempts_with_one_id_and_one_body_and_then_it_has_failed(post: Post):
    async def act() -> list[bytes]:
        async with Talker(answer(status="500 No", Connection="keep-alive")) as receiver:
            post.endpoint(receiver.url())
            post.event(job_id=post.job())
            for count in range(1, 7):
                await post.working(until=attempted(post, count))
                post.hurry()
            return receiver.requests

    requests = asyncio.run(act())
    (row,) = post.deliveries()
    assert (row.status, row.attempts) == ("failed", 6)
    assert {header(one, "X-BlackLab-Delivery") for one in requests} == {row.id}
    assert len({header(one, "X-BlackLab-Signature") for one in requests}) == 1
    assert [one.number for one in post.attempts()] == [1, 2, 3, 4, 5, 6]
    assert post.voice.spoken == 1


def test_no_answer_is_recorded_with_its_reason(post: Post):
    async def act() -> None:
        async with Listener(never) as silent:
            post.endpoint(silent.url("/secret"))
            post.event(job_id=post.job())
            await post.working(until=attempted(post))

    asyncio.run(act())
    (attempt,) = post.attempts()
    assert (attempt.status, attempt.answer) == (None, b"")
    assert "in time" in attempt.error
    assert "secret" not in attempt.error
    assert attempt.duration_ms >= 1900


def test_a_receiver_that_may_not_be_reached_is_not_connected_to(post: Post):
    post.event(job_id=post.job("http://10.0.0.1/hook"))

    post.work(until=attempted(post))

    (attempt,) = post.attempts()
    assert (attempt.status, "may not be reached" in attempt.error) == (None, True)


def test_410_ends_the_delivery_and_switches_the_endpoint_off_with_a_mail_and_an_entry(post: Post):
    deliver(post, answer(status="410 Gone"), until=ended(post), label="studio")

    (row,) = post.deliveries()
    with post.rack.database.read() as connection:
        (endpoint,) = endpoints.listed(connection, post.account.id)
        (mail,) = connection.execute(select(mails)).all()
        entries = connection.execute(select(audit_entries.c.event, audit_entries.c.actor)).all()
    assert (row.status, row.attempts) == ("failed", 1)
    assert endpoint.disabled_at is not None
    assert endpoint.disabled_because == endpoints.GONE
    assert mail.recipient == post.account.email
    assert "studio" in mail.text
    assert "token=1" not in mail.text
    assert ("webhook.disabled", "soundrack") in entries


def test_an_endpoint_that_has_failed_for_too_long_is_switched_off_and_its_other_deliveries_end(post: Post):
    async def act() -> None:
        async with Talker(answer(status="500 No", Connection="keep-alive")) as receiver:
            post.endpoint(receiver.url())
            post.event(job_id=post.job())
            post.event(job_id=post.job())
            await post.working(until=attempted(post, 2))
            long_ago = clock.now() - timedelta(hours=121)
            with post.rack.database.write() as connection:
                connection.execute(update(webhook_endpoints).values(failing_since=long_ago))
                one = post.deliveries()[0].id
                connection.execute(
                    update(webhook_deliveries).where(webhook_deliveries.c.id == one).values(due_at=clock.now())
                )
            await post.working(until=ended(post, 2))

    asyncio.run(act())
    with post.rack.database.read() as connection:
        (endpoint,) = endpoints.listed(connection, post.account.id)
        assert len(connection.execute(select(mails)).all()) == 1
    assert endpoint.disabled_because == endpoints.FAILED_TOO_LONG
    assert {row.status for row in post.deliveries()} == {"failed"}


def test_a_success_ends_the_time_of_failure(post: Post):
    async def act() -> None:
        async with Talker(answer(status="500 No", Connection="keep-alive"), KEPT) as receiver:
            post.endpoint(receiver.url())
            post.event(job_id=post.job())
            await post.working(until=attempted(post))
            with post.rack.database.read() as connection:
                assert endpoints.listed(connection, post.account.id)[0].failing_since is not None
            post.hurry()
            await post.working(until=ended(post))

    asyncio.run(act())
    with post.rack.database.read() as connection:
        assert endpoints.listed(connection, post.account.id)[0].failing_since is None


def test_a_person_can_have_it_sent_again_with_the_same_id_and_a_fresh_round(post: Post):
    async def act() -> list[bytes]:
        async with Talker(KEPT) as receiver:
            post.endpoint(receiver.url())
            post.event(job_id=post.job())
            await post.working(until=ended(post))
            (row,) = post.deliveries()
            with post.rack.database.write() as connection:
                again = deliveries.resend(connection, row.id, account_id=post.account.id)
            assert (again.status, again.attempts) == (deliveries.State.PENDING, 1)
            assert post.deliveries()[0].tries == 0
            await post.working(until=ended(post))
            return receiver.requests

    first, second = asyncio.run(act())
    assert header(first, "X-BlackLab-Delivery") == header(second, "X-BlackLab-Delivery")
    assert [one.number for one in post.attempts()] == [1, 2]


def test_what_is_being_sent_and_what_is_another_s_cannot_be_sent_again(post: Post):
    post.event(job_id=post.job("http://127.0.0.1:9/"))
    post.work(until=lambda: bool(post.deliveries()))
    (row,) = post.deliveries()
    with post.rack.database.write() as connection:
        connection.execute(update(webhook_deliveries).values(claimed_by="another", status="pending"))
        with pytest.raises(Conflict):
            deliveries.resend(connection, row.id, account_id=post.account.id)
        with pytest.raises(NotFound):
            deliveries.resend(connection, row.id, account_id="acc_other")


def test_a_test_event_is_one_signed_attempt_also_at_an_endpoint_that_is_off(post: Post):
    async def act() -> list[bytes]:
        async with Talker(answer(status="500 No", Connection="keep-alive")) as receiver:
            endpoint = post.endpoint(receiver.url(), events=["credits.low"])
            with post.rack.database.write() as connection:
                endpoints.disable(connection, endpoint.id, "for a test")
                sent = deliveries.send_test(connection, post.voice, endpoint.id, account_id=post.account.id)
            assert (sent.is_test, sent.event_name) == (True, "credits.low")
            await post.working(until=ended(post))
            return receiver.requests

    (request,) = asyncio.run(act())
    assert header(request, "X-BlackLab-Event") == "credits.low"
    assert post.deliveries()[0].status == "failed"
    with post.rack.database.read() as connection:
        assert endpoints.listed(connection, post.account.id)[0].failing_since is None


def test_old_events_go_with_their_deliveries_and_those_still_pending_stay(post: Post, monkeypatch):
    async def act() -> None:
        async with Talker(KEPT) as receiver:
            post.endpoint(receiver.url())
            post.event(job_id=post.job())
            await post.working(until=ended(post))

    asyncio.run(act())
    post.event(job_id=post.job("http://127.0.0.1:9/"))
    post.work(until=attempted(post, 2))
    later = clock.now() + timedelta(days=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    with post.rack.database.write() as connection:
        assert deliveries.sweep(connection, timedelta(days=30)) == 1
        assert len(connection.execute(select(webhook_attempts)).all()) >= 1
    assert {row.status for row in post.deliveries()} == {"pending"}


def test_a_page_of_deliveries_follows_the_one_before(post: Post):
    for _ in range(5):
        post.event(job_id=post.job("http://127.0.0.1:9/"))
    post.work(until=lambda: len(post.deliveries()) == 5)
    with post.rack.database.read() as connection:
        first = deliveries.listed(connection, post.account.id, limit=3)
        second = deliveries.listed(connection, post.account.id, limit=3, before=first[-1])
        assert deliveries.listed(connection, "acc_other") == []
        assert json.loads(deliveries.body(connection, first[0]))["event"] == "job.done"
        assert deliveries.attempts(connection, first[0])[:1] is not None
    assert len({one.id for one in first + second}) == 5
