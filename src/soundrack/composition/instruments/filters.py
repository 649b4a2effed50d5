"""Filters that may be moved at any rate: zero-delay-feedback state variable, ladder and formants.

After Zavalishin, The Art of VA Filter Design, rev. 2.1.2, 2018 (chapters 4 and 5) with the state variable filter's
update in the form of Simper, "Linear Trapezoidal Integrated State Variable Filter", 2014. Integrators are trapezoidal,
so that a filter is stable however its cutoff moves; the cutoff goes along a straight line through each block.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

LOW_PASS_12, LOW_PASS_24, BAND_PASS, HIGH_PASS, LADDER, FORMANT, NO_FILTER = 0, 1, 2, 3, 4, 5, 6
STATES = 16
"""Of one channel's filter."""

_FORMANTS_HZ = np.array(
    [
        [730.0, 1090.0, 2440.0, 3400.0],
        [530.0, 1840.0, 2480.0, 3500.0],
        [270.0, 2290.0, 3010.0, 3700.0],
        [570.0, 840.0, 2410.0, 3300.0],
        [300.0, 870.0, 2240.0, 3200.0],
    ]
)
"""Of a man's /a/, /e/, /i/, /o/ and /u/ (Peterson & Barney, "Control Methods Used in a Study of the Vowels", 1952)."""
_FORMANT_GAINS = np.array([1.0, 0.6, 0.3, 0.12])
_FORMANT_WIDTHS_HZ = np.array([90.0, 110.0, 160.0, 220.0])


@kernel
def soft(x: float) -> float:
    """Return a limited value: the hyperbolic tangent by a quotient of polynomials, within -1 to 1, odd and smooth."""
    x = min(max(x, -3.0), 3.0)
    return x * (27.0 + x * x) / (27.0 + 9.0 * x * x)


@kernel
def slope_of(frequency_hz: float, rate_hz: float) -> float:
    """Return an integrator's gain for a cutoff, which is held within what the rate can have."""
    return math.tan(math.pi * min(max(frequency_hz, 10.0), 0.45 * rate_hz) / rate_hz)


@kernel
def settled(value: float) -> float:
    """Return a state, or 0 where it is too small to matter: numbers below the normal ones are slow."""
    return value if abs(value) > 1e-25 else 0.0


@kernel
def state_variable(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    count: int,
    state: NDArray[np.float64],
    from_g: float,
    to_g: float,
    damping: float,
    kind: int,
) -> None:
    """Filter `count` samples of two channels in place.

    Parameters
    ----------
    left, right : float32 array
        What is filtered; both at once take no longer than one.
    count : int
        How many samples.
    state : float64 array, shape (2, 2) or wider
        Each channel's two integrators.
    from_g, to_g : float
        `slope_of` the cutoff at the beginning and at the end.
    damping : float
        1 / Q, above 0.
    kind : int
        `LOW_PASS_12`, `BAND_PASS` (0 dB at its top) or `HIGH_PASS`.
    """
    s1, s2, t1, t2 = state[0, 0], state[0, 1], state[1, 0], state[1, 1]
    step = (to_g - from_g) / max(count, 1)
    for n in range(count):
        g = from_g + (n + 1) * step
        a1 = 1.0 / (1.0 + g * (g + damping))
        a2 = g * a1
        a3 = g * a2
        x, y = float(left[n]), float(right[n])
        v, w = x - s2, y - t2
        band, bend = a1 * s1 + a2 * v, a1 * t1 + a2 * w
        low, lower = s2 + a2 * s1 + a3 * v, t2 + a2 * t1 + a3 * w
        s1, s2, t1, t2 = 2.0 * band - s1, 2.0 * low - s2, 2.0 * bend - t1, 2.0 * lower - t2
        if kind == BAND_PASS:
            left[n], right[n] = damping * band, damping * bend
        elif kind == HIGH_PASS:
            left[n], right[n] = x - damping * band - low, y - damping * bend - lower
        else:
            left[n], right[n] = low, lower
    state[0, 0], state[0, 1], state[1, 0], state[1, 1] = settled(s1), settled(s2), settled(t1), settled(t2)


