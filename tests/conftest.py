"""What tests of the platform stand on: a rack on a fresh folder, without a worker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from soundrack.accounts import people
from soundrack.accounts.people import Account
from soundrack.billing import credits
from soundrack.rack import Rack, open_rack
from soundrack.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path / "data", workers=1)


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
