"""Transitions: risers, sweeps, downlifters, impacts, reversed cymbals. A tone lasts as long as the movement."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.drums.metals import Cymbal
from soundrack.composition.instruments.drums.strokes import below, fall, rise, times, white
from soundrack.composition.instruments.filters import BAND_PASS, LOW_PASS_12, state_variable
from soundrack.composition.instruments.oscillators import TABLE_SIZE, cycle, level_of
from soundrack.composition.instruments.tone import RATE_HZ, Tone

Sound = NDArray[np.float64]
Movement = Callable[[Tone, int, np.random.Generator], Sound]

_BLOCK = 64
_LONGEST_S = 60.0
_USUAL_VELOCITY = 0.7
_ENDING_S = 0.02


class Transition:
    """Plays a movement for each of its tones.

    Parameters
    ----------
    movement : callable
        Takes a tone, the frames that it lasts, and chance; returns a sound of shape (frames, 2), longer if it rings on.
    level_db : float
        Of the movement.
    """

    def __init__(self, movement: Movement, level_db: float) -> None:
        self._movement = movement
        self._gain = 10.0 ** (level_db / 20.0)

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        for tone in tones:
            first = round(max(tone.start_s, 0.0) * RATE_HZ)
            if first >= frames:
                continue
            lasts = max(round(min(tone.length_s, _LONGEST_S) * RATE_HZ), 4 * _BLOCK)
            sound = self._movement(tone, lasts, rng)[: frames - first]
            out[first : first + len(sound)] += (self._gain * tone.velocity / _USUAL_VELOCITY * sound).astype(np.float32)
        return out


def riser(tone: Tone, frames: int, rng: np.random.Generator) -> Sound:
    """Return noise through a band that rises and narrows, over saws that rise an octave, ever louder."""
    part = np.linspace(0.0, 1.0, frames)
    noise = _swept(_pair(rng, frames), lambda part: 220.0 * 45.0**part, 0.725, BAND_PASS)
    hertz = _hertz(tone.pitch - 12.0)
    turns = np.cumsum(hertz * 2.0 ** (part**1.6)) / RATE_HZ
    saws = np.zeros((frames, 2))
    for number, cents in enumerate((-11.0, 0.0, 12.0)):
        wave = _saw(turns * 2.0 ** (cents / 1200.0) + rng.random(), 2.0 * hertz)
        pan = 0.2 + 0.3 * number
        saws += wave[:, None] * np.array([np.cos(0.5 * np.pi * pan), np.sin(0.5 * np.pi * pan)])
    saws = _swept(saws, lambda part: 300.0 * 30.0**part, 0.9, LOW_PASS_12)
    pulse = 1.0 - 0.45 * part * (0.5 + 0.5 * np.cos(2.0 * np.pi * np.cumsum(2.0 + 10.0 * part**2) / RATE_HZ))
    loud = (0.04 + 0.96 * part**1.8) * pulse * _closed(frames)
    return np.asarray((1.2 * noise + 0.32 * saws) * loud[:, None])


def sweep(tone: Tone, frames: int, rng: np.random.Generator) -> Sound:
    """Return noise through a band that rises and, near the end, falls back; softer than a riser."""
    part = np.linspace(0.0, 1.0, frames)
    hertz = _hertz(tone.pitch) * 1.5
    sound = _swept(_pair(rng, frames), lambda part: hertz * 14.0 ** (_arch(part) ** 1.2), 0.5, BAND_PASS)
    return np.asarray(sound * (np.sin(0.5 * np.pi * _arch(part)) ** 1.5 * _closed(frames))[:, None])


def downlifter(tone: Tone, frames: int, rng: np.random.Generator) -> Sound:
    """Return noise through a band that falls, over a sine that falls two octaves, ever softer."""
    part = np.linspace(0.0, 1.0, frames)
    noise = _swept(_pair(rng, frames), lambda part: 7500.0 * 0.02**part, 0.8, BAND_PASS)
    turns = np.cumsum(_hertz(tone.pitch - 12.0) * 0.25**part) / RATE_HZ
    loud = (1.0 - part) ** 1.6 * rise(frames, 0.004) * _closed(frames)
    return np.asarray((noise + 0.25 * np.sin(2.0 * np.pi * turns)[:, None]) * loud[:, None])


def impact(tone: Tone, frames: int, rng: np.random.Generator) -> Sound:
    """Return a blow: a sine that falls to the tone's pitch, low, a burst, and the room that they leave behind."""
    frames = max(frames, round(3.5 * RATE_HZ))
    t = times(frames)
    hertz = _hertz(24.0 + (tone.pitch % 12.0))
    turns = hertz * (t + 1.6 * 0.06 * (1.0 - np.exp(-t / 0.06)))
    boom = np.tanh(2.2 * np.sin(2.0 * np.pi * turns) * fall(frames, 2.4)) * rise(frames, 0.002)
    burst = below(white(rng, frames), 3500.0) * fall(frames, 0.22)
    sound = np.repeat((0.9 * boom + 0.8 * burst)[:, None], 2, axis=1)
    for channel in range(2):
        tail = below(white(rng, frames), 1400.0, 1) * fall(frames, 2.6) * rise(frames, 0.012)
        sound[:, channel] += 0.5 * tail + 0.16 * white(rng, frames) * fall(frames, 0.7)
    return np.asarray(np.tanh(sound) * _closed(frames)[:, None])


