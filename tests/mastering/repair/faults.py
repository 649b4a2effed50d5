"""Faults of generated audio, put into real music in a known strength."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.signal import firwin, oaconvolve

from soundrack.audio.biquads import filter_in_place, peaking

Samples = NDArray[np.float32]


def with_lines(samples: Samples, rate_hz: int, frequencies_hz: list[float], level_db: float) -> Samples:
    """Add sines, each `level_db` below the song's power."""
    time_s = np.arange(len(samples)) / rate_hz
    amplitude = np.sqrt(2.0 * np.square(samples, dtype=np.float64).mean()) * 10.0 ** (level_db / 20.0)
    sines = sum(np.sin(2.0 * np.pi * each * time_s + each) for each in frequencies_hz)
    return np.asarray(samples + amplitude * np.asarray(sines)[:, None], dtype=np.float32)


def without_air(samples: Samples, rate_hz: int, cutoff_hz: float, taps: int = 1001) -> Samples:
    """Cut off what lies above a frequency, where the filter has fallen by 6 dB; the fewer taps the less steep."""
    low_pass = firwin(taps, cutoff_hz, fs=rate_hz, window=("kaiser", 8.0))
    return np.asarray(oaconvolve(samples, low_pass[:, None], "same", axes=0), dtype=np.float32)


def with_shimmer(samples: Samples, rate_hz: int, per_second: int, level_db: float, seed: int = 0) -> Samples:
    """Add tones of 20 to 60 ms at random places from 8 to 15 kHz, `level_db` against what the song has up there."""
    rng = np.random.default_rng(seed)
    treble = samples - without_air(samples, rate_hz, 8000.0, 301)
    added = np.zeros_like(samples)
    for _ in range(per_second * len(samples) // rate_hz):
        frames = round(rng.uniform(0.02, 0.06) * rate_hz)
        start = int(rng.integers(0, len(samples) - frames))
        around = np.sqrt(np.square(treble[start : start + frames]).mean())
        tone = np.hanning(frames) * np.sin(2.0 * np.pi * rng.uniform(8000.0, 15_000.0) / rate_hz * np.arange(frames))
        added[start : start + frames] += (around * 10.0 ** (level_db / 20.0) * tone)[:, None].astype(np.float32)
    return samples + added


def with_bass_out_of_phase(samples: Samples, rate_hz: int, delay_ms: float, below_hz: float = 150.0) -> Samples:
    """Make the bass the same in both channels, then delay that of the right one."""
    bass = samples - _high_passed(samples, rate_hz, below_hz)
    one = bass.mean(axis=1)
    later = np.roll(one, round(delay_ms * 0.001 * rate_hz))
    return np.asarray(samples - bass + np.stack((one, later), axis=1), dtype=np.float32)


def with_bass_opposite(samples: Samples, rate_hz: int, below_hz: float = 150.0) -> Samples:
    """Make the bass the same in both channels, then turn that of the right one over."""
    bass = samples - _high_passed(samples, rate_hz, below_hz)
    one = bass.mean(axis=1)
    return np.asarray(samples - bass + np.stack((one, -one), axis=1), dtype=np.float32)


def with_mud(samples: Samples, rate_hz: int, gain_db: float) -> Samples:
    """Raise what lies around 350 Hz."""
    muddy = samples.copy()
    filter_in_place(muddy, peaking(350.0, rate_hz, gain_db, 0.9)[None])
    return muddy


def with_clicks(samples: Samples, frames: NDArray[np.int_], strength: float, width: int = 1, seed: int = 0) -> Samples:
    """Add to `width` samples at each place up to `strength` times what the song around has on average."""
    clicked, rng = samples.copy(), np.random.default_rng(seed)
    for frame in frames:
        around = np.sqrt(np.square(samples[frame - 2000 : frame + 2000]).mean())
        shape = rng.uniform(0.5, 1.0, width) * rng.choice([-1.0, 1.0], width)
        clicked[frame : frame + width] += (strength * around * shape / np.abs(shape).max())[:, None].astype(np.float32)
    return clicked


def with_silence(samples: Samples, rate_hz: int, before_s: float, after_s: float) -> Samples:
    """Put noise of -90 dB before the song and nothing after it."""
    noise = np.random.default_rng(0).standard_normal((round(before_s * rate_hz), samples.shape[1]))
    after = np.zeros((round(after_s * rate_hz), samples.shape[1]), dtype=np.float32)
    return np.concatenate(((0.3 * 10.0**-4.5 * noise).astype(np.float32), samples, after))


def collapsed(samples: Samples, rate_hz: int, last_s: float) -> Samples:
    """Take the treble out of the end."""
    at = len(samples) - round(last_s * rate_hz)
    return np.concatenate((samples[:at], without_air(samples, rate_hz, 1500.0, 301)[at:]))


def _high_passed(samples: Samples, rate_hz: int, above_hz: float) -> Samples:
    taps = round(8 * rate_hz / above_hz) | 1
    return samples - np.asarray(
        oaconvolve(samples, firwin(taps, above_hz, fs=rate_hz)[:, None], "same", axes=0), dtype=np.float32
    )
