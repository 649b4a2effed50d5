"""A clock that stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from soundrack import clock


class StandingClock:
    """Stands at a moment; everybody in the process reads it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = datetime(2026, 5, 1, 12, 0, 0, tzinfo=UTC)
        monkeypatch.setattr(clock, "now", lambda: self.moment)

    def go_on(self, **time: float) -> None:
        """Move it: ``go_on(minutes=1)``."""
        self.moment += timedelta(**time)
