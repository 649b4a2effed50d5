"""How an engine tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the name of the stage at work and the fraction of the whole done, 0 to 1, never falling."""


def silent(stage: str, fraction: float) -> None:
    """Report to nobody."""


def part_of(progress: Progress, number: int, count: int) -> Progress:
    """Return what one of several equal parts tells, the first of which has the number 0."""
    return lambda stage, fraction: progress(stage, (number + fraction) / count)
