"""The credits that plans grant each month."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import update

from soundrack import clock
from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.billing import credits, renewals
from soundrack.billing.plans import Plans
from soundrack.billing.subscriptions import subscribe
from soundrack.database.tables import accounts
from soundrack.jobs.janitor import Janitor
from soundrack.rack import Rack
from soundrack.service import Service

PLANS = Plans.documented()
PRO = PLANS.of(Service.BLACKLAB, "pro").credits_per_month
FREE = PLANS.of(Service.BLACKLAB, "free").credits_per_month


@pytest.fixture
def november(monkeypatch: pytest.MonkeyPatch) -> None:
    at(monkeypatch, 11)


def at(monkeypatch: pytest.MonkeyPatch, month: int, day: int = 15) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, month, day, 10, tzinfo=UTC))


def give(rack: Rack, account: Account, service: Service, plan: str) -> None:
    with rack.database.write() as connection:
        subscribe(connection, account.id, service, plan)


def renew(rack: Rack, plans: Plans = PLANS) -> int:
    with rack.database.write() as connection:
        return renewals.renew(connection, plans)


def gained(rack: Rack, account: Account) -> int:
    with rack.database.read() as connection:
        assert credits.audit(connection) == []
        return credits.balance(connection, account.id) - 100


def test_a_subscription_has_its_credits_once_a_month(rack: Rack, account: Account, monkeypatch: pytest.MonkeyPatch):
    give(rack, account, Service.BLACKLAB, "pro")
    for month in (10, 11, 12):
        at(monkeypatch, month, 1)
        assert [renew(rack), renew(rack)] == [1, 0]
        at(monkeypatch, month, 28)
        assert renew(rack) == 0

    assert gained(rack, account) == 3 * PRO


def test_each_service_grants_for_itself(rack: Rack, account: Account, november: None):
    give(rack, account, Service.BLACKLAB, "pro")
    give(rack, account, Service.SOUNDPIECE, "standard")
    give(rack, account, Service.AUDIOLIB, "paid")

    assert renew(rack) == 2

    assert gained(rack, account) == PRO + PLANS.of(Service.SOUNDPIECE, "standard").credits_per_month
    with rack.database.read() as connection:
        notes = {entry.note for entry in credits.entries(connection, account.id)}
    assert notes == {"for tests", "blacklab Pro, 2026-11", "soundpiece Standard, 2026-11"}


def test_a_subscription_taken_up_in_mid_month_has_the_month_in_full(rack: Rack, account: Account, november: None):
    assert renew(rack) == 0
    give(rack, account, Service.BLACKLAB, "pro")

    assert renew(rack) == 1
    assert gained(rack, account) == PRO


def test_changing_the_plan_in_mid_month_grants_nothing_again(rack: Rack, account: Account, monkeypatch):
    at(monkeypatch, 11)
    for plan in ("free", "pro", "enterprise", "free", "pro"):
        give(rack, account, Service.BLACKLAB, plan)
        renew(rack)
    assert gained(rack, account) == FREE

    at(monkeypatch, 12)
    renew(rack)

    assert gained(rack, account) == FREE + PRO


def test_processes_that_renew_at_once_grant_once(rack: Rack, account: Account, november: None):
    with rack.database.write() as connection:
        others = [people.create(connection, f"p{n}@example.com") for n in range(20)]
    for somebody in [account, *others]:
        give(rack, somebody, Service.BLACKLAB, "pro")
        give(rack, somebody, Service.MASTERIFY, "studio")
    granted: list[int] = []

    threads = [threading.Thread(target=lambda: granted.append(renew(rack))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(granted) == 42
    assert gained(rack, account) == PRO + PLANS.of(Service.MASTERIFY, "studio").credits_per_month


def test_the_janitor_renews_for_everybody_however_many(rack: Rack, monkeypatch: pytest.MonkeyPatch, november: None):
    monkeypatch.setattr(renewals, "_AT_ONCE", 7)
    with rack.database.write() as connection:
        many = [people.create(connection, f"p{n}@example.com").id for n in range(20)]
        for account_id in many:
            subscribe(connection, account_id, Service.BLACKLAB, "pro")

    Janitor(rack.settings, rack.database, rack.store).sweep()

    with rack.database.read() as connection:
        assert {credits.balance(connection, account_id) for account_id in many} == {PRO}


def test_an_account_without_a_subscription_is_granted_nothing(rack: Rack, account: Account, november: None):
    assert renew(rack) == 0


def test_a_suspended_account_is_granted_nothing_until_it_is_back(rack: Rack, account: Account, november: None):
    give(rack, account, Service.BLACKLAB, "pro")
    with rack.database.write() as connection:
        connection.execute(update(accounts).values(suspended_at=clock.now()))
    assert renew(rack) == 0

    with rack.database.write() as connection:
        connection.execute(update(accounts).values(suspended_at=None))

    assert renew(rack) == 1


def test_an_account_without_room_holds_up_nobody(rack: Rack, account: Account, november: None):
    give(rack, account, Service.BLACKLAB, "pro")
    with rack.database.write() as connection:
        credits.grant(connection, account.id, credits.LARGEST_BALANCE - 100, "")
        other = people.create(connection, "other@example.com")
    give(rack, other, Service.BLACKLAB, "pro")

    assert renew(rack) == 1

    with rack.database.read() as connection:
        assert credits.balance(connection, other.id) == PRO


def test_a_plan_that_the_file_no_longer_has_grants_what_the_lowest_does(rack: Rack, account: Account, november: None):
    give(rack, account, Service.BLACKLAB, "gone")

    assert renew(rack) == 1
    assert gained(rack, account) == FREE


def test_plans_without_credits_grant_nothing(rack: Rack, account: Account, november: None, tmp_path: Path):
    lines = [line for line in PLANS.to_toml().splitlines() if not line.startswith("credits_per_month")]
    for service in Service:
        give(rack, account, service, PLANS.highest(service).name)

    assert renew(rack, Plans.parse("\n".join(lines), "none.toml")) == 0
