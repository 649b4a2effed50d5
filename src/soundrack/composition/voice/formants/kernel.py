"""The formant synthesizer: a glottal source, aspiration and frication through resonators.

D. H. Klatt, JASA 67 (1980): formants in cascade for what comes from the larynx, with a pole and a zero of the nose,
and a band in parallel for noise made in the mouth. The source is the flow of D. H. Klatt and L. C. Klatt, JASA 87
(1990), differentiated; its step at closure is freed of most aliases (V. Välimäki and A. Huovilainen, IEEE Signal
Processing Magazine 24, 2007).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

_STEP = 32
_NOSE_HZ, _NOSE_WIDTH_HZ = 290.0, 100.0
_OPEN = 0.6
"""Part of a period for which the glottis is open."""
_TILT = 0.62
_BREATH, _ASPIRATION = 0.018, 0.22
"""Levels of noise beside the pulse: in voicing, and alone."""
_FRICATION, _FLAT = 0.12, 0.35


@kernel
def synthesized(
    tracks: NDArray[np.float64],
    track_rate_hz: float,
    upper_hz: NDArray[np.float64],
    noise: NDArray[np.float64],
    rate_hz: float,
) -> NDArray[np.float64]:
    """Return the sound of parameter tracks.

    Parameters
    ----------
    tracks : float64 array, shape (14, n)
        Rows: pitch in Hz; levels of voicing, aspiration, frication, and of frication without a band; first three
        formants in Hz and their bandwidths; the nose's zero in Hz; middle and width of frication in Hz.
    track_rate_hz : float
        Of the tracks.
    upper_hz : float64 array
        Formants above the third, which stand still.
    noise : float64 array, shape (2, frames)
        White noise for the larynx and for the mouth; as many frames are made.
    rate_hz : float
        Sample rate.
    """
    frames = noise.shape[1]
    out = np.zeros(frames)
    upper = upper_hz.size
    # rows: the nose's zero and pole, the formants, frication
    parts = np.zeros((6 + upper, 3))
    states = np.zeros((6 + upper, 2))
    mouth = 5 + upper
    now = np.zeros(14)
    for k in range(upper):
        _tune(parts[5 + k], upper_hz[k], 120.0 + 0.045 * upper_hz[k], rate_hz)
    _tune(parts[1], _NOSE_HZ, _NOSE_WIDTH_HZ, rate_hz)
    phase = low = 0.0
    last = tracks.shape[1] - 1
    for i in range(frames):
        if i % _STEP == 0:
            place = min(i * track_rate_hz / rate_hz, last - 1e-9)
            at = int(place)
            for row in range(14):
                now[row] = tracks[row, at] + (tracks[row, at + 1] - tracks[row, at]) * (place - at)
            for k in range(3):
                _tune(parts[2 + k], now[5 + k], now[8 + k], rate_hz)
            _tune(parts[0], now[11], _NOSE_WIDTH_HZ, rate_hz)
            _tune(parts[mouth], now[12], now[13], rate_hz)
            parts[mouth, 0] = np.sqrt(-parts[mouth, 2]) * (1.0 + parts[mouth, 2])
        step = now[0] / rate_hz
        low += _TILT * (_pulse(phase, step) - low)
        breath = noise[0, i] * (1.0 if phase < _OPEN else 0.35)
        phase += step
        phase -= np.floor(phase)
        v = now[1] * (low + _BREATH * breath) + now[2] * _ASPIRATION * noise[0, i]
        z = (v - parts[0, 1] * states[0, 0] - parts[0, 2] * states[0, 1]) / parts[0, 0]
        states[0, 1] = states[0, 0]
        states[0, 0] = v
        v = z
        for k in range(1, mouth):
            v = _passed(parts[k], states[k], v)
        y = _passed(parts[mouth], states[mouth], noise[1, i] * now[3])
        out[i] = v + _FRICATION * (y + _FLAT * now[4] * noise[1, i])
    return out


@kernel
def _tune(part: NDArray[np.float64], middle_hz: float, width_hz: float, rate_hz: float) -> None:
    """Set a resonator's factors of its input and its last two outputs; its gain at 0 Hz is 1."""
    r = np.exp(-np.pi * width_hz / rate_hz)
    part[2] = -r * r
    part[1] = 2.0 * r * np.cos(2.0 * np.pi * middle_hz / rate_hz)
    part[0] = 1.0 - part[1] - part[2]


@kernel
def _passed(part: NDArray[np.float64], state: NDArray[np.float64], value: float) -> float:
    y: float = part[0] * value + part[1] * state[0] + part[2] * state[1]
    state[1] = state[0]
    state[0] = y
    return y


@kernel
def _pulse(phase: float, step: float) -> float:
    """Return the flow's derivative: a parabola while the glottis is open, then 0."""
    x = phase / _OPEN
    pulse = x * (2.0 - 3.0 * x) if x < 1.0 else 0.0
    # the jump from -1 to 0 is rounded over a sample on either side
    before, after = (_OPEN - phase) / step, (phase - _OPEN) / step
    if 0.0 < before <= 1.0:
        pulse += 0.5 * (1.0 - before) * (1.0 - before)
    elif 0.0 <= after < 1.0:
        pulse -= 0.5 * (1.0 - after) * (1.0 - after)
    return pulse
