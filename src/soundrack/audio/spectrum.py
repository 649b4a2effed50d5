"""A song's spectrum in third octaves or finer (IEC 61260-1, base ten)."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

_WINDOW_S = {3: 0.18, 12: 0.72}
"""By bands per octave: long enough to tell the lowest bands apart, or nearly so."""
_MOST_S = 92.0
"""What is looked at of a song, evenly spread: all of a long one would change no band by a whole decibel."""
_WINDOWS_AT_ONCE = 16
_LOWEST_BAND = {3: -16, 12: -64}
_NOTHING = 1e-20


def band_centres_hz(rate_hz: int, per_octave: int = 3) -> NDArray[np.float64]:
    """Return the exact mid-band frequencies from 25 Hz up to the last band that lies wholly below half the rate.

    Parameters
    ----------
    rate_hz : int
        Sample rate.
    per_octave : int
        3 for third octaves, 12 for semitones.

    Returns
    -------
    float64 array
        In Hz, ascending: 1000 Hz and powers of ``10 ** 0.1`` (or ``10 ** 0.025``) away from it; with an even number of
        bands per octave it is the bands' edges that lie so (IEC 61260-1).
    """
    step = 0.3 / per_octave
    offset = 0.0 if per_octave % 2 else 0.5
    centres = 1000.0 * 10.0 ** ((np.arange(_LOWEST_BAND[per_octave], 20 * per_octave // 3) + offset) * step)
    within: NDArray[np.float64] = centres[centres * 10.0 ** (step / 2.0) < rate_hz / 2]
    return within


def band_levels_db(samples: NDArray[np.float32], rate_hz: int, per_octave: int = 3) -> NDArray[np.float64]:
    """Return the level of each band in the louder half of a song.

    Hann windows, evenly spread over the song, are compared by their power; the louder half of them is averaged, so that
    a long quiet introduction does not decide what the song sounds like.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, at least one frame.
    rate_hz : int
        Sample rate.
    per_octave : int
        3 for third octaves in windows of 0.18 s; 12 for semitones in windows of 0.72 s, which below 100 Hz are finer
        than what the window tells apart.

    Returns
    -------
    float64 array, shape (len(band_centres_hz(rate_hz, per_octave)),)
        Mean power of all channels in dB relative to a full-scale square wave; -200 dB stands for nothing at all.
    """
    size = scipy.fft.next_fast_len(round(_WINDOW_S[per_octave] * rate_hz))
    count = max(1, min(round(_MOST_S * rate_hz / size), len(samples) // size))
    window = np.hanning(size).astype(np.float32)
    power = _window_powers(samples, window, np.linspace(0, max(len(samples) - size, 0), count).astype(int))
    total = power.sum(axis=1)
    mean = power[total >= np.median(total)].mean(axis=0) * 2.0 / (size * float((window**2).sum()))
    half_band = 10.0 ** (0.15 / per_octave)
    centres = band_centres_hz(rate_hz, per_octave)
    edges = np.append(centres / half_band, centres[-1] * half_band)
    # The running sum read between the bins: bands narrower than a bin get their share of it.
    running = np.concatenate(([0.0], np.cumsum(mean)))
    bins = (np.arange(len(running)) - 0.5) * rate_hz / size
    bands = np.diff(np.interp(edges, bins, running))
    levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(bands, _NOTHING))
    return levels


def _window_powers(
    samples: NDArray[np.float32], window: NDArray[np.float32], starts: NDArray[np.int_]
) -> NDArray[np.float32]:
    """Return each window's power spectrum, the mean of all channels, shape (windows, len(window) // 2 + 1).

    Two channels are the real and imaginary part of one transform: the powers at a frequency and at its negative add up
    to twice those of both.
    """
    size, bins, channels = len(window), len(window) // 2 + 1, samples.shape[1]
    power = np.zeros((len(starts), bins), dtype=np.float32)
    batch = np.zeros((_WINDOWS_AT_ONCE, size), dtype=np.complex64)
    for first in range(0, len(starts), _WINDOWS_AT_ONCE):
        rows = starts[first : first + _WINDOWS_AT_ONCE]
        for channel in range(0, channels, 2):
            batch[:] = 0.0
            for row, start in zip(batch, rows, strict=False):
                block = samples[start : start + size, channel : channel + 2]
                parts = row.view(np.float32).reshape(-1, 2)
                np.multiply(block, window[: len(block), None], out=parts[: len(block), : block.shape[1]])
            spectra = scipy.fft.fft(batch[: len(rows)], axis=1)
            both = spectra.real**2 + spectra.imag**2
            power[first : first + len(rows)] += both[:, :bins]
            power[first : first + len(rows), 1:] += both[:, : size - bins : -1]
            power[first : first + len(rows), 0] += both[:, 0]
    power /= 2.0 * channels
    return power
