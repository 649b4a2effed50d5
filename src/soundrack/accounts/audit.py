"""The audit log: security events, written in the transaction in which they happen and never changed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert

from soundrack import clock
from soundrack.database.tables import audit_entries


class Entry(StrEnum):
    """What is worth remembering."""

    ACCOUNT_CREATED = "account.created"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCOUNT_RESTORED = "account.restored"
    EMAIL_VERIFIED = "email.verified"
    SIGNED_IN = "sign_in.succeeded"
    SIGN_IN_FAILED = "sign_in.failed"
    SIGN_IN_THROTTLED = "sign_in.throttled"
    SIGNED_OUT = "sign_in.ended"
    PASSWORD_CHANGED = "password.changed"
    PASSWORD_RESET_ASKED = "password.reset_asked"
    TOTP_ENABLED = "totp.enabled"
    TOTP_DISABLED = "totp.disabled"
    RECOVERY_CODE_USED = "totp.recovery_code_used"
    KEY_CREATED = "key.created"
    KEY_REVOKED = "key.revoked"
    KEY_LEAKED = "key.leaked"
    SIGNING_SECRET_ROTATED = "signing_secret.rotated"
    NETWORK_ALLOWED = "network.allowed"
    NETWORK_REMOVED = "network.removed"
    PLAN_CHANGED = "plan.changed"
    CREDITS_GRANTED = "credits.granted"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_REMOVED = "webhook.removed"
    CLIENT_REGISTERED = "oauth.client_registered"
    CLIENT_REVOKED = "oauth.client_revoked"
    CONSENT_GIVEN = "oauth.consent_given"
    GRANT_REVOKED = "oauth.grant_revoked"
    REFRESH_REUSED = "oauth.refresh_reused"


@dataclass(frozen=True)
class Origin:
    """Who did something, and from where."""

    actor: str
    """An account's, key's or OAuth client's id, ``command line``, or ``soundrack`` itself."""
    address: str = ""
    """The client's IP address, where there is one."""
    request_id: str = ""


COMMAND_LINE = Origin("command line")
HOUSE = Origin("soundrack")


def record(connection: Connection, entry: Entry, origin: Origin, account_id: str | None, **details: Any) -> None:
    """Write an entry in the caller's transaction. Details are short and never hold a secret."""
    connection.execute(
        insert(audit_entries).values(
            account_id=account_id,
            actor=origin.actor,
            event=entry,
            address=origin.address,
            request_id=origin.request_id,
            details=details,
            at=clock.now(),
        )
    )
