"""Applications that act for those who registered them (RFC 6749, 4.4)."""

from __future__ import annotations

import pytest

from soundrack.accounts.oauth import clients, consent
from soundrack.accounts.oauth.clients import NewClient
from soundrack.rack import Rack
from tests.accounts.oauth.provider import ORIGIN, Provider


@pytest.fixture
def own(provider: Provider) -> NewClient:
    return provider.register(grant_types=["client_credentials"], redirect_uris=[])


def test_it_acts_as_the_account_that_registered_it(provider: Provider, own: NewClient):
    answer = provider.token(own, grant_type="client_credentials", scope="assets:write mastering:read")

    assert set(answer.body) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.body["scope"] == "mastering:read assets:write"
    token = provider.introspect(answer.body["access_token"])
    assert token is not None
    assert (token.account_id, token.scope) == (provider.account.id, "mastering:read assets:write")


@pytest.mark.one_database
@pytest.mark.parametrize("scope", [None, "", " ", "account:read", "mastering:read account:read", "everything"])
def test_it_gets_no_more_than_it_was_registered_for_and_must_say_what(provider: Provider, own: NewClient, scope):
    answer = provider.token(own, grant_type="client_credentials", scope=scope)

    assert (answer.status, answer.body["error"]) == (400, "invalid_scope")


def test_it_is_no_consent_of_a_person(provider: Provider, rack: Rack, own: NewClient):
    provider.token(own, grant_type="client_credentials", scope="mastering:read")

    with rack.database.read() as connection:
        assert consent.standing(connection, provider.account.id) == []


def test_its_tokens_fall_with_it(provider: Provider, rack: Rack, own: NewClient):
    body = provider.token(own, grant_type="client_credentials", scope="mastering:read").body
    with rack.database.write() as connection:
        clients.revoke(connection, rack.secret, ORIGIN, own.client.id)

    assert provider.introspect(body["access_token"]) is None
    again = provider.token(own, grant_type="client_credentials", scope="mastering:read")
    assert (again.status, again.body["error"]) == (401, "invalid_client")
