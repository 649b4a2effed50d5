"""What a service's sandbox keeps: jobs that nobody works on."""

from __future__ import annotations

from sqlalchemy import JSON, Column, Index, String, Table, Text

from soundrack.database.tables.base import metadata, moment, owner

sandbox_jobs = Table(
    "sandbox_jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(index=False),
    Column("service", String(20), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("request_id", String(64), nullable=False),
    Column("key_id", String(40), nullable=True),
    Column("webhook_url", Text, nullable=True),
    moment("created_at", index=True),
    # when it is taken up and when it ends; empty: it waits for ever, or goes on for ever
    moment("starts_at", nullable=True),
    moment("ends_at", nullable=True),
    moment("cancelled_at", nullable=True),
    # how it ends: with a file, as in `jobs`, or with an error
    Column("outputs", JSON(none_as_null=True), nullable=True),
    Column("error_kind", String(40), nullable=True),
    Column("error_message", Text, nullable=True),
    Index(None, "account_id", "created_at", "id"),
)
