"""Notes and chroma: the constant-Q spectrum explained by notes with their overtones, and folded to one octave."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.constant_q import BINS_PER_SEMITONE, LOWEST_NOTE, OCTAVES, ConstantQ

NOTES = 12 * OCTAVES
"""Of `notes`: MIDI notes 24 (C1) to 107 (B7)."""

_OVERTONES = (0, 12, 19, 24, 28, 31, 34, 36, 38, 40)
"""Semitones above a note of its first ten partials."""
_DECAY = 0.7
"""From each partial's magnitude to the next one's (Mauch and Dixon, "Approximate note transcription", ISMIR 2010)."""
_ROUNDS = 12
_FRAMES_AT_ONCE = 4096
_SILENT = 1e-6
_NOTHING = np.float32(1e-20)
"""Arithmetic with numbers that are all but zero is slow."""
_LOWEST_TREBLE = 48
"""Notes from C3 carry the chord, rising over the octave below it."""


def semitones(constant_q: ConstantQ) -> NDArray[np.float32]:
    """Return the magnitude of each semitone: its middle bin and half of those beside it.

    Returns
    -------
    float32 array, shape (frames, `NOTES`)
    """
    magnitude = constant_q.magnitude
    middle = magnitude[:, ::BINS_PER_SEMITONE]
    sums = middle + 0.5 * magnitude[:, 1::BINS_PER_SEMITONE]
    sums[:, 1:] += 0.5 * magnitude[:, 2:-1:BINS_PER_SEMITONE]
    return sums


def notes(spectrum: NDArray[np.float32]) -> NDArray[np.float32]:
    """Explain spectra by notes: non-negative amounts of harmonic tones whose sum comes close.

    Non-negative least squares by multiplicative updates (Lee and Seung, "Algorithms for non-negative matrix
    factorization", 2001) with a fixed dictionary of tones, each partial 0.7 of the one below (Mauch and Dixon 2010):
    what a lower note's overtones explain is no note of its own.

    Parameters
    ----------
    spectrum : float32 array, shape (n, `NOTES`)
        Magnitudes by semitone, as from :func:`semitones`, or means of them.

    Returns
    -------
    float32 array, shape (n, `NOTES`)
        In the spectrum's unit; gain carries through.
    """
    dictionary, overlap = _tones()
    found = np.empty_like(spectrum)
    for first in range(0, len(spectrum), _FRAMES_AT_ONCE):
        piece = spectrum[first : first + _FRAMES_AT_ONCE]
        wanted = piece @ dictionary.T
        amounts = wanted.copy()
        for _ in range(_ROUNDS):
            amounts *= wanted / (amounts @ overlap + np.float32(1e-12))
            np.maximum(amounts, _NOTHING, out=amounts)
        found[first : first + _FRAMES_AT_ONCE] = amounts
    return found


@cache
def _tones() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the tones, shape (`NOTES`, `NOTES`), and their inner products."""
    tones = np.zeros((NOTES, NOTES + max(_OVERTONES)))
    for note in range(NOTES):
        for number, overtone in enumerate(_OVERTONES):
            tones[note, note + overtone] += _DECAY**number
    heard = tones[:, :NOTES]
    heard = (heard / np.linalg.norm(heard, axis=1, keepdims=True)).astype(np.float32)
    return heard, np.ascontiguousarray(heard @ heard.T)


def chroma(constant_q: ConstantQ) -> NDArray[np.float32]:
    """Return how strong each pitch class is in the notes from C3 upwards.

    Returns
    -------
    float32 array, shape (frames, 12)
        C first. A frame's loudest class is 1; a silent frame is all 0.
    """
    return fold(notes(semitones(constant_q)) * _treble())


def fold(amounts: NDArray[np.float32]) -> NDArray[np.float32]:
    """Add up amounts of notes, shape (n, `NOTES`), by pitch class, and scale each row's loudest to 1."""
    classes: NDArray[np.float32] = amounts.reshape(-1, OCTAVES, 12).sum(axis=1)
    loudest = classes.max(axis=1, keepdims=True, initial=0.0)
    return np.where(loudest > _SILENT, classes / np.maximum(loudest, _SILENT), np.float32(0.0))


def between(rows: NDArray[np.float32], bounds: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the mean of the rows between each bound and the next.

    Parameters
    ----------
    rows : float32 array, shape (frames, k)
        A feature by frame.
    bounds : int64 array, shape (n + 1,)
        Frame numbers, not descending, from 0 to `frames`. Where two are equal, the frame there stands for them.

    Returns
    -------
    float32 array, shape (n, k)
    """
    first = np.minimum(bounds[:-1], len(rows) - 1)
    last = np.maximum(bounds[1:], first + 1)
    running = np.concatenate((np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0, dtype=np.float64)))
    return np.asarray((running[last] - running[first]) / (last - first)[:, None], dtype=np.float32)


def _treble() -> NDArray[np.float32]:
    rising = (np.arange(NOTES) + LOWEST_NOTE - _LOWEST_TREBLE + 12.0) / 12.0
    return np.asarray(np.clip(rising, 0.0, 1.0), dtype=np.float32)