@kernel
def low_pass_24(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    count: int,
    state: NDArray[np.float64],
    from_g: float,
    to_g: float,
    resonance: float,
) -> None:
    """Filter `count` samples of two channels in place by two low-passes: a Butterworth filter with no resonance.

    Parameters
    ----------
    left, right, count, from_g, to_g
        As of `state_variable`.
    state : float64 array, shape (2, 4) or wider
        Each channel's integrators.
    resonance : float
        0 to 0.99: how much of the second section's damping is taken away.
    """
    s1, s2, t1, t2 = state[0, 0], state[0, 1], state[1, 0], state[1, 1]
    s3, s4, t3, t4 = state[0, 2], state[0, 3], state[1, 2], state[1, 3]
    damping = 0.765 * (1.0 - resonance) + 0.02
    step = (to_g - from_g) / max(count, 1)
    for n in range(count):
        g = from_g + (n + 1) * step
        a1, b1 = 1.0 / (1.0 + g * (g + 1.848)), 1.0 / (1.0 + g * (g + damping))
        a2, b2 = g * a1, g * b1
        a3, b3 = g * a2, g * b2
        v, w = float(left[n]) - s2, float(right[n]) - t2
        band, bend = a1 * s1 + a2 * v, a1 * t1 + a2 * w
        low, lower = s2 + a2 * s1 + a3 * v, t2 + a2 * t1 + a3 * w
        s1, s2, t1, t2 = 2.0 * band - s1, 2.0 * low - s2, 2.0 * bend - t1, 2.0 * lower - t2
        v, w = low - s4, lower - t4
        band, bend = b1 * s3 + b2 * v, b1 * t3 + b2 * w
        low, lower = s4 + b2 * s3 + b3 * v, t4 + b2 * t3 + b3 * w
        s3, s4, t3, t4 = 2.0 * band - s3, 2.0 * low - s4, 2.0 * bend - t3, 2.0 * lower - t4
        left[n], right[n] = low, lower
    state[0, 0], state[0, 1], state[1, 0], state[1, 1] = settled(s1), settled(s2), settled(t1), settled(t2)
    state[0, 2], state[0, 3], state[1, 2], state[1, 3] = settled(s3), settled(s4), settled(t3), settled(t4)


@kernel
def ladder(
    buffer: NDArray[np.float32],
    count: int,
    state: NDArray[np.float64],
    from_g: float,
    to_g: float,
    feedback: float,
    drive: float,
) -> None:
    """Filter `count` samples in place by four one-pole low-passes with a limited difference at their input.

    The feedback is solved for the linear filter, then its input is limited (Zavalishin, 6.6): a transistor ladder's
    first stage, which gives most of its sound.

    Parameters
    ----------
    buffer : float32 array
        What is filtered.
    count, from_g, to_g
        As of `state_variable`.
    state : float64 array, shape (4,) or longer
        The integrators.
    feedback : float
        0 to 4, where it rings on its own.
    drive : float
        How far the input is pushed, above 0.
    """
    s1, s2, s3, s4 = state[0], state[1], state[2], state[3]
    step, back = (to_g - from_g) / max(count, 1), 1.0 / drive
    for n in range(count):
        g = from_g + (n + 1) * step
        h = 1.0 / (1.0 + g)
        G = g * h
        power = G * G * G * G
        rest = h * (s4 + G * (s3 + G * (s2 + G * s1)))
        x = float(buffer[n])
        u = back * soft(drive * (x - feedback * (power * x + rest) / (1.0 + feedback * power)))
        v = (u - s1) * G
        u = v + s1
        s1 = u + v
        v = (u - s2) * G
        u = v + s2
        s2 = u + v
        v = (u - s3) * G
        u = v + s3
        s3 = u + v
        v = (u - s4) * G
        u = v + s4
        s4 = u + v
        # What the feedback takes from the low end is given back half.
        buffer[n] = u * (1.0 + 0.5 * feedback)
    state[0], state[1], state[2], state[3] = settled(s1), settled(s2), settled(s3), settled(s4)


@kernel
def formants(
    left: NDArray[np.float32],
    right: NDArray[np.float32],
    spare: NDArray[np.float32],
    count: int,
    state: NDArray[np.float64],
    vowel: float,
    shift: float,
    rate_hz: float,
) -> None:
    """Filter `count` samples of two channels in place by four resonances in parallel.

    Parameters
    ----------
    left, right, count
        As of `state_variable`.
    spare : float32 array, shape (4, count) or longer
        To compute in.
    state : float64 array, shape (2, 8) or wider
        Two integrators for each.
    vowel : float
        0 /a/, 1 /e/, 2 /i/, 3 /o/, 4 /u/, and between.
    shift : float
        What frequencies are multiplied by: 1 a man's, 1.17 a woman's.
    rate_hz : float
        Sample rate.
    """
    vowel = min(max(vowel, 0.0), 4.0)
    before = min(int(vowel), 3)
    for n in range(count):
        spare[0, n], spare[1, n] = left[n], right[n]
        left[n], right[n] = 0.0, 0.0
    for number in range(4):
        low, high = _FORMANTS_HZ[before, number], _FORMANTS_HZ[before + 1, number]
        frequency = shift * low * (high / low) ** (vowel - before)
        g = slope_of(frequency, rate_hz)
        for n in range(count):
            spare[2, n], spare[3, n] = spare[0, n], spare[1, n]
        damping = _FORMANT_WIDTHS_HZ[number] / frequency
        state_variable(spare[2], spare[3], count, state[:, 2 * number :], g, g, damping, BAND_PASS)
        gain = np.float32(_FORMANT_GAINS[number] * (1.0 - 2.0 * (number % 2)))
        for n in range(count):
            left[n] += gain * spare[2, n]
            right[n] += gain * spare[3, n]
