"""The credit ledger."""

from __future__ import annotations

import threading

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from sqlalchemy import Connection, create_engine, func, select, update
from sqlalchemy.exc import IntegrityError

from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.database.tables import accounts, credit_entries, events, metadata
from soundrack.errors import Invalid, NotEnoughCredits, NotFound
from soundrack.rack import Rack
from soundrack.service import Service

THRESHOLD = 5
LOW = Service.MASTERIFY


def charge(connection: Connection, account_id: str, amount: int, job_id: str) -> None:
    credits.charge(connection, account_id, amount, job_id, service=LOW)


def told(connection: Connection) -> list[dict[str, int]]:
    """Return what the events that were recorded say, the oldest first."""
    return [
        row.data
        for row in connection.execute(select(events.c.data).where(events.c.name == "credits.low").order_by(events.c.id))
    ]


class Ledger(RuleBasedStateMachine):
    """Any order of grants, charges and refunds, with any threshold."""

    charged = Bundle("charged")

    @initialize(threshold=st.integers(0, 30))
    def open_account(self, threshold: int) -> None:
        self.connection = create_engine("sqlite://").connect()
        metadata.create_all(self.connection)
        self.account = people.create(self.connection, "a@example.com").id
        self.connection.execute(update(accounts).values(low_credit_threshold=threshold))
        self.threshold = threshold
        self.jobs = 0
        self.balance = 0
        self.crossings: list[dict[str, int]] = []

    @rule(amount=st.integers(1, 50))
    def grant(self, amount: int) -> None:
        credits.grant(self.connection, self.account, amount, "")
        self.balance += amount

    @rule(target=charged, amount=st.integers(1, 50))
    def charge(self, amount: int) -> tuple[str, int]:
        self.jobs += 1
        job = f"job_{self.jobs}"
        if amount > self.balance:
            with pytest.raises(NotEnoughCredits):
                charge(self.connection, self.account, amount, job)
            return "", 0
        charge(self.connection, self.account, amount, job)
        was, self.balance = self.balance, self.balance - amount
        if was >= self.threshold > self.balance:
            self.crossings.append({"balance": self.balance, "threshold": self.threshold})
        return job, amount

    @rule(charge=consumes(charged))
    def refund(self, charge: tuple[str, int]) -> None:
        job, amount = charge
        if job:
            credits.refund(self.connection, self.account, amount, job)
            self.balance += amount

    @invariant()
    def the_balance_is_the_sum_of_the_rows_and_not_negative(self) -> None:
        rows = self.connection.execute(select(func.coalesce(func.sum(credit_entries.c.amount), 0))).scalar_one()
        assert credits.balance(self.connection, self.account) == rows == self.balance >= 0
        assert credits.audit(self.connection) == []

    @invariant()
    def each_crossing_of_the_threshold_downwards_is_told_once(self) -> None:
        def order(crossing: dict[str, int]) -> list[tuple[str, int]]:
            return sorted(crossing.items())

        assert sorted(told(self.connection), key=order) == sorted(self.crossings, key=order)

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            engine = self.connection.engine
            self.connection.close()
            engine.dispose()


TestLedger = Ledger.TestCase
TestLedger.settings = hypothesis_settings(max_examples=40, stateful_step_count=20, deadline=None)


