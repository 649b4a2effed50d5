"""API keys."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select, update

from soundrack import clock, ids
from soundrack.accounts import keys
from soundrack.accounts.keys import NewKey
from soundrack.accounts.people import Account
from soundrack.database.tables import api_keys
from soundrack.errors import NotAuthenticated
from soundrack.rack import Rack
from soundrack.service import Service


@pytest.fixture
def key(rack: Rack, account: Account) -> NewKey:
    with rack.database.write() as connection:
        return keys.create(connection, rack.secret, account.id, Service.BLACKLAB, "a label")


def authenticate(rack: Rack, token: str) -> keys.Principal:
    with rack.database.read() as connection:
        return keys.authenticate(connection, rack.secret, Service.BLACKLAB, token)


def test_a_blacklab_key_has_the_decided_form(key: NewKey):
    assert re.fullmatch(r"sk_live_[0-9A-Za-z]{32}", key.token)


def test_a_key_opens_its_own_account(rack: Rack, account: Account, key: NewKey):
    principal = authenticate(rack, key.token)

    assert (principal.account_id, principal.key_id) == (account.id, key.id)


def test_the_database_holds_neither_the_key_nor_anything_that_gives_it_away(rack: Rack, key: NewKey):
    with rack.database.read() as connection:
        row = connection.execute(select(api_keys)).one()

    kept = " ".join(str(value) for value in row)
    assert key.token not in kept
    assert key.token[13:] not in kept
    assert row.shown_prefix == key.token[:12]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _token: "",
        lambda token: token[:-1],
        lambda token: token + "0",
        lambda token: token.swapcase(),
        lambda token: "sk_test_" + token[8:],
        lambda token: token[:8] + "é" * 32,
        lambda _token: ids.key("sk_live_"),
    ],
)
def test_anything_but_the_key_is_refused(rack: Rack, key: NewKey, spoil):
    with pytest.raises(NotAuthenticated):
        authenticate(rack, spoil(key.token))


def test_a_revoked_key_is_refused_at_once(rack: Rack, key: NewKey):
    with rack.database.write() as connection:
        connection.execute(update(api_keys).values(revoked_at=clock.now()))

    with pytest.raises(NotAuthenticated):
        authenticate(rack, key.token)
