"""What leaves the house by itself: events, their delivery to webhooks, and mail."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

from soundrack.database.tables.base import metadata, moment, owner

signing_secrets = Table(
    "signing_secrets",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(index=False),
    Column("service", String(20), nullable=False),
    # where the contract pairs a secret with a key; else it is the account's at the service
    Column("key_id", ForeignKey("api_keys.id", ondelete="CASCADE"), nullable=True, index=True),
    # encrypted: it must be read back to sign
    Column("sealed", Text, nullable=False),
    moment("created_at"),
    # set by a rotation: until then both the old and the new are valid
    moment("retires_at", nullable=True),
    Index(None, "account_id", "service"),
)

events = Table(
    "events",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(),
    Column("service", String(20), nullable=False),
    # in the house's terms ("job.completed"); each service has a word of its own for it
    Column("name", String(40), nullable=False),
    Column("job_id", String(40), nullable=True, index=True),
    Column("data", JSON, nullable=False),
    moment("created_at"),
    # when its deliveries were written
    moment("expanded_at", nullable=True),
    Index(None, "expanded_at", "created_at"),
)

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
    Column("id", String(40), primary_key=True),
    owner(),
    Column("service", String(20), nullable=False),
    Column("url", Text, nullable=False),
    Column("label", String(200), nullable=False),
    # names as the service documents them; empty: all
    Column("events", JSON, nullable=False),
    moment("created_at"),
    # of the failures in a row now, the first
    moment("failing_since", nullable=True),
    moment("disabled_at", nullable=True),
    Column("disabled_because", String(200), nullable=True),
)

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    # what the receiver sees as the delivery's id, the same over retries
    Column("id", String(40), primary_key=True),
    owner(index=False),
    Column("service", String(20), nullable=False),
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), nullable=True, index=True),
    # empty: to the URL that a job was given
    Column("endpoint_id", ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=True, index=True),
    Column("key_id", String(40), nullable=True),
    Column("job_id", String(40), nullable=True, index=True),
    Column("event_name", String(60), nullable=False),
    Column("url", Text, nullable=False),
    # receiver: the slow and the dead are kept from holding up others
    Column("receiver", String(300), nullable=False),
    # deliveries of one lane go out one after another, in order of `place`
    Column("lane", String(120), nullable=False),
    Column("place", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("is_test", Boolean, nullable=False),
    Column("status", String(10), nullable=False),
    # of all rounds, and of this one: a person who has it sent again begins another
    Column("attempts", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    moment("created_at"),
    # the next attempt; while a courier holds it, the end of the courier's lease; empty once it has ended
    moment("due_at", nullable=True),
    Column("claimed_by", String(80), nullable=True),
    moment("ended_at", nullable=True),
    CheckConstraint("status IN ('pending', 'delivered', 'failed')", name="status_known"),
    Index(None, "account_id", "created_at"),
    Index(None, "status", "receiver", "due_at"),
    Index(None, "lane", "status", "place"),
)

webhook_attempts = Table(
    "webhook_attempts",
    metadata,
    Column("delivery_id", ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    moment("started_at"),
    Column("duration_ms", Integer, nullable=False),
    # empty: there was no answer, and `error` says why
    Column("status", Integer, nullable=True),
    Column("error", String(300), nullable=False),
    # the first 1 KiB
    Column("answer", LargeBinary, nullable=False),
)

mails = Table(
    "mails",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("recipient", String(320), nullable=False),
    Column("subject", String(300), nullable=False),
    Column("text", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    moment("created_at"),
    moment("due_at", nullable=True, index=True),
    Column("claimed_by", String(80), nullable=True),
    moment("claimed_until", nullable=True),
    moment("sent_at", nullable=True),
    Column("error", String(300), nullable=False),
    Index(None, "recipient", "created_at"),
)
