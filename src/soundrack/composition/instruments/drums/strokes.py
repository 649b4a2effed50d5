"""What strokes are made of: damped modes, noise in bands, envelopes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition import butterworth
from soundrack.composition.butterworth import passed
from soundrack.composition.instruments.tone import RATE_HZ

Sound = NDArray[np.float64]

_FALL = np.log(1000.0)
_HIGHEST_HZ = 0.45 * RATE_HZ
_BLOCK = 256
_GONE = 1e-6
"""Of the loudest mode at its beginning: what is less is not computed any further."""


def frames_of(seconds: float) -> int:
    """Return how many frames last so long; at least one."""
    return max(round(seconds * RATE_HZ), 1)


def times(frames: int) -> Sound:
    """Return the time of each frame in seconds."""
    return np.arange(frames) / RATE_HZ


def fall(frames: int, t60_s: float) -> Sound:
    """Return an exponential decay from 1 that loses 60 dB in `t60_s`."""
    step = -_FALL / (t60_s * RATE_HZ)
    # Powers by blocks: a product each instead of an exponential.
    within, blocks = np.exp(step * np.arange(_BLOCK)), np.exp(step * _BLOCK * np.arange(-(-frames // _BLOCK)))
    return np.asarray((blocks[:, None] * within).reshape(-1)[:frames])


def rise(frames: int, seconds: float) -> Sound:
    """Return a rise from 0 to 1 in `seconds`, half a cosine, and 1 after it."""
    made = np.ones(frames)
    first = min(frames_of(seconds) + 1, frames)
    part = np.minimum(times(first) / max(seconds, 1.0 / RATE_HZ), 1.0)
    made[:first] = 0.5 - 0.5 * np.cos(np.pi * part)
    return made


def ending(frames: int) -> Sound:
    """Return 1, falling to 0 in the last tenth: what is left at the end of a stroke is let go softly."""
    tail = max(frames // 10, 1)
    return np.asarray(
        np.concatenate((np.ones(frames - tail), 0.5 + 0.5 * np.cos(np.pi * (np.arange(tail) + 1) / tail)))
    )


def white(rng: np.random.Generator, frames: int) -> Sound:
    """Return noise with a mean square of 1."""
    return rng.standard_normal(frames)


def band(sound: Sound, low_hz: float, high_hz: float, order: int = 1) -> Sound:
    """Return what of a sound lies between two frequencies (Butterworth, 6 dB an octave for each of `order`)."""
    return passed(sound, butterworth.band_pass(order, round(low_hz, 1), round(min(high_hz, _HIGHEST_HZ), 1)))


def above(sound: Sound, hz: float, order: int = 2) -> Sound:
    """Return what of a sound lies above a frequency."""
    return passed(sound, butterworth.high_pass(order, round(min(hz, _HIGHEST_HZ), 1)))


def below(sound: Sound, hz: float, order: int = 2) -> Sound:
    """Return what of a sound lies below a frequency."""
    return passed(sound, butterworth.low_pass(order, round(min(hz, _HIGHEST_HZ), 1)))


def modes(frames: int, hz: Sound, t60_s: Sound, levels: Sound, turns: Sound | None = None) -> Sound:
    """Return a sum of damped sines.

    Parameters
    ----------
    frames : int
        How long.
    hz, t60_s, levels : float64 array, shape (modes,)
        Frequencies, times to -60 dB, and amplitudes; modes above the range are left out.
    turns : float64 array, shape (modes,), optional
        Phases at the beginning, in turns; 0 if none are given.
    """
    heard = hz < _HIGHEST_HZ
    angle = 2.0 * np.pi * hz[heard] / RATE_HZ
    radius = np.exp(-_FALL / (t60_s[heard] * RATE_HZ))
    start = 2.0 * np.pi * (np.zeros(len(angle)) if turns is None else turns[heard])
    out = np.zeros(frames)
    # y[n] = 2 r cos(w) y[n-1] - r^2 y[n-2], begun so that y[n] = r^n sin(w n + start).
    before, earlier = np.sin(start - angle) / radius, np.sin(start - 2.0 * angle) / radius**2
    loud = np.abs(levels[heard])
    floor = _GONE * float(loud.max(initial=1e-30))
    lives = np.log(np.maximum(loud, floor) / floor) / -np.log(radius)
    order = np.argsort(-lives, kind="stable")
    _ring(
        out,
        (2.0 * radius * np.cos(angle))[order],
        (radius**2)[order],
        (levels[heard] * before)[order],
        (levels[heard] * earlier)[order],
        np.minimum(lives[order], 1e9).astype(np.int64),
    )
    return out


@kernel
def _ring(
    out: NDArray[np.float64],
    one: NDArray[np.float64],
    two: NDArray[np.float64],
    before: NDArray[np.float64],
    earlier: NDArray[np.float64],
    lives: NDArray[np.int64],
) -> None:
    """Add up modes, which are in order of their lives, the longest first."""
    count = len(one)
    for begin in range(0, len(out), 256):
        while count > 0 and lives[count - 1] < begin:
            count -= 1
        for n in range(begin, min(begin + 256, len(out))):
            total = 0.0
            for mode in range(count):
                value = one[mode] * before[mode] - two[mode] * earlier[mode]
                earlier[mode] = before[mode]
                before[mode] = value
                total += value
            out[n] = total


def gliding(frames: int, hz: Sound, t60_s: Sound, levels: Sound, glide: float, tau_s: float) -> Sound:
    """Return a sum of damped sines that all begin higher and fall.

    A struck membrane is stretched by its own motion: its frequencies begin higher by the ratio 1 + `glide` and fall
    with the time constant `tau_s` (Fletcher & Rossing, The Physics of Musical Instruments, 2nd ed., 18.1).
    """
    t = times(frames)
    warped = 2.0 * np.pi * (t + glide * tau_s * (1.0 - np.exp(-t / tau_s)))
    total = np.zeros(frames)
    for frequency, decay_s, level in zip(hz, t60_s, levels, strict=True):
        if frequency < _HIGHEST_HZ:
            count = min(frames, frames_of(1.3 * decay_s))
            total[:count] += level * fall(count, decay_s) * np.sin(frequency * warped[:count])
    return total


def driven(sound: Sound, drive_db: float) -> Sound:
    """Return a sound pushed into a limiting curve; its small parts keep their level within a few dB."""
    if drive_db <= 0.0:
        return sound
    drive = 10.0 ** (drive_db / 20.0)
    return np.asarray(np.tanh(drive * sound) / drive**0.6)
