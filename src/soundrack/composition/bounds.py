"""What every order is held to."""

from __future__ import annotations

import math

from soundrack.errors import Invalid

MOST_SEED = 2**63 - 1


def check_duration(duration_s: float, shortest_s: float, longest_s: float) -> None:
    """Refuse a duration that is no number within bounds.

    Raises
    ------
    Invalid
        With the field ``duration_s``.
    """
    if not (math.isfinite(duration_s) and shortest_s <= duration_s <= longest_s):
        raise Invalid(f"The duration must be {shortest_s:g} to {longest_s:g} s.", field="duration_s")


def check_seed(seed: int) -> None:
    """Refuse a seed that is not from 0 to 2**63 - 1.

    Raises
    ------
    Invalid
        With the field ``seed``.
    """
    if not 0 <= seed <= MOST_SEED:
        raise Invalid("The seed must be a whole number from 0 to 2**63 - 1.", field="seed")
