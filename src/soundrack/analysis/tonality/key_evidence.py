"""What tells a key: pitch classes, chords, cadences and basses of a stretch of music, as seen from each tonic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.constant_q import OCTAVES
from soundrack.analysis.tonality.evidence import amount
from soundrack.analysis.tonality.labels import QUALITIES
from soundrack.analysis.tonality.network import Heard

_KINDS = 3
_KIND_OF = (0, 1, 0, 0, 1, 2, 2, 2, 2)
"""Of each quality: with a major third, with a minor one under a fifth, or other."""
_BASS_OCTAVES = 3
_TONICS = np.arange(12)[:, None]
_FROM = (_TONICS + np.arange(12)) % 12
"""Row r holds the pitch classes upwards from tonic r."""
FEATURES = 2 * 12 + 12 * len(QUALITIES) + 12 + 2 * 2 * 12 * _KINDS + 2 * 12 * _KINDS


class KeyEvidence:
    """What is known of each beat, so that any stretch of them can be summed up.

    Parameters
    ----------
    shown : float32 array, shape (beats, 2, `NOTES`)
        As from :func:`soundrack.analysis.tonality.evidence.evidence`.
    heard : Heard
        What the chord network says.
    posteriors : float32 array, shape (beats, `STATES`)
        Of the chords, decoded.
    """

    def __init__(self, shown: NDArray[np.float32], heard: Heard, posteriors: NDArray[np.float32]) -> None:
        self._chroma = shown[:, 1].reshape(-1, OCTAVES, 12)
        self.strengths: NDArray[np.float32] = amount(shown[:, 1]).mean(axis=0).reshape(OCTAVES, 12).sum(axis=0)
        """How much each pitch class sounds in the whole song, shape (12,)."""
        self._bass = np.exp(heard.bass)
        self._chords = posteriors[:, :-1].reshape(-1, 12, len(QUALITIES))
        kinds = np.zeros((len(QUALITIES), _KINDS), dtype=np.float32)
        kinds[np.arange(len(QUALITIES)), _KIND_OF] = 1.0
        self._kinds = self._chords @ kinds

    def __len__(self) -> int:
        return len(self._bass)

    def of(self, first: int, last: int, *, whole: bool) -> NDArray[np.float32]:
        """Sum up the beats from `first` to before `last`.

        Parameters
        ----------
        first, last : int
            At least one beat.
        whole : bool
            Whether they are all of a song, so that its first and last chord say something.

        Returns
        -------
        float32 array, shape (12, `FEATURES`)
            Row r as seen from tonic r.
        """
        beats = slice(first, last)
        kinds = self._kinds[beats]
        before, after = (part.reshape(-1, 12 * _KINDS) for part in (kinds[:-1], kinds[1:]))
        steps = (before.T @ after).reshape(12, _KINDS, 12, _KINDS) / max(len(kinds) - 1, 1)
        edges = np.stack((kinds[:4].mean(axis=0), kinds[-4:].mean(axis=0))) if whole else np.zeros((2, 12, _KINDS))
        treble = self._chroma[beats, _BASS_OCTAVES - 1 :].mean(axis=(0, 1))
        low = self._chroma[beats, :_BASS_OCTAVES].mean(axis=(0, 1))
        seen = (
            treble[_FROM] / max(treble.max(), 1e-6),
            low[_FROM] / max(low.max(), 1e-6),
            self._chords[beats].mean(axis=0)[_FROM] * 4.0,
            self._bass[beats].mean(axis=0)[_FROM] * 4.0,
            steps[_FROM, :, _TONICS, :2] * 16.0,
            steps[_TONICS, :2, _FROM].transpose(0, 2, 1, 3) * 16.0,
            edges[:, _FROM].transpose(1, 0, 2, 3),
        )
        return np.concatenate([part.reshape(12, -1) for part in seen], axis=1).astype(np.float32)
