"""The pitch that is sung: glides, overshoot, scoops, vibrato, drift.

T. Saitou, M. Unoki and M. Akagi, "Development of an F0 control model based on F0 dynamic characteristics for
singing-voice synthesis", Speech Communication 46 (2005): notes are steps through a damped second-order system, to which
vibrato and fine fluctuation are added. Vibrato: E. Prame, "Measurements of the vibrato rate of ten singers", JASA 96
(1994); J. Sundberg, The Science of the Singing Voice (1987), ch. 7.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.butterworth import passed
from soundrack.composition.voice.phrases import Phrase

PITCH_RATE_HZ = 200
"""Of pitch curves."""

Curve = NDArray[np.float64]


@dataclass(frozen=True)
class Manner:
    """How somebody sings.

    Parameters
    ----------
    vibrato_cents, vibrato_hz : float
        Its half extent and rate.
    vibrato_after_s : float
        How long a note is straight before.
    drift_cents : float
        Standard deviation of the slow wandering.
    scoop_cents : float
        How far below its first note a phrase may begin.
    """

    vibrato_cents: float = 32.0
    vibrato_hz: float = 5.6
    vibrato_after_s: float = 0.28
    drift_cents: float = 4.5
    scoop_cents: float = 110.0


_DAMPING, _NATURAL_HZ = 0.72, 7.5
"""Less damped than Saitou's 0.54, which overshoots an octave by 150 cents."""
_AHEAD_S = 0.03
_LONG_S = 0.45
_SCOOPED = 0.45
"""Part of the phrases that begin from below."""
_SCOOP_S = 0.05
_DRIFT_HZ, _TREMOR_HZ, _TREMOR_CENTS = 1.5, 14.0, 1.8
_LEAD_S = 0.4


def times(phrase: Phrase) -> Curve:
    """Return the times of a phrase's pitch curve in the song, in seconds, at `PITCH_RATE_HZ`."""
    start = phrase.start_s - 0.3
    count = int(np.ceil((phrase.end_s + 0.3 - start) * PITCH_RATE_HZ)) + 1
    return start + np.arange(count) / PITCH_RATE_HZ


def pitch_curve(phrase: Phrase, manner: Manner, rng: np.random.Generator) -> Curve:
    """Return what is sung at `times`, as MIDI numbers.

    Parameters
    ----------
    phrase : Phrase
        What is sung.
    manner : Manner
        How.
    rng : numpy.random.Generator
        For scoops, vibrato and drift.
    """
    at = times(phrase)
    tones = phrase.tones
    steps = np.full(len(at), tones[0].pitch)
    for tone in tones[1:]:
        steps[at >= tone.start_s - _AHEAD_S] = tone.pitch
    curve = _damped(steps)
    if rng.random() < _SCOOPED:
        depth = rng.uniform(0.5, 1.0) * manner.scoop_cents / 100.0
        since = np.maximum(at - (tones[0].start_s - 0.03), 0.0)
        curve -= depth * np.exp(-since / _SCOOP_S)
    for tone in tones:
        curve += _vibrato(at, tone.start_s, tone.length_s, manner, rng)
    curve += manner.drift_cents / 100.0 * _fluctuation(len(at), _DRIFT_HZ, rng)
    curve += _TREMOR_CENTS / 100.0 * _fluctuation(len(at), _TREMOR_HZ, rng)
    return np.asarray(curve, dtype=np.float64)


def hz(pitch: Curve) -> Curve:
    """Return the frequency of MIDI numbers, 440 Hz being 69."""
    return np.asarray(440.0 * np.exp2((pitch - 69.0) / 12.0), dtype=np.float64)


def _damped(steps: Curve) -> Curve:
    omega = 2.0 * np.pi * _NATURAL_HZ
    # Sampled by the bilinear transform; before the first note it rests on it.
    twice = 2.0 * PITCH_RATE_HZ
    first, last = twice**2 + omega**2, 2.0 * _DAMPING * omega * twice
    section = np.array([omega**2, 2.0 * omega**2, omega**2, 2.0 * (omega**2 - twice**2), first - last])
    return np.asarray(passed(steps - steps[0], section[None] / (first + last)) + steps[0])


def _vibrato(at: Curve, start_s: float, length_s: float, manner: Manner, rng: np.random.Generator) -> Curve:
    """Return the vibrato of a note: it comes in late, grows, and is a little faster at the end."""
    rate, depth, phase, wait = rng.uniform(0.95, 1.06), rng.uniform(0.75, 1.1), rng.uniform(-0.6, 0.6), rng.random()
    if length_s < _LONG_S:
        return np.zeros(len(at))
    since = at - start_s
    begins = min(manner.vibrato_after_s * (0.75 + 0.6 * wait), 0.45 * length_s)
    grown = np.clip((since - begins) / 0.35, 0.0, 1.0)
    left = np.clip((length_s - since) / 0.07, 0.0, 1.0)
    faster = 1.0 + 0.06 * np.clip((since - length_s + 0.5) / 0.5, 0.0, 1.0)
    turns = manner.vibrato_hz * rate * np.cumsum(faster) / PITCH_RATE_HZ
    turns -= np.interp(start_s + begins, at, turns)
    extent = 0.01 * manner.vibrato_cents * depth * np.sin(0.5 * np.pi * grown) * left
    return np.asarray(extent * np.sin(2.0 * np.pi * turns + phase * grown), dtype=np.float64)


def _fluctuation(count: int, cutoff_hz: float, rng: np.random.Generator) -> Curve:
    """Return noise below a frequency, with a standard deviation of 1."""
    warm = int(_LEAD_S * PITCH_RATE_HZ)
    pole = np.exp(-2.0 * np.pi * cutoff_hz / PITCH_RATE_HZ)
    noise = rng.standard_normal(count + warm)
    smooth = passed(noise, np.array(2 * [[1.0 - pole, 0.0, 0.0, -pole, 0.0]]))
    # two poles in a row: the variance of white noise through them
    gain = np.sqrt((1.0 - pole) ** 4 * (1.0 + pole**2) / (1.0 - pole**2) ** 3)
    return np.asarray(smooth[warm:] / gain, dtype=np.float64)