def test_parallel_charges_never_take_more_than_there_is(rack: Rack, account: Account):
    outcomes: list[bool] = []

    def pay(job: str) -> None:
        try:
            with rack.database.write() as connection:
                charge(connection, account.id, 30, job)
            outcomes.append(True)
        except NotEnoughCredits:
            outcomes.append(False)

    threads = [threading.Thread(target=pay, args=(f"job_{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 10
    assert sorted(outcomes) == [False] * 5 + [True] * 3


@pytest.mark.parametrize("move", [charge, credits.refund])
def test_the_database_itself_refuses_a_second_charge_or_refund_of_a_job(rack: Rack, account: Account, move):
    with rack.database.write() as connection:
        move(connection, account.id, 1, "job_1")

    with pytest.raises(IntegrityError), rack.database.write() as connection:
        move(connection, account.id, 1, "job_1")


def test_the_database_itself_refuses_a_negative_balance(rack: Rack, account: Account):
    with pytest.raises(IntegrityError), rack.database.write() as connection:
        connection.execute(accounts.update().values(credit_balance=-1))


def test_a_charge_that_is_refused_leaves_no_row(rack: Rack, account: Account):
    with pytest.raises(NotEnoughCredits), rack.database.write() as connection:
        charge(connection, account.id, 101, "job_1")

    with rack.database.read() as connection:
        rows = connection.execute(select(credit_entries.c.kind)).scalars().all()
    assert rows == ["grant"]


def test_parallel_charges_tell_once_that_credits_run_low(rack: Rack, account: Account):
    def pay(job: str) -> None:
        with rack.database.write() as connection:
            charge(connection, account.id, 12, job)

    threads = [threading.Thread(target=pay, args=(f"job_{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with rack.database.read() as connection:
        assert told(connection) == [{"balance": 4, "threshold": THRESHOLD}]
        assert connection.execute(select(events.c.account_id, events.c.service)).all() == [(account.id, LOW)]


def test_credits_that_ran_low_and_were_filled_up_are_told_again(rack: Rack, account: Account):
    with rack.database.write() as connection:
        charge(connection, account.id, 96, "job_1")
        charge(connection, account.id, 1, "job_2")
        credits.refund(connection, account.id, 1, "job_2")
        credits.grant(connection, account.id, 1, "")
        charge(connection, account.id, 1, "job_3")

        assert sorted(event["balance"] for event in told(connection)) == [4, 4]


def test_a_charge_that_is_rolled_back_tells_nothing(rack: Rack, account: Account):
    def charge_and_fail() -> None:
        with rack.database.write() as connection:
            charge(connection, account.id, 100, "job_1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        charge_and_fail()

    with rack.database.read() as connection:
        assert told(connection) == []
        assert credits.balance(connection, account.id) == 100


@pytest.mark.parametrize("amount", [0, -1, credits.LARGEST_BALANCE - 99, 10**12])
def test_a_grant_out_of_bounds_is_refused_and_changes_nothing(rack: Rack, account: Account, amount: int):
    with pytest.raises(Invalid, match="credit"), rack.database.write() as connection:
        credits.grant(connection, account.id, amount, "")

    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 100
        assert len(credits.entries(connection, account.id)) == 1


def test_an_account_can_be_filled_to_the_brim_and_a_refund_still_fits(rack: Rack, account: Account):
    with rack.database.write() as connection:
        charge(connection, account.id, 100, "job_1")
        credits.grant(connection, account.id, credits.LARGEST_BALANCE, "")
        credits.refund(connection, account.id, 100, "job_1")

        assert credits.balance(connection, account.id) == credits.LARGEST_BALANCE + 100


def test_a_note_that_is_too_long_is_refused(rack: Rack, account: Account):
    with pytest.raises(Invalid, match="200 characters"), rack.database.write() as connection:
        credits.grant(connection, account.id, 1, "x" * 201)


def test_a_grant_to_nobody_is_refused(rack: Rack):
    with pytest.raises(NotFound, match="No such account"), rack.database.write() as connection:
        credits.grant(connection, "acc_nobody", 1, "")


@pytest.mark.parametrize("move", [charge, credits.refund])
def test_a_movement_in_the_wrong_direction_is_a_mistake_in_the_code(rack: Rack, account: Account, move):
    with pytest.raises(ValueError, match="credits"), rack.database.write() as connection:
        move(connection, account.id, -1, "job_1")


def test_the_ledger_is_read_newest_first_and_page_by_page(rack: Rack, account: Account):
    with rack.database.write() as connection:
        for number in range(1, 6):
            charge(connection, account.id, number, f"job_{number}")
        first = credits.entries(connection, account.id, limit=3)
        second = credits.entries(connection, account.id, limit=3, before=first[-1].id)
        third = credits.entries(connection, account.id, limit=3, before=second[-1].id)

    assert [entry.amount for entry in first + second] == [-5, -4, -3, -2, -1, 100]
    assert third == []
    assert (second[-1].kind, second[-1].note, second[-1].job_id) == ("grant", "for tests", None)
    assert (first[0].kind, first[0].job_id) == ("charge", "job_5")


def test_the_audit_finds_an_account_whose_balance_was_changed_by_hand(rack: Rack, account: Account):
    with rack.database.write() as connection:
        untouched = people.create(connection, "other@example.com")
        assert credits.audit(connection) == []
        connection.execute(update(accounts).where(accounts.c.id == account.id).values(credit_balance=101))
        assert credits.audit(connection) == [credits.Mismatch(account.id, 101, 100)]
        connection.execute(update(accounts).where(accounts.c.id == untouched.id).values(credit_balance=1))

        assert {found.account_id for found in credits.audit(connection)} == {account.id, untouched.id}


def test_the_standing_is_the_balance_and_the_threshold(rack: Rack, account: Account):
    with rack.database.write() as connection:
        connection.execute(update(accounts).values(low_credit_threshold=9))
        charge(connection, account.id, 30, "job_1")

        assert credits.standing(connection, account.id) == credits.Standing(balance=70, low_threshold=9)
        with pytest.raises(NotFound):
            credits.standing(connection, "acc_none")
