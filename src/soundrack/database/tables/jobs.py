"""Jobs, the files they work on and the workers that run them."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
)

from soundrack.database.tables.base import metadata, moment, owner

assets = Table(
    "assets",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(),
    # empty once the bytes are deleted
    Column("object_key", String(200), nullable=True, unique=True),
    Column("filename", String(255), nullable=False),
    Column("content_type", String(100), nullable=False),
    Column("size_bytes", Integer, nullable=False),
    moment("created_at"),
    moment("deleted_at", nullable=True),
    Index(None, "object_key", "deleted_at"),
)

jobs = Table(
    "jobs",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(index=False),
    Column("service", String(20), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("status", String(12), nullable=False),
    Column("parameters", JSON, nullable=False),
    # seconds of audio to work through: judged by the input's size when accepted, exact once decoded
    Column("work_s", Float, nullable=False),
    Column("credits_charged", Integer, nullable=False),
    Column("request_id", String(64), nullable=False),
    # the key that it was submitted with, if it was one
    Column("key_id", String(40), nullable=True),
    Column("webhook_url", Text, nullable=True),
    moment("created_at"),
    # the run
    Column("attempt", Integer, nullable=False, default=0),
    Column("losses", Integer, nullable=False, default=0),
    Column("worker_id", String(80), nullable=True),
    moment("lease_until", nullable=True),
    Column("stage", String(40), nullable=False, default=""),
    Column("progress", Float, nullable=False, default=0.0),
    moment("started_at", nullable=True),
    # the end
    moment("ended_at", nullable=True),
    # by name, what `record.Output` holds
    Column("outputs", JSON(none_as_null=True), nullable=True),
    moment("output_deleted_at", nullable=True),
    # what a service tells of the result, and all that the engine has to say of it
    Column("result", JSON(none_as_null=True), nullable=True),
    Column("report", JSON(none_as_null=True), nullable=True),
    Column("cpu_s", Float, nullable=True),
    Column("error_kind", String(40), nullable=True),
    Column("error_message", Text, nullable=True),
    # whether its steps are written down, for those who wait for them
    Column("followed", Boolean, nullable=False, server_default=false()),
    CheckConstraint("status IN ('queued', 'processing', 'completed', 'failed', 'cancelled')", name="status_known"),
    Index(None, "account_id", "created_at"),
    # an account's jobs at a service page by page, all or those of one status
    Index(None, "account_id", "service", "created_at", "id"),
    Index(None, "account_id", "service", "status", "created_at", "id"),
    Index(None, "status", "lease_until"),
    # the last jobs of a kind that were done: how fast this machine is
    Index(None, "kind", "status", "ended_at"),
)

# what a followed job has gone through, numbered from 1 over all of its attempts
job_steps = Table(
    "job_steps",
    metadata,
    # in the order in which they were written; on SQLite, which has one writer at a time, also that of their commits
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("stage", String(40), nullable=False),
    Column("progress", Float, nullable=False),
    Column("is_end", Boolean, nullable=False),
    moment("at"),
    Index(None, "job_id", "number", unique=True),
    # what can be cleared away: nothing but the end of a job is kept for good
    Index("ix_job_steps_passed", "at", sqlite_where=text("NOT is_end"), postgresql_where=text("NOT is_end")),
    sqlite_autoincrement=True,  # a number once given is never given again, so that "later than" means later
)

# what a job works on, each by the name under which its engine knows it: an upload, or a URL of the caller's
job_inputs = Table(
    "job_inputs",
    metadata,
    Column("job_id", ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(40), primary_key=True),
    # both go when the account goes
    Column("asset_id", ForeignKey("assets.id", ondelete="CASCADE"), nullable=True, index=True),
    # fetched by the worker; it may hold a signature, so it goes when the job ends
    Column("url", Text, nullable=True),
    # how large it may be, what it must be, and what the caller calls it
    Column("terms", JSON(none_as_null=True), nullable=True),
)

# where attempts have begun to store what they made: written before the first file, gone after the last. A folder may
# outlive its job's row, so nothing here refers to it.
output_folders = Table(
    "output_folders",
    metadata,
    Column("job_id", String(40), primary_key=True),
    Column("attempt", Integer, primary_key=True, autoincrement=False),
    moment("begun_at"),
    Index(None, "begun_at"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", String(80), primary_key=True),
    Column("slots", Integer, nullable=False),
    # seconds of audio that it masters in one second, measured when it started
    Column("speed", Float, nullable=False),
    moment("started_at"),
    moment("seen_at"),
)
