"""The tables. Every moment is UTC; every id is text in the form that its service shows."""

from soundrack.database.tables.accounts import (
    accounts,
    allowed_networks,
    api_keys,
    audit_entries,
    invitations,
    leak_reports,
    recovery_codes,
    sign_ins,
    tickets,
)
from soundrack.database.tables.base import Moment, metadata
from soundrack.database.tables.billing import credit_entries, idempotency_records, monthly_usage, subscriptions
from soundrack.database.tables.jobs import assets, job_inputs, job_steps, jobs, output_folders, workers
from soundrack.database.tables.oauth import oauth_clients, oauth_codes, oauth_grants, oauth_tokens
from soundrack.database.tables.sandbox import sandbox_jobs
from soundrack.database.tables.traffic import (
    events,
    mails,
    signing_secrets,
    webhook_attempts,
    webhook_deliveries,
    webhook_endpoints,
)

__all__ = [
    "Moment",
    "accounts",
    "allowed_networks",
    "api_keys",
    "assets",
    "audit_entries",
    "credit_entries",
    "events",
    "idempotency_records",
    "invitations",
    "job_inputs",
    "job_steps",
    "jobs",
    "leak_reports",
    "mails",
    "metadata",
    "monthly_usage",
    "oauth_clients",
    "oauth_codes",
    "oauth_grants",
    "oauth_tokens",
    "output_folders",
    "recovery_codes",
    "sandbox_jobs",
    "sign_ins",
    "signing_secrets",
    "subscriptions",
    "tickets",
    "webhook_attempts",
    "webhook_deliveries",
    "webhook_endpoints",
    "workers",
]
