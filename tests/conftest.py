"""What tests of the platform stand on: a rack on a fresh folder and database, without a worker.

Tests of what the database decides run twice, on SQLite and on a real PostgreSQL: those of the folders below, unless
they are marked `one_database`. Every other test has SQLite.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.rack import Rack, open_rack
from soundrack.settings import Settings
from tests import postgresql
from tests.postgresql import Postgresql

HERE = Path(__file__).parent
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database_url" not in metafunc.fixturenames or metafunc.definition.get_closest_marker("one_database"):
        return
    path = metafunc.definition.path
    if any(path.is_relative_to(HERE / folder) for folder in ON_BOTH):
        metafunc.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _plain_tracebacks() -> None:
    """The pretty ones that are the default take seconds to draw."""
    plain = structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, plain])


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Postgresql]:
    with postgresql.started() as server:
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


@pytest.fixture
def settings(tmp_path: Path, database_url: str) -> Settings:
    return Settings(data=tmp_path / "data", database_url=database_url, workers=1)


@pytest.fixture
def rack(settings: Settings) -> Iterator[Rack]:
    with open_rack(settings) as opened:
        yield opened


@pytest.fixture
def account(rack: Rack) -> Account:
    with rack.database.write() as connection:
        created = people.create(connection, "someone@example.com")
        credits.grant(connection, created.id, 100, "for tests")
    return created
