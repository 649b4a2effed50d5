"""What is ordered and what is given back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.bounds import check_duration, check_seed
from soundrack.composition.score.score import Score
from soundrack.errors import Invalid

SHORTEST_S, LONGEST_S = 0.5, 30.0
MOST_PROMPT = 2000
"""Characters."""


def check_prompt(prompt: str) -> None:
    """Refuse a prompt that is too long.

    Raises
    ------
    Invalid
        With the field ``prompt``.
    """
    if len(prompt) > MOST_PROMPT:
        raise Invalid(f"The prompt must not be longer than {MOST_PROMPT} characters.", field="prompt")


@dataclass(frozen=True)
class EffectOrder:
    """A sound effect that is wanted.

    Parameters
    ----------
    prompt : str
        What is to be heard, in English or Korean; any text up to 2000 characters.
    duration_s : float
        0.5 to 30; the sound has exactly as many frames as that is, rounded.
    seed : int
        0 to 2**63 - 1.
    loopable : bool
        Whether its end leads to its beginning.

    Raises
    ------
    Invalid
        If prompt, duration or seed lie outside their range, with the name of the field.
    """

    prompt: str
    duration_s: float
    seed: int = 0
    loopable: bool = False

    def __post_init__(self) -> None:
        """Refuse what cannot be made."""
        check_prompt(self.prompt)
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
    score : Score or None
        Of what the band plays: its notes on the grid, and its plan.
    seam_percentile : float or None
        Of a loop: how many per cent of its places have less spectral flux than its seam (`foley.seam`).
    """

    samples: NDArray[np.float32]
    recipes: tuple[str, ...]
    why: str
    understood: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    seam_percentile: float | None = None
    score: Score | None = None
