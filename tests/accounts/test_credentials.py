"""Who is behind a token: a key or an OAuth access token."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import insert, update

from soundrack import clock, ids
from soundrack.accounts import credentials, keys, networks, people
from soundrack.accounts.credentials import Principal
from soundrack.accounts.last_use import LastUse
from soundrack.accounts.people import Account
from soundrack.billing import subscriptions
from soundrack.database.lookups import Lookups
from soundrack.database.tables import accounts, api_keys, oauth_clients, oauth_grants, oauth_tokens
from soundrack.errors import NotAuthenticated, Why
from soundrack.rack import Rack
from soundrack.secret import Secret
from soundrack.service import Service

HERE = Service.BLACKLAB


def authenticate(rack: Rack, token: str, service: Service = HERE) -> Principal:
    async def act() -> Principal:
        try:
            return await credentials.authenticate(rack.lookups, rack.secret, service, token)
        finally:
            await rack.lookups.close()

    return asyncio.run(act())


def refused(rack: Rack, token: str, service: Service = HERE) -> Why:
    with pytest.raises(NotAuthenticated) as raised:
        authenticate(rack, token, service)
    assert token not in str(raised.value)
    return raised.value.why


@pytest.fixture
def token(rack: Rack, account: Account) -> str:
    with rack.database.write() as connection:
        return keys.create(connection, rack.secret, account.id, HERE, "").token


@pytest.fixture
def access_token(rack: Rack, account: Account) -> str:
    """A person's consent to somebody else's application, and the token that followed."""
    made, now = ids.key("sat_"), clock.now()
    digest = hmac.digest(rack.secret.key("oauth tokens"), made.encode(), hashlib.sha256).hex()
    with rack.database.write() as connection:
        developer = people.create(connection, "developer@example.com")
        connection.execute(
            insert(oauth_clients).values(
                id="app_1",
                account_id=developer.id,
                service=HERE,
                name="app",
                redirect_uris=[],
                grant_types=[],
                scope="mastering:read",
                created_at=now,
            )
        )
        connection.execute(
            insert(oauth_grants).values(
                id="grant_1", account_id=account.id, client_id="app_1", scope="mastering:read", created_at=now
            )
        )
        connection.execute(
            insert(oauth_tokens).values(
                digest=digest,
                kind="access",
                grant_id="grant_1",
                scope="mastering:read account:read",
                created_at=now,
                expires_at=now + timedelta(hours=1),
            )
        )
    return made


def change(rack: Rack, statement: Any) -> None:
    with rack.database.write() as connection:
        assert connection.execute(statement).rowcount == 1


@pytest.mark.parametrize("service", list(Service))
def test_a_key_of_each_service_opens_that_service_for_its_account(rack: Rack, account: Account, service: Service):
    with rack.database.write() as connection:
        made = keys.create(connection, rack.secret, account.id, service, "")

    principal = authenticate(rack, made.token, service)

    assert principal == Principal(account_id=account.id, service=service, subject=made.id, key_id=made.id)
    for other in set(Service) - {service}:
        assert refused(rack, made.token, other) in {Why.MALFORMED, Why.UNKNOWN}


def test_a_key_of_another_service_with_the_same_form_is_unknown(rack: Rack, account: Account, token: str):
    change(rack, update(api_keys).values(service=Service.SIGNALKEY))

    assert refused(rack, token) is Why.UNKNOWN


def test_an_access_token_opens_what_was_consented_to(rack: Rack, account: Account, access_token: str):
    principal = authenticate(rack, access_token)

    assert principal.account_id == account.id
    assert (principal.client_id, principal.key_id) == ("app_1", None)
    assert principal.scopes == frozenset({"mastering:read", "account:read"})
    assert principal.subject == f"app_1 {account.id}"


def test_an_access_token_works_at_its_client_s_service_only(rack: Rack, access_token: str):
    assert refused(rack, access_token, Service.MASTERIFY) is Why.UNKNOWN


def test_a_refresh_token_is_no_access_token(rack: Rack, access_token: str):
    change(rack, update(oauth_tokens).values(kind="refresh"))

    assert refused(rack, access_token) is Why.UNKNOWN


@pytest.mark.parametrize("table", [oauth_grants, oauth_clients], ids=lambda table: table.name)
def test_what_an_access_token_follows_from_can_be_revoked_at_once(rack: Rack, access_token: str, table):
    authenticate(rack, access_token)
    change(rack, update(table).values(revoked_at=clock.now()))

    assert refused(rack, access_token) is Why.UNKNOWN


def test_a_revoked_key_is_refused_at_once_in_every_process(rack: Rack, token: str):
    """The lookups stay open meanwhile, as in a server, and somebody else revokes."""

    async def use_revoke_use() -> None:
        await credentials.authenticate(rack.lookups, rack.secret, HERE, token)
        change(rack, update(api_keys).values(revoked_at=clock.now()))
        with pytest.raises(NotAuthenticated, match="revoked"):
            await credentials.authenticate(rack.lookups, rack.secret, HERE, token)
        await rack.lookups.close()

    asyncio.run(use_revoke_use())


def test_a_key_and_an_access_token_end_at_the_moment_they_expire(rack: Rack, token, access_token, monkeypatch):
    ends_at = clock.now() + timedelta(hours=2)
    change(rack, update(api_keys).values(expires_at=ends_at))
    change(rack, update(oauth_tokens).values(expires_at=ends_at))

    for known in (token, access_token):
        monkeypatch.setattr(clock, "now", lambda: ends_at - timedelta(microseconds=1))
        authenticate(rack, known)
        monkeypatch.setattr(clock, "now", lambda: ends_at)
        assert refused(rack, known) is Why.UNKNOWN


def test_a_suspended_account_is_refused_whatever_it_shows(rack: Rack, account: Account, token, access_token):
    change(rack, update(accounts).where(accounts.c.id == account.id).values(suspended_at=clock.now()))

    assert refused(rack, token) is Why.UNKNOWN
    assert refused(rack, access_token) is Why.UNKNOWN


def test_the_plan_and_the_allow_list_are_those_of_this_service(rack: Rack, account: Account, token, access_token):
    with rack.database.write() as connection:
        subscriptions.subscribe(connection, account.id, HERE, "pro")
        subscriptions.subscribe(connection, account.id, Service.MASTERIFY, "studio")
        for service, network in [(HERE, "192.0.2.0/24"), (HERE, "2001:db8::/32"), (Service.MASTERIFY, "10.0.0.0/8")]:
            networks.add(connection, account.id, service, network)

    for known in (token, access_token):
        principal = authenticate(rack, known)
        assert principal.plan == "pro"
        assert set(principal.networks) == {"192.0.2.0/24", "2001:db8::/32"}


class Unreachable(Lookups):
    """A database that may not be asked."""

    def __init__(self) -> None:
        pass

    def prepare(self, *_statement: Any) -> Any:
        raise AssertionError("the database was asked")


def spoil(token: str) -> list[str]:
    return [
        "",
        token[:-1],
        token + "0",
        token.swapcase(),
        token[:-1] + ("0" if token[-1] != "0" else "1"),
        token[:4] + "é" * 32,
        token.replace("_", "-"),
        " " + token,
        token + "\n",
        token * 1000,
        token[:8] + "\0" * 32,
    ]


@pytest.mark.parametrize("make", [lambda: ids.key("sk_live_"), lambda: ids.key("sat_")], ids=["key", "access token"])
@pytest.mark.one_database
def test_what_cannot_be_a_token_never_reaches_the_database(make: Callable[[], str]):
    for spoilt in spoil(make()):
        with pytest.raises(NotAuthenticated) as raised:
            asyncio.run(credentials.authenticate(Unreachable(), Secret(b"x" * 32), HERE, spoilt))
        assert raised.value.why is Why.MALFORMED


@given(text=st.text(max_size=80), service=st.sampled_from(Service), prefix=st.sampled_from(["", "sk_live_", "sat_"]))
def test_no_text_breaks_it(text: str, service: Service, prefix: str):
    class Empty(Unreachable):
        def prepare(self, *_statement: Any) -> Any:
            return None

        async def first(self, prepared: Any, **parameters: Any) -> None:  # noqa: ARG002
            return None

    with pytest.raises(NotAuthenticated):
        asyncio.run(credentials.authenticate(Empty(), Secret(b"x" * 32), service, prefix + text))


def last_used(rack: Rack) -> Any:
    with rack.database.read() as connection:
        return connection.execute(api_keys.select()).one().last_used_at


def test_when_a_key_was_used_is_written_later_and_together(rack: Rack, account: Account, token: str, monkeypatch):
    noted, key_id = LastUse(), authenticate(rack, token).key_id
    assert key_id is not None
    noted.note(key_id)
    now = clock.now() + timedelta(seconds=5)
    monkeypatch.setattr(clock, "now", lambda: now)
    noted.note(key_id)
    noted.note("key_that_is_gone")
    assert last_used(rack) is None

    assert noted.write(rack.database) == 2

    assert last_used(rack) == now
    assert noted.write(rack.database) == 0


def test_an_earlier_use_never_takes_the_place_of_a_later_one(rack: Rack, token: str, monkeypatch):
    noted, key_id, later = LastUse(), authenticate(rack, token).key_id, clock.now() + timedelta(hours=1)
    assert key_id is not None
    change(rack, update(api_keys).values(last_used_at=later))
    noted.note(key_id)

    noted.write(rack.database)

    assert last_used(rack) == later


def test_what_could_not_be_written_is_not_forgotten(rack: Rack, token: str, monkeypatch):
    noted, key_id = LastUse(), authenticate(rack, token).key_id
    assert key_id is not None
    noted.note(key_id)

    def fail() -> None:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(rack.database, "write", fail)
        with pytest.raises(OSError, match="disk full"):
            noted.write(rack.database)

    assert noted.write(rack.database) == 1
    assert last_used(rack) is not None
