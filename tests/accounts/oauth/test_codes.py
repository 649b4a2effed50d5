"""Codes, exchanged for tokens (RFC 6749, 4.1.3; RFC 7636, 4.6)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from soundrack.accounts.oauth import codes, tokens
from soundrack.accounts.oauth.clients import NewClient
from soundrack.database.tables import accounts, audit_entries, oauth_codes, oauth_grants, oauth_tokens
from soundrack.rack import Rack
from tests.accounts.oauth.provider import PKCE, REDIRECT, SCOPE, VERIFIER, Provider
from tests.standing_clock import StandingClock


def test_a_code_gives_an_access_and_a_refresh_token(provider: Provider, held, confidential: NewClient):
    answer = provider.exchange(confidential, provider.code(confidential))

    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.body
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("Bearer", 3600, SCOPE)
    token = provider.introspect(body["access_token"])
    assert token is not None
    assert (token.account_id, token.client_id, token.scope) == (provider.account.id, confidential.client.id, SCOPE)
    assert provider.introspect(body["refresh_token"]) is not None


def test_an_application_without_the_refresh_grant_gets_no_refresh_token(provider: Provider):
    made = provider.register(grant_types=["authorization_code"])

    assert "refresh_token" not in provider.granted(made)


def test_the_database_holds_no_token_and_no_code(provider: Provider, rack: Rack, public: NewClient):
    code = provider.code(public)
    body = provider.exchange(public, code).body
    with rack.database.read() as connection:
        kept = " ".join(
            str(row)
            for table in (oauth_codes, oauth_grants, oauth_tokens, audit_entries)
            for row in connection.execute(select(table))
        )

    for shown in (code, body["access_token"], body["refresh_token"]):
        assert shown not in kept
        assert shown[10:] not in kept


def test_nothing_that_is_secret_is_logged(provider: Provider, confidential: NewClient, caplog):
    caplog.set_level("DEBUG")
    code = provider.code(confidential)
    body = provider.exchange(confidential, code).body
    body |= provider.refresh(confidential, body["refresh_token"]).body

    assert confidential.client_secret is not None
    for shown in (code, body["access_token"], body["refresh_token"], confidential.client_secret):
        assert shown not in caplog.text


def test_a_code_is_good_for_sixty_seconds(provider: Provider, held: StandingClock, confidential: NewClient):
    early, late = provider.code(confidential), provider.code(confidential)
    held.moment += codes.LIFE - timedelta(seconds=1)
    assert provider.exchange(confidential, early).status == 200
    held.moment += timedelta(seconds=1)

    answer = provider.exchange(confidential, late)

    assert (answer.status, answer.body["error"]) == (400, "invalid_grant")


def test_a_second_use_of_a_code_ends_what_followed_from_the_first(provider: Provider, rack: Rack, confidential):
    code = provider.code(confidential)
    body = provider.exchange(confidential, code).body

    answer = provider.exchange(confidential, code)

    assert (answer.status, answer.body["error"]) == (400, "invalid_grant")
    assert provider.introspect(body["access_token"]) is None
    assert provider.refresh(confidential, body["refresh_token"]).body["error"] == "invalid_grant"
    with rack.database.read() as connection:
        entry = connection.execute(select(audit_entries).order_by(audit_entries.c.id.desc()).limit(1)).one()
    assert (entry.event, entry.actor, entry.details["because"]) == (
        "oauth.grant_revoked",
        confidential.client.id,
        "code_reused",
    )


def test_a_second_use_is_known_even_after_the_code_has_expired(provider: Provider, held: StandingClock, confidential):
    code = provider.code(confidential)
    body = provider.exchange(confidential, code).body
    held.moment += timedelta(minutes=10)

    provider.exchange(confidential, code)

    assert provider.introspect(body["access_token"]) is None


def test_of_twenty_who_use_one_code_at_once_one_gets_tokens_and_they_are_dead_at_once(provider: Provider, confidential):
    code = provider.code(confidential)
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: provider.exchange(confidential, code), range(20)))

    (won,) = [answer for answer in answers if answer.status == 200]
    assert {answer.body["error"] for answer in answers if answer is not won} == {"invalid_grant"}
    assert provider.introspect(won.body["access_token"]) is None


def test_another_client_can_neither_use_a_code_nor_spoil_it(provider: Provider, confidential: NewClient):
    other = provider.register(name="Other")
    code = provider.code(confidential)

    assert provider.exchange(other, code).body["error"] == "invalid_grant"

    body = provider.exchange(confidential, code).body
    assert provider.exchange(other, code).body["error"] == "invalid_grant"
    assert provider.introspect(body["access_token"]) is not None


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"code": None}, "invalid_request"),
        ({"code": "sac_nothing"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": REDIRECT + "/"}, "invalid_grant"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"code_verifier": VERIFIER[:-1] + "!"}, "invalid_request"),
        ({"code_verifier": VERIFIER + "a" * 100}, "invalid_request"),
        ({"code_verifier": VERIFIER[:-1] + "A"}, "invalid_grant"),
        ({"code_verifier": PKCE["code_challenge"]}, "invalid_grant"),
    ],
)
@pytest.mark.parametrize("kind", ["confidential", "public"])
def test_what_does_not_fit_the_code_is_refused_and_does_not_use_it_up(
    provider: Provider, request, kind: str, form: dict[str, Any], error: str
):
    made: NewClient = request.getfixturevalue(kind)
    code = provider.code(made, **PKCE)
    good = {"code_verifier": VERIFIER}

    answer = provider.exchange(made, code, **(good | form))

    assert (answer.status, answer.body["error"]) == (400, error)
    assert answer.body["error_description"].endswith(".")
    assert provider.exchange(made, code, **good).status == 200


def test_a_challenge_of_a_confidential_application_must_be_met(provider: Provider, confidential: NewClient):
    code = provider.code(confidential, **PKCE)

    assert provider.exchange(confidential, code).body["error"] == "invalid_request"


def test_a_suspended_account_gives_no_tokens(provider: Provider, rack: Rack, held: StandingClock, confidential):
    with rack.database.write() as connection:
        connection.execute(update(accounts).values(suspended_at=None))
    code = provider.code(confidential)
    body = provider.granted(confidential)
    with rack.database.write() as connection:
        connection.execute(update(accounts).values(suspended_at=held.moment))

    assert provider.exchange(confidential, code).status == 401
    assert provider.introspect(body["access_token"]) is None


def test_a_token_has_the_published_form_and_checksum():
    for kind, prefix in tokens.PREFIXES.items():
        token = tokens.mint(kind)
        assert token.startswith(prefix)
        assert len(token) == 36
