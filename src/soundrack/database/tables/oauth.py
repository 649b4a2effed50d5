"""OAuth 2.0: applications, what people have granted them, and the tokens that follow from it."""

from __future__ import annotations

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, String, Table, Text

from soundrack.database.tables.base import metadata, moment, owner


def _client() -> Column[str]:
    return Column("client_id", ForeignKey("oauth_clients.id", ondelete="CASCADE"), nullable=False, index=True)


oauth_clients = Table(
    "oauth_clients",
    metadata,
    Column("id", String(40), primary_key=True),
    # who registered it; with client credentials it acts as this account
    owner(),
    Column("service", String(20), nullable=False),
    Column("name", String(200), nullable=False),
    # empty: a public client, which has no secret and must use PKCE
    Column("secret_digest", String(64), nullable=True),
    Column("redirect_uris", JSON, nullable=False),
    Column("grant_types", JSON, nullable=False),
    Column("scope", String(300), nullable=False),
    moment("created_at"),
    moment("revoked_at", nullable=True),
)

oauth_grants = Table(
    "oauth_grants",
    metadata,
    # every token that follows from one consent, or one client's own grant, names it and falls with it
    Column("id", String(40), primary_key=True),
    owner(),
    _client(),
    # how it came about: somebody's consent, or a client's own credentials
    Column("grant_type", String(30), nullable=False, server_default="authorization_code"),
    Column("scope", String(300), nullable=False),
    moment("created_at"),
    moment("revoked_at", nullable=True),
    Column("revoked_because", String(40), nullable=True),
)

oauth_codes = Table(
    "oauth_codes",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("grant_id", ForeignKey("oauth_grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("redirect_uri", Text, nullable=False),
    Column("code_challenge", String(128), nullable=True),
    moment("created_at"),
    moment("expires_at", index=True),
    moment("used_at", nullable=True),
)

oauth_tokens = Table(
    "oauth_tokens",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(10), nullable=False),
    Column("grant_id", ForeignKey("oauth_grants.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scope", String(300), nullable=False),
    moment("created_at"),
    moment("expires_at", index=True),
    # a refresh token that was exchanged; seeing it again means that it was stolen
    moment("used_at", nullable=True),
    CheckConstraint("kind IN ('access', 'refresh')", name="kind_known"),
)
