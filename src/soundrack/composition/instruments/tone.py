"""What an instrument is given and gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.oscillators import RATE_HZ

__all__ = ["RATE_HZ", "Instrument", "Tone"]


@dataclass(frozen=True, slots=True)
class Tone:
    """A note as it is played: in seconds, with a player's timing and touch.

    Parameters
    ----------
    start_s, length_s : float
        From the beginning of the sound; until it is let go, after which it may ring on.
    pitch : float
        MIDI number, with fractions; of drums, the key of General MIDI's drum map.
    velocity : float
        0 to 1.
    articulation : str
        As in `score.Note`.
    """

    start_s: float
    length_s: float
    pitch: float
    velocity: float
    articulation: str = ""


class Instrument(Protocol):
    """Plays tones."""

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones.

        Parameters
        ----------
        tones : sequence of Tone
            In order of start; those that begin at or after the end are not heard.
        frames : int
            How long the sound is, at `RATE_HZ`; what rings longer is cut off.
        rng : numpy.random.Generator
            For all that is random; the same state gives the same sound, byte for byte.

        Returns
        -------
        float32 array, shape (frames, 2)
            About -18 LUFS while it plays at a velocity of 0.7, dry, without clipping.
        """
        ...
