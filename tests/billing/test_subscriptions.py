"""Which plan an account has."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.billing.plans import Plans
from soundrack.database import tables
from soundrack.rack import Rack
from soundrack.service import Service

PLANS = Plans.documented()


@pytest.mark.parametrize("service", Service)
def test_an_account_that_was_given_no_plan_has_the_lowest(rack: Rack, account: Account, service: Service):
    with rack.database.read() as connection:
        assert subscriptions.plan_of(connection, PLANS, account.id, service) == PLANS.default(service)


def test_a_plan_that_the_file_no_longer_has_counts_as_the_lowest_and_is_told(rack: Rack, account: Account):
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, Service.BLACKLAB, "gone")
        subscriptions.subscribe(connection, account.id, Service.MASTERIFY, "pro")

        assert subscriptions.plan_of(connection, PLANS, account.id, Service.BLACKLAB).name == "free"
        assert subscriptions.stray(connection, PLANS) == [(account.id, Service.BLACKLAB, "gone")]


def test_a_subscription_replaces_the_one_before_and_holds_at_one_service(rack: Rack, account: Account):
    with rack.database.write() as connection:
        for plan in ("free", "enterprise", "pro"):
            subscriptions.subscribe(connection, account.id, Service.BLACKLAB, plan)

        assert subscriptions.plan_of(connection, PLANS, account.id, Service.BLACKLAB).name == "pro"
        assert subscriptions.plan_of(connection, PLANS, account.id, Service.MASTERIFY).name == "free"


def test_subscribing_to_the_same_plan_again_changes_nothing(rack: Rack, account: Account, monkeypatch):
    moments = [datetime(2026, 11, day, tzinfo=UTC) for day in (1, 2, 3)]
    seen = []
    for moment, plan in zip(moments, ("pro", "pro", "free"), strict=True):
        monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
        with rack.database.write() as connection:
            subscriptions.subscribe(connection, account.id, Service.BLACKLAB, plan)
            seen.append(connection.execute(select(tables.subscriptions.c.since)).scalar_one())

    assert seen == [moments[0], moments[0], moments[2]]


def test_the_first_account_can_be_given_the_highest_plan_everywhere(rack: Rack, account: Account):
    with rack.database.write() as connection:
        subscriptions.subscribe_highest(connection, PLANS, account.id)

        names = [subscriptions.plan_of(connection, PLANS, account.id, service).name for service in Service]

    assert names == ["enterprise", "studio", "enterprise", "paid", "enterprise"]
