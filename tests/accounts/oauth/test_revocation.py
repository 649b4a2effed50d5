"""Tokens given back (RFC 7009), and consent withdrawn."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from soundrack.accounts import people
from soundrack.accounts.oauth import consent
from soundrack.accounts.oauth.clients import NewClient
from soundrack.database.tables import audit_entries
from soundrack.errors import NotFound
from soundrack.rack import Rack
from tests.accounts.oauth.provider import ORIGIN, Provider
from tests.standing_clock import StandingClock


@pytest.fixture
def granted(provider: Provider, public: NewClient) -> dict[str, Any]:
    return provider.granted(public)


@pytest.mark.one_database
@pytest.mark.parametrize("hint", [None, "refresh_token", "access_token", "nonsense"])
def test_a_refresh_token_takes_everything_of_its_consent_along(provider: Provider, public, granted, hint):
    other = provider.granted(public)

    answer = provider.revoke(public, token=granted["refresh_token"], token_type_hint=hint)

    assert (answer.status, answer.body) == (200, {})
    assert provider.introspect(granted["access_token"]) is None
    assert provider.refresh(public, granted["refresh_token"]).body["error"] == "invalid_grant"
    assert provider.introspect(other["access_token"]) is not None


def test_an_access_token_goes_alone(provider: Provider, public: NewClient, granted):
    assert provider.revoke(public, token=granted["access_token"]).status == 200

    assert provider.introspect(granted["access_token"]) is None
    assert provider.refresh(public, granted["refresh_token"]).status == 200


@pytest.mark.one_database
@pytest.mark.parametrize("token", ["nothing", "srt_" + "0" * 32, "'; --"])
def test_an_unknown_token_is_as_good_as_revoked(provider: Provider, public: NewClient, token: str):
    for _ in range(2):
        assert provider.revoke(public, token=token).status == 200


def test_a_token_may_be_given_back_twice(provider: Provider, rack: Rack, public: NewClient, granted):
    for _ in range(2):
        assert provider.revoke(public, token=granted["refresh_token"]).status == 200

    with rack.database.read() as connection:
        events = connection.execute(select(audit_entries.c.event)).scalars().all()
    assert events.count("oauth.grant_revoked") == 1


def test_another_clients_token_is_refused_and_stays(provider: Provider, public: NewClient, granted):
    other = provider.register(confidential=False)

    answer = provider.revoke(other, token=granted["refresh_token"])

    assert (answer.status, answer.body["error"]) == (400, "invalid_grant")
    assert provider.introspect(granted["refresh_token"]) is not None


@pytest.mark.one_database
def test_a_client_must_prove_who_it_is_and_name_a_token(provider: Provider, confidential: NewClient):
    token = provider.granted(confidential)["refresh_token"]

    assert provider.revoke(NewClient(confidential.client, "scs_wrong"), token=token).status == 401
    assert provider.revoke(NewClient(confidential.client, None), token=token).status == 401
    assert provider.revoke(confidential).body["error"] == "invalid_request"
    assert provider.introspect(token) is not None


def test_a_person_sees_what_is_granted_and_since_when(provider: Provider, rack: Rack, held: StandingClock, public):
    since = held.moment
    provider.granted(public, scope="mastering:write")
    held.moment += timedelta(hours=2)
    provider.granted(public, scope="mastering:read")
    with rack.database.read() as connection:
        (found,) = consent.standing(connection, provider.account.id)

    assert (found.client_id, found.name, found.service) == (public.client.id, "Mixdown", "blacklab")
    assert (found.scope, found.since) == ("mastering:read mastering:write", since)


def test_what_has_run_out_is_not_shown(provider: Provider, rack: Rack, held: StandingClock, public, confidential):
    provider.granted(public)
    provider.code(confidential)
    held.moment += timedelta(minutes=1)
    with rack.database.read() as connection:
        assert [found.client_id for found in consent.standing(connection, provider.account.id)] == [public.client.id]
    held.moment += timedelta(days=30)

    with rack.database.read() as connection:
        assert consent.standing(connection, provider.account.id) == []


def test_a_person_who_withdraws_ends_everything_of_that_application(provider: Provider, rack, public, confidential):
    first, second, other = provider.granted(public), provider.granted(public), provider.granted(confidential)
    code = provider.code(public)
    with rack.database.write() as connection:
        consent.withdraw(connection, ORIGIN, provider.account.id, public.client.id)

    for body in (first, second):
        assert provider.introspect(body["access_token"]) is None
        assert provider.refresh(public, body["refresh_token"]).body["error"] == "invalid_grant"
    assert provider.exchange(public, code).body["error"] == "invalid_grant"
    assert provider.introspect(other["access_token"]) is not None
    with rack.database.write() as connection, pytest.raises(NotFound):
        consent.withdraw(connection, ORIGIN, provider.account.id, public.client.id)


def test_nobody_can_withdraw_for_somebody_else(provider: Provider, rack: Rack, public: NewClient, granted):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        with pytest.raises(NotFound):
            consent.withdraw(connection, ORIGIN, other.id, public.client.id)

    assert provider.introspect(granted["access_token"]) is not None
