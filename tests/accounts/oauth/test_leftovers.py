"""What is forgotten, and what is not."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.oauth.leftovers import CODE_MEMORY, sweep
from soundrack.database.tables import oauth_codes, oauth_grants, oauth_tokens
from soundrack.rack import Rack
from tests.accounts.oauth.provider import Provider
from tests.standing_clock import StandingClock


def rows(rack: Rack) -> tuple[int, ...]:
    with rack.database.read() as connection:
        return tuple(
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (oauth_grants, oauth_codes, oauth_tokens)
        )


def swept(rack: Rack) -> int:
    with rack.database.write() as connection:
        return sweep(connection)


def test_each_thing_goes_when_nobody_can_need_it(
    provider: Provider, rack: Rack, held: StandingClock, public: NewClient
):
    provider.granted(public)
    provider.code(public)
    assert swept(rack) == 0
    assert rows(rack) == (2, 2, 2)

    held.moment += timedelta(hours=1)
    assert swept(rack) == 1
    assert rows(rack) == (2, 2, 1)

    held.moment += CODE_MEMORY
    assert swept(rack) == 3
    assert rows(rack) == (1, 0, 1)

    held.moment += timedelta(days=30)
    assert swept(rack) == 2
    assert rows(rack) == (0, 0, 0)
    assert swept(rack) == 0


def test_a_used_refresh_token_is_remembered_as_long_as_it_would_have_lived(
    provider: Provider, rack: Rack, held: StandingClock, public: NewClient
):
    stolen = provider.granted(public)["refresh_token"]
    held.moment += timedelta(days=20)
    kept = provider.refresh(public, stolen).body["refresh_token"]
    held.moment += timedelta(days=9)
    swept(rack)

    assert provider.refresh(public, stolen).body["error"] == "invalid_grant"
    assert provider.introspect(kept) is None


def test_what_is_in_use_survives_every_round(provider: Provider, rack: Rack, held: StandingClock, public: NewClient):
    body = provider.granted(public)
    for _ in range(5):
        held.moment += timedelta(days=29)
        body = provider.refresh(public, body["refresh_token"]).body
        swept(rack)

    assert provider.introspect(body["access_token"]) is not None
    assert rows(rack)[0] == 1
