"""A vocoder: the melody on a synthesizer, through the changing bands of a voice that says the words.

H. Dudley, "Remaking speech", JASA 11 (1939); the channels are bands of a short-time spectrum.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.voice.levelling import VOWEL_DB
from soundrack.composition.voice.phrases import Phrase
from soundrack.composition.voice.pitch import Manner, hz, pitch_curve, times

MODULATOR = Manner(vibrato_cents=0.0, drift_cents=2.0, scoop_cents=0.0)
"""How the voice behind it sings: its pitch is not heard."""
BANDS = 28
_LOWEST_HZ, _HIGHEST_HZ = 90.0, 14_000.0
_WINDOW, _HOP = 1024, 256
_MOST_DB = 40.0
_HISS = 0.5
"""Level of the noise in the carrier, so that sibilants have something to pass."""
_DETUNED = ((-12.0, 0.5), (-0.07, 0.8), (0.0, 1.0), (0.08, 0.8), (12.04, 0.25))
"""Saws: semitones from the melody, and gains."""
_GLIDE = Manner(vibrato_cents=0.0, drift_cents=0.0, scoop_cents=0.0)
_BLOCK = 512
_LEVEL = 0.5
"""Of the frames that are added up: two thirds would keep the voice's power, whose peaks are lower."""

Sound = NDArray[np.float32]


def vocoded(modulator: Sound, song: Sequence[Phrase], rng: np.random.Generator) -> Sound:
    """Return a voice's words on a synthesizer.

    Parameters
    ----------
    modulator : float32 array, shape (frames,)
        The dry voice at `RATE_HZ`.
    song : sequence of Phrase
        The notes that the synthesizer plays.
    rng : numpy.random.Generator
        For phases and noise.

    Returns
    -------
    float32 array, shape (frames,)
        As loud as the voice.
    """
    carrier = _carrier(song, modulator.size, rng)
    edges = np.geomspace(_LOWEST_HZ, _HIGHEST_HZ, BANDS + 1) * _WINDOW / RATE_HZ
    bins = np.arange(_WINDOW // 2 + 1)
    band = np.clip(np.searchsorted(edges, bins, side="right") - 1, 0, BANDS - 1)
    window = np.hanning(_WINDOW + 1)[:-1].astype(np.float32)
    first, counts = np.unique(band, return_index=True)[1], np.bincount(band, minlength=BANDS)
    centres = np.array([bins[band == each].mean() if counts[each] else edges[each] for each in range(BANDS)])
    padded = [np.pad(each, (_WINDOW, _WINDOW + _HOP)) for each in (modulator, carrier)]
    frames = (padded[0].size - _WINDOW) // _HOP + 1
    views = [np.lib.stride_tricks.sliding_window_view(each, _WINDOW)[::_HOP] for each in padded]
    out = np.zeros(padded[0].size, dtype=np.float32)
    smooth = np.zeros(first.size)
    for begin in range(0, frames, _BLOCK):
        end = min(begin + _BLOCK, frames)
        said, played = (scipy.fft.rfft(view[begin:end] * window, axis=1) for view in views)
        wanted, there = (np.add.reduceat(np.abs(each) ** 2, first, axis=1) for each in (said, played))
        gain = np.sqrt(wanted / (there + 1e-6 * there.max(initial=1e-9)))
        gain = np.minimum(gain, 10.0 ** (_MOST_DB / 20.0))
        for place in range(gain.shape[0]):
            smooth = gain[place] = 0.55 * gain[place] + 0.45 * smooth
        shaped = np.stack([np.interp(bins, centres[np.unique(band)], row) for row in gain])
        parts = scipy.fft.irfft(played * shaped, axis=1).astype(np.float32) * window
        for place in range(end - begin):
            at = (begin + place) * _HOP
            out[at : at + _WINDOW] += parts[place]
    return out[_WINDOW : _WINDOW + modulator.size] * np.float32(_LEVEL)


def _carrier(song: Sequence[Phrase], frames: int, rng: np.random.Generator) -> Sound:
    """Return detuned saws on the melody, and noise, while something is sung."""
    made = np.zeros(frames, dtype=np.float32)
    for phrase in song:
        begin = max(int((phrase.start_s - 0.1) * RATE_HZ), 0)
        end = min(int((phrase.end_s + 0.15) * RATE_HZ), frames)
        if end <= begin:
            continue
        at = np.arange(begin, end) / RATE_HZ
        pitch = np.interp(at, times(phrase), pitch_curve(phrase, _GLIDE, rng))
        part = np.zeros(end - begin)
        for semitones, gain in _DETUNED:
            part += gain * _saw(hz(pitch + semitones), rng.random())
        noise = rng.standard_normal(end - begin)
        high = noise - np.convolve(noise, np.full(6, 1.0 / 6.0), "same")
        made[begin:end] += (part + _HISS * high).astype(np.float32)
    return np.float32(10.0 ** (VOWEL_DB / 20.0)) * made


def _saw(frequency_hz: NDArray[np.float64], phase: float) -> NDArray[np.float64]:
    """Return a saw without most of its aliases: its jumps are rounded by a polynomial over two samples."""
    step = frequency_hz / RATE_HZ
    turn = np.mod(phase + np.cumsum(step), 1.0)
    made = 2.0 * turn - 1.0
    after = turn < step
    x = turn / step
    made -= np.where(after, 2.0 * x - x * x - 1.0, 0.0)
    before = turn > 1.0 - step
    x = (turn - 1.0) / step
    made -= np.where(before, x * x + 2.0 * x + 1.0, 0.0)
    return np.asarray(made, dtype=np.float64)
