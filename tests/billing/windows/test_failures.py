"""What happens when the shared counters are damaged, held, gone or not to be had."""

from __future__ import annotations

import socket
import sqlite3
from pathlib import Path

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs
from tests.billing.windows.conftest import SHARED, Run, opened
from tests.billing.windows.hands import Hands
from tests.redis import RedisServer

from soundrack.billing import windows as package
from soundrack.billing.windows import Rate, Standing, Windows
from soundrack.billing.windows.fallback import Fallback, OutOfReach
from soundrack.billing.windows.memory import MemoryWindows
from soundrack.billing.windows.postgresql import PostgresqlWindows
from soundrack.billing.windows.redis import RedisWindows
from soundrack.billing.windows.sqlite import SqliteWindows
from soundrack.database import Database
from soundrack.database.lookups import Lookups
from soundrack.errors import NotConfigured
from soundrack.settings import Settings

ONE = Rate(1)


def build(settings: Settings) -> Windows:
    database = Database(settings.database_url)
    return package.build(settings, database, Lookups(database))


class Unreliable(MemoryWindows):
    """Counters that answer only while `up`."""

    def __init__(self) -> None:
        super().__init__()
        self.up = True
        self.asked = 0

    async def hit(self, subject: str, rate: Rate) -> Standing:
        self.asked += 1
        if not self.up:
            raise OutOfReach("the cable is out")
        return await super().hit(subject, rate)

    async def look(self, subject: str, rate: Rate) -> Standing:
        self.asked += 1
        if not self.up:
            raise OutOfReach("the cable is out")
        return await super().look(subject, rate)


class Seconds:
    """The time that passes between tries."""

    def __init__(self) -> None:
        self.passed = 100.0

    def __call__(self) -> float:
        return self.passed


def test_limits_hold_within_the_process_while_the_shared_counters_are_away(hands: Hands, run: Run):
    shared, seconds = Unreliable(), Seconds()
    counters = Fallback(shared, seconds=seconds)
    shared.up = False

    with capture_logs():
        standings = [run(counters.hit("s", Rate(3))) for _ in range(5)]

    assert [standing.allowed for standing in standings] == [True, True, True, False, False]
    assert not run(counters.look("s", Rate(3))).allowed


def test_shared_counters_that_fail_are_tried_once_a_second(hands: Hands, run: Run):
    shared, seconds = Unreliable(), Seconds()
    counters = Fallback(shared, seconds=seconds)
    shared.up = False

    with capture_logs():
        for _ in range(30):
            run(counters.hit("s", Rate(100)))
            run(counters.look("s", Rate(100)))
            seconds.passed += 0.1

    assert shared.asked == 3


def test_shared_counters_are_used_again_as_soon_as_they_answer(hands: Hands, run: Run):
    shared, seconds = Unreliable(), Seconds()
    counters = Fallback(shared, seconds=seconds)
    run(counters.hit("s", ONE))
    with capture_logs() as lines:
        shared.up = False
        run(counters.hit("s", ONE))
        shared.up = True
        seconds.passed += 1.0

        assert not run(counters.hit("s", ONE)).allowed  # they have kept the count

    assert [line["event"] for line in lines] == [
        "rate limits are counted by each process alone",
        "rate limits are counted together again",
    ]


def test_the_log_says_once_a_minute_that_counters_are_away(hands: Hands, run: Run):
    shared, seconds = Unreliable(), Seconds()
    counters = Fallback(shared, seconds=seconds)
    shared.up = False

    with capture_logs() as lines:
        for _ in range(130):
            run(counters.hit("s", Rate(1000)))
            seconds.passed += 1.0

    assert [line["why"] for line in lines] == ["the cable is out"] * 3


@pytest.mark.parametrize("kind", SHARED)
@pytest.mark.parametrize("name", ["x" * 100_000, "nul \0", "half a pair \ud800", "line\nline", ""])
def test_no_subject_that_a_caller_makes_up_puts_the_counters_out_of_reach(kind, where, run: Run, hands, name: str):
    with opened(kind, where, run) as windows, capture_logs() as lines:
        counters = Fallback(windows)
        for subject in (name, name + "x"):
            assert run(counters.hit(subject, ONE)).allowed
            assert not run(counters.hit(subject, ONE)).allowed
            assert not run(counters.look(subject, ONE)).allowed

    assert lines == []


def test_a_damaged_file_is_made_anew(tmp_path: Path, run: Run, hands: Hands):
    path = tmp_path / "limits.db"
    path.write_bytes(b"this was never a database" * 400)
    windows = SqliteWindows(path)

    with pytest.raises(OutOfReach, match="not a database"):
        run(windows.hit("s", ONE))

    assert run(windows.hit("s", ONE)).allowed
    assert not run(windows.hit("s", ONE)).allowed
    run(windows.close())


def test_a_file_that_lost_a_moment_in_a_power_cut_is_made_anew(tmp_path: Path, run: Run, hands: Hands):
    path = tmp_path / "limits.db"
    windows = SqliteWindows(path)
    run(windows.hit("s", ONE))
    with sqlite3.connect(path) as other:
        other.execute("DELETE FROM moments")
    other.close()

    with pytest.raises(OutOfReach, match="a moment is missing"):
        run(windows.hit("s", ONE))

    assert run(windows.hit("s", ONE)).allowed
    run(windows.close())


def test_a_file_of_another_version_is_made_anew(tmp_path: Path, run: Run, hands: Hands):
    path = tmp_path / "limits.db"
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 99")
    other.close()
    windows = SqliteWindows(path)

    with pytest.raises(OutOfReach, match="version is 99"):
        run(windows.hit("s", ONE))

    assert run(windows.hit("s", ONE)).allowed
    run(windows.close())


