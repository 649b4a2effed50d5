"""Migrations."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from soundrack.database.migrate import newest_version
from soundrack.database.tables import metadata
from soundrack.rack import Rack
from tests.postgresql import Postgresql

OPEN = "from soundrack.settings import Settings; from soundrack.rack import open_rack\nwith open_rack(Settings()): pass"


def test_migrations_and_tables_agree(rack: Rack):
    with rack.database.read() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_object": lambda _object, name, kind, *_: kind != "table" or name in metadata.tables},
        )
        assert compare_metadata(context, metadata) == []


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'soundrack.db'}"
    else:
        server: Postgresql = request.getfixturevalue("postgresql_server")
        with server.database(empty=True) as url:
            yield url


def test_processes_that_start_at_once_migrate_once(tmp_path: Path, empty_url: str):
    environment = {"SOUNDRACK_DATA": str(tmp_path), "SOUNDRACK_DATABASE_URL": empty_url}
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", OPEN], env=environment, stderr=subprocess.PIPE)
        for _ in range(3)
    ]

    complaints = [process.communicate()[1].decode() for process in started]

    assert [process.returncode for process in started] == [0, 0, 0], complaints


def test_the_newest_file_is_the_head_of_the_chain():
    config = Config()
    config.set_main_option("script_location", str(resources.files("soundrack.database") / "migrations"))

    assert ScriptDirectory.from_config(config).get_heads() == [newest_version()]
