"""People, the ways in which they and their programs are known, and what happened at the door."""

from __future__ import annotations

from sqlalchemy import JSON, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text, false

from soundrack.database.tables.base import metadata, moment, owner

accounts = Table(
    "accounts",
    metadata,
    Column("id", String(40), primary_key=True),
    # lower case
    Column("email", String(320), nullable=False, unique=True),
    Column("name", String(200), nullable=False, server_default=""),
    # empty: an account that nobody signs in to, made on the command line
    Column("password_digest", String(200), nullable=True),
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Column("credit_balance", Integer, nullable=False, default=0),
    Column("low_credit_threshold", Integer, nullable=False, server_default="5"),
    # time-based one-time password: the sealed secret, and the last time step that was used up
    Column("totp_sealed", Text, nullable=True),
    Column("totp_step", Integer, nullable=True),
    moment("totp_confirmed_at", nullable=True),
    moment("email_verified_at", nullable=True),
    moment("suspended_at", nullable=True),
    moment("created_at"),
    CheckConstraint("credit_balance >= 0", name="credit_balance_not_negative"),
)

recovery_codes = Table(
    "recovery_codes",
    metadata,
    Column("digest", String(64), primary_key=True),
    owner(),
    moment("used_at", nullable=True),
)

invitations = Table(
    "invitations",
    metadata,
    Column("digest", String(64), primary_key=True),
    # empty: for anybody who holds it
    Column("email", String(320), nullable=True),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
)

sign_ins = Table(
    "sign_ins",
    metadata,
    Column("digest", String(64), primary_key=True),
    owner(),
    # a password was right and the second factor is still owed
    Column("half", Boolean, nullable=False),
    Column("address", String(45), nullable=False),
    Column("user_agent", String(300), nullable=False),
    moment("created_at"),
    moment("seen_at"),
    moment("expires_at", index=True),
)

tickets = Table(
    "tickets",
    metadata,
    Column("digest", String(64), primary_key=True),
    owner(),
    Column("purpose", String(20), nullable=False),
    moment("created_at"),
    moment("expires_at"),
    moment("used_at", nullable=True),
    CheckConstraint("purpose IN ('password', 'email')", name="purpose_known"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(),
    Column("service", String(20), nullable=False),
    Column("label", String(200), nullable=False),
    Column("shown_prefix", String(24), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    moment("created_at"),
    moment("last_used_at", nullable=True),
    moment("expires_at", nullable=True),
    moment("revoked_at", nullable=True),
    Column("revoked_because", String(40), nullable=True),
)

allowed_networks = Table(
    "allowed_networks",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(index=False),
    Column("service", String(20), nullable=False),
    Column("network", String(50), nullable=False),
    Column("note", String(200), nullable=False),
    moment("created_at"),
    Index(None, "account_id", "service", "network", unique=True),
)

leak_reports = Table(
    "leak_reports",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(),
    Column("key_id", ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("source", String(40), nullable=False),
    Column("url", Text, nullable=False),
    moment("reported_at"),
    moment("dismissed_at", nullable=True),
)

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    # kept when the account goes
    Column("account_id", String(40), nullable=True),
    # who did it: an account, a key, an OAuth client, "command line", "soundrack"
    Column("actor", String(80), nullable=False),
    Column("event", String(60), nullable=False),
    Column("address", String(45), nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("details", JSON, nullable=False),
    moment("at"),
    Index(None, "account_id", "id"),
)
