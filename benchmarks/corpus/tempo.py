"""Where in time a position in the score lies: tempo, its changes, and swing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_GRID = 48
"""Steps of the tempo's integral in a quarter note."""


@dataclass(frozen=True)
class Clock:
    """A song's time.

    `seconds` are those of every 48th of a quarter note from the first bar on, shape (n,); `swing` is the ratio of the
    first to the second of two eighths, or sixteenths where `unit_q` is 0.5.
    """

    seconds: NDArray[np.float64]
    swing: float = 1.0
    unit_q: float = 1.0

    def at(self, position_q: float) -> float:
        """Return when a position is, as it is written."""
        whole, part = divmod(position_q * _GRID, 1.0)
        step = int(whole)
        return float(self.seconds[step] + part * (self.seconds[step + 1] - self.seconds[step]))

    def played(self, position_q: float) -> float:
        """Return when a position is, as it is swung."""
        if self.swing == 1.0:
            return self.at(position_q)
        whole, part = divmod(position_q / self.unit_q + 1e-9, 1.0)
        first = self.swing / (1.0 + self.swing)
        moved = part * 2.0 * first if part < 0.5 else first + (part - 0.5) * 2.0 * (1.0 - first)
        return self.at((whole + moved) * self.unit_q)


def clock(quarters: float, changes: list[tuple[float, float]], lead_in_s: float, swing: float, unit_q: float) -> Clock:
    """Return the clock of a song.

    Parameters
    ----------
    quarters : float
        Its length.
    changes : list of (float, float)
        Positions in quarter notes and the quarter notes per minute there, ascending. Between two the tempo moves
        evenly; two at one position are a sudden change.
    lead_in_s : float
        Silence before the first bar.
    swing, unit_q : float
        As of the clock.
    """
    grid = np.arange(int((quarters + 4.0) * _GRID) + 1) / _GRID
    centres = grid[:-1] + 0.5 / _GRID
    places, tempi = zip(*changes, strict=True)
    steps = 60.0 / np.interp(centres, places, tempi) / _GRID
    return Clock(np.concatenate([[0.0], np.cumsum(steps)]) + lead_in_s, swing, unit_q)


def drawn_changes(
    kind: str, quarters: float, bar_q: float, tempo: float, boundaries: list[float], rng: np.random.Generator
) -> list[tuple[float, float]]:
    """Draw the tempo's way, in quarter notes per minute.

    `kind` is ``steady``, ``drift`` (a slow wandering of 2 %), ``sudden`` (at one of `boundaries`), ``gradual`` (over
    the whole song) or ``ritardando`` (over the last two bars).
    """
    end = quarters + 4.0
    match kind:
        case "drift":
            knots = np.arange(0.0, end + 4.0 * bar_q, 4.0 * bar_q)
            wander = np.clip(np.cumsum(rng.normal(0.0, 0.008, len(knots))), -0.025, 0.025)
            return [(float(place), tempo * (1.0 + float(off))) for place, off in zip(knots, wander, strict=True)]
        case "sudden":
            place = float(rng.choice(boundaries)) if boundaries else quarters / 2.0
            after = tempo * float(rng.choice([0.75, 0.8, 0.88, 1.15, 1.25, 1.33]))
            return [(0.0, tempo), (place, tempo), (place + 1e-9, after), (end, after)]
        case "gradual":
            return [(0.0, tempo), (end, tempo * float(rng.choice([0.82, 0.88, 1.12, 1.2])))]
        case "ritardando":
            slowed = max(0.0, quarters - 2.0 * bar_q)
            return [(0.0, tempo), (slowed, tempo), (end, tempo * 0.6)]
        case _:
            return [(0.0, tempo), (end, tempo)]
