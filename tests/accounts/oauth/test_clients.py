"""Applications and their secrets."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from soundrack import clock
from soundrack.accounts import people
from soundrack.accounts.oauth import clients
from soundrack.accounts.oauth.clients import NewClient
from soundrack.database.tables import accounts, audit_entries, oauth_clients
from soundrack.errors import Conflict, Invalid, NotFound
from soundrack.rack import Rack
from soundrack.service import Service
from tests.accounts.oauth.provider import ORIGIN, REDIRECT, Provider


def events(rack: Rack) -> list[str]:
    with rack.database.read() as connection:
        return list(connection.execute(select(audit_entries.c.event).order_by(audit_entries.c.id)).scalars())


def test_a_confidential_application_gets_a_secret_that_is_kept_as_a_digest(rack: Rack, confidential: NewClient):
    secret = confidential.client_secret
    assert secret is not None
    assert re.fullmatch(r"scs_[0-9A-Za-z]{32}", secret)
    assert re.fullmatch(r"app_[0-9a-z]{12}", confidential.client.id)
    with rack.database.read() as connection:
        kept = str(connection.execute(select(oauth_clients)).one())
    assert secret not in kept
    assert secret not in repr(confidential)
    assert secret[10:] not in kept


def test_a_public_application_gets_none(public: NewClient):
    assert public.client_secret is None
    assert public.client.is_public


def test_registering_rotating_and_revoking_are_audited(rack: Rack, confidential: NewClient):
    with rack.database.write() as connection:
        clients.rotate_secret(connection, rack.secret, ORIGIN, confidential.client.id)
        for _ in range(2):
            clients.revoke(connection, rack.secret, ORIGIN, confidential.client.id)

    assert events(rack) == ["oauth.client_registered", "oauth.client_secret_rotated", "oauth.client_revoked"]


def test_scopes_grants_and_places_are_kept_once_and_in_order(provider: Provider):
    made = provider.register(
        scope=" assets:write  mastering:read assets:write",
        redirect_uris=[REDIRECT, REDIRECT],
        grant_types=["refresh_token", "authorization_code"],
    )

    assert made.client.scope == "mastering:read assets:write"
    assert made.client.redirect_uris == (REDIRECT,)
    assert made.client.grant_types == ("authorization_code", "refresh_token")


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": "a" * 81}, "name"),
        ({"name": "Mix\ndown"}, "name"),
        ({"name": "Mix\u202edown"}, "name"),
        ({"name": "Mix\u200bdown"}, "name"),
        ({"scope": ""}, "scope"),
        ({"scope": "mastering:read everything"}, "scope"),
        ({"scope": "mastering:read\tmastering:write"}, "scope"),
        ({"scope": "MASTERING:READ"}, "scope"),
        ({"service": Service.MASTERIFY}, "service"),
        ({"redirect_uris": []}, "redirect_uris"),
        ({"redirect_uris": [f"{REDIRECT}/{n}" for n in range(11)]}, "redirect_uris"),
        ({"redirect_uris": ["http://app.example/"]}, "redirect_uris"),
        ({"grant_types": ["client_credentials"]}, "redirect_uris"),
        ({"grant_types": []}, "grant_types"),
        ({"grant_types": ["password"]}, "grant_types"),
        ({"grant_types": ["implicit", "authorization_code"]}, "grant_types"),
        ({"grant_types": ["refresh_token", "client_credentials"]}, "grant_types"),
        ({"grant_types": ["authorization_code", "client_credentials"], "confidential": False}, "grant_types"),
    ],
)
def test_what_cannot_be_registered_names_its_field(provider: Provider, values, field: str):
    with pytest.raises(Invalid) as caught:
        provider.register(**values)

    assert caught.value.field == field


@pytest.mark.one_database
def test_an_account_has_at_most_fifty_and_a_revoked_one_makes_room(provider: Provider, rack: Rack):
    made = [provider.register() for _ in range(clients.MOST_CLIENTS)]
    with pytest.raises(Conflict, match="50"):
        provider.register()

    with rack.database.write() as connection:
        clients.revoke(connection, rack.secret, ORIGIN, made[0].client.id)

    assert provider.register()


def test_a_new_secret_is_taken_and_the_old_one_is_not(provider: Provider, rack: Rack, confidential: NewClient):
    with rack.database.write() as connection:
        fresh = clients.rotate_secret(connection, rack.secret, ORIGIN, confidential.client.id)

    refused = provider.token(confidential, grant_type="client_credentials")
    taken = provider.token(NewClient(confidential.client, fresh), grant_type="client_credentials")

    assert (refused.status, refused.body["error"]) == (401, "invalid_client")
    assert (taken.status, taken.body["error"]) == (400, "unauthorized_client")


def test_a_public_or_revoked_application_has_no_secret_to_change(rack: Rack, confidential, public):
    with rack.database.write() as connection:
        clients.revoke(connection, rack.secret, ORIGIN, confidential.client.id)
        for made in (confidential, public):
            with pytest.raises(Conflict):
                clients.rotate_secret(connection, rack.secret, ORIGIN, made.client.id)


def test_another_account_can_neither_see_nor_end_nor_change_it(rack: Rack, confidential: NewClient):
    with rack.database.write() as connection:
        other = people.create(connection, "other@example.com")
        for act in (clients.revoke, clients.rotate_secret):
            with pytest.raises(NotFound):
                act(connection, rack.secret, ORIGIN, confidential.client.id, account_id=other.id)
        assert clients.owned(connection, rack.secret, other.id) == []
        assert [client.id for client in clients.owned(connection, rack.secret)] == [confidential.client.id]
        with pytest.raises(NotFound):
            clients.revoke(connection, rack.secret, ORIGIN, "app_nothing")


def test_an_application_of_a_suspended_account_is_unknown(provider: Provider, rack: Rack, confidential: NewClient):
    code = provider.code(confidential)
    with rack.database.write() as connection:
        connection.execute(update(accounts).values(suspended_at=clock.now()))

    assert provider.exchange(confidential, code).body["error"] == "invalid_client"
