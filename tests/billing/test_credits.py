"""The credit ledger."""

from __future__ import annotations

import threading

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from sqlalchemy import create_engine, func, select
from sqlalchemy.exc import IntegrityError

from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.database.tables import accounts, credit_entries, metadata
from soundrack.errors import NotEnoughCredits
from soundrack.rack import Rack


class Ledger(RuleBasedStateMachine):
    """Any order of grants, charges and refunds."""

    charged = Bundle("charged")

    @initialize()
    def open_account(self) -> None:
        self.connection = create_engine("sqlite://").connect()
        metadata.create_all(self.connection)
        self.account = people.create(self.connection, "a@example.com").id
        self.jobs = 0
        self.balance = 0

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
                credits.charge(self.connection, self.account, amount, job)
            return "", 0
        credits.charge(self.connection, self.account, amount, job)
        self.balance -= amount
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

    def teardown(self) -> None:
        if hasattr(self, "connection"):
            engine = self.connection.engine
            self.connection.close()
            engine.dispose()


TestLedger = Ledger.TestCase
TestLedger.settings = hypothesis_settings(max_examples=30, stateful_step_count=20, deadline=None)


def test_parallel_charges_never_take_more_than_there_is(rack: Rack, account: Account):
    outcomes: list[bool] = []

    def charge(job: str) -> None:
        try:
            with rack.database.write() as connection:
                credits.charge(connection, account.id, 30, job)
            outcomes.append(True)
        except NotEnoughCredits:
            outcomes.append(False)

    threads = [threading.Thread(target=charge, args=(f"job_{n}",)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with rack.database.read() as connection:
        assert credits.balance(connection, account.id) == 10
    assert sorted(outcomes) == [False] * 5 + [True] * 3


@pytest.mark.parametrize("move", [credits.charge, credits.refund])
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
        credits.charge(connection, account.id, 101, "job_1")

    with rack.database.read() as connection:
        rows = connection.execute(select(credit_entries.c.kind)).scalars().all()
    assert rows == ["grant"]
