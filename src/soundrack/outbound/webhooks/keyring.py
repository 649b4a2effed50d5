"""The secrets of the deliveries at hand, opened once in a while and not once an attempt."""

from __future__ import annotations

import time

import structlog
from sqlalchemy import Connection, select

from soundrack.database.tables import api_keys
from soundrack.errors import SoundrackError
from soundrack.outbound.webhooks import secrets
from soundrack.outbound.webhooks.secrets import Signing
from soundrack.service import Service
from soundrack.vault import Vault

_KEPT_S = 5.0
_MOST = 10_000
_log = structlog.get_logger()


class Keyring:
    """Signing secrets, remembered for five seconds: a rotation is heeded no later than that."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault
        self._kept: dict[tuple[str, Service, str | None], tuple[float, tuple[Signing, ...]]] = {}

    def of(self, connection: Connection, account_id: str, service: Service, key_id: str | None) -> tuple[Signing, ...]:
        """Return the secrets that sign, the current one first; one is made where there is none.

        None at all if they cannot be opened, because the root secret was changed, or if all active keys of an account
        sign and there is none.
        """
        whose = (account_id, service, key_id)
        until, signings = self._kept.get(whose, (0.0, ()))
        if until > time.monotonic():
            return signings
        try:
            find = secrets.together if service in secrets.TOGETHER else secrets.of
            found = tuple(find(connection, self._vault, account_id, service, key_id))
        except SoundrackError as error:
            _log.error("signing secret cannot be used", account=account_id, service=service, error=str(error))
            return ()
        if not found and service in secrets.TOGETHER:
            return ()
        if not found:
            return self._made(connection, account_id, service, key_id)
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept[whose] = (time.monotonic() + _KEPT_S, found)
        return found

    def _made(
        self, connection: Connection, account_id: str, service: Service, key_id: str | None
    ) -> tuple[Signing, ...]:
        """Not remembered, since the caller's transaction may come to nothing. A key that is gone signs no more."""
        if key_id is not None and connection.execute(select(api_keys.c.id).where(api_keys.c.id == key_id)).first():
            return (secrets.ensure(connection, self._vault, account_id, service, key_id)[0],)
        if key_id is not None:
            return self.of(connection, account_id, service, None)
        return (secrets.ensure(connection, self._vault, account_id, service)[0],)
