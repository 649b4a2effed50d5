"""A small network that looks at each span from each of the twelve roots with the same eyes.

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

REACH = 6
"""Spans of the grid that are seen on either side of each."""
STATES = 12 * len(QUALITIES) + 1
"""Chords by root and quality, quality fastest, and last that there is none."""
_AT_ONCE = 128

Weights = dict[str, NDArray[np.float32]]


@dataclass(frozen=True)
class Heard:
    """What the network says of each span.

    `chords` is float32, shape (spans, `STATES`), logarithms of probabilities that add up to 1; `bass` float32, shape
    (spans, 12), likewise, of the lowest note's pitch class.
    """

    chords: NDArray[np.float32]
    bass: NDArray[np.float32]


def hear_chords(spectrum: NDArray[np.float32]) -> Heard:
    """Tell how probable each chord is in each span.

    Four layers, made by ``benchmarks/tonality``. The first sees one span from a root, 2 channels of 96 places, and has
    96 units; the second what the first says of the same root in 13 spans, with 96 units; then 32, and a score for each
    quality and one for being the bass. That nothing sounds is told by how loud the spans are, by how well any chord
    fits, and by the mean of the third layer over the roots.

    Parameters
    ----------
    spectrum : float32 array, shape (spans, `NOTES`)
        Mean magnitudes by semitone, of a whole song.
    """
    weights = _weights()
    spans = len(spectrum)
    chords = np.empty((spans, STATES), dtype=np.float32)
    bass = np.empty((spans, 12), dtype=np.float32)
    if not spans:
        return Heard(chords, bass)
    seen = np.pad(_seen(evidence(spectrum), weights), ((REACH, REACH), (0, 0), (0, 0)), mode="edge")
    loud = np.pad(level(spectrum), 1, mode="edge")
    for first in range(0, spans, _AT_ONCE):
        last = min(first + _AT_ONCE, spans)
        around = np.concatenate([seen[first + step : last + step] for step in range(2 * REACH + 1)], axis=2)
        hidden = _layer(_layer(around, "b", weights), "c", weights)
        scores = hidden @ weights["d.weight"].T + weights["d.bias"]
        qualities = scores[:, :, : len(QUALITIES)].reshape(last - first, -1)
        fit = np.logaddexp.reduce(qualities, axis=1)
        quiet = np.stack((loud[first:last], loud[first + 1 : last + 1], loud[first + 2 : last + 2], fit), axis=1)
        none = np.concatenate((quiet, hidden.mean(axis=1)), axis=1) @ weights["n.weight"].T + weights["n.bias"]
        chords[first:last] = _log_softmax(np.concatenate((qualities, none), axis=1))
        bass[first:last] = _log_softmax(scores[:, :, len(QUALITIES)])
    return Heard(chords, bass)


def _seen(shown: NDArray[np.float32], weights: Weights) -> NDArray[np.float32]:
    """Return the first layer of each span and root, shape (spans, 12, units)."""
    pieces = []
    for first in range(0, len(shown), _AT_ONCE):
        piece = shown[first : first + _AT_ONCE]
        both = np.concatenate([views(piece[:, channel]) for channel in range(CHANNELS)], axis=2)
        pieces.append(_layer(both.reshape(-1, 12, CHANNELS * PLACES), "a", weights))
    return np.concatenate(pieces)


def _layer(values: NDArray[np.float32], name: str, weights: Weights) -> NDArray[np.float32]:
    flat = values.reshape(-1, values.shape[2]) @ weights[f"{name}.weight"].T
    flat += weights[f"{name}.bias"]
    np.maximum(flat, 0.0, out=flat)
    return np.asarray(flat.reshape(len(values), 12, -1), dtype=np.float32)


def _log_softmax(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    shifted = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)


@cache
def _weights() -> Weights:
    with np.load(Path(__file__).with_name("chords.npz")) as file:
        return {name: file[name].astype(np.float32) for name in file.files}
