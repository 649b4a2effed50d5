"""Jobs a page at a time: every job once, in one order, and as quick in a long history as in a short one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as run_with
from hypothesis import strategies as st
from sqlalchemy import Connection, delete, insert, text, update

from soundrack import ids
from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.database.tables import jobs
from soundrack.errors import Invalid
from soundrack.jobs import listing
from soundrack.jobs.record import Status
from soundrack.rack import Rack
from soundrack.service import Service

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


def store(
    connection: Connection,
    account_id: str,
    seconds: list[int],
    *,
    status: Status = Status.COMPLETED,
    service: Service = Service.BLACKLAB,
) -> list[str]:
    """Store a job for each of the seconds after noon, and return their ids."""
    rows: list[dict[str, Any]] = [
        {
            "id": ids.short("job_"),
            "account_id": account_id,
            "service": service,
            "kind": "master",
            "status": status,
            "parameters": {},
            "work_s": 1.0,
            "credits_charged": 0,
            "request_id": "req_1",
            "created_at": NOON + timedelta(seconds=second),
        }
        for second in seconds
    ]
    if rows:
        connection.execute(insert(jobs), rows)
    return [row["id"] for row in rows]


def walk(connection: Connection, account_id: str, limit: int, **choices: Any) -> list[str]:
    """Return the ids on all pages."""
    found: list[str] = []
    more = True
    while more:
        after = found[-1] if found else None
        page = listing.page(
            connection, account_id=account_id, service=Service.BLACKLAB, starting_after=after, limit=limit, **choices
        )
        assert len(page.jobs) <= limit
        assert page.jobs or not page.has_more
        found += [job.id for job in page.jobs]
        more = page.has_more
    return found


@run_with(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seconds=st.lists(st.integers(0, 3), max_size=12), limit=st.integers(1, 5))
def test_all_pages_together_hold_every_job_once_the_newest_first(
    rack: Rack, account: Account, seconds: list[int], limit: int
):
    with rack.database.write() as connection:
        made = store(connection, account.id, seconds)
        found = walk(connection, account.id, limit)
        connection.execute(delete(jobs))

    when = dict(zip(made, seconds, strict=True))
    assert sorted(found) == sorted(made)
    assert found == sorted(found, key=lambda one: (when[one], one), reverse=True)


def test_jobs_that_arrive_or_end_between_two_pages_shift_nothing(rack: Rack, account: Account):
    with rack.database.write() as connection:
        made = store(connection, account.id, [1, 2, 3, 4], status=Status.QUEUED)
        first = listing.page(connection, account_id=account.id, service=Service.BLACKLAB, status=Status.QUEUED, limit=2)
        store(connection, account.id, [5, 6], status=Status.QUEUED)
        connection.execute(update(jobs).where(jobs.c.id == made[2]).values(status=Status.COMPLETED))
        second = listing.page(
            connection,
            account_id=account.id,
            service=Service.BLACKLAB,
            status=Status.QUEUED,
            starting_after=made[2],
            limit=2,
        )

    assert [job.id for job in first.jobs] == [made[3], made[2]]
    assert [job.id for job in second.jobs] == [made[1], made[0]]
    assert (first.has_more, second.has_more) == (True, False)


def test_a_list_holds_one_account_s_jobs_at_one_service(rack: Rack, account: Account):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        mine = store(connection, account.id, [1])
        theirs = store(connection, other.id, [2])
        elsewhere = store(connection, account.id, [3], service=Service.MASTERIFY)

        assert walk(connection, account.id, 10) == mine
        for stranger in (*theirs, *elsewhere, "job_000000000000", "", "job_\0", "x" * 500):
            with pytest.raises(Invalid) as refused:
                listing.page(
                    connection, account_id=account.id, service=Service.BLACKLAB, starting_after=stranger, limit=1
                )
            assert refused.value.field == "starting_after"


@pytest.mark.parametrize("status", [None, Status.FAILED], ids=["all", "one status"])
@pytest.mark.parametrize("place", [None, 2000], ids=["first page", "in the middle"])
def test_a_page_is_read_straight_off_an_index(rack: Rack, account: Account, status: Status | None, place: int | None):
    with rack.database.write() as connection:
        made = store(connection, account.id, list(range(4000)), status=Status.FAILED)
        store(connection, account.id, list(range(50)), status=Status.COMPLETED)
        store(connection, account.id, list(range(4000, 8000)), service=Service.MASTERIFY)
        connection.execute(text("ANALYZE"))
    plans: list[str] = []

    with rack.database.read() as connection:
        real = connection.execute

        def explained(statement: Any, *arguments: Any, **options: Any) -> Any:
            if arguments:
                return real(statement, *arguments, **options)  # the job that the page begins after, by its id
            compiled = statement.compile(connection, compile_kwargs={"literal_binds": True})
            is_sqlite = connection.dialect.name == "sqlite"
            how = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (ANALYZE, FORMAT JSON)"
            rows = connection.exec_driver_sql(f"{how} {str(compiled).replace('%', '%%')}").all()
            plans.append("\n".join(row[-1] for row in rows) if is_sqlite else json.dumps(rows[0][0]))
            return real(statement, *arguments, **options)

        connection.execute = explained  # type: ignore[method-assign]
        page = listing.page(
            connection,
            account_id=account.id,
            service=Service.BLACKLAB,
            status=status,
            starting_after=None if place is None else made[place],
        )

    assert len(page.jobs) == listing.USUAL_PAGE
    if rack.settings.database_url.startswith("sqlite"):
        assert re.search(r"SEARCH jobs USING INDEX ix_jobs_account_id_service_\w+ ", plans[-1])
        assert "TEMP B-TREE" not in plans[-1]
    else:  # which of the indexes it takes is its own choice; that it reads no more than a page, is not
        assert 0 < max(rows_read(json.loads(plans[-1])[0]["Plan"])) <= 2 * listing.USUAL_PAGE


def rows_read(node: dict[str, Any]) -> Iterator[int]:
    """How many rows each part of a plan gave or threw away."""
    yield int(node["Actual Rows"]) + int(node.get("Rows Removed by Filter", 0))
    for inner in node.get("Plans", ()):
        yield from rows_read(inner)
