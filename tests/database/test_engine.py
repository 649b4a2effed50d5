"""Transactions."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, insert, select, text

from soundrack import clock
from soundrack.accounts import people
from soundrack.database import Database
from soundrack.database.tables import accounts
from soundrack.errors import Invalid
from soundrack.rack import Rack, open_rack
from soundrack.settings import Settings
from tests.postgresql import Postgresql


def count(rack: Rack) -> int:
    with rack.database.read() as connection:
        found: int = connection.execute(select(func.count()).select_from(accounts)).scalar_one()
        return found


def test_a_block_that_raises_changes_nothing(rack: Rack):
    def break_off() -> None:
        with rack.database.write() as connection:
            people.create(connection, "a@example.com")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        break_off()

    assert count(rack) == 0


def test_writers_in_parallel_wait_for_each_other_and_lose_nothing(rack: Rack):
    with rack.database.write() as connection:
        people.create(connection, "one@example.com")

    def add_ten() -> None:
        for _ in range(10):
            with rack.database.write() as connection:
                balance = connection.execute(select(accounts.c.credit_balance).with_for_update()).scalar_one()
                connection.execute(accounts.update().values(credit_balance=balance + 1))

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with rack.database.read() as connection:
        assert connection.execute(select(accounts.c.credit_balance)).scalar_one() == 80


def test_a_moment_without_a_zone_is_refused(rack: Rack):
    naive = clock.now().replace(tzinfo=None)

    with pytest.raises(Exception, match="time zone"), rack.database.write() as connection:
        connection.execute(insert(accounts).values(id="a", email="a", credit_balance=0, created_at=naive))


def test_a_moment_comes_back_as_it_went_in(rack: Rack):
    moment = clock.now()
    with rack.database.write() as connection:
        connection.execute(insert(accounts).values(id="a", email="a", credit_balance=0, created_at=moment))

    with rack.database.read() as connection:
        assert connection.execute(select(accounts.c.created_at)).scalar_one() == moment


@pytest.mark.one_database
def test_every_connection_knows_the_time_to_the_millisecond_whatever_its_sqlite(rack: Rack):
    foreign = create_engine("sqlite://")
    with rack.database.read() as ours, foreign.connect() as theirs:
        for connection in (ours, theirs):
            told = connection.execute(text("SELECT unixepoch('subsec')")).scalar_one()
            assert told == pytest.approx(time.time(), abs=5)
    foreign.dispose()


def test_the_database_file_is_in_a_folder_of_its_owner_alone(tmp_path: Path):
    folder = tmp_path / "fresh"
    with open_rack(Settings(data=folder)):
        pass

    assert (folder / "soundrack.db").exists()
    assert folder.stat().st_mode & 0o077 == 0


def test_a_reader_sees_one_moment_and_not_what_is_written_meanwhile(rack: Rack):
    def seen() -> int:
        found: int = reader.execute(select(func.count()).select_from(accounts)).scalar_one()
        return found

    with rack.database.read() as reader:
        before = seen()
        with rack.database.write() as writer:
            people.create(writer, "a@example.com")
        assert (before, seen()) == (0, 0)
    assert count(rack) == 1


def test_a_reader_that_looked_leaves_nothing_to_the_next_writer(rack: Rack):
    for _ in range(3):
        assert count(rack) == 0
    with rack.database.write() as connection:
        people.create(connection, "a@example.com")
    assert count(rack) == 1


def test_text_that_postgresql_cannot_hold_is_the_caller_s_fault(postgresql_server: Postgresql):
    with postgresql_server.database() as url, closing(Database(url)) as database:
        for enter in (database.read, database.write):
            with pytest.raises(Invalid, match="U\\+0000"), enter() as connection:
                connection.execute(select(accounts.c.id).where(accounts.c.email == "a\0@example.com"))
