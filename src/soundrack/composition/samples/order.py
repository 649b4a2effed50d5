"""What is ordered: a loop or a single sound."""

from __future__ import annotations

import math
from dataclasses import dataclass

from soundrack.composition.bounds import check_duration, check_seed
from soundrack.composition.foley.order import check_prompt
from soundrack.composition.theory import Key
from soundrack.errors import Invalid

SHORTEST_S, LONGEST_S = 1.0, 60.0
MOST_BARS = 64
SLOWEST_BPM, FASTEST_BPM = 40.0, 220.0


@dataclass(frozen=True)
class SampleOrder:
    """A musical sample that is wanted.

    Parameters
    ----------
    prompt : str
        What is to be heard, in English or Korean; any text up to 2000 characters.
    duration_s : float or None
        1 to 60. Exactly one of this and `bars` is given.
    loopable : bool
        Whether it is whole bars whose end leads to their beginning.
    seed : int
        0 to 2**63 - 1.
    bars : int or None
        1 to 64: as long as these last at the tempo, which must be 1 to 60 s.
    tempo_bpm : float or None
        40 to 220, instead of what the prompt says.
    key : Key or None
        Instead of what the prompt says.

    Raises
    ------
    Invalid
        If a value lies outside its range, with the name of the field.
    """

    prompt: str
    duration_s: float | None = None
    loopable: bool = False
    seed: int = 0
    bars: int | None = None
    tempo_bpm: float | None = None
    key: Key | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        check_prompt(self.prompt)
        if (self.duration_s is None) is (self.bars is None):
            raise Invalid("A sample needs either a duration or a number of bars.", field="duration_s")
        if self.duration_s is not None:
            check_duration(self.duration_s, SHORTEST_S, LONGEST_S)
        if self.bars is not None and not 1 <= self.bars <= MOST_BARS:
            raise Invalid(f"There must be 1 to {MOST_BARS} bars.", field="bars")
        if self.tempo_bpm is not None and not (
            math.isfinite(self.tempo_bpm) and SLOWEST_BPM <= self.tempo_bpm <= FASTEST_BPM
        ):
            raise Invalid(f"The tempo must be {SLOWEST_BPM:g} to {FASTEST_BPM:g} bpm.", field="tempo_bpm")
        check_seed(self.seed)
