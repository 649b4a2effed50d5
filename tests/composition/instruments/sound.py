"""What tests of instruments ask of a sound."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.composition.instruments.listed import Family, Listed
from soundrack.composition.instruments.tone import RATE_HZ, Tone

LINE = (0, 3, 7, 12, 10, 7, 5, 3)
CHORDS = ((0, 7, 12, 15), (0, 5, 8, 12), (-2, 3, 7, 10), (-2, 2, 7, 10))
MONO = frozenset(
    {"sub_bass", "synth_bass", "acid_bass", "reese_bass", "wobble_bass", "808_bass", "saw_lead", "square_lead"}
)


def chance(seed: int = 1) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def played(listed: Listed, tones: list[Tone], seconds: float, seed: int = 1) -> NDArray[np.float32]:
    return listed.make().play(tones, round(seconds * RATE_HZ), chance(seed))


def loudness(sound: NDArray[np.float32]) -> float:
    return integrated_lufs(hop_power(np.ascontiguousarray(sound), RATE_HZ))


def peak_db(sound: NDArray[np.float32]) -> float:
    return float(20.0 * np.log10(np.abs(sound).max() + 1e-12))


def phrase(name: str, listed: Listed, velocity: float = 0.7) -> tuple[list[Tone], float]:
    """Return a few seconds of what such an instrument plays, and how long they last."""
    if listed.family in {Family.TEXTURES, Family.TRANSITIONS}:
        lasts = 8.0 if listed.family is Family.TEXTURES else 4.0
        return [Tone(0.0, lasts, 60.0, velocity)], lasts
    if listed.family is Family.PADS:
        base = 36.0 if name == "dark_drone" else 48.0
        return [Tone(2.0 * n, 2.0, base + step, velocity) for n, chord in enumerate(CHORDS) for step in chord], 8.0
    if listed.family is Family.BASSES:
        return [Tone(0.5 * n, 0.45, 33.0 + step, velocity) for n, step in enumerate((0, 0, 7, 5, 0, 3, 5, 7))], 4.0
    if name in {"pluck", "arp_synth"}:
        return [Tone(0.25 * n, 0.2, 60.0 + step, velocity) for n, step in enumerate(2 * LINE)], 4.0
    if name in MONO or name in {"vocal_chop", "fm_bell"}:
        return [Tone(0.5 * n, 0.45, 60.0 + step, velocity) for n, step in enumerate(LINE)], 4.0
    return [Tone(float(n), 0.8, 60.0 + step, velocity) for n, chord in enumerate(CHORDS) for step in chord], 4.0


def cents_off(sound: NDArray[np.float32], pitch: float) -> float:
    """Return how far the middle of a fundamental, detuned or not, is from where it should be, in cents."""
    frames = 1 << 19
    windowed = sound.mean(axis=1) * np.hanning(len(sound))
    power = np.abs(np.fft.rfft(windowed, frames)) ** 2
    wanted_hz = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    hz = np.fft.rfftfreq(frames, 1.0 / RATE_HZ)
    near = np.abs(1200.0 * np.log2(np.maximum(hz, 1.0) / wanted_hz)) < 60.0
    middle = float(np.sum(hz[near] * power[near]) / np.sum(power[near]))
    return 1200.0 * float(np.log2(middle / wanted_hz))
