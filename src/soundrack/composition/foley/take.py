"""What a recipe is given: how long, which source, which chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.foley.character import Character
from soundrack.composition.instruments.tone import RATE_HZ

_FIRST = 0.2
"""Where the one event is of a sound too short for its rate, as a part of it."""


@dataclass(frozen=True)
class Take:
    """One performance of a recipe.

    Parameters
    ----------
    frames : int
        How much is wanted, at least 1; a recipe may give less if it has ended, and what is beyond is cut.
    rng : numpy.random.Generator
        For all that is random.
    character : Character
        Of the source.
    loop_frames : int or None
        After how many frames the sound is repeated, if it is.
    """

    frames: int
    rng: np.random.Generator
    character: Character
    loop_frames: int | None = None

    @property
    def seconds(self) -> float:
        """How much is wanted, in seconds."""
        return self.frames / RATE_HZ

    @property
    def time_s(self) -> NDArray[np.float64]:
        """The time of each frame."""
        return np.arange(self.frames) / RATE_HZ

    @property
    def place(self) -> NDArray[np.float64]:
        """The time of each frame as a part of the whole, 0 to 1."""
        return np.arange(self.frames) / max(self.frames - 1, 1)

    def rate_hz(self, hertz: float) -> float:
        """Return a frequency, changed as little as lets a repeated sound have whole periods of it."""
        if self.loop_frames is None:
            return hertz
        span = self.loop_frames / RATE_HZ
        return max(round(hertz * span), 1) / span

    def uniform(self, low: float, high: float) -> float:
        """Draw a number."""
        return float(self.rng.uniform(low, high))

    def by(self, name: str, low: float, high: float, spread: float = 0.06) -> float:
        """Return a value by a parameter of the character, with a little chance as a part of it."""
        return self.character.between(name, low, high) * self.uniform(1.0 - spread, 1.0 + spread)

    def times_s(self, rate_hz: float, irregularity: float) -> NDArray[np.float64]:
        """Return times of events at a mean rate, at least one.

        Parameters
        ----------
        rate_hz : float
            How many a second.
        irregularity : float
            0 regular; 1 drawn from a Poisson process.
        """
        rate_hz = self.rate_hz(rate_hz)
        count = max(round(rate_hz * self.seconds), 1)
        if irregularity >= 1.0:
            drawn = self.rng.random(max(int(self.rng.poisson(rate_hz * self.seconds)), 1)) * self.seconds
            return np.sort(drawn)
        steps = (np.arange(count) + 0.35) / rate_hz
        steps += irregularity / rate_hz * self.rng.uniform(-0.5, 0.5, count)
        inside = np.sort(steps[(steps >= 0.0) & (steps < self.seconds)])
        return inside if len(inside) else np.array([_FIRST * self.seconds])

    def part(self, seconds: float) -> Take:
        """Return a take of another length with the same chance, as for one event of many."""
        return Take(max(round(seconds * RATE_HZ), 1), self.rng, self.character)
