"""The month's requests."""

from __future__ import annotations

import calendar
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select

from soundrack import clock
from soundrack.billing import quotas
from soundrack.billing.plans import Plan, Plans
from soundrack.database.tables import metadata, monthly_usage
from soundrack.errors import QuotaExceeded
from soundrack.jobs.janitor import Janitor
from soundrack.rack import Rack
from soundrack.service import Service

FREE = Plans.documented().of(Service.AUDIOLIB, "free")
PAID = Plans.documented().of(Service.AUDIOLIB, "paid")
SUBJECT = "audiolib:acc_1"
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2099, 12, 31), timezones=st.just(UTC))


def limited(limit: int) -> Plan:
    return replace(FREE, requests_per_month=limit)


def at(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


@given(MOMENTS)
@hypothesis_settings(max_examples=300)
def test_a_month_ends_where_the_next_begins(moment: datetime):
    end = quotas.next_month(moment)

    assert quotas.month(end - timedelta(microseconds=1)) == quotas.month(moment) != quotas.month(end)
    assert (end.day, end.hour, end.minute, end.second, end.microsecond) == (1, 0, 0, 0, 0)
    length = calendar.monthrange(moment.year, moment.month)[1]
    assert end - quotas.month_start(moment) == timedelta(days=length)


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        (datetime(2026, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2027, 2, 28, 12, tzinfo=UTC), datetime(2027, 3, 1, tzinfo=UTC)),
        (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 7, 1, tzinfo=UTC)),
        # already July in Seoul
        (datetime(2026, 7, 1, 8, 59, tzinfo=timezone(timedelta(hours=9))), datetime(2026, 7, 1, tzinfo=UTC)),
    ],
)
def test_months_are_those_of_the_calendar_in_utc(moment: datetime, end: datetime):
    assert quotas.next_month(moment) == end


@given(MOMENTS, st.integers(0, 5), st.lists(st.tuples(st.integers(1, 3), st.timedeltas(timedelta(), timedelta(20)))))
@hypothesis_settings(max_examples=60, deadline=None)
def test_in_no_month_is_more_let_through_than_the_quota_and_nothing_is_refused_that_fits(start, limit, calls):
    engine = create_engine("sqlite://")
    used: dict[str, int] = {}
    now = start
    with pytest.MonkeyPatch.context() as monkeypatch, engine.connect() as connection:
        metadata.create_all(connection)
        for amount, later in calls:
            now += later
            at(monkeypatch, now)
            before = used.setdefault(quotas.month(now), 0)
            if before + amount <= limit:
                quotas.spend(connection, SUBJECT, limited(limit), amount)
                used[quotas.month(now)] += amount
            else:
                with pytest.raises(QuotaExceeded) as refused:
                    quotas.spend(connection, SUBJECT, limited(limit), amount)
                free_at = now + timedelta(seconds=refused.value.retry_after_s)
                assert quotas.month(free_at) != quotas.month(now)
                assert quotas.month(free_at - timedelta(seconds=1)) == quotas.month(now)
            standing = quotas.standing(connection, SUBJECT, limited(limit))
            assert standing.used == used[quotas.month(now)] <= limit
            assert standing.remaining == limit - standing.used
            assert standing.reset_at == quotas.next_month(now)
    engine.dispose()


def test_parallel_transactions_let_through_exactly_the_quota(rack: Rack):
    outcomes: list[bool] = []

    def spend() -> None:
        for _ in range(5):
            try:
                with rack.database.write() as connection:
                    quotas.spend(connection, SUBJECT, limited(17))
                outcomes.append(True)
            except QuotaExceeded:
                outcomes.append(False)

    threads = [threading.Thread(target=spend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (outcomes.count(True), outcomes.count(False)) == (17, 23)
    with rack.database.read() as connection:
        assert quotas.standing(connection, SUBJECT, limited(17)).used == 17


def test_a_request_that_is_rolled_back_is_not_counted(rack: Rack):
    def spend_and_fail() -> None:
        with rack.database.write() as connection:
            quotas.spend(connection, SUBJECT, limited(1))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        spend_and_fail()

    with rack.database.write() as connection:
        assert quotas.standing(connection, SUBJECT, limited(1)).remaining == 1
        quotas.spend(connection, SUBJECT, limited(1))


def test_a_refusal_says_what_is_used_up_and_when_there_is_more(rack: Rack, monkeypatch: pytest.MonkeyPatch):
    at(monkeypatch, datetime(2026, 11, 30, 23, 59, 58, 500_000, tzinfo=UTC))
    with rack.database.write() as connection:
        quotas.spend(connection, SUBJECT, FREE, 300)

    with pytest.raises(QuotaExceeded) as refused, rack.database.write() as connection:
        quotas.spend(connection, SUBJECT, FREE)

    assert refused.value.retry_after_s == 2
    assert str(refused.value) == (
        "The 300 requests a month of the plan Free are used up; the next month begins at 2026-12-01T00:00:00Z."
    )


def test_a_plan_without_a_quota_is_counted_and_never_refused(rack: Rack):
    with rack.database.write() as connection:
        for _ in range(3):
            quotas.spend(connection, SUBJECT, PAID, 1000)

        standing = quotas.standing(connection, SUBJECT, PAID)

    assert (standing.limit, standing.used, standing.remaining) == (None, 3000, None)


def test_a_quota_that_is_lowered_below_what_was_used_leaves_nothing_and_is_never_negative(rack: Rack):
    with rack.database.write() as connection:
        quotas.spend(connection, SUBJECT, limited(10), 10)
        with pytest.raises(QuotaExceeded):
            quotas.spend(connection, SUBJECT, limited(5))

        assert quotas.standing(connection, SUBJECT, limited(5)).remaining == 0


def test_subjects_have_months_of_their_own(rack: Rack):
    with rack.database.write() as connection:
        quotas.spend(connection, "signalkey:key_1", limited(1))
        quotas.spend(connection, "signalkey:key_2", limited(1))


@pytest.mark.parametrize("amount", [0, -1])
def test_counting_nothing_or_less_is_a_mistake_in_the_code(rack: Rack, amount: int):
    with pytest.raises(ValueError, match="at least one"), rack.database.write() as connection:
        quotas.spend(connection, SUBJECT, FREE, amount)


def test_the_janitor_keeps_this_month_and_the_last_one(rack: Rack, monkeypatch: pytest.MonkeyPatch):
    for year, month in ((2025, 11), (2026, 10), (2026, 11), (2026, 12), (2027, 1)):
        at(monkeypatch, datetime(year, month, 15, tzinfo=UTC))
        with rack.database.write() as connection:
            quotas.spend(connection, SUBJECT, FREE)

    Janitor(rack.settings, rack.database, rack.store).sweep()

    with rack.database.read() as connection:
        kept = connection.execute(select(monthly_usage.c.month).order_by(monthly_usage.c.month)).scalars().all()
    assert kept == ["2026-12", "2027-01"]
