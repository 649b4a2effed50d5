"""Bars: which beats are downbeats, and how many beats lie between them.

Each beat's log odds of being a downbeat are a weighted sum of what happens there and three beats to either side: the
network's word, onsets by range, changes of harmony and of bass. Through them runs the most likely path of a bar pointer
(Whiteley, Cemgil and Godsill, "Bayesian modelling of temporal structure in musical audio", ISMIR 2006), one for each
length of a bar, which may begin a bar anew where the evidence insists.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.rhythm.linear import linear, log_odds
from soundrack.analysis.rhythm.onsets import RANGES_HZ, Onsets, averaged, change, sampled
from soundrack.analysis.rhythm.salience import log_strength
from soundrack.audio.kernels import kernel

_SIGNALS = ("downbeat", *RANGES_HZ, "harmony", "phrase", "bass", "between", "level")
_CONTEXT = 3

FEATURES = tuple(f"{signal}{beat:+d}" for beat in range(-_CONTEXT, _CONTEXT + 1) for signal in _SIGNALS)
"""What happens at a beat, less its mean over the song, three beats before to three beats after."""

_ANEW = -12.0
"""Log odds of a bar that is cut short."""


@dataclass(frozen=True)
class Path:
    """A way through the bars of one length: `positions` of the beats in their bars, int64, shape (n,), 1 = downbeat.

    `score` is the mean log likelihood of a beat, in nats, that the evidence of downbeats gives to these.
    """

    positions: NDArray[np.int64]
    score: float


def evidence(onsets: Onsets, downbeat: NDArray[np.float32], beats_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what downbeats are told by.

    Parameters
    ----------
    onsets : Onsets
        The song's.
    downbeat : float32 array, shape (frames,)
        The network's probability, the greatest within 40 ms.
    beats_s : float64 array, shape (n,)
        Ascending, two at least.

    Returns
    -------
    float64 array, shape (n, len(FEATURES))
    """
    harmony, bass = averaged(onsets.harmony, beats_s), averaged(onsets.bass, beats_s)
    halfway = np.append((beats_s[:-1] + beats_s[1:]) / 2.0, beats_s[-1])
    signals = np.column_stack(
        (
            log_odds(sampled(downbeat, beats_s)) / 2.0,
            log_strength(sampled(onsets.nearby, beats_s)),
            change(harmony),
            change(harmony, 4),
            change(bass),
            log_strength(sampled(onsets.nearby, halfway)).mean(axis=1),
            np.gradient(harmony.mean(axis=1)),
        )
    )
    signals -= signals.mean(axis=0)
    padded = np.pad(signals, ((_CONTEXT, _CONTEXT), (0, 0)))
    return np.hstack([padded[first : first + len(signals)] for first in range(2 * _CONTEXT + 1)])


def downbeat_log_odds(
    onsets: Onsets, downbeat: NDArray[np.float32], beats_s: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return each beat's log odds of being a downbeat, from :func:`evidence`: float64, shape (n,)."""
    return log_odds_of(evidence(onsets, downbeat, beats_s))


def log_odds_of(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log odds that follow from :func:`evidence`: float64, shape (n,)."""
    return linear("bars", FEATURES)(rows)


def likeness(rows: NDArray[np.float64], beats: int) -> float:
    """Return how like a beat is to that some beats later, from :func:`evidence`, all signals alike: -1 to 1.

    It is the mean of the signals' autocorrelations; 0 where there are not enough beats.
    """
    if len(rows) <= beats:
        return 0.0
    signals = rows[:, _CONTEXT * len(_SIGNALS) : (_CONTEXT + 1) * len(_SIGNALS)]
    products = (signals[beats:] * signals[:-beats]).mean(axis=0)
    return float((products / np.maximum((signals**2).mean(axis=0), 1e-9)).mean())


def folded_score(odds: NDArray[np.float64], length: int) -> float:
    """Return the score of bars of one length that are never cut short, -1 where there is not a whole one."""
    bars = len(odds) // length
    if not bars:
        return -1.0
    whole = odds[: bars * length]
    return float((whole.reshape(bars, length).sum(axis=0).max() - np.logaddexp(0.0, whole).sum()) / len(whole))


def path(odds: NDArray[np.float64], length: int) -> Path:
    """Return the most likely way through bars of one length.

    Parameters
    ----------
    odds : float64 array, shape (n,)
        As from :func:`downbeat_log_odds`; one beat at least.
    length : int
        Beats in a bar.
    """
    positions = np.empty(len(odds), np.int64)
    total = _best(odds, length, _ANEW, np.empty((len(odds), length), np.int64), positions)
    return Path(positions, float(total - np.logaddexp(0.0, odds).sum()) / len(odds))


@kernel
def _best(
    odds: NDArray[np.float64],
    length: int,
    anew: float,
    came_from: NDArray[np.int64],
    positions: NDArray[np.int64],
) -> float:
    """Write the positions of the best way and return the sum of its downbeats' log odds; `came_from` is for its use."""
    score, following = np.zeros(length), np.zeros(length)
    for beat in range(len(odds)):
        best = np.argmax(score)
        for place in range(length):
            before = (place + length - 1) % length
            if score[best] + anew > score[before]:
                came_from[beat, place], following[place] = best, score[best] + anew
            else:
                came_from[beat, place], following[place] = before, score[before]
        following[0] += odds[beat]
        score[:] = following
    last = np.argmax(score)
    total = float(score[last])
    place = int(last)
    for beat in range(len(odds) - 1, -1, -1):
        positions[beat] = place + 1
        place = int(came_from[beat, place])
    return total