def reverse_cymbal(tone: Tone, frames: int, rng: np.random.Generator) -> Sound:
    """Return a cymbal played backwards: it ends where the tone ends."""
    decay_s = max(1.3 * frames / RATE_HZ, 0.8)
    plate = Cymbal(low_hz=420.0, decay_s=decay_s, wash=1.5, tilt_db=0.0, bloom_ms=6.0)
    sound = np.zeros((frames, 2))
    for channel in range(2):
        stroke = plate.stroke(tone.velocity, rng)[:frames]
        growing = np.linspace(0.0, 1.0, len(stroke))
        sound[frames - len(stroke) :, channel] = growing * stroke[::-1] / np.sqrt(np.mean(stroke**2))
    opening = rise(frames, min(0.25 * frames / RATE_HZ, 1.0))
    return np.asarray(sound * (opening * _closed(frames))[:, None])


def _hertz(pitch: float) -> float:
    return float(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def _closed(frames: int) -> Sound:
    """Return 1, to 0 within the last moment."""
    count = min(round(_ENDING_S * RATE_HZ), frames)
    curve = np.ones(frames)
    curve[-count:] = 0.5 + 0.5 * np.cos(np.pi * np.arange(1, count + 1) / count)
    return curve


def _pair(rng: np.random.Generator, frames: int) -> Sound:
    return np.stack([white(rng, frames), white(rng, frames)], axis=1)


def _arch(part: Sound) -> Sound:
    return np.asarray(np.where(part < 0.85, part / 0.85, (1.0 - part) / 0.15))


def _saw(turns: Sound, highest_hz: float) -> Sound:
    """Return a saw at a phase that moves, without what would alias at its highest frequency."""
    table = cycle("saw")[0, level_of(highest_hz)].astype(np.float64)
    place = (turns - np.floor(turns)) * TABLE_SIZE
    before = place.astype(np.int64)
    return np.asarray(table[before] + (place - before) * (table[before + 1] - table[before]))


def _swept(sound: Sound, cutoff_hz: Callable[[Sound], Sound], damping: float, kind: int) -> Sound:
    """Return a sound of shape (frames, 2) through a filter whose cutoff, told for parts of the whole, moves."""
    channels = np.ascontiguousarray(sound.T, dtype=np.float32)
    blocks = -(-len(sound) // _BLOCK)
    ends = np.minimum(np.arange(blocks + 1) * _BLOCK, len(sound) - 1)
    slopes = np.tan(np.pi * np.clip(cutoff_hz(ends / max(len(sound) - 1, 1)), 20.0, 18_000.0) / RATE_HZ)
    swept(channels, slopes, damping, kind)
    return channels.T.astype(np.float64)


@kernel
def swept(channels: NDArray[np.float32], slopes: NDArray[np.float64], damping: float, kind: int) -> None:
    """Filter two channels in place; `slopes` holds the cutoff's `filters.slope_of` at the ends of blocks of 64."""
    state = np.zeros((2, 2))
    for block in range(len(slopes) - 1):
        first = block * _BLOCK
        count = min(_BLOCK, channels.shape[1] - first)
        left, right = channels[0, first : first + count], channels[1, first : first + count]
        state_variable(left, right, count, state, slopes[block], slopes[block + 1], damping, kind)
