"""The clock of a song: from quarter notes to seconds, through tempo changes and swing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from soundrack.composition.score.score import Score
from soundrack.composition.styles.accompaniment import Subdivision
from soundrack.composition.theory import Metre

_STRAIGHT = 0.5
_EPSILON = 1e-4


@dataclass(frozen=True)
class Clock:
    """Time in a song.

    Parameters
    ----------
    quarters, seconds : tuple of float
        Where tempi begin to hold, in quarter notes and in seconds; both begin with 0.
    quarter_s : tuple of float
        How long a quarter note is from each of them on.
    swing : float
        Where the second half of a unit begins, as a part of it; 0.5 is straight.
    unit : float
        What is swung, in quarter notes: 1 where eighths are, 0.5 where sixteenths are.
    """

    quarters: tuple[float, ...]
    seconds: tuple[float, ...]
    quarter_s: tuple[float, ...]
    swing: float = _STRAIGHT
    unit: float = 1.0

    @classmethod
    def of(cls, score: Score, swings: Subdivision) -> Self:
        """Return the clock of a score."""
        metre = score.plan.metre
        quarters = [0.0]
        lengths = [_quarter_s(score.tempi[0][1], metre)]
        for start, tempo in score.tempi[1:]:
            quarters.append(start)
            lengths.append(_quarter_s(tempo, metre))
        seconds = [0.0]
        for place in range(1, len(quarters)):
            seconds.append(seconds[-1] + (quarters[place] - quarters[place - 1]) * lengths[place - 1])
        can_swing = not metre.is_compound and metre.unit <= 4
        return cls(
            tuple(quarters),
            tuple(seconds),
            tuple(lengths),
            score.plan.swing if can_swing else _STRAIGHT,
            1.0 if swings is Subdivision.EIGHTHS else 0.5,
        )

    def straight(self, quarters: ArrayLike) -> NDArray[np.float64]:
        """Return when times in quarter notes come, without swing: where bars and beats are."""
        at = np.asarray(quarters, dtype=np.float64)
        place = np.maximum(np.searchsorted(self.quarters, at + 1e-9, side="right") - 1, 0)
        first, starts, lengths = np.array(self.quarters), np.array(self.seconds), np.array(self.quarter_s)
        return np.asarray(starts[place] + (at - first[place]) * lengths[place], dtype=np.float64)

    def quarter(self, seconds: ArrayLike) -> NDArray[np.float64]:
        """Return which times in quarter notes come at given seconds, without swing: the inverse of `straight`."""
        at = np.asarray(seconds, dtype=np.float64)
        place = np.maximum(np.searchsorted(self.seconds, at + 1e-9, side="right") - 1, 0)
        first, starts, lengths = np.array(self.quarters), np.array(self.seconds), np.array(self.quarter_s)
        return np.asarray(first[place] + (at - starts[place]) / lengths[place], dtype=np.float64)

    def swung(self, quarters: ArrayLike) -> NDArray[np.float64]:
        """Return when times in quarter notes are played.

        Each unit is bent so that its half falls where the swing has it, the rest in proportion. Triplets are what
        swing is nearest to, and stay as they are.
        """
        at = np.asarray(quarters, dtype=np.float64)
        whole = np.floor(at / self.unit + _EPSILON)
        part = np.clip(at / self.unit - whole, 0.0, 1.0)
        first = part < 0.5
        bent = np.where(first, 2.0 * self.swing * part, self.swing + 2.0 * (1.0 - self.swing) * (part - 0.5))
        thirds = 3.0 * part
        triplet = (np.abs(thirds - np.round(thirds)) < 3 * _EPSILON) & (np.round(thirds) % 3 != 0)
        return self.straight(self.unit * (whole + np.where(triplet, part, bent)))


def _quarter_s(tempo_bpm: float, metre: Metre) -> float:
    return 60.0 / (tempo_bpm * metre.beat_quarters)
