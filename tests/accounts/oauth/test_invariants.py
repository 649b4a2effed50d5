"""Whatever happens in whatever order: of each consent at most one refresh token is alive, and none after a theft."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from soundrack.accounts.oauth import consent, tokens
from soundrack.accounts.oauth.clients import NewClient
from soundrack.accounts.oauth.leftovers import CODE_MEMORY, sweep
from soundrack.errors import NotFound
from tests.accounts.oauth.provider import ORIGIN, Provider
from tests.standing_clock import StandingClock

_REFRESH_LIFE_S = tokens.REFRESH_LIFE.total_seconds()
_CODE_KNOWN_S = 60 + CODE_MEMORY.total_seconds()

BACK = st.integers(0, 5)
STEPS = st.one_of(
    st.tuples(st.just("refresh"), BACK),
    st.tuples(st.just("wait"), st.sampled_from([1, 29, 31, 3601, 86_400, 20 * 86_400])),
    st.tuples(st.just("give_back"), BACK),
    st.tuples(st.just("give_back_access"), BACK),
    st.tuples(st.sampled_from(["replay_code", "withdraw", "sweep"]), st.just(0)),
)


@dataclass
class Consent:
    """One consent on the server, and beside it what ought to be so: the chain of its tokens, newest last."""

    provider: Provider
    held: StandingClock
    client: NewClient
    code: str
    refresh_tokens: list[str] = field(default_factory=list)
    access_tokens: list[str] = field(default_factory=list)
    made_at_s: list[float] = field(default_factory=list)
    used_at_s: list[float] = field(default_factory=list)
    given_back: set[str] = field(default_factory=set)
    now_s: float = 0.0
    ended: bool = False

    def note(self, body: dict[str, str]) -> None:
        self.refresh_tokens.append(body["refresh_token"])
        self.access_tokens.append(body["access_token"])
        self.made_at_s.append(self.now_s)

    def expected(self, position: int) -> str:
        """Say what an exchange of a token ought to give: new tokens, the same again, or nothing."""
        newest = len(self.refresh_tokens) - 1
        if self.ended or not self.in_time(position):
            return "nothing"
        if position == newest:
            return "new"
        moments_ago = self.now_s - self.used_at_s[position] <= tokens.GRACE.total_seconds()
        if moments_ago and position == newest - 1 and self.access_tokens[newest] not in self.given_back:
            return "again"
        self.ended = True
        return "nothing"

    def in_time(self, position: int) -> bool:
        return self.now_s - self.made_at_s[position] < _REFRESH_LIFE_S

    def refresh(self, back: int) -> None:
        position = max(0, len(self.refresh_tokens) - 1 - back)
        expected = self.expected(position)
        body = self.provider.refresh(self.client, self.refresh_tokens[position]).body
        if expected == "nothing":
            assert body["error"] == "invalid_grant"
        elif expected == "again":
            assert (body["refresh_token"], body["access_token"]) == (self.refresh_tokens[-1], self.access_tokens[-1])
        else:
            assert body["refresh_token"] not in self.refresh_tokens
            self.used_at_s.append(self.now_s)
            self.note(body)

    def wait(self, seconds: int) -> None:
        self.held.moment += timedelta(seconds=seconds)
        self.now_s += seconds

    def give_back(self, back: int) -> None:
        position = max(0, len(self.refresh_tokens) - 1 - back)
        assert self.provider.revoke(self.client, token=self.refresh_tokens[position]).status == 200
        # one that has run out may have been forgotten
        self.ended |= self.in_time(position) or self.provider.introspect(self.refresh_tokens[-1]) is None

    def give_back_access(self, back: int) -> None:
        token = self.access_tokens[max(0, len(self.access_tokens) - 1 - back)]
        assert self.provider.revoke(self.client, token=token).status == 200
        self.given_back.add(token)

    def replay_code(self, _: int) -> None:
        assert self.provider.exchange(self.client, self.code).body["error"] == "invalid_grant"
        self.ended |= self.now_s < _CODE_KNOWN_S or self.provider.introspect(self.refresh_tokens[-1]) is None

    def withdraw(self, _: int) -> None:
        with self.provider.rack.database.write() as connection:
            try:
                consent.withdraw(connection, ORIGIN, self.provider.account.id, self.client.client.id)
            except NotFound:
                assert self.ended or not self.in_time(-1)
        self.ended = True

    def sweep(self, _: int) -> None:
        with self.provider.rack.database.write() as connection:
            sweep(connection)

    def check(self) -> None:
        alive = [token for token in self.refresh_tokens if self.provider.introspect(token) is not None]
        should_live = not self.ended and self.in_time(-1)
        assert alive == (self.refresh_tokens[-1:] if should_live else [])
        opens = {token for token in self.access_tokens if self.provider.introspect(token) is not None}
        assert not opens & self.given_back
        assert not (self.ended and opens)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, max_size=14))
def test_at_most_one_refresh_token_is_alive_and_none_after_reuse(
    provider: Provider, held: StandingClock, public, steps
):
    """The last step ends the consent, so that the next example's is the only one that stands."""
    code = provider.code(public)
    granted = Consent(provider, held, public, code)
    granted.note(provider.exchange(public, code).body)
    for step, value in [*steps, ("withdraw", 0)]:
        getattr(granted, step)(value)
        granted.check()
