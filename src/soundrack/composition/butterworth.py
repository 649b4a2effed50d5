"""Butterworth filters: level as far as they can be, -3 dB at their edges, 6 dB an octave for each order.

Their analogue poles lie evenly on a circle (S. Butterworth, "On the theory of filter amplifiers", Wireless Engineer 7,
1930); low-pass poles become those of other filters and of sampled ones as in Parks and Burrus, Digital Filter Design
(1987), ch. 7. Sections are those of `audio.biquads`: b0, b1, b2, a1, a2 with a0 = 1.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.tone import RATE_HZ

Sections = NDArray[np.float64]
"""Shape (sections, 5)."""

_MOST_DESIGNS = 512


@lru_cache(_MOST_DESIGNS)
def low_pass(order: int, hz: float) -> Sections:
    """Return a low-pass at `RATE_HZ`; ``0 < hz < RATE_HZ / 2``."""
    poles = _warped(hz) * _circle(order)
    return _sections(poles, zeros_at_half=order, zeros_at_none=0, level_at=0.0)


@lru_cache(_MOST_DESIGNS)
def high_pass(order: int, hz: float) -> Sections:
    """Return a high-pass at `RATE_HZ`; ``0 < hz < RATE_HZ / 2``."""
    poles = _warped(hz) / _circle(order)
    return _sections(poles, zeros_at_half=0, zeros_at_none=order, level_at=math.pi)


@lru_cache(_MOST_DESIGNS)
def band_pass(order: int, low_hz: float, high_hz: float) -> Sections:
    """Return a band-pass at `RATE_HZ` with slopes of 6 dB an octave for each order on both sides."""
    low, high = _warped(low_hz), _warped(high_hz)
    half = 0.5 * (high - low) * _circle(order)
    apart = np.sqrt(half**2 - low * high)
    centre = 2.0 * math.atan(math.sqrt(low * high))
    return _sections(
        np.concatenate((half + apart, half - apart)), zeros_at_half=order, zeros_at_none=order, level_at=centre
    )


def passed(sound: NDArray[np.floating], sections: Sections) -> NDArray[np.float64]:
    """Return a sound through filters one after the other, in double precision; silence is assumed before.

    Parameters
    ----------
    sound : float array, shape (frames,)
        One channel.
    sections : float64 array, shape (sections, 5)
        Stable filters.
    """
    made = np.array(sound, dtype=np.float64)
    # What cannot be written to would be another type to the compiler.
    _pass(made, np.array(sections))
    return made


def passed_both_ways(sound: NDArray[np.floating], sections: Sections) -> NDArray[np.float64]:
    """Return a sound through filters forwards and backwards: twice their slopes, and no shift of phase."""
    made = passed(sound, sections)
    made = np.ascontiguousarray(made[::-1])
    _pass(made, np.array(sections))
    return np.ascontiguousarray(made[::-1])


def _warped(hz: float) -> float:
    if not 0.0 < hz < RATE_HZ / 2.0:
        raise ValueError(f"no filter at {hz} Hz at a rate of {RATE_HZ} Hz")
    return math.tan(math.pi * hz / RATE_HZ)


def _circle(order: int) -> NDArray[np.complex128]:
    """Return the poles of the low-pass whose edge is 1."""
    return np.asarray(np.exp(0.5j * math.pi * (2.0 * np.arange(order) + order + 1.0) / order), dtype=np.complex128)


def _sections(
    poles: NDArray[np.complex128], *, zeros_at_half: int, zeros_at_none: int, level_at: float
) -> NDArray[np.float64]:
    """Return sections of analogue poles, with zeros at half the rate and at 0 Hz; 0 dB at an angle."""
    places = (1.0 + poles) / (1.0 - poles)
    upper = places[places.imag > 1e-12]
    real = np.sort(places[np.abs(places.imag) <= 1e-12].real)
    denominators = [(-2.0 * pole.real, abs(pole) ** 2) for pole in upper[np.argsort(np.abs(upper), kind="stable")]]
    pairs = [(real[n], real[n + 1]) for n in range(0, len(real) - 1, 2)]
    denominators += [(-one - other, one * other) for one, other in pairs]
    single = [(-real[-1], 0.0)] if len(real) % 2 else []
    left, right = zeros_at_half, zeros_at_none
    turn = np.exp(-1j * level_at)
    made = []
    for a1, a2 in [*denominators, *single]:
        wanted = 1 if (a1, a2) in single else 2
        # One of each where both are left: a band-pass's section is then a band-pass.
        of_left = min(left, wanted, max(wanted - right, 1))
        of_right = wanted - of_left
        left, right = left - of_left, right - of_right
        b = np.array([1.0])
        for zero in [-1.0] * of_left + [1.0] * of_right:
            b = np.convolve(b, [1.0, -zero])
        b = np.pad(b, (0, 3 - len(b)))
        gain = abs((1.0 + a1 * turn + a2 * turn**2) / (b[0] + b[1] * turn + b[2] * turn**2))
        made.append([*(gain * b), a1, a2])
    sections = np.array(made)
    sections.flags.writeable = False
    return sections


@kernel
def _pass(sound: NDArray[np.float64], sections: NDArray[np.float64]) -> None:
    """Filter in place; two sections at once, so that while one waits the other has work."""
    state = np.zeros((len(sections), 2))
    for start in range(0, len(sound), 256):
        count = min(256, len(sound) - start)
        line = sound[start : start + count]
        number = 0
        while number + 1 < len(sections):
            b, c = sections[number], sections[number + 1]
            b0, b1, b2, a1, a2 = b[0], b[1], b[2], b[3], b[4]
            c0, c1, c2, d1, d2 = c[0], c[1], c[2], c[3], c[4]
            s1, s2, t1, t2 = state[number, 0], state[number, 1], state[number + 1, 0], state[number + 1, 1]
            for n in range(count):
                x = line[n]
                y = b0 * x + s1
                s1 = b1 * x - a1 * y + s2
                s2 = b2 * x - a2 * y
                z = c0 * y + t1
                t1 = c1 * y - d1 * z + t2
                t2 = c2 * y - d2 * z
                line[n] = z
            state[number, 0], state[number, 1], state[number + 1, 0], state[number + 1, 1] = s1, s2, t1, t2
            number += 2
        if number < len(sections):
            b = sections[number]
            b0, b1, b2, a1, a2 = b[0], b[1], b[2], b[3], b[4]
            s1, s2 = state[number, 0], state[number, 1]
            for n in range(count):
                x = line[n]
                y = b0 * x + s1
                s1 = b1 * x - a1 * y + s2
                s2 = b2 * x - a2 * y
                line[n] = y
            state[number, 0], state[number, 1] = s1, s2
        for each in range(len(sections)):
            for part in range(2):
                # Numbers below the normal ones are slow.
                if abs(state[each, part]) < 1e-30:
                    state[each, part] = 0.0
