"""What is ordered: a loop or a single sound."""

from __future__ import annotations

import math
from dataclasses import dataclass

from soundrack.errors import Invalid

SHORTEST_S, LONGEST_S = 1.0, 60.0
_MOST_SEED = 2**63 - 1


@dataclass(frozen=True)
class SampleOrder:
    """A musical sample that is wanted.

    Parameters
    ----------
    prompt : str
        What is to be heard, in English or Korean; any text.
    duration_s : float
        1 to 60.
    loopable : bool
        Whether it is whole bars whose end leads to their beginning.
    seed : int
        0 to 2**63 - 1.

    Raises
    ------
    Invalid
        If duration or seed lie outside their range.
    """

    prompt: str
    duration_s: float
    loopable: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        if not (math.isfinite(self.duration_s) and SHORTEST_S <= self.duration_s <= LONGEST_S):
            raise Invalid(f"The duration must be {SHORTEST_S:g} to {LONGEST_S:g} s.", field="duration_s")
        if not 0 <= self.seed <= _MOST_SEED:
            raise Invalid("The seed must be a whole number from 0 to 2**63 - 1.", field="seed")
