"""What a network of this package is shown of each beat: the spectrum and its notes, freed of gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.chroma import NOTES, notes

CHANNELS = 2
_STEEPNESS = 50.0
_QUIET_BEAT = 0.03
"""A beat that is quieter than 30 dB below a loud one is not lifted to its height."""
_LOUD = 0.9
PLACES = NOTES + 12
"""Of a view: semitones from a root below the lowest note to beyond the highest."""


def evidence(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the compressed spectrum of each beat and its notes.

    Parameters
    ----------
    spectrum : float32 array, shape (beats, `NOTES`)
        Mean magnitudes by semitone, of a whole song.

    Returns
    -------
    float32 array, shape (beats, `CHANNELS`, `NOTES`)
        From 0 to 1, the same for every gain; 0 where the song is silent.
    """
    loudest = spectrum.max(axis=1, initial=0.0)
    reference = np.maximum(loudest, _QUIET_BEAT * _loud(loudest))
    reference = np.where(reference > 0.0, reference, 1.0)[:, None]
    both = np.stack((spectrum / reference, notes(spectrum) / reference), axis=1)
    return np.asarray(np.log1p(_STEEPNESS * both) / np.log1p(_STEEPNESS), dtype=np.float32)


def amount(shown: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what was compressed in :func:`evidence`, beside the loudest of its beat."""
    return np.asarray(np.expm1(shown * np.float32(np.log1p(_STEEPNESS))) / np.float32(_STEEPNESS), dtype=np.float32)


def level(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how loud each beat is beside a loud one: the decimal logarithm of their ratio, not below -3."""
    loudest = spectrum.max(axis=1, initial=0.0)
    loud = _loud(loudest)
    if not loud:
        return np.full(len(spectrum), -3.0, dtype=np.float32)
    return np.asarray(np.log10(np.maximum(loudest / loud, 1e-3)), dtype=np.float32)


def _loud(loudest: NDArray[np.float32]) -> float:
    return float(np.quantile(loudest, _LOUD)) if len(loudest) else 0.0


def views(shown: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return what is seen from each of the twelve roots.

    Parameters
    ----------
    shown : float32 array, shape (n, `NOTES`)
        Rows whose first column is a C.

    Returns
    -------
    float32 array, shape (n, 12, `PLACES`)
        ``[i, r, p]`` is row i at the note p - 12 semitones above the lowest r, 0 beyond both ends: place 0, 12, 24...
        is the root wherever it lies. A view of the input, not a copy.
    """
    padded = np.pad(shown, ((0, 0), (12, 11)))
    return np.lib.stride_tricks.sliding_window_view(padded, PLACES, axis=1)
