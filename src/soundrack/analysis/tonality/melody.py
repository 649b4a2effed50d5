"""The predominant melody: the line that stands out, as notes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.constant_q import FPS, LOWEST_NOTE
from soundrack.analysis.tonality.decoding import decode

_LOWEST, _HIGHEST = 52, 91
"""MIDI notes that are looked at: E3 to G6."""
_STAY = 0.92
_LEAP = 0.25
"""How fast, per semitone, a leap becomes less probable."""
_LIFT = 0.012
"""Of two notes equally strong, the higher is the melody's, by so much (natural logarithm) a semitone."""
_UNVOICED = -1.1
_QUIET = 0.03
_SHORTEST_FRAMES = 3
_FLOOR = 0.02


@dataclass(frozen=True)
class MelodyNote:
    """A note: seconds, its MIDI number, and 0 to 1 how sure."""

    start_s: float
    end_s: float
    note: int
    confidence: float


def melody(amounts: NDArray[np.float32]) -> tuple[MelodyNote, ...]:
    """Follow the melody.

    Each note's salience is what of the spectrum it and its overtones explain, beside the strongest note of its frame;
    the line is the most probable course through notes and rests, in which far leaps are rare (after Salamon and Gómez,
    "Melody extraction from polyphonic music signals using pitch contour characteristics", 2012, with a hidden Markov
    model for their contours).

    Parameters
    ----------
    amounts : float32 array, shape (frames, `NOTES`)
        Notes by frame, as from :func:`soundrack.analysis.features.chroma.notes`.

    Returns
    -------
    tuple of MelodyNote
        In their order, none shorter than 0.12 s. A note struck again without a gap is one note.
    """
    salience = amounts[:, _LOWEST - LOWEST_NOTE : _HIGHEST + 1 - LOWEST_NOTE]
    strongest = salience.max(axis=1, initial=0.0)
    if not len(strongest) or not strongest.max():
        return ()
    quiet = strongest < _QUIET * float(np.quantile(strongest, 0.95))
    relative = salience / np.maximum(strongest, np.float32(1e-12))[:, None]
    scores = np.empty((len(salience), salience.shape[1] + 1), dtype=np.float32)
    scores[:, :-1] = np.log(relative + np.float32(_FLOOR)) + _LIFT * np.arange(salience.shape[1], dtype=np.float32)
    scores[:, -1] = np.where(quiet, 8.0, _UNVOICED)
    path, posteriors = decode(scores, np.full(len(scores), _STAY, dtype=np.float32), _moves())
    bounds = np.concatenate(([0], np.flatnonzero(np.diff(path)) + 1, [len(path)]))
    return tuple(
        MelodyNote(
            first / FPS, last / FPS, int(path[first]) + _LOWEST, float(posteriors[first:last, path[first]].mean())
        )
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)
        if path[first] < salience.shape[1] and last - first >= _SHORTEST_FRAMES
    )


@cache
def _moves() -> NDArray[np.float32]:
    notes = np.arange(_HIGHEST - _LOWEST + 1)
    weights = np.zeros((len(notes) + 1, len(notes) + 1))
    weights[:-1, :-1] = np.exp(-_LEAP * np.abs(notes[:, None] - notes[None, :]))
    np.fill_diagonal(weights, 0.0)
    weights[:-1, -1] = 0.3 * weights[:-1, :-1].sum(axis=1)
    weights[-1, :-1] = 1.0
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), dtype=np.float32)
