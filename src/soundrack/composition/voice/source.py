"""Sound of spectra: pulses at the melody's pitch and noise, shaped frame by frame.

The network's own way (hibari, `dsp.py`, Apache-2.0, written anew): a pulse train whose short-time spectrum is
multiplied by the harmonics' magnitude and phase, plus noise, plus a part with phases of its own; frames of 50 ms are
added up. In between, its spectra may be stretched in time, moved along frequency and sung at another pitch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.composition.voice.network import BINS, FRAME_RATE_HZ, Spoken
from soundrack.composition.voice.pitch import PITCH_RATE_HZ, Curve
from soundrack.composition.voice.shaping import shape_in_place

SOURCE_RATE_HZ = 24_000
_WINDOW, _HOP = 1200, SOURCE_RATE_HZ // FRAME_RATE_HZ
_OVERLAP = _WINDOW // _HOP
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / _WINDOW)).astype(np.float32)
_HIGHEST_HARMONIC_HZ = 11_000.0
_VOICED_FADE_S = 0.006
_NEPERS = np.log(10.0) / 20.0
_STEADY = (0.6, 1.6)
"""Speeds at which a frame's own phases are kept; where time is stretched more they would buzz, and become noise."""

_FREE_IN_VOWELS = -0.7
"""How much weaker (6 dB) the part with phases of its own is where it becomes noise: in vowels it is harmonics too."""
_TOP_BIN = 585
"""Above, the network's spectra are those of a filter's edge."""

Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Throat:
    """Who sings with the same spectra.

    Parameters
    ----------
    formants : float
        By which factor spectra are moved along frequency; below 1 for a longer throat.
    breath_db : float
        How much louder than the network's the noise in voiced sounds is.
    tilt_db : float
        Change of level for each octave above 1 kHz.
    """

    formants: float = 1.0
    breath_db: float = 0.0
    tilt_db: float = 0.0


def rendered(heard: Spoken, pitch_hz: Curve, pitch_start_s: float, throat: Throat, rng: np.random.Generator) -> Sound:
    """Return the sound of a phrase at 24 kHz; its first sample is at ``heard.song[0]``.

    Parameters
    ----------
    heard : Spoken
        Its spectra.
    pitch_hz : float64 array
        At `PITCH_RATE_HZ`, the first at `pitch_start_s`.
    pitch_start_s : float
        In the song.
    throat : Throat
        Who sings.
    rng : numpy.random.Generator
        For the noise.
    """
    frames = int((heard.song[-1] - heard.song[0]) * FRAME_RATE_HZ)
    at = heard.song[0] + np.arange(frames) / FRAME_RATE_HZ
    own = np.interp(at, heard.song, heard.own)
    last = heard.is_voiced.size - 1
    nearest = np.clip(np.round(own).astype(int), 0, last)
    is_voiced = heard.is_voiced[nearest]
    spectrum = _analysed(_pulses(pitch_hz, pitch_start_s, heard.song[0], is_voiced), frames)
    chance = rng.standard_normal((frames, 2 * BINS), dtype=np.float32).view(np.complex64)
    speed = np.gradient(own) if frames > 1 else np.ones(frames)
    steady = (speed > _STEADY[0]) & (speed < _STEADY[1]) & ~heard.is_held[nearest]
    bins = np.minimum(np.arange(BINS) / throat.formants, _TOP_BIN if throat.formants != 1.0 else BINS - 1.0)
    octaves = np.log2(np.maximum(np.arange(BINS) * SOURCE_RATE_HZ / _WINDOW, 1000.0) / 1000.0)
    shape_in_place(
        spectrum,
        chance,
        (heard.harmonic_level, heard.harmonic_phase, heard.noise_level, heard.free_level),
        heard.free_phase,
        np.clip(own, 0.0, float(last)),
        bins,
        steady,
        np.where(is_voiced, throat.breath_db * _NEPERS, 0.0),
        np.where(is_voiced, _FREE_IN_VOWELS, 0.0),
        throat.tilt_db * _NEPERS * octaves,
    )
    return _added_up(spectrum)


def _pulses(pitch_hz: Curve, pitch_start_s: float, start_s: float, is_voiced: NDArray[np.bool_]) -> Sound:
    """Return a pulse train of all harmonics up to 11 kHz at equal level, 0 where the voice is silent.

    Its closed form: the sum of ``cos(h t)`` for h from 1 to H is ``sin((H + 1/2) t) / (2 sin(t / 2)) - 1/2``.
    """
    count = is_voiced.size * _HOP
    at = start_s + np.arange(count) / SOURCE_RATE_HZ
    frequency = np.interp(at, pitch_start_s + np.arange(pitch_hz.size) / PITCH_RATE_HZ, pitch_hz)
    turn = np.cumsum(frequency) / SOURCE_RATE_HZ
    angle = 2.0 * np.pi * (turn - np.floor(turn))
    highest = np.floor(_HIGHEST_HARMONIC_HZ / frequency) + 0.5
    below = 2.0 * np.sin(0.5 * angle)
    small = np.abs(below) <= 2e-3
    train = np.where(small, highest, np.sin(highest * angle) / np.where(small, 1.0, below)) - 0.5
    gate = np.repeat(is_voiced.astype(np.float64), _HOP)
    fade = round(_VOICED_FADE_S * SOURCE_RATE_HZ)
    gate = np.convolve(gate, np.full(fade, 1.0 / fade), "same")
    return np.asarray(train * gate, dtype=np.float32)


def _analysed(train: Sound, frames: int) -> NDArray[np.complex64]:
    padded = np.pad(train, _WINDOW // 2)
    view = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP][:frames]
    windowed = view * (_HANN / (_WINDOW / 4))
    return np.asarray(scipy.fft.rfft(windowed, axis=1), dtype=np.complex64)


def _added_up(spectrum: NDArray[np.complex64]) -> Sound:
    """Return the sound of overlapping frames (D. W. Griffin and J. S. Lim, IEEE Trans. ASSP 32, 1984)."""
    frames = spectrum.shape[0]
    parts = scipy.fft.irfft(spectrum, n=_WINDOW, axis=1).astype(np.float32) * _HANN
    parts = parts.reshape(frames, _OVERLAP, _HOP)
    weights = (_HANN * _HANN).reshape(_OVERLAP, _HOP)
    sound = np.zeros((frames + _OVERLAP - 1, _HOP), dtype=np.float32)
    weight = np.zeros_like(sound)
    for place in range(_OVERLAP):
        sound[place : place + frames] += parts[:, place]
        weight[place : place + frames] += weights[place]
    whole = (sound / np.maximum(weight, 1e-3)).reshape(-1)
    return np.asarray(whole[_WINDOW // 2 : _WINDOW // 2 + frames * _HOP], dtype=np.float32)
