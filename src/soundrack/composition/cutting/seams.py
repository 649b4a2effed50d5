"""Seams: where exactly one stretch is left and the next begins, and how one is faded into the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_BEFORE_STROKE_S = 0.006
"""A stroke's own begin stays whole: the fade is over by then."""
_ATTACK_S = 0.045
"""How far from where the beat was told a stroke is looked for."""
_HOP = 64
_CLEAR = 2.5
"""A stroke is clear whose rise is so many times the stretch's mean."""
_LAG_S, _COMPARED_S = 0.012, 0.120
_ALIKE = 0.5
_SHORT_FADE_S, _LONG_FADE_S, _QUIET_FADE_S = 0.008, 0.030, 0.120
_LEAST = 1e-9
_FRAME, _STEP, _SEED = 2048, 512, 2016
_RELEASE_S, _RELEASE_DB = 0.9, 60.0
"""What rang before a seam dies away by so much in so long."""
_BLUR = 0.6
"""Radians by which phases wander from frame to frame, so that noise does not become a tone."""


@dataclass(frozen=True)
class Seam:
    """A join as it is made.

    Up to `left` (a frame of the source, the middle of the fade) one stretch sounds, from `entered` on the next;
    `lag` is how many frames the next was moved to lie better; `fade` how many the fade has; `correlation` how alike
    both sides are under it, -1 to 1.
    """

    left: int
    entered: int
    lag: int
    fade: int
    correlation: float


def seam(sound: Sound, leave_s: float, enter_s: float, *, on_beats: bool) -> Seam:
    """Find where and how to join.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        The recording.
    leave_s, enter_s : float
        Where a bar begins that is not played any more, and where one begins that is played instead.
    on_beats : bool
        Whether strokes are expected there; else both are quiet points, and the fade is longer.
    """
    mono = sound.mean(axis=1)
    if not on_beats:
        left, entered = round(leave_s * RATE_HZ), round(enter_s * RATE_HZ)
        lag, alike = _lag(mono, left, entered)
        fade = round(_QUIET_FADE_S * RATE_HZ)
        return _inside(Seam(left, entered + lag, lag, fade, alike), len(sound))
    left, entered = (stroke(mono, round(at_s * RATE_HZ)) for at_s in (leave_s, enter_s))
    early = round(_BEFORE_STROKE_S * RATE_HZ)
    lag, alike = _lag(mono, left, entered)
    if alike < _ALIKE:
        lag = 0
    share = min(max((alike - _ALIKE) / (1.0 - _ALIKE), 0.0), 1.0)
    fade = round((_SHORT_FADE_S + share * (_LONG_FADE_S - _SHORT_FADE_S)) * RATE_HZ)
    early += fade // 2
    return _inside(Seam(left - early, entered + lag - early, lag, fade, alike), len(sound))


def stroke(mono: NDArray[np.float32], at: int) -> int:
    """Return the frame with which the clearest stroke near a frame begins; the frame itself if there is none."""
    reach = round(_ATTACK_S * RATE_HZ)
    first = max(0, at - 3 * reach)
    part = mono[first : at + 3 * reach]
    hops = len(part) // _HOP
    if hops < 8:
        return at
    # differences weigh high frequencies, in which strokes are sharpest
    moved = np.diff(part[: hops * _HOP], prepend=part[0])
    level = np.log(np.square(moved).reshape(hops, _HOP).sum(axis=1, dtype=np.float64) + _LEAST)
    rise = np.zeros(hops)
    rise[3:] = np.maximum(level[3:] - np.maximum.reduce([level[:-3], level[1:-2]]), 0.0)
    places = first + np.arange(hops) * _HOP
    near = np.abs(places - at) <= reach
    if not near.any() or rise[near].max() < max(_CLEAR * rise.mean(), 0.7):
        return at
    nearness = 1.0 - 0.5 * np.abs(places - at) / reach
    best = int(np.argmax(np.where(near, rise * nearness, -1.0)))
    return int(places[max(best - 2, 0)])


def faded(before: Sound, after: Sound, correlation: float) -> Sound:
    """Return two sounds of one length faded into each other, at equal power whatever their correlation.

    Straight lines are divided by the power that their sum has: equal gain for what is alike, equal power for what is
    not (M. Fink, M. Holters and U. Zölzer, Signal-matched power-complementary cross-fading and dry-wet mixing, DAFx
    2016).

    Parameters
    ----------
    before, after : float32 arrays, shape (frames, 2)
    correlation : float
        Of the two; below 0 it counts as 0.
    """
    rising = (np.arange(len(before)) + 0.5) / max(len(before), 1)
    rising = rising * rising * (3.0 - 2.0 * rising)
    falling = 1.0 - rising
    power = rising**2 + falling**2 + 2.0 * max(correlation, 0.0) * rising * falling
    rising, falling = rising / np.sqrt(power), falling / np.sqrt(power)
    mixed: Sound = (before * falling[:, None] + after * rising[:, None]).astype(np.float32)
    return mixed


