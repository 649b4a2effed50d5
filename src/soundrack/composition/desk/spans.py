"""Where a part sounds: what is silent need not be treated."""

from __future__ import annotations

import numpy as np

from soundrack.audio.gain import STEP_FRAMES
from soundrack.audio.survey import BLOCK_FRAMES, block_peaks
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_RINGS_S = 0.5
"""What filters and compressors make of a sound after its end."""
_APART_S = 1.0


def spans(sound: Sound) -> tuple[tuple[int, int], ...]:
    """Return from where to where something sounds, with what filters ring on, in frames.

    Spans begin where a curve has a point; between two there is at least a second of silence.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    """
    heard = np.flatnonzero(block_peaks(sound))
    if not heard.size:
        return ()
    apart = np.flatnonzero(np.diff(heard) * BLOCK_FRAMES > (_APART_S + _RINGS_S) * RATE_HZ)
    firsts = heard[np.concatenate(([0], apart + 1))] * BLOCK_FRAMES // STEP_FRAMES * STEP_FRAMES
    lasts = (heard[np.concatenate((apart, [heard.size - 1]))] + 1) * BLOCK_FRAMES + round(_RINGS_S * RATE_HZ)
    return tuple((int(first), min(int(last), len(sound))) for first, last in zip(firsts, lasts, strict=True))
