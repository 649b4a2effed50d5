"""Every store of counters, held against the one rule."""

from __future__ import annotations

import asyncio
import itertools
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.billing.windows import hammer
from tests.billing.windows.conftest import SHARED, Run
from tests.billing.windows.hands import MINUTE, RATES, SECOND, START, STEPS, Hands
from tests.billing.windows.test_log import Kept

from soundrack.billing.windows import Rate, Windows
from soundrack.billing.windows.log import microseconds

SUBJECT = "blacklab:key:k_1"
serial = itertools.count()


@given(st.lists(st.tuples(st.booleans(), STEPS, RATES), max_size=40))
@hypothesis_settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
def test_a_store_answers_as_the_rule_does(windows: Windows, hands: Hands, run: Run, calls):
    async def compare() -> None:
        kept, subject = Kept(), f"subject {next(serial)}"
        hands.moment = START
        for looks, step, rate in calls:
            hands.move(step)
            ask, rule = (windows.look, kept.look) if looks else (windows.hit, kept.hit)
            assert await ask(subject, rate) == rule(rate, microseconds(hands.moment))

    run(compare())


def test_a_store_forgets_no_request_in_a_log_of_thousands(windows: Windows, hands: Hands, run: Run):
    async def compare() -> None:
        kept, rate = Kept(), Rate(700, 20)
        for n in range(2500):
            hands.move((n * 7919) % 90_000)
            now_us = microseconds(hands.moment)
            assert await windows.hit(SUBJECT, rate) == kept.hit(rate, now_us)
        hands.move(45 * SECOND)
        for lower in (700, 300, 5):
            assert await windows.look(SUBJECT, Rate(lower)) == kept.look(Rate(lower), microseconds(hands.moment))

    run(compare())


def test_subjects_do_not_share_a_limit(windows: Windows, hands: Hands, run: Run):
    names = [SUBJECT, "blacklab:key:k_2", "", "с кириллицей 'and' \"quotes\"", "x" * 400]

    async def all_of_them() -> None:
        for name in names:
            assert (await windows.hit(name, Rate(1))).allowed
        for name in names:
            assert not (await windows.hit(name, Rate(1))).allowed

    run(all_of_them())


def test_a_look_counts_nothing(windows: Windows, hands: Hands, run: Run):
    async def look_and_hit() -> None:
        for _ in range(5):
            standing = await windows.look(SUBJECT, Rate(1))
            assert standing.allowed
            assert (standing.remaining, standing.reset_at) == (1, START)
        standing = await windows.hit(SUBJECT, Rate(1))
        assert (standing.remaining, standing.reset_at) == (0, START + timedelta(minutes=1))

    run(look_and_hit())


def test_requests_at_the_same_moment_in_one_process_share_the_limit_exactly(windows: Windows, hands: Hands, run: Run):
    async def all_at_once() -> None:
        standings = await asyncio.gather(*(windows.hit(SUBJECT, Rate(20)) for _ in range(60)))
        assert sum(standing.allowed for standing in standings) == 20
        assert sorted(standing.remaining for standing in standings if standing.allowed) == list(range(20))

    run(all_at_once())


def test_counters_can_be_used_again_after_they_were_closed(windows: Windows, hands: Hands, run: Run, kind: str):
    async def hit_twice() -> None:
        assert (await windows.hit(SUBJECT, Rate(1))).allowed
        await windows.close()
        standing = await windows.hit(SUBJECT, Rate(1))
        assert standing.allowed == (kind == "memory")  # the others have kept the count

    run(hit_twice())


@pytest.mark.parametrize("kind", SHARED)
def test_eight_processes_let_through_exactly_the_limit(kind: str, where: str):
    let_through = hammer.run(kind, where, Rate(400), hits=100, processes=8)

    assert len(let_through) == 8
    assert len(list(itertools.chain(*let_through))) == 400


def test_idle_subjects_are_forgotten_and_others_are_not(windows, hands: Hands, run: Run, kind: str):
    async def crowd() -> int:
        for n in range(150):
            await windows.hit(f"idle {n}", Rate(10))
        if kind == "postgresql":
            windows._sweep_at = 0.0  # its minute is not that of the clock
        hands.move(2 * MINUTE + 1)
        for _ in range(64 * 7):
            await windows.hit(SUBJECT, Rate(1000))
        assert (await windows.look(SUBJECT, Rate(1000))).remaining == 1000 - 64 * 7
        return await REMEMBERED[kind](windows)

    assert run(crowd()) == 1


async def in_memory(windows) -> int:
    return len(windows._entries)


async def in_sqlite(windows) -> int:
    connection = windows._connection()
    assert connection.execute("SELECT count(*) FROM moments").fetchone() == (64 * 7,)
    return int(connection.execute("SELECT count(*) FROM logs").fetchone()[0])


async def in_postgresql(windows) -> int:
    with windows._database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM request_moments").scalar_one() == 64 * 7
        return int(connection.exec_driver_sql("SELECT count(*) FROM request_logs").scalar_one())


async def in_redis(windows) -> int:
    client = windows._clients[asyncio.get_running_loop()][0]
    keys = [key async for key in client.scan_iter("*")]
    assert len(keys) == 151  # it has a clock of its own, which was not moved
    lives_ms = [await client.pttl(key) for key in keys]
    return 1 if all(0 < life_ms <= 120_000 for life_ms in lives_ms) else len(keys)


REMEMBERED = {"memory": in_memory, "sqlite": in_sqlite, "postgresql": in_postgresql, "redis": in_redis}
