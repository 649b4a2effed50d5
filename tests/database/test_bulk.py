"""Whole rows, many at once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from soundrack.accounts import people
from soundrack.database.bulk import insert_rows
from soundrack.database.tables import events
from soundrack.rack import Rack

AT = datetime(2025, 1, 15, 10, 30, 0, 123_456, tzinfo=UTC)


def rows(account_id: str) -> list[tuple[Any, ...]]:
    return [
        ("evt_1", account_id, "blacklab", "job.completed", None, {"é": ["%s", 1.5]}, AT, None),
        ("evt_2", account_id, "blacklab", "50 % :done", "job_1", {}, AT.astimezone(timezone(timedelta(hours=5))), AT),
    ]


def stored(rack: Rack) -> list[tuple[Any, ...]]:
    with rack.database.read() as connection:
        return [tuple(row) for row in connection.execute(select(events).order_by(events.c.id))]


def owner(rack: Rack) -> str:
    with rack.database.write() as connection:
        return people.create(connection, "a@example.com").id


def test_rows_are_stored_as_by_an_ordinary_insert(rack: Rack):
    given = rows(owner(rack))
    with rack.database.write() as connection:
        insert_rows(connection, events, given)
    found = stored(rack)
    with rack.database.write() as connection:
        connection.execute(events.delete())
        connection.execute(insert(events), [dict(zip(events.c.keys(), row, strict=True)) for row in given])

    assert found == stored(rack) == given


def test_no_rows_are_nothing(rack: Rack):
    with rack.database.write() as connection:
        insert_rows(connection, events, [])

    assert stored(rack) == []


def test_all_rows_or_none(rack: Rack):
    first, second = rows(owner(rack))

    with pytest.raises(IntegrityError), rack.database.write() as connection:
        insert_rows(connection, events, [first, second, first])
    assert stored(rack) == []
