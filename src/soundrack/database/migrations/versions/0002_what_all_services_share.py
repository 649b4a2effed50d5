"""What all services share"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from soundrack.database.tables import Moment

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("event", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index(op.f("ix_audit_entries_account_id_id"), "audit_entries", ["account_id", "id"], unique=False)
    op.create_table(
        "invitations",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_invitations")),
    )
    op.create_table(
        "mails",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("claimed_until", Moment(), nullable=True),
        sa.Column("sent_at", Moment(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
    )
    op.create_index(op.f("ix_mails_due_at"), "mails", ["due_at"], unique=False)
    op.create_index(op.f("ix_mails_recipient_created_at"), "mails", ["recipient", "created_at"], unique=False)
    op.create_table(
        "monthly_usage",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("month", sa.String(length=7), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.CheckConstraint("used >= 0", name=op.f("ck_monthly_usage_used_not_negative")),
        sa.PrimaryKeyConstraint("subject", "month", name=op.f("pk_monthly_usage")),
    )
    op.create_table(
        "allowed_networks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("network", sa.String(length=50), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_allowed_networks_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowed_networks")),
    )
    op.create_index(
        op.f("ix_allowed_networks_account_id_service_network"),
        "allowed_networks",
        ["account_id", "service", "network"],
        unique=True,
    )
    op.create_table(
        "events",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("job_id", sa.String(length=40), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expanded_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_events_account_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
    )
    op.create_index(op.f("ix_events_account_id"), "events", ["account_id"], unique=False)
    op.create_index(op.f("ix_events_expanded_at_created_at"), "events", ["expanded_at", "created_at"], unique=False)
    op.create_index(op.f("ix_events_job_id"), "events", ["job_id"], unique=False)
    op.create_table(
        "idempotency_records",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("operation", sa.String(length=120), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("claim", sa.String(length=64), nullable=False),
        sa.Column("claimed_until", Moment(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_idempotency_records_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "operation", "key", name=op.f("pk_idempotency_records")),
    )
    op.create_index(op.f("ix_idempotency_records_expires_at"), "idempotency_records", ["expires_at"], unique=False)
    op.create_table(
        "oauth_clients",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("secret_digest", sa.String(length=64), nullable=True),
        sa.Column("redirect_uris", sa.JSON(), nullable=False),
        sa.Column("grant_types", sa.JSON(), nullable=False),
        sa.Column("scope", sa.String(length=300), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_oauth_clients_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_clients")),
    )
    op.create_index(op.f("ix_oauth_clients_account_id"), "oauth_clients", ["account_id"], unique=False)
    op.create_table(
        "recovery_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_recovery_codes_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_recovery_codes")),
    )
    op.create_index(op.f("ix_recovery_codes_account_id"), "recovery_codes", ["account_id"], unique=False)
    op.create_table(
        "sign_ins",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("half", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("seen_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sign_ins_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sign_ins")),
    )
    op.create_index(op.f("ix_sign_ins_account_id"), "sign_ins", ["account_id"], unique=False)
    op.create_index(op.f("ix_sign_ins_expires_at"), "sign_ins", ["expires_at"], unique=False)
    op.create_table(
        "subscriptions",
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("since", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_subscriptions_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", "service", name=op.f("pk_subscriptions")),
    )
    op.create_table(
        "tickets",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.CheckConstraint("purpose IN ('password', 'email')", name=op.f("ck_tickets_purpose_known")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_tickets_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_tickets")),
    )
    op.create_index(op.f("ix_tickets_account_id"), "tickets", ["account_id"], unique=False)
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("label", sa.String(length=200), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("disabled_at", Moment(), nullable=True),
        sa.Column("disabled_because", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_webhook_endpoints_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(op.f("ix_webhook_endpoints_account_id"), "webhook_endpoints", ["account_id"], unique=False)
    op.create_table(
        "leak_reports",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("reported_at", Moment(), nullable=False),
        sa.Column("dismissed_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_leak_reports_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], name=op.f("fk_leak_reports_key_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leak_reports")),
    )
    op.create_index(op.f("ix_leak_reports_account_id"), "leak_reports", ["account_id"], unique=False)
    op.create_index(op.f("ix_leak_reports_key_id"), "leak_reports", ["key_id"], unique=False)
    op.create_table(
        "oauth_grants",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("client_id", sa.String(length=40), nullable=False),
        sa.Column("grant_type", sa.String(length=30), server_default="authorization_code", nullable=False),
        sa.Column("scope", sa.String(length=300), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("revoked_at", Moment(), nullable=True),
        sa.Column("revoked_because", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_oauth_grants_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["client_id"], ["oauth_clients.id"], name=op.f("fk_oauth_grants_client_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_oauth_grants")),
    )
    op.create_index(op.f("ix_oauth_grants_account_id"), "oauth_grants", ["account_id"], unique=False)
    op.create_index(op.f("ix_oauth_grants_client_id"), "oauth_grants", ["client_id"], unique=False)
    op.create_table(
        "signing_secrets",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=True),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("retires_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_signing_secrets_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["key_id"], ["api_keys.id"], name=op.f("fk_signing_secrets_key_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_secrets")),
    )
    op.create_index(
        op.f("ix_signing_secrets_account_id_service"), "signing_secrets", ["account_id", "service"], unique=False
    )
    op.create_index(op.f("ix_signing_secrets_key_id"), "signing_secrets", ["key_id"], unique=False)
    op.create_table(
        "webhook_deliveries",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("event_id", sa.String(length=40), nullable=True),
        sa.Column("endpoint_id", sa.String(length=40), nullable=True),
        sa.Column("key_id", sa.String(length=40), nullable=True),
        sa.Column("job_id", sa.String(length=40), nullable=True),
        sa.Column("event_name", sa.String(length=60), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("receiver", sa.String(length=300), nullable=False),
        sa.Column("lane", sa.String(length=120), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("is_test", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("due_at", Moment(), nullable=True),
        sa.Column("claimed_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", Moment(), nullable=True),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'failed')", name=op.f("ck_webhook_deliveries_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_webhook_deliveries_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["endpoint_id"],
            ["webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_endpoint_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["event_id"], ["events.id"], name=op.f("fk_webhook_deliveries_event_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_deliveries")),
    )
    op.create_index(
        op.f("ix_webhook_deliveries_account_id_created_at"),
        "webhook_deliveries",
        ["account_id", "created_at"],
        unique=False,
    )
    op.create_index(op.f("ix_webhook_deliveries_endpoint_id"), "webhook_deliveries", ["endpoint_id"], unique=False)
    op.create_index(op.f("ix_webhook_deliveries_event_id"), "webhook_deliveries", ["event_id"], unique=False)
    op.create_index(op.f("ix_webhook_deliveries_job_id"), "webhook_deliveries", ["job_id"], unique=False)
    op.create_index(
        op.f("ix_webhook_deliveries_lane_status_place"), "webhook_deliveries", ["lane", "status", "place"], unique=False
    )
    op.create_index(
        op.f("ix_webhook_deliveries_status_receiver_due_at"),
        "webhook_deliveries",
        ["status", "receiver", "due_at"],
        unique=False,
    )
    op.create_table(
        "oauth_codes",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("grant_id", sa.String(length=40), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["oauth_grants.id"], name=op.f("fk_oauth_codes_grant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth_codes")),
    )
    op.create_index(op.f("ix_oauth_codes_expires_at"), "oauth_codes", ["expires_at"], unique=False)
    op.create_index(op.f("ix_oauth_codes_grant_id"), "oauth_codes", ["grant_id"], unique=False)
    op.create_table(
        "oauth_tokens",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("grant_id", sa.String(length=40), nullable=False),
        sa.Column("scope", sa.String(length=300), nullable=False),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("expires_at", Moment(), nullable=False),
        sa.Column("used_at", Moment(), nullable=True),
        sa.CheckConstraint("kind IN ('access', 'refresh')", name=op.f("ck_oauth_tokens_kind_known")),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["oauth_grants.id"], name=op.f("fk_oauth_tokens_grant_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_oauth_tokens")),
    )
    op.create_index(op.f("ix_oauth_tokens_expires_at"), "oauth_tokens", ["expires_at"], unique=False)
    op.create_index(op.f("ix_oauth_tokens_grant_id"), "oauth_tokens", ["grant_id"], unique=False)
    op.create_table(
        "webhook_attempts",
        sa.Column("delivery_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("started_at", Moment(), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.String(length=300), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"], ["webhook_deliveries.id"], name=op.f("fk_webhook_attempts_delivery_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("delivery_id", "number", name=op.f("pk_webhook_attempts")),
    )
    op.add_column("accounts", sa.Column("name", sa.String(length=200), server_default="", nullable=False))
    op.add_column("accounts", sa.Column("password_digest", sa.String(length=200), nullable=True))
    op.add_column("accounts", sa.Column("is_admin", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("accounts", sa.Column("low_credit_threshold", sa.Integer(), server_default="5", nullable=False))
    op.add_column("accounts", sa.Column("totp_sealed", sa.Text(), nullable=True))
    op.add_column("accounts", sa.Column("totp_step", sa.Integer(), nullable=True))
    op.add_column("accounts", sa.Column("totp_confirmed_at", Moment(), nullable=True))
    op.add_column("accounts", sa.Column("email_verified_at", Moment(), nullable=True))
    op.add_column("accounts", sa.Column("suspended_at", Moment(), nullable=True))
    op.add_column("api_keys", sa.Column("last_used_at", Moment(), nullable=True))
    op.add_column("api_keys", sa.Column("expires_at", Moment(), nullable=True))
    op.add_column("api_keys", sa.Column("revoked_because", sa.String(length=40), nullable=True))
    op.add_column("credit_entries", sa.Column("renewal", sa.String(length=80), nullable=True))
    op.create_index(
        op.f("ix_credit_entries_account_id_renewal"), "credit_entries", ["account_id", "renewal"], unique=True
    )
    op.add_column("jobs", sa.Column("report", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("jobs", sa.Column("key_id", sa.String(length=40), nullable=True))
    op.add_column("jobs", sa.Column("webhook_url", sa.Text(), nullable=True))
    op.create_index(op.f("ix_jobs_kind_status_ended_at"), "jobs", ["kind", "status", "ended_at"], unique=False)
    op.create_index(
        op.f("ix_jobs_account_id_service_created_at_id"),
        "jobs",
        ["account_id", "service", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_jobs_account_id_service_status_created_at_id"),
        "jobs",
        ["account_id", "service", "status", "created_at", "id"],
        unique=False,
    )
    _name_inputs_and_outputs()
    op.create_table(
        "sandbox_jobs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.String(length=40), nullable=False),
        sa.Column("service", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=False),
        sa.Column("key_id", sa.String(length=40), nullable=True),
        sa.Column("webhook_url", sa.Text(), nullable=True),
        sa.Column("created_at", Moment(), nullable=False),
        sa.Column("starts_at", Moment(), nullable=True),
        sa.Column("ends_at", Moment(), nullable=True),
        sa.Column("cancelled_at", Moment(), nullable=True),
        sa.Column("outputs", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("error_kind", sa.String(length=40), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_sandbox_jobs_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sandbox_jobs")),
    )
    op.create_index(
        op.f("ix_sandbox_jobs_account_id_created_at_id"),
        "sandbox_jobs",
        ["account_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_sandbox_jobs_created_at"), "sandbox_jobs", ["created_at"], unique=False)


def downgrade() -> None:
    op.drop_table("sandbox_jobs")
    _unname_inputs_and_outputs()
    op.drop_index(op.f("ix_jobs_account_id_service_status_created_at_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_account_id_service_created_at_id"), table_name="jobs")
    op.drop_index(op.f("ix_jobs_kind_status_ended_at"), table_name="jobs")
    op.drop_column("jobs", "report")
    op.drop_column("jobs", "webhook_url")
    op.drop_column("jobs", "key_id")
    op.drop_index(op.f("ix_credit_entries_account_id_renewal"), table_name="credit_entries")
    op.drop_column("credit_entries", "renewal")
    op.drop_column("api_keys", "revoked_because")
    op.drop_column("api_keys", "expires_at")
    op.drop_column("api_keys", "last_used_at")
    op.drop_column("accounts", "suspended_at")
    op.drop_column("accounts", "email_verified_at")
    op.drop_column("accounts", "totp_confirmed_at")
    op.drop_column("accounts", "totp_step")
    op.drop_column("accounts", "totp_sealed")
    op.drop_column("accounts", "low_credit_threshold")
    op.drop_column("accounts", "is_admin")
    op.drop_column("accounts", "password_digest")
    op.drop_column("accounts", "name")
    op.drop_table("webhook_attempts")
    op.drop_index(op.f("ix_oauth_tokens_grant_id"), table_name="oauth_tokens")
    op.drop_index(op.f("ix_oauth_tokens_expires_at"), table_name="oauth_tokens")
    op.drop_table("oauth_tokens")
    op.drop_index(op.f("ix_oauth_codes_grant_id"), table_name="oauth_codes")
    op.drop_index(op.f("ix_oauth_codes_expires_at"), table_name="oauth_codes")
    op.drop_table("oauth_codes")
    op.drop_index(op.f("ix_webhook_deliveries_status_receiver_due_at"), table_name="webhook_deliveries")
    op.drop_index(op.f("ix_webhook_deliveries_lane_status_place"), table_name="webhook_deliveries")
    op.drop_index(op.f("ix_webhook_deliveries_job_id"), table_name="webhook_deliveries")
    op.drop_index(op.f("ix_webhook_deliveries_event_id"), table_name="webhook_deliveries")
    op.drop_index(op.f("ix_webhook_deliveries_endpoint_id"), table_name="webhook_deliveries")
    op.drop_index(op.f("ix_webhook_deliveries_account_id_created_at"), table_name="webhook_deliveries")
    op.drop_table("webhook_deliveries")
    op.drop_index(op.f("ix_signing_secrets_key_id"), table_name="signing_secrets")
    op.drop_index(op.f("ix_signing_secrets_account_id_service"), table_name="signing_secrets")
    op.drop_table("signing_secrets")
    op.drop_index(op.f("ix_oauth_grants_client_id"), table_name="oauth_grants")
    op.drop_index(op.f("ix_oauth_grants_account_id"), table_name="oauth_grants")
    op.drop_table("oauth_grants")
    op.drop_index(op.f("ix_leak_reports_key_id"), table_name="leak_reports")
    op.drop_index(op.f("ix_leak_reports_account_id"), table_name="leak_reports")
    op.drop_table("leak_reports")
    op.drop_index(op.f("ix_webhook_endpoints_account_id"), table_name="webhook_endpoints")
    op.drop_table("webhook_endpoints")
    op.drop_index(op.f("ix_tickets_account_id"), table_name="tickets")
    op.drop_table("tickets")
    op.drop_table("subscriptions")
    op.drop_index(op.f("ix_sign_ins_expires_at"), table_name="sign_ins")
    op.drop_index(op.f("ix_sign_ins_account_id"), table_name="sign_ins")
    op.drop_table("sign_ins")
    op.drop_index(op.f("ix_recovery_codes_account_id"), table_name="recovery_codes")
    op.drop_table("recovery_codes")
    op.drop_index(op.f("ix_oauth_clients_account_id"), table_name="oauth_clients")
    op.drop_table("oauth_clients")
    op.drop_index(op.f("ix_idempotency_records_expires_at"), table_name="idempotency_records")
    op.drop_table("idempotency_records")
    op.drop_index(op.f("ix_events_job_id"), table_name="events")
    op.drop_index(op.f("ix_events_expanded_at_created_at"), table_name="events")
    op.drop_index(op.f("ix_events_account_id"), table_name="events")
    op.drop_table("events")
    op.drop_index(op.f("ix_allowed_networks_account_id_service_network"), table_name="allowed_networks")
    op.drop_table("allowed_networks")
    op.drop_table("monthly_usage")
    op.drop_index(op.f("ix_mails_recipient_created_at"), table_name="mails")
    op.drop_index(op.f("ix_mails_due_at"), table_name="mails")
    op.drop_table("mails")
    op.drop_table("invitations")
    op.drop_index(op.f("ix_audit_entries_account_id_id"), table_name="audit_entries")
    op.drop_table("audit_entries")


def _name_inputs_and_outputs() -> None:
    """From one input and one output of a job, in its own row, to several by name."""
    op.add_column("jobs", sa.Column("outputs", sa.JSON(none_as_null=True), nullable=True))
    op.create_table(
        "output_folders",
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("begun_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("job_id", "attempt", name=op.f("pk_output_folders")),
    )
    op.create_index(op.f("ix_output_folders_begun_at"), "output_folders", ["begun_at"], unique=False)
    op.execute(
        "INSERT INTO output_folders (job_id, attempt, begun_at) SELECT id, attempt, ended_at FROM jobs "
        "WHERE output_key IS NOT NULL AND output_deleted_at IS NULL"
    )
    _move_outputs()
    # SQLite drops a column with a foreign key by making the table anew, and while it does nothing may refer to it
    op.execute("CREATE TABLE former_inputs AS SELECT id, input_asset_id FROM jobs WHERE input_asset_id IS NOT NULL")
    op.drop_index(op.f("ix_jobs_input_asset_id"), table_name="jobs")
    with op.batch_alter_table("jobs") as batch:
        batch.drop_column("input_asset_id")
        batch.drop_column("output_key")
        batch.drop_column("output_bytes")
    op.create_table(
        "job_inputs",
        sa.Column("job_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("asset_id", sa.String(length=40), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("terms", sa.JSON(none_as_null=True), nullable=True),
        sa.ForeignKeyConstraint(["asset_id"], ["assets.id"], name=op.f("fk_job_inputs_asset_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], name=op.f("fk_job_inputs_job_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job_id", "name", name=op.f("pk_job_inputs")),
    )
    op.create_index(op.f("ix_job_inputs_asset_id"), "job_inputs", ["asset_id"], unique=False)
    op.execute("INSERT INTO job_inputs (job_id, name, asset_id) SELECT id, 'song', input_asset_id FROM former_inputs")
    op.drop_table("former_inputs")


def _unname_inputs_and_outputs() -> None:
    """Back to one of each; what a job has besides is forgotten."""
    op.execute("CREATE TABLE former_inputs AS SELECT job_id, asset_id FROM job_inputs WHERE name = 'song'")
    op.drop_table("job_inputs")
    with op.batch_alter_table("jobs") as batch:
        batch.add_column(sa.Column("input_asset_id", sa.String(length=40), nullable=True))
        batch.add_column(sa.Column("output_key", sa.String(length=200), nullable=True))
        batch.add_column(sa.Column("output_bytes", sa.Integer(), nullable=True))
        batch.create_foreign_key(op.f("fk_jobs_input_asset_id"), "assets", ["input_asset_id"], ["id"])
    op.create_index(op.f("ix_jobs_input_asset_id"), "jobs", ["input_asset_id"], unique=False)
    op.execute(
        "UPDATE jobs SET input_asset_id = (SELECT asset_id FROM former_inputs WHERE former_inputs.job_id = jobs.id)"
    )
    op.drop_table("former_inputs")
    _move_outputs_back()
    op.drop_column("jobs", "outputs")
    op.drop_table("output_folders")


_JOBS = sa.table(
    "jobs",
    sa.column("id", sa.String()),
    sa.column("output_key", sa.String()),
    sa.column("output_bytes", sa.Integer()),
    sa.column("outputs", sa.JSON(none_as_null=True)),
)
_CONTENT_TYPES = {"wav": "audio/wav", "flac": "audio/flac", "mp3": "audio/mpeg"}


def _move_outputs() -> None:
    connection = op.get_bind()
    done = sa.select(_JOBS.c.id, _JOBS.c.output_key, _JOBS.c.output_bytes).where(_JOBS.c.output_key.is_not(None))
    for job_id, key, size_bytes in connection.execute(done).all():
        content_type = _CONTENT_TYPES[key.rpartition(".")[2]]
        master = {"key": key, "size_bytes": size_bytes, "content_type": content_type}
        connection.execute(sa.update(_JOBS).where(_JOBS.c.id == job_id).values(outputs={"master": master}))


def _move_outputs_back() -> None:
    connection = op.get_bind()
    done = sa.select(_JOBS.c.id, _JOBS.c.outputs).where(_JOBS.c.outputs.is_not(None))
    for job_id, outputs in connection.execute(done).all():
        master = outputs.get("master", {})
        values = {"output_key": master.get("key"), "output_bytes": master.get("size_bytes")}
        connection.execute(sa.update(_JOBS).where(_JOBS.c.id == job_id).values(values))
