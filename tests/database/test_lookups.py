"""Statements straight on the driver: what comes back, and what happens when things end or break."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Integer, bindparam, func, insert, literal_column, select, update
from sqlalchemy.sql.base import Executable

from soundrack import clock
from soundrack.accounts.people import Account
from soundrack.database import Database
from soundrack.database.lookups import Lookups
from soundrack.database.tables import accounts, jobs
from soundrack.rack import Rack

_BY_ID = select(accounts.c.id, accounts.c.email, accounts.c.created_at, accounts.c.suspended_at, accounts.c.is_admin)
BY_ID = _BY_ID.where(accounts.c.id == bindparam("id"))
SUSPEND = update(accounts).where(accounts.c.id == bindparam("key")).values(suspended_at=bindparam("at"))
RESTORE = update(accounts).where(accounts.c.id == bindparam("key")).values(suspended_at=None)
RESULT = {"after": {"rate_hz": 44_100, "lufs": -14.25, "words": ["é", None, True]}}


def run(act: Callable[[Lookups], Awaitable[Any]], rack: Rack) -> Any:
    """Act in an event loop of its own, and give back what that opened."""

    async def act_and_close() -> Any:
        try:
            return await act(rack.lookups)
        finally:
            await rack.lookups.close()

    return asyncio.run(act_and_close())


def job(rack: Rack, account: Account, **values: Any) -> None:
    row = {
        "id": "job_1",
        "account_id": account.id,
        "service": "blacklab",
        "kind": "master",
        "status": "completed",
        "parameters": {"preset": "loud", "rate_hz": None},
        "work_s": 1.5,
        "credits_charged": 1,
        "request_id": "r",
        "created_at": clock.now(),
        "result": RESULT,
    }
    with rack.database.write() as connection:
        connection.execute(insert(jobs).values(**row | values))


def test_what_anybody_commits_is_seen_by_the_next_lookup_and_not_before_it_is_committed(rack: Rack, account: Account):
    async def act(lookups: Lookups) -> list[Any]:
        asked = lookups.prepare(BY_ID)
        seen = [await lookups.first(asked, id=account.id), await lookups.first(asked, id=account.id)]
        with rack.database.write() as connection:
            connection.execute(SUSPEND, {"key": account.id, "at": clock.now()})
            seen.append(await lookups.first(asked, id=account.id))
        seen.append(await lookups.first(asked, id=account.id))
        assert await lookups.run(lookups.prepare(RESTORE), key=account.id) == 1
        seen.append(await lookups.first(asked, id=account.id))
        return [row and row.suspended_at is not None for row in seen]

    assert run(act, rack) == [False, False, False, True, False]


def test_that_there_is_no_row_is_not_remembered_longer_than_it_is_true(rack: Rack):
    async def act(lookups: Lookups) -> list[Any]:
        asked = lookups.prepare(BY_ID)
        seen = [await lookups.first(asked, id="acc_later")]
        with rack.database.write() as connection:
            connection.execute(
                insert(accounts).values(id="acc_later", email="later@example.com", created_at=clock.now())
            )
        seen.append(await lookups.first(asked, id="acc_later"))
        return [row is not None for row in seen]

    assert run(act, rack) == [False, True]


def test_more_rows_than_are_remembered_come_back_right(rack: Rack, account: Account):
    async def act(lookups: Lookups) -> list[Any]:
        asked = lookups.prepare(select(accounts.c.email, bindparam("number", type_=Integer).label("number")))
        rows = [await lookups.first(asked, number=number) for number in range(5000)]
        return [row and row.number for row in rows]

    assert run(act, rack) == [*range(5000)]


def test_a_row_is_made_into_what_was_asked_for(rack: Rack, account: Account):
    async def act(lookups: Lookups) -> Any:
        asked = lookups.prepare(select(accounts.c.id, accounts.c.email), lambda *values: " ".join(values))
        return await lookups.first(asked)

    assert run(act, rack) == f"{account.id} {account.email}"


def test_a_row_comes_back_as_sqlalchemy_would_give_it(rack: Rack, account: Account):
    job(rack, account)
    statement = select(jobs).where(jobs.c.id == bindparam("id"))
    with rack.database.read() as connection:
        expected = connection.execute(statement, {"id": "job_1"}).one()

    row = run(lambda lookups: lookups.first(lookups.prepare(statement), id="job_1"), rack)

    assert row._fields == expected._fields
    assert tuple(row) == tuple(expected)
    assert [type(value) for value in row] == [type(value) for value in expected]
    assert row.result == RESULT


def test_moments_are_aware_and_nothing_stays_nothing(rack: Rack, account: Account):
    row = run(lambda lookups: lookups.first(lookups.prepare(BY_ID), id=account.id), rack)

    assert row.created_at.utcoffset() == timedelta(0)
    assert abs(row.created_at - clock.now()) < timedelta(minutes=1)
    assert row.suspended_at is None
    assert row.is_admin is False


def test_where_there_is_no_row_there_is_none(rack: Rack):
    assert run(lambda lookups: lookups.first(lookups.prepare(BY_ID), id="acc_nobody"), rack) is None


def test_numbers_that_the_database_computes_are_python_s_own(rack: Rack, account: Account):
    job(rack, account)
    statement: Executable = select(
        func.count().label("count"), func.sum(jobs.c.work_s).label("work_s"), literal_column("'a'").label("letter")
    ).select_from(jobs)

    row = run(lambda lookups: lookups.first(lookups.prepare(statement)), rack)

    assert tuple(row) == (1, 1.5, "a")
    assert [type(value) for value in row] == [int, float, str]


def test_a_change_is_committed_and_counted(rack: Rack, account: Account):
    at = clock.now()

    changed = run(lambda lookups: lookups.run(lookups.prepare(SUSPEND), key=account.id, at=at), rack)
    missed = run(lambda lookups: lookups.run(lookups.prepare(SUSPEND), key="acc_nobody", at=at), rack)

    assert (changed, missed) == (1, 0)
    with rack.database.read() as connection:
        assert connection.execute(select(accounts.c.suspended_at)).scalar_one() == at


def test_what_another_transaction_commits_is_seen_at_once(rack: Rack, account: Account):
    async def look_twice(lookups: Lookups) -> tuple[Any, Any]:
        prepared = lookups.prepare(BY_ID)
        before: Any = await lookups.first(prepared, id=account.id)
        with rack.database.write() as connection:
            connection.execute(SUSPEND, {"key": account.id, "at": clock.now()})
        after: Any = await lookups.first(prepared, id=account.id)
        return before.suspended_at, after.suspended_at

    before, after = run(look_twice, rack)

    assert before is None
    assert after is not None


def test_a_statement_is_compiled_once(rack: Rack):
    assert rack.lookups.prepare(BY_ID) is rack.lookups.prepare(BY_ID)


def test_lists_and_defaults_made_in_python_are_refused_when_prepared(rack: Rack):
    with pytest.raises(ValueError, match="lists"):
        rack.lookups.prepare(select(jobs.c.id).where(jobs.c.status.in_(["queued", "processing"])))
    with pytest.raises(ValueError, match="defaults"):
        rack.lookups.prepare(insert(accounts).values(id=bindparam("id")))


def test_a_parameter_that_is_missing_is_an_error_and_not_null(rack: Rack):
    with pytest.raises(KeyError):
        run(lambda lookups: lookups.first(lookups.prepare(BY_ID)), rack)


def test_a_statement_that_fails_leaves_the_next_one_unharmed(rack: Rack, account: Account):
    """More failures than a pool has connections, so that one that was lost would be missed."""

    async def fail_and_look(lookups: Lookups) -> Any:
        broken = lookups.prepare(select(literal_column("nothing_of_this_name")))
        for _ in range(20):
            with pytest.raises(Exception, match="nothing_of_this_name"):
                await lookups.first(broken)
        return await lookups.first(lookups.prepare(BY_ID), id=account.id)

    assert run(fail_and_look, rack).id == account.id


def test_many_at_once_and_given_up_in_the_middle_lose_no_connection(rack: Rack, account: Account):
    async def crowd(lookups: Lookups) -> list[Any]:
        prepared = lookups.prepare(BY_ID)
        impatient = [asyncio.create_task(lookups.first(prepared, id=account.id)) for _ in range(50)]
        await asyncio.sleep(0)
        for task in impatient:
            task.cancel()
        await asyncio.gather(*impatient, return_exceptions=True)
        return list(await asyncio.gather(*(lookups.first(prepared, id=account.id) for _ in range(50))))

    assert {row.id for row in run(crowd, rack)} == {account.id}


def test_one_event_loop_after_another_may_use_it(rack: Rack, account: Account):
    for _ in range(3):
        assert run(lambda lookups: lookups.first(lookups.prepare(BY_ID), id=account.id), rack).id == account.id


def test_event_loops_in_several_threads_may_use_it_at_the_same_time(rack: Rack, account: Account):
    found: list[Any] = []
    everybody = threading.Barrier(3)

    async def look_often() -> None:
        prepared = rack.lookups.prepare(BY_ID)
        rows: list[Any] = [await rack.lookups.first(prepared, id=account.id) for _ in range(50)]
        found.extend(row.id for row in rows)
        await asyncio.to_thread(everybody.wait)
        await rack.lookups.close()

    threads = [threading.Thread(target=lambda: asyncio.run(look_often())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [account.id] * 150


def test_a_lookup_cannot_write(rack: Rack, account: Account):
    if rack.database.url.startswith("postgresql"):
        pytest.skip("PostgreSQL has one pool for both")

    with pytest.raises(Exception, match="readonly"):
        run(
            lambda lookups: lookups.first(
                lookups.prepare(SUSPEND.returning(accounts.c.id)), key=account.id, at=clock.now()
            ),
            rack,
        )


def test_a_database_that_is_not_there_is_an_error_and_is_tried_again(rack: Rack):
    nowhere = Lookups(Database("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1"))

    async def look_twice() -> None:
        for _ in range(2):
            with pytest.raises(ConnectionRefusedError):
                await nowhere.first(nowhere.prepare(BY_ID), id="x")
        await nowhere.close()

    asyncio.run(look_twice())


def test_many_that_are_looked_up_at_once_get_each_their_own_row_or_none(rack: Rack, account: Account):
    for number in range(0, 40, 2):
        job(rack, account, id=f"job_{number}", request_id=f"r{number}")
    statement = select(jobs.c.id, jobs.c.request_id, jobs.c.result).where(
        jobs.c.id == bindparam("id"), jobs.c.created_at <= bindparam("at")
    )

    async def crowd(lookups: Lookups) -> list[Any]:
        prepared, at = lookups.prepare(statement), clock.now()
        return list(await asyncio.gather(*(lookups.first(prepared, id=f"job_{n}", at=at) for n in range(40))))

    rows = run(crowd, rack)

    assert [row and row.request_id for row in rows] == [None if n % 2 else f"r{n}" for n in range(40)]
    assert rows[0].result == RESULT


def test_the_first_of_several_rows_is_the_answer_also_among_many(rack: Rack, account: Account):
    for number in range(3):
        job(rack, account, id=f"job_{number}", work_s=float(number))
    statement = select(jobs.c.id).where(jobs.c.service == bindparam("service")).order_by(jobs.c.work_s.desc())

    async def crowd(lookups: Lookups) -> list[Any]:
        prepared = lookups.prepare(statement)
        return list(await asyncio.gather(*(lookups.first(prepared, service="blacklab") for _ in range(3))))

    assert [row.id for row in run(crowd, rack)] == ["job_2"] * 3


def test_what_no_database_can_take_harms_nobody_who_asks_at_the_same_time(rack: Rack, account: Account):
    async def crowd(lookups: Lookups) -> list[Any]:
        prepared = lookups.prepare(BY_ID)
        asked = [account.id, "\0", account.id, "\ud800", account.id]
        return list(await asyncio.gather(*(lookups.first(prepared, id=one) for one in asked), return_exceptions=True))

    found = run(crowd, rack)

    assert [row.id for row in found[::2]] == [account.id] * 3
    assert all(row is None or isinstance(row, Exception) for row in found[1::2])
