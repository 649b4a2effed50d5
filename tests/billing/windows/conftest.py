"""The four stores of counters, each as itself and all under one name."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.billing.windows.hands import Hands
from tests.postgresql import Postgresql
from tests.redis import RedisServer, available, started

from soundrack import clock
from soundrack.billing.windows import Windows
from soundrack.billing.windows.memory import MemoryWindows
from soundrack.billing.windows.postgresql import PostgresqlWindows
from soundrack.billing.windows.redis import RedisWindows
from soundrack.billing.windows.sqlite import SqliteWindows
from soundrack.database import Database
from soundrack.database.lookups import Lookups

Run = Callable[[Coroutine[Any, Any, Any]], Any]
SHARED = ["sqlite", "postgresql", "redis"]
PATIENCE_S = 30
"""A busy machine is no reason for a store to be out of reach."""


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    if not available():
        pytest.skip("there is no redis-server or valkey-server; `make test-redis` installs one where it can")
    with started() as server:
        yield server


@pytest.fixture
def redis(redis_server: RedisServer) -> RedisServer:
    """An empty Redis, which a test may stop."""
    redis_server.start()
    redis_server.clear()
    return redis_server


@pytest.fixture
def empty_database(postgresql_server: Postgresql) -> Iterator[str]:
    """The address of a PostgreSQL database that has no table at all."""
    with postgresql_server.database(empty=True) as url:
        yield url


@pytest.fixture
def run() -> Iterator[Run]:
    """Run coroutines, one after another, in one event loop."""
    with asyncio.Runner() as runner:
        yield runner.run


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    held = Hands()
    monkeypatch.setattr(clock, "now", held)
    return held


@pytest.fixture(params=["memory", *SHARED])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def where(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """The address of the store: a fresh one for each test."""
    if kind == "postgresql":
        return str(request.getfixturevalue("empty_database"))
    if kind == "redis":
        return str(request.getfixturevalue("redis").url)
    return str(tmp_path / "limits.db")


@pytest.fixture
def windows(kind: str, where: str, run: Run) -> Iterator[Windows]:
    with opened(kind, where, run) as made:
        yield made


@contextmanager
def opened(kind: str, where: str, run: Run) -> Generator[Any]:
    """Open one of the stores and close whatever it has opened."""
    made: Windows
    if kind == "postgresql":
        with closing(Database(where)) as database:
            lookups = Lookups(database)
            yield PostgresqlWindows(database, lookups, patience_s=PATIENCE_S)
            run(lookups.close())
        return
    if kind == "redis":
        made = RedisWindows(SecretStr(where), patience_s=PATIENCE_S)
    elif kind == "sqlite":
        made = SqliteWindows(Path(where), patience_s=PATIENCE_S)
    else:
        made = MemoryWindows()
    try:
        yield made
    finally:
        run(made.close())
        made.release()