def joined(sound: Sound, first: int, last: int, seams: list[Seam]) -> tuple[Sound, list[int]]:
    """Return what is played, and where in it the middle of each seam lies.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        The recording.
    first, last : int
        The frame with which the first stretch begins, and the one behind the last stretch.
    seams : list of Seam
        In order.
    """
    parts: list[Sound] = []
    places: list[int] = []
    at, length = first, 0
    for each in seams:
        half = each.fade // 2
        rest = each.fade - half
        stop = max(each.left - half, at)
        parts.append(sound[at:stop])
        parts.append(
            faded(
                sound[stop : each.left + rest],
                sound[each.entered - (each.left - stop) : each.entered + rest],
                each.correlation,
            )
        )
        places.append(length + each.left - at)
        length += each.left + rest - at
        at = each.entered + rest
    parts.append(sound[at : max(last, at)])
    whole = np.concatenate(parts)
    for each, place in zip(seams, places, strict=True):
        ring = release(sound, each)
        stop = min(place + len(ring), len(whole))
        whole[place:stop] += ring[: stop - place]
    return whole, places


def release(sound: Sound, found: Seam) -> Sound:
    """Return what rang before a seam, dying away beneath what follows wherever that is softer.

    A cymbal or a room would break off at a seam as nothing does in music. Its last spectrum goes on, each frequency at
    the pace of its phase (J. Laroche and M. Dolson, Improved phase vocoder time-scale modification of audio, IEEE
    Trans. Speech and Audio Processing 7, 1999).

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        The recording.
    found : Seam
        Where it is left and entered.

    Returns
    -------
    float32 array, shape (n, 2)
        From the middle of the seam's fade on.
    """
    if found.left < _FRAME + _STEP:
        return np.zeros((0, 2), dtype=np.float32)
    window = np.sqrt(np.hanning(_FRAME + 1)[:-1])[:, None]
    last, before = (
        np.fft.rfft(sound[found.left - _FRAME - back : found.left - back] * window, axis=0) for back in (0, _STEP)
    )
    count = round(_RELEASE_S * RATE_HZ / _STEP)
    rings = np.minimum(np.abs(last), np.abs(before))
    pace = np.angle(last * np.conj(before))
    rng = np.random.Generator(np.random.PCG64(_SEED))
    phase = np.angle(last)
    out = np.zeros((_FRAME + count * _STEP, 2))
    for number in range(1, count + 1):
        phase = phase + pace + rng.uniform(-_BLUR, _BLUR, phase.shape)
        first = found.entered - _FRAME + number * _STEP
        there = np.zeros((_FRAME, 2))
        heard = sound[max(first, 0) : max(first + _FRAME, 0)]
        there[max(-first, 0) : max(-first, 0) + len(heard)] = heard
        gain = 10.0 ** (-_RELEASE_DB / 20.0 * number / count)
        missing = np.maximum(rings * gain - np.abs(np.fft.rfft(there * window, axis=0)), 0.0)
        frame = np.fft.irfft(missing * np.exp(1j * phase), _FRAME, axis=0) * window
        out[number * _STEP : number * _STEP + _FRAME] += frame
    out *= 2.0 * _STEP / _FRAME
    ring = out[_FRAME:]
    rise = max(found.fade - found.fade // 2, 1)
    ring[:rise] *= np.sin(np.linspace(0.0, 0.5 * np.pi, rise))[:, None]
    return ring.astype(np.float32)


def _lag(mono: NDArray[np.float32], left: int, entered: int) -> tuple[int, float]:
    """Return by how many frames to move what is entered so that it is most like what is left, and how alike it is."""
    reach, half = round(_LAG_S * RATE_HZ), round(0.5 * _COMPARED_S * RATE_HZ)
    here = mono[max(0, left - half) : left + half].astype(np.float64)
    begin = max(0, entered - half - reach)
    there = mono[begin : entered + half + reach].astype(np.float64)
    if len(here) < half or len(there) < len(here):
        return 0, 0.0
    size = 1 << int(np.ceil(np.log2(len(there) + len(here))))
    product = np.fft.irfft(np.fft.rfft(there, size) * np.conj(np.fft.rfft(here, size)), size)
    count = len(there) - len(here) + 1
    running = np.concatenate(([0.0], np.cumsum(np.square(there))))
    power = running[len(here) :][:count] - running[:-1][:count]
    alike = product[:count] / np.sqrt(np.maximum(power * np.square(here).sum(), _LEAST))
    best = int(np.argmax(alike))
    return begin + best - (entered - (left - max(0, left - half))), float(np.clip(alike[best], -1.0, 1.0))


def _inside(found: Seam, frames: int) -> Seam:
    """Return a seam whose fade lies within the recording."""
    half = found.fade // 2
    lowest, highest = min(found.left, found.entered) - half, max(found.left, found.entered) + found.fade - half
    moved = max(0, -lowest) - max(0, highest - frames)
    return Seam(found.left + moved, found.entered + moved, found.lag, found.fade, found.correlation)
