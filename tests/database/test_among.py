"""One parameter for many values."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from soundrack.accounts import people
from soundrack.database.among import Among
from soundrack.database.tables import accounts
from soundrack.rack import Rack

FOUND = select(accounts.c.email).where(Among(accounts.c.id, "its_ids")).order_by(accounts.c.email)
CHANGED = update(accounts).where(Among(accounts.c.id, "its_ids"), accounts.c.email != "b@example.com")


def made(rack: Rack) -> list[str]:
    with rack.database.write() as connection:
        return [people.create(connection, f"{name}@example.com").id for name in "abc"]


def found(rack: Rack, its_ids: list[str]) -> list[str]:
    with rack.database.read() as connection:
        return [email[0] for email in connection.execute(FOUND, {"its_ids": its_ids}).scalars()]


def test_those_among_the_values_are_met_and_no_others(rack: Rack):
    ids = made(rack)

    assert found(rack, [ids[2], ids[0], "acc_nobody"]) == ["a", "c"]
    assert found(rack, [ids[1]]) == ["b"]


def test_among_none_there_is_no_row(rack: Rack):
    made(rack)

    assert found(rack, []) == []


def test_values_are_only_values(rack: Rack):
    ids = made(rack)

    assert found(rack, [ids[0], "\"]' OR 1=1 --", "{}", "é\\"]) == ["a"]


def test_it_goes_with_other_conditions_in_an_update(rack: Rack):
    ids = made(rack)
    with rack.database.write() as connection:
        changed = connection.execute(CHANGED.values(email="z@example.com"), {"its_ids": ids[1:]}).rowcount

    assert changed == 1
    assert found(rack, ids) == ["a", "b", "z"]


@pytest.mark.one_database
def test_rows_are_found_by_the_index(rack: Rack):
    with rack.database.read() as connection:
        sql = str(FOUND.compile(dialect=connection.dialect))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", ("[]",)).all()

    assert any("USING INDEX" in step[3] and "(id=?)" in step[3] for step in plan)
