"""Whose pitch goes where: one line of pitches through the frames, and the bins on its harmonics."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.stems.spectra import BINS, FRAME, RATE_HZ
from soundrack.audio.kernels import kernel

_PER_OCTAVE = 36
_LOBE_BINS = 1.4
"""Half a Hann window's main lobe is two bins wide; so much of it is a bell's deviation."""
_CENTS = 0.012
"""Relative deviation beside a harmonic that a voice's vibrato makes within a frame."""
_FLOOR = np.float32(1e-9)
_NEIGHBOURHOOD = 40


@dataclass(frozen=True)
class Line:
    """A single voice in a mix.

    `low_hz` and `high_hz` bound its pitch; of `harmonics` partials each counts `decay` of the one below; `leap` is what
    a step of a third of a semitone costs, in shares of a frame's strongest pitch; the comb reaches up to `top_hz`.
    """

    low_hz: float
    high_hz: float
    harmonics: int
    decay: float
    leap: float
    top_hz: float


BASS = Line(30.0, 220.0, 8, 0.8, 0.02, 1500.0)
VOICE = Line(90.0, 1000.0, 14, 0.88, 0.012, 9000.0)


def comb(magnitude: NDArray[np.float32], line: Line) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Track a line and return how near each bin lies to its harmonics, and how strongly it stands out.

    The pitch is the strongest harmonic sum over what stands out of its surroundings, with the least leaps: the best
    path through the frames.

    Parameters
    ----------
    magnitude : float32 array, shape (frames, 2049)
        What may be the line's.
    line : Line
        What is looked for.

    Returns
    -------
    (float32 array, shape (frames, 2049), float32 array, shape (frames, 1))
        0 to 1 both.

    References
    ----------
    A. Klapuri, Multiple fundamental frequency estimation by summing harmonic amplitudes, ISMIR 2006.
    """
    salience = _salience(magnitude, line)
    strongest = salience.max(axis=1, keepdims=True)
    path = np.zeros(len(salience), dtype=np.int64)
    best_path(np.ascontiguousarray(salience / (strongest + _FLOOR)), line.leap, path)
    strength = np.take_along_axis(salience, path[:, None], axis=1)
    return _teeth(line)[path], np.clip(strength, 0.0, 1.0)


def _salience(magnitude: NDArray[np.float32], line: Line) -> NDArray[np.float32]:
    """Return how strong each pitch is, shape (frames, pitches), about 0 to 1."""
    weights = _weights(line)
    seen = weights.shape[1]
    part = np.sqrt(magnitude[:, : seen + _NEIGHBOURHOOD])
    running = np.cumsum(np.pad(part, ((0, 0), (_NEIGHBOURHOOD + 1, _NEIGHBOURHOOD)), mode="edge"), axis=1)
    width = 2 * _NEIGHBOURHOOD + 1
    around = (running[:, width:] - running[:, :-width])[:, :seen] / np.float32(width)
    # against the frame's own mean too, so that silence between partials does not become loud
    floor = around + np.float32(0.1) * part.mean(axis=1, keepdims=True) + _FLOOR
    stands_out = np.clip(part[:, :seen] / floor - np.float32(1.0), 0.0, 4.0)
    salience: NDArray[np.float32] = np.clip(stands_out @ weights.T, 0.0, None) / np.float32(4.0)
    return salience


@cache
def _pitches(line: Line) -> NDArray[np.float64]:
    steps = int(np.ceil(_PER_OCTAVE * np.log2(line.high_hz / line.low_hz)))
    return line.low_hz * 2.0 ** (np.arange(steps + 1) / _PER_OCTAVE)


@cache
def _weights(line: Line) -> NDArray[np.float32]:
    """Return the weight of each bin for each pitch, shape (pitches, bins); between partials it is below 0."""
    seen = min(BINS, int(line.top_hz * FRAME / RATE_HZ) + 1)
    at = np.arange(seen)
    rows = []
    for pitch in _pitches(line):
        row = np.zeros(seen)
        for number in range(1, line.harmonics + 1):
            centre = number * pitch * FRAME / RATE_HZ
            row += line.decay ** (number - 1) * np.exp(-0.5 * ((at - centre) / 0.8) ** 2)
            between = centre - 0.5 * pitch * FRAME / RATE_HZ
            row -= 0.5 * line.decay ** (number - 1) * np.exp(-0.5 * ((at - between) / 0.8) ** 2)
        rows.append(row / sum(line.decay**number for number in range(line.harmonics)) / 2.0)
    return np.asarray(rows, dtype=np.float32)


@cache
def _teeth(line: Line) -> NDArray[np.float32]:
    """Return how near each bin lies to a harmonic of each pitch, shape (pitches, 2049), 0 to 1."""
    at = np.arange(BINS) * (RATE_HZ / FRAME)
    rows = []
    for pitch in _pitches(line):
        number = np.maximum(np.round(at / pitch), 1.0)
        aside_hz = np.abs(at - number * pitch)
        width_hz = np.hypot(_LOBE_BINS * RATE_HZ / FRAME, _CENTS * at)
        near = np.exp(-0.5 * np.square(aside_hz / width_hz))
        # where teeth touch there is no comb
        rows.append(near * np.clip(1.5 - width_hz / (0.4 * pitch), 0.0, 1.0) * (at <= line.top_hz))
    return np.asarray(rows, dtype=np.float32)


@kernel
def best_path(strength: NDArray[np.float32], leap: float, path: NDArray[np.int64]) -> None:
    """Write the path of the greatest strength, each step of a leap paid for.

    Parameters
    ----------
    strength : float32 array, shape (frames, states)
    leap : float
        What a step from one state to the next costs.
    path : int64 array, shape (frames,)
        What is written.
    """
    frames, states = strength.shape
    score = np.zeros(states, dtype=np.float32)
    reached = np.zeros(states, dtype=np.float32)
    origin = np.zeros((frames, states), dtype=np.int32)
    source = np.zeros(states, dtype=np.int32)
    for frame in range(frames):
        # a price that grows with the distance: the best origin is found by going up and down once
        for state in range(states):
            reached[state] = score[state]
            source[state] = state
        for state in range(1, states):
            if reached[state - 1] - leap > reached[state]:
                reached[state] = reached[state - 1] - leap
                source[state] = source[state - 1]
        for state in range(states - 2, -1, -1):
            if reached[state + 1] - leap > reached[state]:
                reached[state] = reached[state + 1] - leap
                source[state] = source[state + 1]
        for state in range(states):
            origin[frame, state] = source[state]
            score[state] = reached[state] + strength[frame, state]
    best = 0
    for state in range(states):
        if score[state] > score[best]:
            best = state
    for frame in range(frames - 1, -1, -1):
        path[frame] = best
        best = origin[frame, best]
