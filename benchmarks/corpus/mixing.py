"""A mix of a song's parts: levels, tone, room, noise, limiting and a lossy copy, drawn by seed."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft
import scipy.signal
import soundfile
from numpy.typing import NDArray

RATE_HZ = 44_100
Sound = NDArray[np.float32]

_LEVELS_DB = {"drums": -1.0, "bass": 0.0, "comp": -3.0, "pad": -7.0, "lead": -1.0}
_LATEST = 4000
"""Samples that a decoder may come late."""


@dataclass(frozen=True)
class Mix:
    """What is done to a song.

    `levels_db` are by role; `low_db`, `high_db` a shelf's at 200 Hz and 4 kHz; `reverb_s` and `wet` the room's decay by
    60 dB and level; `noise_db` that of pink noise below full scale, None for none; `drive_db` goes into a soft clipper;
    `lossy` is a codec and its quality.
    """

    levels_db: dict[str, float]
    low_db: float
    high_db: float
    reverb_s: float
    wet: float
    noise_db: float | None
    drive_db: float
    peak_db: float
    lossy: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it for the song's truth."""
        return {
            "levels_db": {role: round(level, 1) for role, level in self.levels_db.items()},
            "low_db": round(self.low_db, 1),
            "high_db": round(self.high_db, 1),
            "reverb_s": round(self.reverb_s, 2),
            "wet": round(self.wet, 2),
            "noise_db": self.noise_db if self.noise_db is None else round(self.noise_db, 1),
            "drive_db": round(self.drive_db, 1),
            "lossy": self.lossy,
        }


def drawn(rng: np.random.Generator) -> Mix:
    """Draw a mix."""
    return Mix(
        levels_db={role: level + float(rng.normal(0.0, 2.5)) for role, level in _LEVELS_DB.items()},
        low_db=float(rng.normal(0.0, 2.5)),
        high_db=float(rng.normal(0.0, 3.0)),
        reverb_s=float(rng.choice([0.4, 0.8, 1.3, 2.2])),
        wet=float(rng.uniform(0.0, 0.3)),
        noise_db=float(rng.uniform(-65.0, -42.0)) if rng.random() < 0.3 else None,
        drive_db=float(rng.choice([0.0, 0.0, 3.0, 6.0, 10.0])),
        peak_db=float(rng.uniform(-6.0, -0.1)),
        lossy=str(rng.choice(["mp3", "vorbis"])) if rng.random() < 0.3 else None,
    )


def mixed(parts: list[tuple[str, Sound]], mix: Mix, rng: np.random.Generator) -> Sound:
    """Return the mix of some parts, each with its role: float32, shape (frames, 2), at `RATE_HZ`."""
    total = np.zeros_like(parts[0][1])
    for role, sound in parts:
        # instruments of one programme number differ by 20 dB and more between sets
        loud = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) or 1.0
        total += sound * np.float32(0.05 / loud * 10.0 ** (mix.levels_db[role] / 20.0))
    total = _shelved(total, mix.low_db, mix.high_db)
    total += mix.wet * _reverberated(total, mix.reverb_s, rng)
    total /= max(float(np.abs(total).max()), 1e-9)
    if mix.drive_db:
        total = np.tanh(10.0 ** (mix.drive_db / 20.0) * total)
        total /= float(np.abs(total).max())
    total *= np.float32(10.0 ** (mix.peak_db / 20.0))
    if mix.noise_db is not None:
        total += np.float32(10.0 ** (mix.noise_db / 20.0)) * pink(total.shape, rng)
    if mix.lossy is not None:
        total = lossy(np.clip(total, -1.0, 1.0), mix.lossy)
    return total.astype(np.float32)


def pink(shape: tuple[int, ...], rng: np.random.Generator) -> Sound:
    """Return pink noise of a mean square of 1, independent in each channel."""
    size = scipy.fft.next_fast_len(shape[0], real=True)
    bins = size // 2 + 1
    spectrum = rng.normal(size=(bins, shape[1])) + 1j * rng.normal(size=(bins, shape[1]))
    spectrum /= np.sqrt(np.maximum(np.arange(bins), 1))[:, None]
    noise = scipy.fft.irfft(spectrum, size, axis=0)[: shape[0]]
    return np.asarray(noise / noise.std(), dtype=np.float32)


def lossy(sound: Sound, codec: str) -> Sound:
    """Return a sound after a lossy codec at a low rate, in time with what went in."""
    kept = io.BytesIO()
    kind = ("MP3", "MPEG_LAYER_III") if codec == "mp3" else ("OGG", "VORBIS")
    with soundfile.SoundFile(kept, "w", RATE_HZ, 2, kind[1], format=kind[0], compression_level=0.75) as file:
        for start in range(0, len(sound), RATE_HZ):  # libsndfile overflows its stack on a whole song as Vorbis
            file.write(sound[start : start + RATE_HZ])
    kept.seek(0)
    back, _ = soundfile.read(kept, dtype="float32", always_2d=True)
    late = _delay(sound, back)
    back = back[late : late + len(sound)]
    return np.pad(back, ((0, len(sound) - len(back)), (0, 0)))


def _delay(sound: Sound, back: Sound) -> int:
    """Return how many samples a copy comes late, by the correlation of their loudest 6 s."""
    size = min(6 * RATE_HZ, len(sound))
    start = int(np.argmax(np.convolve(np.abs(sound[::441, 0]), np.ones(size // 441), mode="valid"))) * 441
    here = sound[start : start + size, 0]
    there = back[start : start + size + _LATEST, 0]
    matched = scipy.signal.correlate(there, here, mode="valid", method="fft")
    return int(np.argmax(matched))


def _shelved(sound: Sound, low_db: float, high_db: float) -> Sound:
    low = scipy.signal.sosfilt(scipy.signal.butter(1, 200.0, "low", fs=RATE_HZ, output="sos"), sound, axis=0)
    high = scipy.signal.sosfilt(scipy.signal.butter(1, 4000.0, "high", fs=RATE_HZ, output="sos"), sound, axis=0)
    shelved = sound + (10.0 ** (low_db / 20.0) - 1.0) * low + (10.0 ** (high_db / 20.0) - 1.0) * high
    return np.asarray(shelved, dtype=np.float32)


def _reverberated(sound: Sound, decay_s: float, rng: np.random.Generator) -> Sound:
    """Return a room's answer: noise that decays by 60 dB in a time, from 12 ms on, darker than what it answers."""
    frames = round(decay_s * RATE_HZ)
    answer = rng.normal(size=(frames, 2)) * 10.0 ** (-3.0 * np.arange(frames) / frames)[:, None]
    answer[: round(0.012 * RATE_HZ)] = 0.0
    answer = scipy.signal.sosfilt(scipy.signal.butter(1, 5000.0, "low", fs=RATE_HZ, output="sos"), answer, axis=0)
    answer /= np.sqrt((answer**2).sum(axis=0))
    wet = scipy.signal.oaconvolve(sound, answer.astype(np.float32), axes=0)[: len(sound)]
    return np.asarray(wet, dtype=np.float32)
