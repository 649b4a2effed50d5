"""Bars that last as long as is asked."""

from __future__ import annotations

import math
from dataclasses import dataclass

from soundrack.composition.samples.order import FASTEST_BPM, SLOWEST_BPM
from soundrack.composition.theory import Metre

_NEAR = 0.03


@dataclass(frozen=True)
class Fit:
    """Bars of a metre at a tempo, and what had to give way for them (empty: nothing)."""

    bars: int
    metre: Metre
    tempo_bpm: float
    said: str = ""

    @property
    def duration_s(self) -> float:
        """How long they last."""
        return self.bars * self.metre.bar_quarters * 60.0 / (self.tempo_bpm * self.metre.beat_quarters)


def fit(
    duration_s: float,
    metre: Metre,
    tempo_bpm: float,
    *,
    exact: bool,
    metre_exact: bool = False,
    wished_bars: int | None = None,
) -> Fit:
    """Return whole bars for a duration.

    Parameters
    ----------
    duration_s : float
        As asked.
    metre, tempo_bpm : Metre and float
        As planned.
    exact, metre_exact : bool
        Whether tempo and metre were asked for: an exact tempo stays and the duration becomes that of the nearest
        number of bars; otherwise the tempo bends so that the duration is exact. For less than a bar, a metre that
        nobody asked for becomes two quarters.
    wished_bars : int or None
        How many were asked for, which holds where the tempo is open and stays between 40 and 220.
    """
    bar_s = metre.bar_quarters * 60.0 / (tempo_bpm * metre.beat_quarters)
    if exact:
        bars = max(round(duration_s / bar_s), 1)
        made = Fit(bars, metre, tempo_bpm)
        if abs(made.duration_s - duration_s) < 5e-6:
            return made
        return Fit(bars, metre, tempo_bpm, f"the length: {bars} bars at {tempo_bpm:g} bpm are {made.duration_s:.3f} s")
    options = [metre] if metre_exact or duration_s > 0.8 * bar_s else [metre, Metre(2, 4)]
    wished_bpm = tempo_bpm * (wished_bars or 0) * bar_s / duration_s
    if wished_bars and SLOWEST_BPM <= wished_bpm <= FASTEST_BPM:
        fits = [Fit(wished_bars, metre, wished_bpm)]
    else:
        fits = [
            Fit(bars, each, tempo_bpm * bars * _bar_s(each, tempo_bpm) / duration_s)
            for each in options
            for bars in {
                max(math.floor(duration_s / _bar_s(each, tempo_bpm)), 1),
                math.ceil(duration_s / _bar_s(each, tempo_bpm)),
            }
        ]
    inside = [each for each in fits if SLOWEST_BPM <= each.tempo_bpm <= FASTEST_BPM] or fits
    best = min(inside, key=lambda each: (abs(math.log(each.tempo_bpm / tempo_bpm)), each.bars))
    if abs(best.tempo_bpm / tempo_bpm - 1.0) <= _NEAR and best.metre == metre:
        return best
    return Fit(
        best.bars,
        best.metre,
        best.tempo_bpm,
        f"the tempo: {best.bars} bars of {best.metre.name} at {best.tempo_bpm:.1f} bpm",
    )


def _bar_s(metre: Metre, tempo_bpm: float) -> float:
    return metre.bar_quarters * 60.0 / (tempo_bpm * metre.beat_quarters)
