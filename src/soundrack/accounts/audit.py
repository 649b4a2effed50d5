"""The audit log: security events, written in the transaction in which they happen and never changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, insert, select

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
    TOTP_FAILED = "totp.failed"
    RECOVERY_CODE_USED = "totp.recovery_code_used"
    RECOVERY_CODES_RENEWED = "totp.recovery_codes_renewed"
    INVITED = "account.invited"
    KEY_CREATED = "key.created"
    KEY_RENAMED = "key.renamed"
    KEY_REVOKED = "key.revoked"
    KEY_LEAKED = "key.leaked"
    SIGNING_SECRET_ROTATED = "signing_secret.rotated"
    NETWORK_ALLOWED = "network.allowed"
    NETWORK_REMOVED = "network.removed"
    PLAN_CHANGED = "plan.changed"
    CREDITS_GRANTED = "credits.granted"
    WEBHOOK_ADDED = "webhook.added"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_REMOVED = "webhook.removed"
    WEBHOOK_ENABLED = "webhook.enabled"
    WEBHOOK_DISABLED = "webhook.disabled"
    CLIENT_REGISTERED = "oauth.client_registered"
    CLIENT_SECRET_ROTATED = "oauth.client_secret_rotated"
    CLIENT_REVOKED = "oauth.client_revoked"
    CONSENT_GIVEN = "oauth.consent_given"
    GRANT_REVOKED = "oauth.grant_revoked"
    REFRESH_REUSED = "oauth.refresh_reused"
    JOB_CANCELLED = "job.cancelled"


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


@dataclass(frozen=True)
class Recorded:
    """An entry as it is read.

    Attributes
    ----------
    account_id : str or None
        Whom it concerns; the account may be gone.
    event : str
        An `Entry`, or a word of an older version.
    """

    id: int
    account_id: str | None
    actor: str
    event: str
    address: str
    request_id: str
    details: dict[str, Any]
    at: datetime


def entries(
    connection: Connection, account_id: str | None = None, before: int | None = None, limit: int = 50
) -> list[Recorded]:
    """Return entries, the newest first.

    Parameters
    ----------
    account_id : str, optional
        Only what concerns this account.
    before : int, optional
        The id of the last entry of the page before.
    """
    wanted = select(*(audit_entries.c[field.name] for field in fields(Recorded)))
    if account_id is not None:
        wanted = wanted.where(audit_entries.c.account_id == account_id)
    if before is not None:
        wanted = wanted.where(audit_entries.c.id < before)
    return [Recorded(*row) for row in connection.execute(wanted.order_by(audit_entries.c.id.desc()).limit(limit))]
