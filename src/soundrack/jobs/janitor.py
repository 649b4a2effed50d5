"""What is cleared away: expired uploads and results, dead workers, and whatever a crash has left."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, select

from soundrack import clock
from soundrack.accounts import invitations, sessions, tickets
from soundrack.accounts.oauth import leftovers
from soundrack.billing import idempotency, quotas, renewals
from soundrack.billing.plans import Plans
from soundrack.database import Database
from soundrack.database.tables import workers
from soundrack.jobs import inputs, outputs, scratch, steps, synthetic
from soundrack.settings import Settings
from soundrack.storage.objects import ObjectStore

_DEAD_AFTER_LEASES = 20


class Janitor:
    """Clears away for one installation; several may work at once."""

    def __init__(self, settings: Settings, database: Database, store: ObjectStore) -> None:
        self._settings = settings
        self._database = database
        self._store = store
        self._plans = Plans.load(settings)

    def sweep(self) -> None:
        """Do one round of everything."""
        inputs.expire(self._database, timedelta(hours=self._settings.input_retention_h))
        self.purge()
        outputs.expire(self._database, self._store, timedelta(days=self._settings.output_retention_days))
        outputs.sweep(self._database, self._store)
        with self._database.write() as connection:
            idempotency.sweep(connection)
            quotas.forget(connection)
            leftovers.sweep(connection)
            sessions.sweep(connection)
            tickets.sweep(connection)
            invitations.sweep(connection)
            synthetic.sweep(connection)
            steps.sweep(connection)
        self._renewals()
        self._store.sweep()

    def purge(self) -> None:
        """Delete the bytes of uploads that no job needs any more."""
        inputs.purge(self._database, self._store)

    def bury_workers(self) -> list[str]:
        """Remove workers that have been silent for long, and the files of every worker that is no more.

        Returns
        -------
        list of str
            The ids of those removed now.
        """
        silent_since = clock.now() - timedelta(seconds=self._settings.job_lease_s * _DEAD_AFTER_LEASES)
        with self._database.write() as connection:
            dead = list(connection.execute(select(workers.c.id).where(workers.c.seen_at < silent_since)).scalars())
            connection.execute(delete(workers).where(workers.c.id.in_(dead)))
            alive = set(connection.execute(select(workers.c.id)).scalars())
        scratch.clear_all_but(self._settings.scratch, alive)
        return dead

    def _renewals(self) -> None:
        """Grant the month's credits, some accounts in one transaction."""
        granted = True
        while granted:
            with self._database.write() as connection:
                granted = renewals.renew(connection, self._plans) > 0
