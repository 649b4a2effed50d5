"""A small network that looks at each beat from each of the twelve roots with the same eyes.

Transposing the music by a semitone moves what it says by one root and changes nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.tonality.evidence import CHANNELS, PLACES, evidence, level, views
from soundrack.analysis.tonality.labels import QUALITIES

CONTEXT = 3
"""Beats that are seen: the one before, this one, the one after."""
STATES = 12 * len(QUALITIES) + 1
"""Chords by root and quality, quality fastest, and last that there is none."""
_BEATS_AT_ONCE = 256


@dataclass(frozen=True)
class Heard:
    """What the network says of each beat.

    `chords` is float32, shape (beats, `STATES`), logarithms of probabilities that add up to 1; `bass` float32, shape
    (beats, 12), likewise, of the lowest note's pitch class.
    """

    chords: NDArray[np.float32]
    bass: NDArray[np.float32]


def hear_chords(spectrum: NDArray[np.float32]) -> Heard:
    """Tell how probable each chord is in each beat.

    Three layers, made by ``benchmarks/tonality``: all that is seen from a root, 2 channels of 96 places in 3 beats, to
    64 units, to 32, to a score for each quality and one for being the bass. That nothing sounds is told by how loud the
    beats are, by how well any chord fits, and by the mean of the second layer over the roots.

    Parameters
    ----------
    spectrum : float32 array, shape (beats, `NOTES`)
        Mean magnitudes by semitone, of a whole song.
    """
    weights = _weights()
    shown = evidence(spectrum)
    loud = np.pad(level(spectrum), 1, mode="edge") if len(spectrum) else np.zeros(2, dtype=np.float32)
    chords = np.empty((len(spectrum), STATES), dtype=np.float32)
    bass = np.empty((len(spectrum), 12), dtype=np.float32)
    for first in range(0, len(spectrum), _BEATS_AT_ONCE):
        last = min(first + _BEATS_AT_ONCE, len(spectrum))
        scores, around = _scores(shown, first, last, weights)
        qualities = scores[:, :, : len(QUALITIES)].reshape(last - first, -1)
        fit = np.logaddexp.reduce(qualities, axis=1)
        quiet = np.stack((loud[first:last], loud[first + 1 : last + 1], loud[first + 2 : last + 2], fit), axis=1)
        none = np.concatenate((quiet, around), axis=1) @ weights["n.weight"].T + weights["n.bias"]
        chords[first:last] = _log_softmax(np.concatenate((qualities, none), axis=1))
        bass[first:last] = _log_softmax(scores[:, :, len(QUALITIES)])
    return Heard(chords, bass)


def _scores(
    shown: NDArray[np.float32], first: int, last: int, weights: dict[str, NDArray[np.float32]]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the last layer of each beat and root, shape (last - first, 12, qualities + 1), and the mean of the second.

    The mean is over the roots, shape (last - first, units).
    """
    beats = np.arange(first, last)
    seen = []
    for offset in range(-(CONTEXT // 2), CONTEXT // 2 + 1):
        near = np.clip(beats + offset, 0, len(shown) - 1)
        seen += [views(shown[near, channel]) for channel in range(CHANNELS)]
    flat = np.concatenate(seen, axis=2).reshape(-1, CONTEXT * CHANNELS * PLACES)
    hidden = np.maximum(flat @ weights["a.weight"].T + weights["a.bias"], 0.0)
    hidden = np.maximum(hidden @ weights["b.weight"].T + weights["b.bias"], 0.0)
    scores = hidden @ weights["c.weight"].T + weights["c.bias"]
    around = hidden.reshape(last - first, 12, -1).mean(axis=1)
    return np.asarray(scores, dtype=np.float32).reshape(last - first, 12, -1), around


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)


@cache
def _weights() -> dict[str, NDArray[np.float32]]:
    with np.load(Path(__file__).with_name("chords.npz")) as file:
        return {name: file[name].astype(np.float32) for name in file.files}
