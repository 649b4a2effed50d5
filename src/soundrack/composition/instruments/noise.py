"""Textures: vinyl, rain, air. Noises that could go on for ever."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, rfftfreq

from soundrack.composition.instruments.tone import RATE_HZ, Tone

Sound = NDArray[np.float64]

_TURN_S = 1.8
"""A record's, at 33 1/3 turns a minute."""
_LOOP_TURNS = 6
_LOOP = round(_LOOP_TURNS * _TURN_S * RATE_HZ)
_FADE_S = 1.2
_USUAL_VELOCITY = 0.7


class Texture:
    """Plays a noise as long as its tones last, each faded in and out; the tones' pitch says nothing.

    What is heard is a circle of some 11 seconds that has no seam, drawn anew for every sound.

    Parameters
    ----------
    circle : callable
        Draws the circle, shape (frames, 2).
    level_db : float
        Of the circle.
    """

    def __init__(self, circle: Callable[[np.random.Generator], Sound], level_db: float) -> None:
        self._circle = circle
        self._gain = 10.0 ** (level_db / 20.0)

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        heard = [tone for tone in tones if tone.start_s * RATE_HZ < frames]
        if not heard:
            return out
        curve = np.zeros(frames, dtype=np.float32)
        for tone in heard:
            first = round(max(tone.start_s, 0.0) * RATE_HZ)
            count = min(round(tone.length_s * RATE_HZ), frames - first)
            if count > 0:
                curve[first : first + count] += _faded(count) * np.float32(tone.velocity / _USUAL_VELOCITY)
        circle = (self._circle(rng) * self._gain).astype(np.float32)
        for first in range(0, frames, len(circle)):
            last = min(first + len(circle), frames)
            out[first:last] = circle[: last - first] * curve[first:last, None]
        return out


def _faded(count: int) -> NDArray[np.float32]:
    """Return 1, from 0 at the beginning and to 0 at the end."""
    fade = max(min(round(_FADE_S * RATE_HZ), count // 3), 1)
    curve = np.ones(count)
    slope = 0.5 - 0.5 * np.cos(np.pi * (np.arange(fade) + 0.5) / fade)
    curve[:fade] = slope
    curve[-fade:] = slope[::-1]
    return curve.astype(np.float32)


def coloured(rng: np.random.Generator, shape: Callable[[Sound], Sound]) -> Sound:
    """Return a circle of noise with a mean square of 1, shape (frames, 2), whose amplitude over frequency is given."""
    hz = rfftfreq(_LOOP, 1.0 / RATE_HZ)
    amplitude = np.zeros(len(hz))
    amplitude[1:] = shape(hz[1:])
    made = np.zeros((_LOOP, 2))
    for channel in range(2):
        spectrum = amplitude * (rng.standard_normal(len(hz)) + 1j * rng.standard_normal(len(hz)))
        made[:, channel] = irfft(spectrum, n=_LOOP)
    return np.asarray(made / np.sqrt(np.mean(made**2)))


def _slow(rng: np.random.Generator, depth: float, most_turns: int = 9) -> Sound:
    """Return what moves slowly around 1 and comes back to where it began."""
    part = np.arange(_LOOP) / _LOOP
    moved = np.zeros(_LOOP)
    for turns in range(1, most_turns + 1):
        moved += rng.standard_normal() / turns**0.7 * np.sin(2.0 * np.pi * (turns * part + rng.random()))
    return np.asarray(1.0 + depth * moved / np.std(moved))


def _dropped(circle: Sound, at: int, grain: Sound, pan: float) -> None:
    """Add a grain to a circle; what goes over its end comes in at its beginning."""
    places = (at + np.arange(len(grain))) % len(circle)
    circle[places, 0] += np.cos(0.5 * np.pi * pan) * grain
    circle[places, 1] += np.sin(0.5 * np.pi * pan) * grain


def air(rng: np.random.Generator) -> Sound:
    """Return a room's breath: noise that falls 4 dB an octave above 500 Hz, moving slowly, with a shimmer on top."""
    body = coloured(rng, lambda hz: hz / (hz + 250.0) / (1.0 + (hz / 500.0) ** 2) ** 0.33)
    top = coloured(rng, lambda hz: np.exp(-0.5 * (np.log2(hz / 9000.0) / 0.6) ** 2))
    return np.asarray(body * _slow(rng, 0.25)[:, None] + 0.18 * top * np.maximum(_slow(rng, 0.5), 0.0)[:, None])


def rain(rng: np.random.Generator) -> Sound:
    """Return rain: a bed of drops too many to tell, and some hundred that fall near.

    A drop that falls into water closes in a bubble, which rings at a frequency that goes by its size, 1 to 9 kHz for
    what is heard as dripping (Minnaert, 1933; van den Doel, "Physically-Based Models for Liquid Sounds", 2005).
    """
    circle = coloured(rng, lambda hz: (hz / (hz + 900.0)) / (1.0 + (hz / 7000.0) ** 2) ** 0.5)
    circle *= _slow(rng, 0.08)[:, None]
    circle += 0.25 * coloured(rng, lambda hz: 1.0 / (1.0 + (hz / 180.0) ** 2)) * _slow(rng, 0.2)[:, None]
    for _ in range(600):
        count = round(rng.uniform(0.004, 0.03) * RATE_HZ)
        t = np.arange(count) / RATE_HZ
        hz = 900.0 * 10.0 ** rng.uniform(0.0, 1.0)
        ring = np.sin(2.0 * np.pi * hz * t * (1.0 + 2.0 * t)) * np.exp(-6.9 * t * RATE_HZ / count)
        _dropped(
            circle, int(rng.integers(_LOOP)), 1.6 * rng.pareto(3.0) * np.minimum(t / 5e-4, 1.0) * ring, rng.random()
        )
    return np.asarray(np.clip(circle, -6.0, 6.0))


def vinyl(rng: np.random.Generator) -> Sound:
    """Return a worn record without its music: hiss, rumble, ticks, and scratches that come back at every turn."""
    circle = coloured(rng, lambda hz: (hz / (hz + 300.0)) / (1.0 + (hz / 2500.0) ** 2) ** 0.4)
    rumble = coloured(rng, lambda hz: np.exp(-0.5 * (np.log2(hz / 38.0) / 0.5) ** 2))
    circle = 0.55 * circle + 0.22 * rumble.mean(axis=1, keepdims=True)
    turn = _LOOP // _LOOP_TURNS
    scratches = [(int(rng.integers(turn)), rng.uniform(4.0, 8.0), rng.random()) for _ in range(3)]
    ticks = [(int(rng.integers(_LOOP)), 2.4 * rng.pareto(1.8) + 1.6, rng.random()) for _ in range(280)]
    for number in range(_LOOP_TURNS):
        for at, level, pan in scratches:
            if rng.random() < 0.75:
                moved = at + number * turn + int(rng.integers(-300, 300))
                ticks.append((moved, level * rng.uniform(0.5, 1.3), pan))
    for at, level, pan in ticks:
        count = round(rng.uniform(0.0004, 0.0035) * RATE_HZ)
        t = np.arange(count) / RATE_HZ
        grain = rng.standard_normal(count) * np.exp(-6.9 * t * RATE_HZ / count)
        _dropped(circle, at, min(level, 9.0) * grain, 0.25 + 0.5 * pan)
    return np.asarray(np.clip(circle, -4.0, 4.0))
