"""A clock whose hands a test moves, and times that lie near the edges of a window."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from soundrack.billing.windows import Rate

START = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)

MINUTE = 60_000_000
SECOND = 1_000_000


class Hands:
    """Stands still unless it is moved; put in the place of ``clock.now``."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def move(self, microseconds: int) -> None:
        self.moment += timedelta(microseconds=microseconds)


RATES = st.builds(Rate, st.integers(1, 6), st.none() | st.integers(1, 4))

STEPS = st.one_of(
    st.sampled_from([0, 0, 0, 1, SECOND - 1, SECOND, SECOND + 1, MINUTE - 1, MINUTE, MINUTE + 1]),
    st.integers(0, 2 * SECOND),
    st.integers(0, MINUTE // 2),
    # the clock goes back
    st.integers(-3 * MINUTE, 0),
)
