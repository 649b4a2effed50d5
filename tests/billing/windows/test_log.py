"""The rule of the sliding window, beside one that is too simple to be wrong."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.billing.windows.hands import MINUTE, RATES, SECOND, START, STEPS

from soundrack.billing.windows.log import EMPTY, Log, Rate, Standing, hit, judge, microseconds, prune

START_US = microseconds(START)


class Kept:
    """A log with every moment ever entered."""

    def __init__(self) -> None:
        self.log: Log = EMPTY
        self.moments: list[int] = []
        self.reads = 0

    def at(self, number: int) -> int:
        self.reads += 1
        return self.moments[number]

    def hit(self, rate: Rate, now_us: int) -> Standing:
        log, standing = hit(self.log, self.at, rate, now_us)
        if standing.allowed:  # as all stores do: what a refused request found past is not past if the clock goes back
            self.log = log
            self.moments.append(log.newest)
        return standing

    def look(self, rate: Rate, now_us: int) -> Standing:
        return judge(prune(self.log, self.at, now_us), self.at, rate, now_us)


class Simple:
    """The same in the plainest words: a list, and every moment counted anew."""

    def __init__(self) -> None:
        self.moments: list[int] = []

    def hit(self, rate: Rate, now_us: int) -> bool:
        if self.moments and self.moments[-1] > now_us + MINUTE:
            self.moments.clear()
        judged_at = max([now_us, *self.moments])
        in_minute = sum(moment > judged_at - MINUTE for moment in self.moments)
        in_second = sum(moment > judged_at - SECOND for moment in self.moments)
        fits = in_minute < rate.per_minute and (rate.burst is None or in_second < rate.burst)
        if fits:
            self.moments.append(judged_at)
        return fits


def arrivals(steps: Iterable[int]) -> Iterable[int]:
    now_us = START_US
    for step in steps:
        now_us += step
        yield now_us


@given(st.lists(st.tuples(STEPS, RATES), max_size=60))
@hypothesis_settings(max_examples=400, deadline=None)
def test_exactly_those_are_let_through_that_fit_whatever_comes_when_and_however_limits_change(calls):
    kept, simple = Kept(), Simple()

    for now_us, (_, rate) in zip(arrivals(step for step, _ in calls), calls, strict=True):
        assert kept.hit(rate, now_us).allowed == simple.hit(rate, now_us)


@given(RATES, st.lists(STEPS.filter(lambda step: step >= 0), max_size=80))
@hypothesis_settings(max_examples=200, deadline=None)
def test_no_minute_and_no_second_ever_holds_more_than_its_limit(rate: Rate, steps: list[int]):
    kept = Kept()
    for now_us in arrivals(steps):
        kept.hit(rate, now_us)

    for end in kept.moments:
        assert sum(end - MINUTE < moment <= end for moment in kept.moments) <= rate.per_minute
        if rate.burst is not None:
            assert sum(end - SECOND < moment <= end for moment in kept.moments) <= rate.burst


@given(st.lists(st.tuples(STEPS, RATES), max_size=30), RATES, STEPS)
@hypothesis_settings(max_examples=400, deadline=None)
def test_whoever_waits_as_long_as_told_passes_and_a_second_less_is_too_little(calls, rate: Rate, last: int):
    kept = Kept()
    now_us = START_US
    for now_us, (_, before) in zip(arrivals(step for step, _ in calls), calls, strict=True):
        kept.hit(before, now_us)
    now_us += last

    standing = kept.look(rate, now_us)

    if standing.allowed:
        assert standing.retry_after_s == 0
    else:
        assert standing.retry_after_s >= 1
        assert not kept.look(rate, now_us + (standing.retry_after_s - 1) * SECOND).allowed
        assert kept.look(rate, now_us + standing.retry_after_s * SECOND).allowed


@given(st.lists(st.tuples(STEPS, RATES), max_size=30), RATES)
@hypothesis_settings(max_examples=300, deadline=None)
def test_the_whole_limit_is_free_when_the_reset_says_so_and_not_before(calls, rate: Rate):
    kept = Kept()
    now_us = START_US
    for now_us, (_, before) in zip(arrivals(step for step, _ in calls), calls, strict=True):
        kept.hit(before, now_us)

    standing = kept.look(rate, now_us)

    reset_us = microseconds(standing.reset_at)
    assert kept.look(rate, reset_us).remaining == rate.per_minute
    if standing.remaining < rate.per_minute:
        assert kept.look(rate, reset_us - 1).remaining < rate.per_minute
    else:
        assert reset_us == now_us
        assert standing.allowed
    assert standing.reset_s == -(-reset_us // SECOND)


@given(st.lists(st.tuples(STEPS, RATES), max_size=30))
@hypothesis_settings(max_examples=200, deadline=None)
def test_what_a_hit_reports_is_what_a_look_sees_next(calls):
    kept = Kept()

    for now_us, (_, rate) in zip(arrivals(step for step, _ in calls), calls, strict=True):
        told, seen = kept.hit(rate, now_us), kept.look(rate, now_us)
        assert (told.limit, told.remaining, told.reset_at) == (seen.limit, seen.remaining, seen.reset_at)
        assert told.allowed or told == seen


def test_refused_requests_do_not_lengthen_the_wait():
    kept = Kept()
    assert kept.hit(Rate(1), START_US).allowed

    for later in range(1, 60):
        assert kept.hit(Rate(1), START_US + later * SECOND).retry_after_s == 60 - later

    assert kept.hit(Rate(1), START_US + MINUTE).allowed


def test_a_clock_that_goes_back_a_little_frees_nothing():
    kept = Kept()
    kept.hit(Rate(2), START_US)

    assert kept.hit(Rate(2), START_US - 30 * SECOND).allowed
    refused = kept.hit(Rate(2), START_US - 30 * SECOND)

    assert not refused.allowed
    assert refused.retry_after_s == 90


def test_a_clock_that_was_wrong_by_an_hour_shuts_nobody_out():
    kept = Kept()
    assert kept.hit(Rate(1), START_US + 60 * MINUTE).allowed

    assert kept.hit(Rate(1), START_US).allowed
    assert not kept.hit(Rate(1), START_US).allowed


def test_judging_costs_hardly_more_for_a_hundred_thousand_requests_than_for_ten():
    kept = Kept()
    kept.moments = [START_US + 600 * n for n in range(100_000)]
    kept.log = Log(0, len(kept.moments), kept.moments[0], kept.moments[-1])

    kept.hit(Rate(100_000, 2_000), START_US + MINUTE + MINUTE // 2)

    assert kept.log.next - kept.log.first == 50_000
    assert kept.reads <= 50


@pytest.mark.parametrize(("per_minute", "burst"), [(0, None), (-1, None), (1, 0), (1, -5)])
def test_a_rate_that_lets_nothing_through_is_refused(per_minute: int, burst: int | None):
    with pytest.raises(ValueError, match="at least one"):
        Rate(per_minute, burst)
