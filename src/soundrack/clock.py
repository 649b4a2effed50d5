"""The one clock of the house, so that a test can hold it still."""

from __future__ import annotations

from datetime import UTC, datetime


def now() -> datetime:
    """Return the present moment, aware, in UTC."""
    return datetime.now(UTC)


def iso_seconds(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC to the second, ending in ``Z``.

    >>> iso_seconds(datetime(2025, 1, 15, 10, 30, 0, 999_000, tzinfo=UTC))
    '2025-01-15T10:30:00Z'
    """
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"
