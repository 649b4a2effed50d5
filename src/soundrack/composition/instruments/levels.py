"""Levels: what brings every instrument to one loudness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.tone import Instrument, Tone


class Levelled:
    """Another instrument, louder or softer.

    Parameters
    ----------
    instrument : Instrument
        Who plays.
    gain_db : float
        How much louder.
    """

    def __init__(self, instrument: Instrument, gain_db: float) -> None:
        self._instrument = instrument
        self._gain = np.float32(10.0 ** (gain_db / 20.0))

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = self._instrument.play(tones, frames, rng)
        out *= self._gain
        return out
