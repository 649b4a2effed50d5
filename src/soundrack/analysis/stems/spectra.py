"""The short-time spectra in which stems are told apart, and the way back to sound, part by part."""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
from numpy.typing import NDArray

RATE_HZ = 44_100
FRAME, HOP = 4096, 1024
BINS = FRAME // 2 + 1

_LEAD = FRAME - HOP
"""Zeros before the first sample, so that it lies under as many frames as every other."""
_GAIN = 1.5
"""Sum of the squares of the Hann windows that lie over a sample, a quarter of their length apart."""


def frames_of(samples: int) -> int:
    """Return how many frames cover so many samples."""
    return -(-(samples + _LEAD) // HOP)


def spectra(samples: NDArray[np.float32], start: int, stop: int) -> NDArray[np.complex64]:
    """Return the spectra of some frames of a stereo sound.

    Parameters
    ----------
    samples : float32 array, shape (n, 2)
        The sound at 44.1 kHz.
    start, stop : int
        Frames. Frame k is the 4096 samples from 1024 k - 3072 on; zeros stand before and behind the sound.

    Returns
    -------
    complex64 array, shape (2, stop - start, 2049)
    """
    first = start * HOP - _LEAD
    wanted = (stop - start - 1) * HOP + FRAME
    part = samples[max(0, first) : max(0, first + wanted)].T
    before = max(0, -first)
    part = np.pad(part, ((0, 0), (before, wanted - before - part.shape[1])))
    frames = np.lib.stride_tricks.sliding_window_view(part, FRAME, axis=1)[:, ::HOP]
    found: NDArray[np.complex64] = scipy.fft.rfft(frames * _window(), axis=2)
    return found


class Overlap:
    """Adds up frames that come part by part.

    Parameters
    ----------
    sounds : int
        How many channels are added up beside each other.
    samples : int
        How long the whole is.
    """

    def __init__(self, sounds: int, samples: int) -> None:
        self._tail = np.zeros((sounds, _LEAD), dtype=np.float32)
        self._left = samples
        self._skip = _LEAD

    def add(self, spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
        """Take the next frames, shape (sounds, frames, 2049); return what is complete, shape (sounds, n)."""
        frames = scipy.fft.irfft(spectra, FRAME, axis=2, overwrite_x=True) * (_window() / np.float32(_GAIN))
        count = frames.shape[1]
        out = np.zeros((frames.shape[0], count * HOP + _LEAD), dtype=np.float32)
        out[:, :_LEAD] = self._tail
        for quarter in range(FRAME // HOP):
            part = frames[:, :, quarter * HOP : (quarter + 1) * HOP].reshape(frames.shape[0], -1)
            out[:, quarter * HOP : quarter * HOP + part.shape[1]] += part
        self._tail = out[:, count * HOP :].copy()
        complete = out[:, min(self._skip, count * HOP) : count * HOP]
        self._skip -= min(self._skip, count * HOP)
        complete = complete[:, : self._left]
        self._left -= complete.shape[1]
        return complete


@cache
def _window() -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)).astype(np.float32)
