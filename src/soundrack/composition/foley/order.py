"""What is ordered and what is given back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.bounds import check_duration, check_seed

SHORTEST_S, LONGEST_S = 0.5, 30.0


@dataclass(frozen=True)
class EffectOrder:
    """A sound effect that is wanted.

    Parameters
    ----------
    prompt : str
        What is to be heard, in English or Korean; any text.
    duration_s : float
        0.5 to 30; the sound has exactly as many frames as that is, rounded.
    seed : int
        0 to 2**63 - 1.
    loopable : bool
        Whether its end leads to its beginning.

    Raises
    ------
    Invalid
        If duration or seed lie outside their range.
    """

    prompt: str
    duration_s: float
    seed: int = 0
    loopable: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        check_duration(self.duration_s, SHORTEST_S, LONGEST_S)
        check_seed(self.seed)


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound and why it is what it is.

    Parameters
    ----------
    samples : float32 array, shape (frames, 2), C-contiguous
        At 44.1 kHz, its true peak at most -1 dBTP.
    recipes : tuple of str
        Names of what was layered or played, the foremost first.
    why : str
        A sentence or two on how they were chosen.
    understood, ignored : tuple of str
        What was and was not taken from the prompt.
    """

    samples: NDArray[np.float32]
    recipes: tuple[str, ...]
    why: str
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
