"""Beats from a beat activation: the most likely sequence of beats under a tempo that changes little by little.

The model is that of Krebs, Böck and Widmer, "An efficient state-space model for joint tempo and meter tracking"
(ISMIR 2015): a pointer runs through each beat at a tempo that may change where a beat begins; the first sixteenth of a
beat shows a high activation, the rest a low one. A tempo that holds from beat to beat makes it a semi-Markov chain, in
which each beat is one step and its frames are read from running sums: the same optimum as frame by frame, in a
hundredth of the work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS
from soundrack.audio.kernels import kernel

SLOWEST_BPM, FASTEST_BPM = 30.0, 300.0
_FINE = 2
STEP_S = 1.0 / (FPS * _FINE)
"""Beats are placed every 10 ms."""
STEADINESS = 100.0
"""Nats that a change of the beat's length costs, times the logarithm of their ratio."""
_BEAT_PART = 1.0 / 16.0
_LEAST = 0.02
"""Of an activation: what no network is sure of."""


@dataclass(frozen=True)
class Pulse:
    """Beats found in an activation.

    `beats_s` is float64, shape (n,), ascending; `score` the log likelihood of the activation in nats per frame, against
    that of no beat at all.
    """

    beats_s: NDArray[np.float64]
    score: float


def pulse(
    activation: NDArray[np.float32],
    slowest_bpm: float = SLOWEST_BPM,
    fastest_bpm: float = FASTEST_BPM,
    steadiness: float = STEADINESS,
) -> Pulse:
    """Return the most likely beats.

    Parameters
    ----------
    activation : float32 array, shape (frames,)
        How likely each frame, `FPS` a second, is a beat, 0 to 1.
    slowest_bpm, fastest_bpm : float
        Between what tempi, in beats a minute.
    steadiness : float
        What a change of the beat's length costs, in nats, times the logarithm of their ratio.

    Returns
    -------
    Pulse
        Without beats where there is less than two of the slowest.
    """
    shortest = max(2, round(60.0 * FPS * _FINE / fastest_bpm))
    longest = max(shortest + 1, round(60.0 * FPS * _FINE / slowest_bpm))
    if len(activation) * _FINE < 2 * longest:
        return Pulse(np.zeros(0), 0.0)
    places = np.arange(len(activation) * _FINE) / _FINE
    fine = np.clip(np.interp(places, np.arange(len(activation)), activation), _LEAST, 1.0 - _LEAST)
    beat, between = np.log(fine), np.log((1.0 - fine) / (1.0 / _BEAT_PART - 1.0))
    running = np.zeros((2, len(fine) + 1))
    np.cumsum(beat, out=running[0, 1:])
    np.cumsum(between, out=running[1, 1:])
    steps = np.empty((len(fine), longest - shortest + 1), np.int16)
    found = np.empty((len(fine), 1), np.int64)
    score = _decoded(running, steps, found, shortest, steadiness)
    beats = found[found[:, 0] >= 0, 0][::-1]
    return Pulse(beats / (FPS * _FINE), float(score - running[1, -1]) / len(activation))


@kernel
def _decoded(  # noqa: PLR0912  one pass over the places, in which calls would cost
    running: NDArray[np.float64],
    steps: NDArray[np.int16],
    found: NDArray[np.int64],
    shortest: int,
    steadiness: float,
) -> float:
    """Write the best path's beats into `found`, the last one first, and -1 behind them; return its log likelihood.

    `running` holds the running sums of the log likelihoods of a beat and of what lies between; `steps` receives, for
    each place and next length, the length before. Lengths count from `shortest`. What a change costs adds up from
    length to length, so that the best length before is found in one way up and one down.
    """
    places, lengths = steps.shape
    longest = shortest + lengths - 1
    on = np.empty(lengths, np.int64)
    costs = np.zeros(lengths)
    for index in range(lengths):
        on[index] = max(1, round((shortest + index) * _BEAT_PART))
        if index:
            costs[index] = steadiness * np.log((shortest + index) / (shortest + index - 1.0))
    # Best score of what lies before a place, by the length of the beat that begins there; a ring as long as a beat.
    ahead = np.empty((longest + 1, lengths))
    came_from = np.empty(lengths, np.int64)
    best, best_place, best_length = -1e30, -1, -1
    for place in range(places):
        values = ahead[place % (longest + 1)]
        for index in range(lengths):
            start = place - shortest - index
            values[index] = running[1, place]
            if start >= 0:
                behind = ahead[start % (longest + 1), index] + running[0, start + on[index]] - running[0, start]
                values[index] += behind - running[1, start + on[index]]
            came_from[index] = index
        for index in range(1, lengths):
            if values[index - 1] - costs[index] > values[index]:
                values[index], came_from[index] = values[index - 1] - costs[index], came_from[index - 1]
        for index in range(lengths - 2, -1, -1):
            if values[index + 1] - costs[index + 1] > values[index]:
                values[index], came_from[index] = values[index + 1] - costs[index + 1], came_from[index + 1]
        for index in range(lengths):
            steps[place, index] = came_from[index] if place >= shortest + came_from[index] else -1
            if place + shortest + index >= places:
                stop = min(places, place + on[index])
                value = values[index] + running[0, stop] - running[0, place] + running[1, places] - running[1, stop]
                if value > best:
                    best, best_place, best_length = value, place, index
    count = 0
    while best_place >= 0:
        found[count, 0] = best_place
        count += 1
        best_length = steps[best_place, best_length]
        best_place = best_place - shortest - best_length if best_length >= 0 else -1
    found[count:] = -1
    return best
