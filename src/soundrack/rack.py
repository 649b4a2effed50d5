"""Everything that a running process of Soundrack holds, opened together and closed together."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass

from soundrack import secret
from soundrack.accounts.last_use import LastUse
from soundrack.accounts.passwords import Passwords
from soundrack.billing import windows
from soundrack.billing.plans import Plans
from soundrack.billing.windows import Windows
from soundrack.database import Database
from soundrack.database.lookups import Lookups
from soundrack.database.migrate import migrate
from soundrack.jobs import delivery
from soundrack.jobs.delivery import DbosQueue
from soundrack.jobs.engine import JobQueue
from soundrack.jobs.estimate import Estimates
from soundrack.jobs.following import Following
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
    lookups: Lookups
    store: ObjectStore
    links: Links
    queue: JobQueue
    outbound: Outbound
    passwords: Passwords
    estimates: Estimates
    following: Following
    last_use: LastUse
    plans: Plans
    windows: Windows


@contextmanager
def open_rack(settings: Settings) -> Generator[Rack]:
    """Open a rack on a data folder that is made, and a database that is migrated, if need be."""
    plans = Plans.load(settings)
    root = secret.load(settings)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = Database(settings.database_url)
    migrate(database)
    delivery.migrate(settings.database_url)
    lookups = Lookups(database)
    queue = DbosQueue(settings.database_url, settings.data)
    outbound = Outbound(Rules.of(settings))
    passwords = Passwords()
    counters = windows.build(settings, database, lookups)
    try:
        yield Rack(
            settings=settings,
            secret=root,
            vault=Vault(root),
            database=database,
            lookups=lookups,
            store=ObjectStore(settings.objects),
            links=Links(root, settings.public_url + STORAGE_MOUNT),
            queue=queue,
            outbound=outbound,
            estimates=Estimates(database, settings.job_lease_s),
            following=Following(database, lookups),
            last_use=LastUse(),
            passwords=passwords,
            plans=plans,
            windows=counters,
        )
    finally:
        passwords.close()
        outbound.close()
        counters.release()
        queue.close()
        lookups.release()
        database.close()
