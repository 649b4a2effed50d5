"""Time stretching: a recording along another clock, at its own pitch or some semitones beside it.

The stretcher is Signalsmith Stretch (docs/decisions/0014-time-stretching.md). It knows nothing of formants, so that a
few semitones are the most that a voice bears.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_SEED = 1
_CONTEXT_S = 0.15
"""What is stretched before and behind a piece, so that its ends sound like its middle."""
_FADE_S = 0.012
_EXACT = 2e-4
"""By which part of it a rate may differ from 1 and still be none: a cent is three times as much."""
_NEAR_S = 0.012
"""How far a moment may lie from where it belongs: less than what singers differ from the beat by."""
_QUIET_S = 0.03
_CHOICES = 4
_STILL_CENTS = 3.0


def stretched(sound: Sound, rate: float, semitones: float = 0.0) -> Sound:
    """Return a sound at another speed.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    rate : float
        0.25 to 4: 2 is twice as fast.
    semitones : float
        By how much it is higher in the end.

    Returns
    -------
    float32 array, shape (round(frames / rate), 2)
        What was at a time t is at t / rate, within 1 ms. The same arguments give the same samples; the sound itself
        where nothing changes.
    """
    frames = round(len(sound) / rate)
    if (abs(rate - 1.0) < _EXACT and abs(semitones) < 0.01 * _STILL_CENTS) or frames == 0:
        return sound[:frames]
    from python_stretch import Signalsmith  # noqa: PLC0415  # only remixes need it

    stretcher = Signalsmith.Stretch(_SEED)
    stretcher.preset(2, float(RATE_HZ))
    stretcher.setTransposeSemitones(semitones)
    stretcher.setTimeFactor(rate)
    made = np.asarray(stretcher.process(np.ascontiguousarray(sound.T)), dtype=np.float32).T
    return np.ascontiguousarray(np.pad(made, ((0, max(frames - len(made), 0)), (0, 0)))[:frames])


def laid(sound: Sound, source_s: Sequence[float], target_s: Sequence[float], semitones: float, onto: Sound) -> None:
    """Add a stretch of a recording to another sound, so that given moments fall where they belong.

    Between moments the speed changes as seldom as it can, where the recording is soft.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        The recording. Before its beginning and after its end it is silent.
    source_s, target_s : sequences of float, at least two of each
        Moments in the recording and when they shall come, ascending. Nothing is taken from before the first and from
        behind the last; each moment comes within 12 ms of its time.
    semitones : float
        By how much it is higher in the end.
    onto : float32 array, shape (frames, 2)
        What it is added to.
    """
    source, target = np.asarray(source_s, np.float64), np.asarray(target_s, np.float64)
    cuts = _cuts(sound, source, target)
    for first, last in pairwise(cuts):
        _add(sound, (source[first], source[last]), (target[first], target[last]), semitones, onto)


def _cuts(sound: Sound, source: NDArray[np.float64], target: NDArray[np.float64]) -> list[int]:
    """Return the moments at which the speed changes."""
    cuts = [0]
    last = len(source) - 1
    while cuts[-1] < last:
        first = cuts[-1]
        reach = first + 1
        while reach < last and _even(source[first : reach + 2], target[first : reach + 2]):
            reach += 1
        if reach < last:
            choices = range(max(reach - _CHOICES + 1, first + 1), reach + 1)
            reach = min(choices, key=lambda place: (_loudness(sound, float(source[place])), -place))
        cuts.append(reach)
    return cuts


def _even(source: NDArray[np.float64], target: NDArray[np.float64]) -> bool:
    """Tell whether one speed from the first moment to the last brings all between them near enough."""
    straight = target[0] + (source - source[0]) * (target[-1] - target[0]) / (source[-1] - source[0])
    return bool(np.max(np.abs(straight - target)) <= _NEAR_S)


def _loudness(sound: Sound, at_s: float) -> float:
    return float(np.mean(np.square(_part(sound, round((at_s - _QUIET_S) * RATE_HZ), round(2 * _QUIET_S * RATE_HZ)))))


def _add(sound: Sound, source: tuple[float, float], target: tuple[float, float], semitones: float, onto: Sound) -> None:
    rate = (source[1] - source[0]) / (target[1] - target[0])
    still = abs(rate - 1.0) * (target[1] - target[0]) < 0.25 * _NEAR_S and abs(rate - 1.0) < 1e-3
    rate = 1.0 if still else rate
    fade, context = round(_FADE_S * RATE_HZ), round(_CONTEXT_S * RATE_HZ)
    begin = round(target[0] * RATE_HZ)
    frames = round(target[1] * RATE_HZ) - begin + fade
    around = context + fade
    taken = int(np.ceil((frames + 2 * around) * rate))
    first = round(source[0] * RATE_HZ - (around + fade // 2) * rate)
    made = stretched(_part(sound, first, taken), rate, semitones)[around : around + frames].copy()
    ramp = ((np.arange(fade, dtype=np.float32) + np.float32(0.5)) / np.float32(fade))[:, None]
    ends = min(fade, len(made))
    made[:ends] *= ramp[:ends]
    made[len(made) - ends :] *= ramp[:ends][::-1]
    begin -= fade // 2
    left, right = max(begin, 0), min(begin + len(made), len(onto))
    if right > left:
        onto[left:right] += made[left - begin : right - begin]


def _part(sound: Sound, first: int, frames: int) -> Sound:
    """Return some frames of a sound, silent where there are none."""
    left, right = max(first, 0), min(first + frames, len(sound))
    if right <= left:
        return np.zeros((frames, 2), dtype=np.float32)
    return np.pad(sound[left:right], ((left - first, first + frames - right), (0, 0)))
