"""LAME's quality levels at 320 kbit/s: their time, and how far their error lies below what the sound masks."""

from __future__ import annotations

import io

import lameenc
import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import lfilter

from benchmarks.material import DURATION_S, RATE_HZ, clicks, row, timed
from benchmarks.noise_to_mask import noise_to_mask
from soundrack.audio.dither import quantised
from soundrack.audio.true_peak import true_peak_db

_DELAY = 1105
"""Of LAME's encoder and any decoder after it: 576 and 529 samples."""
_EXCERPTS, _EXCERPT_S = 4, 15
_MADE_S = 20
_QUALITIES = (2, 5, 7)


def levels(song: NDArray[np.float32]) -> None:
    """Print the time of each quality level, then on music and hard material its noise-to-mask ratios and peaks."""
    row("MP3 at 320 kbit/s, by LAME quality", "seconds")
    data = quantised(song, 16)
    for quality in _QUALITIES:
        seconds, _ = timed(lambda quality=quality: stream(data, quality))  # type: ignore[misc]
        row(f"q{quality}", f"{seconds * DURATION_S * RATE_HZ / len(song):.2f}")
    print()
    places = np.linspace(0.1, 0.8, _EXCERPTS) * len(song)
    excerpts = [song[int(place) : int(place) + _EXCERPT_S * RATE_HZ] for place in places]
    material = {
        "music": np.ascontiguousarray(np.concatenate(excerpts)),
        "clicks": clicks(_MADE_S),
        "sparse tones": sparse_tones(_MADE_S),
        "voice": voice(_MADE_S),
    }
    for window in (2048, 512):
        row(f"noise to mask, dB, window {window}", "total", "worst 0.1 %", "highest", "disturbed", "peak, dB")
        for name, sound in material.items():
            peak_db = true_peak_db(sound, oversampling=16)
            for quality in _QUALITIES:
                decoded = encoded(sound, quality)
                heard = noise_to_mask(sound, decoded, RATE_HZ, window)
                ratios = (f"{value:.2f}" for value in (heard.total_db, heard.worst_db, heard.highest_db))
                over_db = true_peak_db(decoded, oversampling=16) - peak_db
                row(f"{name}, q{quality}", *ratios, f"{100.0 * heard.disturbed:.3f} %", f"{over_db:+.3f}")
        print()


def stream(integers: NDArray[np.int32], quality: int) -> bytes:
    """Return integers of 16 bits as an MP3 without an Info frame."""
    encoder = lameenc.Encoder()
    encoder.silence()
    encoder.set_bit_rate(320)
    encoder.set_in_sample_rate(RATE_HZ)
    encoder.set_channels(integers.shape[1])
    encoder.set_quality(quality)
    return bytes(encoder.encode(integers.astype("<i2").tobytes()) + encoder.flush())


def encoded(samples: NDArray[np.float32], quality: int) -> NDArray[np.float32]:
    """Return what a decoder makes of the encoded sound, aligned."""
    decoded, _ = soundfile.read(io.BytesIO(stream(quantised(samples, 16), quality)), dtype="float32", always_2d=True)
    return np.ascontiguousarray(decoded[_DELAY : _DELAY + len(samples)])


def sparse_tones(seconds: int) -> NDArray[np.float32]:
    """Single notes like a piano's, with long tails and little to hide behind."""
    rng = np.random.default_rng(1)
    samples = np.zeros((seconds * RATE_HZ, 2))
    for start in range(0, (seconds - 3) * RATE_HZ, RATE_HZ // 2):
        pitch_hz = 440.0 * 2.0 ** ((rng.integers(28, 89) - 69) / 12.0)
        time_s = np.arange(3 * RATE_HZ) / RATE_HZ
        note = np.zeros(len(time_s))
        for partial in range(1, 13):
            partial_hz = partial * pitch_hz * np.sqrt(1.0 + 4e-4 * partial**2)  # a string is stiff
            if partial_hz < 18_000.0:
                note += (
                    np.sin(2.0 * np.pi * partial_hz * time_s) * np.exp(-time_s * (1.0 + 0.6 * partial)) / partial**1.3
                )
        note *= np.minimum(time_s / 0.002, 1.0) * np.minimum((3.0 - time_s) / 0.05, 1.0)
        pan = rng.uniform(0.3, 0.7)
        samples[start : start + len(note)] += 0.2 * note[:, None] * (1.0 - pan, pan)
    return np.asarray(samples, dtype=np.float32)


def voice(seconds: int) -> NDArray[np.float32]:
    """A buzz of moving pitch through formants, between hisses and pauses: the pulses of a male voice."""
    rng = np.random.default_rng(2)
    frames = seconds * RATE_HZ
    pitch_hz = 110.0 + 25.0 * np.sin(2.0 * np.pi * 0.7 * np.arange(frames) / RATE_HZ)
    pulses = np.diff(np.floor(np.cumsum(pitch_hz) / RATE_HZ), prepend=0.0)
    hiss = rng.standard_normal(frames)
    samples = np.zeros(frames)
    vowels = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480))
    length = RATE_HZ // 4
    fade = np.minimum(np.minimum(np.arange(length), np.arange(length)[::-1]) / 400.0, 1.0)
    for place, start in enumerate(range(0, frames - length + 1, length)):
        if place % 4 == 3:
            continue
        part = pulses[start : start + length] if place % 4 < 2 else 0.05 * hiss[start : start + length]
        formants_hz = vowels[place % len(vowels)] if place % 4 < 2 else (5500, 8000, 11_000)
        sum_of_formants = sum(_resonance(part, formant_hz) for formant_hz in formants_hz)
        samples[start : start + length] = fade * sum_of_formants
    samples *= 0.4 / np.abs(samples).max()
    return np.repeat(samples[:, None], 2, axis=1).astype(np.float32)


def _resonance(part: NDArray[np.float64], centre_hz: float) -> NDArray[np.float64]:
    radius = np.exp(-np.pi * (60.0 + centre_hz / 20.0) / RATE_HZ)
    poles = [1.0, -2.0 * radius * np.cos(2.0 * np.pi * centre_hz / RATE_HZ), radius**2]
    return np.asarray(lfilter([1.0 - radius], poles, part), dtype=np.float64)
