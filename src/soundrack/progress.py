"""How an engine tells how far it is."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, float], None]
"""Called with the name of the stage at work and the fraction of the whole done, 0 to 1, never falling."""


def silent(stage: str, fraction: float) -> None:
    """Report to nobody."""
