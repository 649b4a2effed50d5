"""A song's spectrum in third octaves (IEC 61260-1, base ten)."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

_WINDOW_S = 0.18
"""Long enough to tell the lowest bands apart."""
_MOST_WINDOWS = 512


def third_octave_centres_hz(rate_hz: int) -> NDArray[np.float64]:
    """Return the exact mid-band frequencies from 25 Hz up to the last band that lies wholly below half the rate."""
    centres = 1000.0 * 10.0 ** (np.arange(-16, 20) / 10.0)
    within: NDArray[np.float64] = centres[centres * 10.0**0.05 < rate_hz / 2]
    return within


def third_octave_levels_db(samples: NDArray[np.float32], rate_hz: int) -> NDArray[np.float64]:
    """Return the level of each third octave in the louder half of a song.

    Up to 512 Hann windows of 0.18 s, evenly spread over the song, are compared by their power; the louder half of them
    is averaged, so that a long quiet introduction does not decide what the song sounds like.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, at least one frame.
    rate_hz : int
        Sample rate.

    Returns
    -------
    float64 array, shape (len(third_octave_centres_hz(rate_hz)),)
        Mean power of all channels in dB relative to a full-scale square wave; -200 dB stands for nothing at all.
    """
    size = scipy.fft.next_fast_len(round(_WINDOW_S * rate_hz), real=True)
    count = max(1, min(_MOST_WINDOWS, len(samples) // size))
    window = np.hanning(size).astype(np.float32)[:, None]
    starts = np.linspace(0, max(len(samples) - size, 0), count).astype(int)
    power = np.empty((count, size // 2 + 1))
    for row, start in zip(power, starts, strict=True):
        block = samples[start : start + size]
        spectrum = scipy.fft.rfft(block * window[: len(block)], size, axis=0)
        row[:] = (spectrum.real**2 + spectrum.imag**2).mean(axis=1)
    total = power.sum(axis=1)
    mean = power[total >= np.median(total)].mean(axis=0) * 2.0 / (size * float((window**2).sum()))
    edges = np.concatenate((third_octave_centres_hz(rate_hz) * 10.0**-0.05, [0.0]))
    edges[-1] = edges[-2] * 10.0**0.1
    # The running sum read between the bins: bands narrower than a bin get their share of it.
    running = np.concatenate(([0.0], np.cumsum(mean)))
    bins = (np.arange(len(running)) - 0.5) * rate_hz / size
    bands = np.diff(np.interp(edges, bins, running))
    levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(bands, 1e-20))
    return levels
