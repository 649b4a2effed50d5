"""What tests of the platform stand on: a rack on a fresh folder and database, without a worker.

Tests of what the database decides run twice, on SQLite and on a real PostgreSQL: those of the folders below, unless
they are marked `one_database`. Every other test has SQLite.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import structlog

from soundrack import logs
from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.rack import Rack, open_rack
from soundrack.settings import Settings
from tests import postgresql, statements
from tests.postgresql import Postgresql

HERE = Path(__file__).parent
MEMORY, ROOM_BYTES = "/dev/shm", 4 * 2**30
ON_BOTH = (
    "accounts",
    "billing",
    "contracts",
    "dashboard",
    "database",
    "jobs",
    "outbound/mail",
    "outbound/webhooks",
    "services",
    "watch/test_house.py",
)
LONGEST = ("faults", "contracts", "mastering")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" not in metafunc.fixturenames or metafunc.definition.get_closest_marker("one_database"):
        return
    path = metafunc.definition.path
    if any(path.is_relative_to(HERE / folder) for folder in ON_BOTH):
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def pytest_configure() -> None:
    """Keep what tests write in memory where there is room for it, and have NumPy's algebra take one core.

    Tests wait for a disk thousands of times otherwise. The threads of OpenBLAS, which it starts when it is imported,
    keep the other cores busy while they wait for each other; there is a process of tests on each.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_BYTES:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", MEMORY)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest, so that at the end no process is left alone with one of them."""
    items.sort(key=lambda item: not any(item.path.is_relative_to(HERE / folder) for folder in LONGEST))


def pytest_collection_finish() -> None:
    """Thousands of tests are many objects, all of them for good: the collector need not look at them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> None:
    """The pretty ones that are the default take seconds to draw."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[logs.tell_about, structlog.processors.add_log_level, plain])


@pytest.fixture(scope="session", autouse=True)
def _statements_are_compiled_once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("soundrack.database.engine.create_engine", statements.engine)
        yield


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Postgresql]:
    with postgresql.started(os.environ.get("PYTEST_DEBUG_TEMPROOT")) as server:
        yield server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table, to be copied: to migrate costs a third of a second."""
    folder = tmp_path_factory.mktemp("migrated")
    with open_rack(Settings(data=folder)):
        pass
    return folder / "soundrack.db"


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a fresh, migrated database."""
    if getattr(request, "param", "sqlite") == "postgresql":
        server: Postgresql = request.getfixturevalue("postgresql_server")
        with server.database() as url:
            yield url
    else:
        migrated: Path = request.getfixturevalue("migrated_sqlite")
        (tmp_path / "data").mkdir(mode=0o700)
        file = tmp_path / "data" / "soundrack.db"
        shutil.copyfile(migrated, file)
        yield f"sqlite:///{file}"


@pytest.fixture(scope="session")
def plain_settings() -> Settings:
    """To look for every setting in the environment takes longer than to open a rack."""
    return Settings(workers=1)


@pytest.fixture
def settings(plain_settings: Settings, tmp_path: Path, database_url: str) -> Settings:
    return plain_settings.model_copy(update={"data": tmp_path / "data", "database_url": database_url})


@pytest.fixture
def rack(settings: Settings) -> Iterator[Rack]:
    with ExitStack() as stack:
        with pytest.MonkeyPatch.context() as patch:  # the database is migrated; to look whether it is takes a while
            patch.setattr("soundrack.rack.migrate", lambda _database: None)
            patch.setattr("soundrack.jobs.delivery.migrate", lambda _url: None)
            opened = stack.enter_context(open_rack(settings))
        yield opened


@pytest.fixture
def account(rack: Rack) -> Account:
    with rack.database.write() as connection:
        created = people.create(connection, "someone@example.com")
        credits.grant(connection, created.id, 100, "for tests")
    return created