@pytest.mark.parametrize("replaced", [True, False])
def test_processes_count_together_again_after_the_file_was_replaced(tmp_path: Path, run: Run, hands, replaced: bool):
    path = tmp_path / "limits.db"
    one, other = SqliteWindows(path), SqliteWindows(path)
    run(one.hit("s", Rate(1000)))
    for end in ("", "-wal", "-shm"):
        path.with_name(path.name + end).unlink()
    if replaced:
        run(other.hit("s", Rate(1000)))

    for _ in range(200):
        run(one.hit("s", Rate(1000)))
        run(other.hit("s", Rate(1000)))

    assert run(one.look("s", Rate(1000))) == run(other.look("s", Rate(1000)))
    run(one.close())
    run(other.close())


def test_a_file_that_another_process_does_not_let_go_of_is_given_up(tmp_path: Path, run: Run, hands: Hands):
    path = tmp_path / "limits.db"
    windows = SqliteWindows(path, patience_s=0.01)
    run(windows.hit("s", ONE))
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    with pytest.raises(OutOfReach, match="held"):
        run(windows.hit("s", Rate(5)))
    assert run(windows.look("s", Rate(5))).remaining == 4  # looking needs no lock

    holder.execute("ROLLBACK")
    holder.close()
    assert run(windows.hit("s", Rate(5))).allowed
    run(windows.close())


def test_a_folder_that_is_gone_is_told_and_leaves_the_process_counting(tmp_path: Path, run: Run, hands: Hands):
    windows = Fallback(SqliteWindows(tmp_path / "gone" / "limits.db"))

    with capture_logs() as lines:
        assert run(windows.hit("s", ONE)).allowed
        assert not run(windows.hit("s", ONE)).allowed

    assert [line["why"] for line in lines] == ["limits.db: unable to open database file"]


def test_counting_needs_no_more_than_the_file_and_its_log(tmp_path: Path, run: Run, hands: Hands):
    windows = SqliteWindows(tmp_path / "limits.db")
    run(windows.hit("s", ONE))

    run(windows.close())

    assert [path.name for path in tmp_path.iterdir()] == ["limits.db"]


@pytest.mark.parametrize("kind", ["postgresql"])
def test_tables_that_somebody_dropped_are_made_again(kind: str, where: str, run: Run, hands: Hands):
    with opened(kind, where, run) as windows:
        run(windows.hit("s", ONE))
        with windows._database.write() as connection:
            connection.exec_driver_sql("DROP TABLE request_logs, request_moments")
            connection.exec_driver_sql(f"DROP FUNCTION soundrack_sweep_{windows._version}(bigint)")

        with pytest.raises(OutOfReach, match="UndefinedTableError"):
            run(windows.hit("s", ONE))

        assert run(windows.hit("s", ONE)).allowed


def test_a_postgresql_that_is_away_is_told_without_its_address(run: Run, hands: Hands, tmp_path: Path):
    database = Database(f"postgresql+psycopg://someone:hidden@/nothing?host={tmp_path}")
    windows = PostgresqlWindows(database, Lookups(database))

    with pytest.raises(OutOfReach) as told:
        run(windows.hit("s", ONE))

    assert "hidden" not in str(told.value)
    assert str(tmp_path) not in str(told.value)
    run(windows.close())
    database.close()


@pytest.mark.parametrize("kind", ["redis"])
def test_a_redis_that_lost_the_script_is_sent_it_again(kind: str, where: str, redis: RedisServer, run: Run, hands):
    with opened(kind, where, run) as windows:
        run(windows.hit("s", Rate(2)))
        redis.forget_scripts()

        assert run(windows.hit("s", Rate(2))).remaining == 0


@pytest.mark.parametrize("kind", ["redis"])
def test_a_redis_that_comes_back_is_used_again(kind: str, where: str, redis: RedisServer, run: Run, hands: Hands):
    with opened(kind, where, run) as windows:
        run(windows.hit("s", ONE))
        redis.stop()
        with pytest.raises(OutOfReach, match="ConnectionError"):
            run(windows.hit("s", ONE))
        redis.start()

        assert run(windows.hit("s", ONE)).allowed
        assert not run(windows.hit("s", ONE)).allowed


def test_a_redis_that_never_answers_is_given_up_without_its_password(run: Run, hands: Hands):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        windows = RedisWindows(SecretStr(f"redis://:hidden@127.0.0.1:{silent.getsockname()[1]}/0"))

        with pytest.raises(OutOfReach) as told:
            run(windows.hit("s", ONE))

        assert "hidden" not in str(told.value)
        run(windows.close())


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:6379", "redis", "redis://127.0.0.1:port", "redis://h:1/0?socket_timeout=x"]
)
def test_an_address_that_is_not_that_of_a_redis_is_refused_at_the_start(url: str, tmp_path: Path):
    settings = Settings(data=tmp_path, redis_url=SecretStr(url))

    with pytest.raises(NotConfigured, match="SOUNDRACK_REDIS_URL must be"):
        build(settings)


@pytest.mark.parametrize(
    ("database", "redis", "store"),
    [
        ("", "", SqliteWindows),
        ("postgresql+psycopg://postgres@/x?host=/nowhere", "", PostgresqlWindows),
        ("", "redis://127.0.0.1:1/0", RedisWindows),
        ("postgresql+psycopg://postgres@/x?host=/nowhere", "rediss://127.0.0.1:1/0", RedisWindows),
    ],
)
def test_the_settings_say_where_requests_are_counted(tmp_path: Path, database: str, redis: str, store: type):
    settings = Settings(data=tmp_path, database_url=database, redis_url=SecretStr(redis))

    counters = build(settings)

    assert isinstance(counters, Fallback)
    assert isinstance(counters.shared, store)
    assert list(tmp_path.iterdir()) == []  # nothing is opened before it is used
