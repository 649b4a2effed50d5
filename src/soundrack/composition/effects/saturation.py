"""Saturation: curves that bend what is loud, at four times the rate, so that their overtones do not fold back.

Three curves: a tape's, odd and soft; a tube's, one-sided, with even overtones; a clipper's, straight to its end. All
leave what is small as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.biquads import filter_in_place, high_pass
from soundrack.audio.interpolation import cascade, refine, surroundings
from soundrack.audio.kernels import kernel
from soundrack.audio.survey import highest
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ

_LEVELS = 2
_BLOCK = 512
_MARGIN = 96
_BLOCKER_HZ = 12.0


class Curve(IntEnum):
    """How it bends."""

    TAPE = 0
    TUBE = 1
    CLIP = 2


@dataclass(frozen=True)
class Saturation:
    """A saturation.

    Parameters
    ----------
    curve : Curve
        Which.
    drive_db : float
        By how much full scale lies above where the curve bends; -24 to 48.
    mix : float
        0 to 1: how much of the result is bent sound.
    """

    curve: Curve
    drive_db: float
    mix: float = 1.0


def process(sound: Sound, saturation: Saturation, out: Sound | None = None) -> Sound:
    """Return a saturated sound.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        Any.
    saturation : Saturation
        How.
    out : float32 array, optional
        Where the result is put, of the sound's shape; may be the sound itself.

    Returns
    -------
    float32 array, shape (frames, 2)
        What is small keeps its level; what is loud is lowered to at most ``1 / drive`` (1.5 times that by a tube).
    """
    through = cascade(_LEVELS)
    out = np.empty_like(sound) if out is None else out
    drive = 10.0 ** (min(max(saturation.drive_db, -24.0), 48.0) / 20.0)
    _saturate(
        sound,
        out,
        int(saturation.curve),
        np.float32(drive),
        np.float32(saturation.mix),
        through.halves,
        through.filters,
    )
    if saturation.curve is Curve.TUBE:
        filter_in_place(out, np.array([high_pass(_BLOCKER_HZ, RATE_HZ)]))
    return out


@kernel
def _saturate(
    sound: NDArray[np.float32],
    out: NDArray[np.float32],
    curve: int,
    drive: np.float32,
    mix: np.float32,
    halves: NDArray[np.int64],
    filters: NDArray[np.float32],
) -> None:
    coarse, fine, finer = np.empty(4096, np.float32), np.empty(4096, np.float32), np.empty(4096, np.float32)
    odd = np.empty(4096, np.float32)
    frames = len(sound)
    # What was before a block, which may have been overwritten.
    before = np.zeros((sound.shape[1], 96), np.float32)
    for start in range(0, frames, 512):
        count = min(512, frames - start)
        for channel in range(sound.shape[1]):
            length = surroundings(sound, start, 512, channel, 96, coarse)
            for n in range(96):
                coarse[n], before[channel, n] = before[channel, n], coarse[512 + n]
            if highest(coarse[:length]) == np.float32(0.0):
                out[start : start + count, channel] = np.float32(0.0)
                continue
            # Twice as fine, and twice again: the first value is then 4 (half - 1) + 2 (half' - 1) quarters in.
            many = refine(halves[0], coarse, length, filters[0], fine)
            many = refine(halves[1], fine, many, filters[1], finer)
            _bend(finer, many, curve, drive)
            many = _halved(finer, many, halves[1], filters[1], odd)
            many = _halved(finer, many, halves[0], filters[0], odd)
            # On the way up half - 1 coarse frames were lost at each step, and as many on the way down.
            lost = 2 * (halves[0] - 1) + (halves[1] - 1) + 2
            first = 96 - lost
            for n in range(count):
                dry = sound[start + n, channel]
                out[start + n, channel] = dry + mix * (finer[first + n] / drive - dry)


@kernel
def _bend(values: NDArray[np.float32], many: int, curve: int, drive: np.float32) -> None:
    one, three, nine, most = np.float32(1.0), np.float32(27.0), np.float32(9.0), np.float32(3.0)
    if curve == 0:
        for n in range(many):
            x = min(max(drive * values[n], -most), most)
            values[n] = x * (three + x * x) / (three + nine * x * x)
    elif curve == 1:
        for n in range(many):
            x = drive * values[n]
            below = -x if x < np.float32(0.0) else np.float32(0.0)
            above = max(np.float32(0.0), x)
            values[n] = np.float32(1.5) * above / (np.float32(1.5) + above) - below / (one + np.float32(1.3333) * below)
    else:
        for n in range(many):
            x = min(max(drive * values[n], -np.float32(1.5)), np.float32(1.5))
            values[n] = x - np.float32(4.0 / 27.0) * x * x * x


@kernel
def _halved(
    values: NDArray[np.float32], many: int, half: int, taps: NDArray[np.float32], odd: NDArray[np.float32]
) -> int:
    """Low-pass values and keep every second of them, in place, from the `half`-th on; return how many are left."""
    pairs = many // 2
    for n in range(pairs):
        odd[n] = values[2 * n + 1]
        values[n] = values[2 * n]
    count = pairs - 2 * half + 1
    # One call for each length: as a constant it lets the compiler unroll the sum and vectorise over outputs.
    if half == 24:
        _average(values, odd, count, taps, 24)
    else:
        _average(values, odd, count, taps, 6)
    return count


@kernel
def _average(
    values: NDArray[np.float32], odd: NDArray[np.float32], count: int, taps: NDArray[np.float32], half: int
) -> None:
    later = values[half:]
    for n in range(count):
        between = np.float32(0.0)
        for tap in range(half):
            between += taps[tap] * (odd[n + tap] + odd[n + 2 * half - 1 - tap])
        odd[n] = np.float32(0.5) * (later[n] + between)
    for n in range(count):
        values[n] = odd[n]
