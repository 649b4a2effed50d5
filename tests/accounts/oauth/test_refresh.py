"""Refresh tokens: exchanged once, told twice for a moment, and a theft found out (RFC 9700, 4.14.2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from soundrack import clock, ids
from soundrack.accounts.oauth import tokens
from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.oauth.tokens import Kind
from soundrack.database.tables import audit_entries, oauth_tokens
from soundrack.rack import Rack
from soundrack.secret import Secret
from tests.accounts.oauth.provider import SCOPE, Provider
from tests.standing_clock import StandingClock

AFTER_GRACE = tokens.GRACE + timedelta(seconds=1)


@pytest.fixture
def granted(provider: Provider, held: StandingClock, public: NewClient) -> dict[str, Any]:
    return provider.granted(public)


def live_refresh_tokens(rack: Rack) -> int:
    with rack.database.read() as connection:
        return connection.execute(
            select(func.count())
            .select_from(oauth_tokens)
            .where(
                oauth_tokens.c.kind == Kind.REFRESH,
                oauth_tokens.c.used_at.is_(None),
                oauth_tokens.c.expires_at > clock.now(),
            )
        ).scalar_one()


def reuses(rack: Rack) -> int:
    with rack.database.read() as connection:
        return connection.execute(
            select(func.count()).where(audit_entries.c.event == "oauth.refresh_reused")
        ).scalar_one()


def test_a_refresh_token_gives_new_ones_and_the_access_token_goes_on(provider: Provider, rack, public, granted):
    answer = provider.refresh(public, granted["refresh_token"])

    assert answer.status == 200
    assert answer.body | {"access_token": "", "refresh_token": ""} == {
        "access_token": "",
        "token_type": "Bearer",
        "expires_in": 3600,
        "refresh_token": "",
        "scope": SCOPE,
    }
    assert answer.body["access_token"] != granted["access_token"]
    assert answer.body["refresh_token"] != granted["refresh_token"]
    assert provider.introspect(answer.body["access_token"]) is not None
    assert provider.introspect(granted["access_token"]) is not None
    assert provider.introspect(granted["refresh_token"]) is None
    assert live_refresh_tokens(rack) == 1


def test_a_client_that_lost_the_answer_is_told_the_same_again(provider: Provider, rack, held, public, granted):
    first = provider.refresh(public, granted["refresh_token"]).body
    held.moment += tokens.GRACE

    again = provider.refresh(public, granted["refresh_token"]).body

    assert again == first | {"expires_in": 3600 - int(tokens.GRACE.total_seconds())}
    assert live_refresh_tokens(rack) == 1
    assert provider.refresh(public, again["refresh_token"]).status == 200
    assert reuses(rack) == 0


def test_a_used_refresh_token_ends_everything_when_the_moment_is_over(provider: Provider, rack, held, public, granted):
    body = provider.refresh(public, granted["refresh_token"]).body
    held.moment += AFTER_GRACE

    answer = provider.refresh(public, granted["refresh_token"])

    assert (answer.status, answer.body["error"]) == (400, "invalid_grant")
    for token in (body["access_token"], body["refresh_token"], granted["access_token"]):
        assert provider.introspect(token) is None
    assert provider.refresh(public, body["refresh_token"]).body["error"] == "invalid_grant"
    assert reuses(rack) == 1


def test_a_used_refresh_token_ends_everything_at_once_when_its_successor_was_used(
    provider: Provider, rack, public, granted
):
    """Whoever used the successor had the first answer: this is somebody else."""
    second = provider.refresh(public, granted["refresh_token"]).body
    third = provider.refresh(public, second["refresh_token"]).body

    assert provider.refresh(public, granted["refresh_token"]).body["error"] == "invalid_grant"

    assert provider.introspect(third["access_token"]) is None
    assert provider.refresh(public, third["refresh_token"]).body["error"] == "invalid_grant"
    assert reuses(rack) == 1


def test_a_thief_who_was_in_time_is_found_out_with_the_next_use(provider: Provider, rack, held, public, granted):
    owner = provider.refresh(public, granted["refresh_token"]).body
    thief = provider.refresh(public, granted["refresh_token"]).body
    held.moment += AFTER_GRACE
    thief = provider.refresh(public, thief["refresh_token"]).body
    held.moment += AFTER_GRACE

    assert provider.refresh(public, owner["refresh_token"]).body["error"] == "invalid_grant"

    assert provider.introspect(thief["access_token"]) is None
    assert reuses(rack) == 1


def test_of_twenty_exchanges_at_once_one_happens_and_all_are_told_the_same(provider: Provider, rack, public, granted):
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: provider.refresh(public, granted["refresh_token"]), range(20)))

    assert [answer.status for answer in answers] == [200] * 20
    assert len({answer.body["access_token"] for answer in answers}) == 1
    assert len({answer.body["refresh_token"] for answer in answers}) == 1
    assert live_refresh_tokens(rack) == 1
    assert reuses(rack) == 0


def test_successors_are_known_to_the_house_alone_and_differ_by_kind():
    house, other = Secret(b"a" * 32), Secret(b"b" * 32)
    token = tokens.mint(Kind.REFRESH)

    made = {tokens.successor(secret, token, kind)[4:] for secret in (house, other) for kind in Kind}

    assert len(made) == 4
    for kind in Kind:
        successor = tokens.successor(house, token, kind)
        assert successor == tokens.successor(house, token, kind)
        assert len(successor) == len(token)
        assert successor[-6:] == ids.checksum(successor[:-6])
        assert set(successor[4:]) <= set(ids.BASE62)


def test_a_refresh_token_lives_thirty_days_from_its_making(provider: Provider, held: StandingClock, public, granted):
    held.moment += timedelta(days=30) - timedelta(seconds=1)
    body = provider.refresh(public, granted["refresh_token"]).body
    held.moment += timedelta(days=30) - timedelta(seconds=1)
    body = provider.refresh(public, body["refresh_token"]).body
    held.moment += timedelta(days=30)

    assert provider.refresh(public, body["refresh_token"]).body["error"] == "invalid_grant"


def test_an_access_token_lives_an_hour(provider: Provider, held: StandingClock, granted):
    held.moment += timedelta(hours=1) - timedelta(seconds=1)
    assert provider.introspect(granted["access_token"]) is not None
    held.moment += timedelta(seconds=1)

    assert provider.introspect(granted["access_token"]) is None


def test_less_may_be_asked_for_and_the_next_time_all_again(provider: Provider, public: NewClient, granted):
    less = provider.refresh(public, granted["refresh_token"], scope="mastering:read").body
    all_again = provider.refresh(public, less["refresh_token"]).body

    token = provider.introspect(less["access_token"])
    assert token is not None
    assert (less["scope"], token.scope) == ("mastering:read", "mastering:read")
    assert all_again["scope"] == SCOPE


@pytest.mark.one_database
@pytest.mark.parametrize("scope", ["assets:write", "mastering:read assets:write", "everything", " "])
def test_more_than_was_granted_is_refused_and_uses_nothing_up(provider: Provider, public, granted, scope: str):
    answer = provider.refresh(public, granted["refresh_token"], scope=scope)

    assert answer.body["error"] == "invalid_scope"
    assert provider.refresh(public, granted["refresh_token"]).status == 200


@pytest.mark.one_database
@pytest.mark.parametrize("used", [False, True])
def test_another_client_can_neither_use_a_refresh_token_nor_end_it(provider: Provider, held, public, granted, used):
    other = provider.register(confidential=False)
    body = provider.refresh(public, granted["refresh_token"]).body if used else granted
    held.moment += AFTER_GRACE

    assert provider.refresh(other, granted["refresh_token"]).body["error"] == "invalid_grant"

    assert provider.refresh(public, body["refresh_token"]).status == 200


@pytest.mark.one_database
@pytest.mark.parametrize("name", ["access_token", "nothing"])
def test_nothing_else_is_a_refresh_token(provider: Provider, public: NewClient, granted, name: str):
    token = granted.get(name, "srt_nothing")

    assert provider.refresh(public, token).body["error"] == "invalid_grant"
    assert provider.refresh(public, "").body["error"] == "invalid_request"
    assert provider.introspect(granted["access_token"]) is not None


def test_a_client_that_gave_the_new_access_token_back_is_not_told_it_again(provider: Provider, rack, public, granted):
    """It had the answer, so whoever asks again is somebody else."""
    body = provider.refresh(public, granted["refresh_token"]).body
    provider.revoke(public, token=body["access_token"])

    assert provider.refresh(public, granted["refresh_token"]).body["error"] == "invalid_grant"

    assert provider.introspect(body["refresh_token"]) is None
    assert reuses(rack) == 1
