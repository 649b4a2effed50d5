"""A song made in the test, without a fault: drums, bass, chords and a lead, in stereo."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from soundrack.analysis.features.sound import Sound, low_mono
from soundrack.audio.containers import AudioInfo, Container

Samples = NDArray[np.float32]
_ROOTS = (45, 41, 36, 43)
"""Am, F, C, G."""
_MINOR = (True, False, False, False)


def as_sound(
    samples: NDArray[np.floating],
    rate_hz: int = 44_100,
    *,
    container: Container = Container.WAV,
    encoding: str = "FLOAT",
    mask: int = 0,
) -> Sound:
    """Return samples, shape (frames,) or (frames, channels), as if they had been read from a file."""
    columns = samples[:, None] if samples.ndim == 1 else samples
    there = np.ascontiguousarray(columns, dtype=np.float32)
    info = AudioInfo(container, encoding, rate_hz, there.shape[1], len(there), len(there) / rate_hz, channel_mask=mask)
    return Sound(there, rate_hz, low_mono(there, rate_hz), info)


def song(seconds: float = 24.0, rate_hz: int = 44_100, *, bpm: float = 120.0, seed: int = 0) -> Samples:
    """Return a faultless song, float32, shape (frames, 2): peaks at -4 dBFS, silence in the first and last 0.2 s."""
    frames = round(seconds * rate_hz)
    random = np.random.default_rng(seed)
    mix = np.zeros((frames, 2))
    beat_s = 60.0 / bpm
    for beat in range(int((seconds - 1.0) / beat_s)):
        at = round((0.2 + beat * beat_s) * rate_hz)
        chord = beat // 4 % 4
        root = _ROOTS[chord]
        _add(mix, at, _kick(rate_hz) if beat % 2 == 0 else _snare(rate_hz, random), 0.9, 0.9)
        for half in (0, 1):
            _add(mix, at + round(half * beat_s / 2 * rate_hz), _hat(rate_hz, random), 0.09, 0.11)
            _add(mix, at + round(half * beat_s / 2 * rate_hz), _tone(root, beat_s / 2, rate_hz, 6), 0.5, 0.5)
        if beat % 4 == 0:
            for place, step in enumerate((12, 15 if _MINOR[chord] else 16, 19)):
                pan = (0.34, 0.25, 0.16)[place], (0.16, 0.25, 0.34)[place]
                _add(mix, at, _tone(root + step, 4 * beat_s, rate_hz, 14), *pan)
        step = (24, 27, 31, 29)[beat % 4]
        _add(mix, at, _tone(root + step, beat_s, rate_hz, 20), 0.20, 0.20)
    mix = np.tanh(2.2 * mix / np.abs(mix).max())
    mix -= mix.mean(axis=0)
    edge = round(0.5 * rate_hz)
    mix[-edge:] *= np.linspace(1.0, 0.0, edge)[:, None] ** 2
    return np.asarray(10.0 ** (-4.0 / 20.0) * mix / np.abs(mix).max(), dtype=np.float32)


def _add(mix: NDArray[np.float64], at: int, part: NDArray[np.float64], left: float, right: float) -> None:
    part = part[: max(len(mix) - at, 0)]
    mix[at : at + len(part), 0] += left * part
    mix[at : at + len(part), 1] += right * part


def _tone(note: int, length_s: float, rate_hz: int, partials: int) -> NDArray[np.float64]:
    time = np.arange(round(length_s * rate_hz)) / rate_hz
    hz = 440.0 * 2.0 ** ((note - 69) / 12.0)
    total = np.zeros(len(time))
    for partial in range(1, partials + 1):
        if partial * hz < 0.45 * rate_hz:
            total += np.sin(2.0 * np.pi * partial * hz * time + partial) / partial * np.exp(-0.4 * partial * time)
    return 0.5 * total * np.minimum(1.0, time / 0.005) * np.minimum(1.0, (length_s - time) / 0.02)


def _kick(rate_hz: int) -> NDArray[np.float64]:
    time = np.arange(round(0.25 * rate_hz)) / rate_hz
    body = np.sin(2.0 * np.pi * (58.0 * time - 2.5 * np.exp(-30.0 * time))) * np.exp(-12.0 * time)
    return 1.1 * body * np.minimum(1.0, time / 0.002)


def _snare(rate_hz: int, random: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(round(0.2 * rate_hz)) / rate_hz
    noise = random.standard_normal(len(time))
    bright = lfilter([1.0, -0.6], [1.0], noise)
    return (
        (0.35 * bright + 0.6 * np.sin(2.0 * np.pi * 190.0 * time)) * np.exp(-22.0 * time) * np.minimum(1, time / 0.001)
    )


def _hat(rate_hz: int, random: np.random.Generator) -> NDArray[np.float64]:
    time = np.arange(round(0.06 * rate_hz)) / rate_hz
    return (
        lfilter([1.0, -1.0], [1.0], random.standard_normal(len(time)))
        * np.exp(-70.0 * time)
        * np.minimum(1, time / 0.001)
    )
