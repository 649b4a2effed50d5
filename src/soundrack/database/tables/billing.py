"""What callers may do, what they have paid, and what they have asked for once already."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from soundrack.database.tables.base import metadata, moment, owner

subscriptions = Table(
    "subscriptions",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    Column("service", String(20), primary_key=True),
    Column("plan", String(40), nullable=False),
    moment("since"),
)

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    owner(),
    Column("kind", String(10), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("job_id", String(40), nullable=True),
    # the month and service that a monthly grant is for: "2026-11 blacklab"
    Column("renewal", String(80), nullable=True),
    Column("note", String(200), nullable=False, default=""),
    moment("created_at"),
    # a job is charged at most once and refunded at most once, whatever the code above believes
    UniqueConstraint("job_id", "kind"),
    Index(None, "account_id", "renewal", unique=True),
    CheckConstraint("kind IN ('grant', 'charge', 'refund')", name="kind_known"),
)

monthly_usage = Table(
    "monthly_usage",
    metadata,
    # a key's or an account's bucket at one service
    Column("subject", String(80), primary_key=True),
    # "2026-11", in UTC
    Column("month", String(7), primary_key=True),
    Column("used", Integer, nullable=False),
    CheckConstraint("used >= 0", name="used_not_negative"),
)

idempotency_records = Table(
    "idempotency_records",
    metadata,
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    # service, method and path, or a service's action
    Column("operation", String(120), primary_key=True),
    Column("key", String(255), primary_key=True),
    # SHA-256 of the request's body
    Column("fingerprint", String(64), nullable=False),
    # the request that holds it, and until when, if it dies
    Column("claim", String(64), nullable=False),
    moment("claimed_until"),
    # the response, once there is one
    Column("status", Integer, nullable=True),
    Column("headers", JSON(none_as_null=True), nullable=True),
    Column("body", LargeBinary, nullable=True),
    moment("created_at"),
    moment("expires_at", nullable=True),
    Index(None, "expires_at"),
)
