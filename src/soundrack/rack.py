"""Everything that a running process of Soundrack holds, opened together and closed together."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from soundrack import secret
from soundrack.database import Database
from soundrack.database.migrate import migrate
from soundrack.jobs import delivery
from soundrack.jobs.delivery import DbosQueue
from soundrack.jobs.engine import JobQueue
from soundrack.outbound import Outbound
from soundrack.outbound.rules import Rules
from soundrack.secret import Secret
from soundrack.settings import Settings
from soundrack.storage.links import Links
from soundrack.storage.objects import ObjectStore
from soundrack.vault import Vault

STORAGE_MOUNT = "/storage"


@dataclass(frozen=True)
class Rack:
    """The parts that faces are given."""

    settings: Settings
    secret: Secret
    vault: Vault
    database: Database
    store: ObjectStore
    links: Links
    queue: JobQueue
    outbound: Outbound


@contextmanager
def open_rack(settings: Settings) -> Generator[Rack]:
    """Open a rack on a data folder that is made, and a database that is migrated, if need be."""
    root = secret.load(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database_url)
    migrate(database)
    delivery.migrate(settings.database_url)
    queue = DbosQueue(settings.database_url)
    outbound = Outbound(Rules.of(settings))
    try:
        yield Rack(
            settings=settings,
            secret=root,
            vault=Vault(root),
            database=database,
            store=ObjectStore(settings.objects),
            links=Links(root, settings.public_url + STORAGE_MOUNT),
            queue=queue,
            outbound=outbound,
        )
    finally:
        outbound.close()
        queue.close()
        database.close()
