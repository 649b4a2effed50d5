"""The tables. Every moment is UTC; every id is text in the form that its service shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored in UTC: SQLite would drop the zone, and a naive one is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None and dialect.name == "sqlite" else value


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _moment(name: str, *, nullable: bool = False) -> Column[Any]:
    return Column(name, Moment, nullable=nullable)


accounts = Table(
    "accounts",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("credit_balance", Integer, nullable=False, default=0),
    _moment("created_at"),
    CheckConstraint("credit_balance >= 0", name="credit_balance_not_negative"),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("service", String(20), nullable=False),
    Column("label", String(200), nullable=False),
    Column("shown_prefix", String(24), nullable=False),
    Column("digest", String(64), nullable=False, unique=True),
    _moment("created_at"),
    _moment("revoked_at", nullable=True),
)

credit_entries = Table(
    "credit_entries",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("kind", String(10), nullable=False),
    Column("amount", Integer, nullable=False),
    Column("job_id", String(40), nullable=True),
    Column("note", String(200), nullable=False, default=""),
    _moment("created_at"),
    # a job is charged at most once and refunded at most once, whatever the code above believes
    UniqueConstraint("job_id", "kind"),
    CheckConstraint("kind IN ('grant', 'charge', 'refund')", name="kind_known"),
)

assets = Table(
    "assets",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False, index=True),
    # empty once the bytes are deleted
    Column("object_key", String(200), nullable=True, unique=True),
    Column("filename", String(255), nullable=False),
    Column("content_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    _moment("created_at"),
    _moment("deleted_at", nullable=True),
    Index(None, "object_key", "deleted_at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("account_id", ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
    Column("service", String(20), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("status", String(12), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("input_asset_id", ForeignKey("assets.id"), nullable=True, index=True),
    # seconds of audio to work through: judged by the input's size when accepted, exact once decoded
    Column("work_s", Float, nullable=False),
    Column("credits_charged", Integer, nullable=False),
    Column("request_id", String(64), nullable=False),
    _moment("created_at"),
    # the run
    Column("attempt", Integer, nullable=False, default=0),
    Column("losses", Integer, nullable=False, default=0),
    Column("worker_id", String(80), nullable=True),
    _moment("lease_until", nullable=True),
    Column("stage", String(40), nullable=False, default=""),
    Column("progress", Float, nullable=False, default=0.0),
    _moment("started_at", nullable=True),
    # the end
    _moment("ended_at", nullable=True),
    Column("output_key", String(200), nullable=True),
    Column("output_bytes", Integer, nullable=True),
    _moment("output_deleted_at", nullable=True),
    Column("result", JSON(none_as_null=True), nullable=True),
    Column("cpu_s", Float, nullable=True),
    Column("error_kind", String(40), nullable=True),
    Column("error_message", Text, nullable=True),
    CheckConstraint("status IN ('queued', 'processing', 'completed', 'failed', 'cancelled')", name="status_known"),
    Index(None, "account_id", "created_at"),
    Index(None, "status", "lease_until"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("slots", Integer, nullable=False),
    # seconds of audio that it masters in one second, measured when it started
    Column("speed", Float, nullable=False),
    _moment("started_at"),
    _moment("seen_at"),
)
