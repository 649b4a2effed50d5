"""One look at a song's spectrum, shared by the detectors: long windows, evenly spread."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

_WINDOW_S = 0.37
"""Long enough to tell a line from the noise beside it and a bass note from its octave."""
_MOST_S = 60.0
_WINDOWS_AT_ONCE = 8
_BASS_HZ = 400.0
_SILENT_DB = -60.0
"""A window this far below the song's mean says nothing of the song."""


@dataclass(frozen=True)
class Spectra:
    """Power spectra of Hann windows.

    Attributes
    ----------
    rate_hz : int
        The song's sample rate.
    size : int
        Frames of a window.
    powers : float32 array, shape (windows, bins)
        Mean power of all channels. A sine of amplitude 1.0 has 0.5 at its bin, a little less between two.
    sounding : bool array, shape (windows,)
        Which windows lie less than 60 dB below the song's mean power.
    bass : complex64 array, shape (windows, channels, bins below 400 Hz)
        The channels' own spectra, scaled alike.
    """

    rate_hz: int
    size: int
    powers: NDArray[np.float32]
    sounding: NDArray[np.bool_]
    bass: NDArray[np.complex64]

    @property
    def bin_hz(self) -> float:
        """Distance of two bins."""
        return self.rate_hz / self.size

    @property
    def frequencies_hz(self) -> NDArray[np.float64]:
        """Frequency of each bin."""
        return np.asarray(np.arange(self.powers.shape[1]) * self.bin_hz, dtype=np.float64)

    def mean_power(self) -> NDArray[np.float64]:
        """Return the mean over the louder half of the windows, shape (bins,)."""
        total = self.powers.sum(axis=1)
        mean: NDArray[np.float64] = self.powers[total >= np.median(total)].mean(axis=0, dtype=np.float64)
        return mean


def spectra(samples: NDArray[np.float32], rate_hz: int) -> Spectra:
    """Look at up to a minute of a song, evenly spread.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Full scale = 1.0, finite, at least one frame; what is shorter than a window is followed by silence.
    rate_hz : int
        Sample rate.
    """
    channels = samples.shape[1]
    size = scipy.fft.next_fast_len(round(_WINDOW_S * rate_hz))
    size += size % 2
    count = max(1, min(round(_MOST_S * rate_hz / size), len(samples) // size))
    starts = np.linspace(0, max(len(samples) - size, 0), count).astype(int)
    window = np.hanning(size).astype(np.float32)
    window *= np.sqrt(2.0) / window.sum()
    low = min(int(_BASS_HZ * size / rate_hz) + 1, size // 2)
    powers = np.empty((count, size // 2 + 1), dtype=np.float32)
    bass = np.empty((count, channels, low), dtype=np.complex64)
    batch = np.zeros((_WINDOWS_AT_ONCE, size, channels), dtype=np.float32)
    for first in range(0, count, _WINDOWS_AT_ONCE):
        rows = starts[first : first + _WINDOWS_AT_ONCE]
        for row, start in zip(batch, rows, strict=False):
            part = samples[start : start + size]
            np.multiply(part, window[: len(part), None], out=row[: len(part)])
        some = slice(first, first + len(rows))
        if channels == 2:
            _take_stereo(batch[: len(rows)], powers[some], bass[some])
        else:
            spectrum = scipy.fft.rfft(batch[: len(rows), :, 0], axis=1)
            powers[some] = spectrum.real**2 + spectrum.imag**2
            bass[some, 0] = spectrum[:, :low]
    total = powers.sum(axis=1)
    return Spectra(rate_hz, size, powers, total > total.mean() * 10.0 ** (_SILENT_DB / 10.0), bass)


def _take_stereo(batch: NDArray[np.float32], powers: NDArray[np.float32], bass: NDArray[np.complex64]) -> None:
    """Transform both channels at once, as real and imaginary part of one signal, and take them apart again."""
    size, low = batch.shape[1], bass.shape[2]
    packed = scipy.fft.fft(batch.view(np.complex64)[..., 0], axis=1)
    both = packed.real**2 + packed.imag**2
    powers[:, 0], powers[:, -1] = 0.5 * both[:, 0], 0.5 * both[:, size // 2]
    powers[:, 1:-1] = 0.25 * (both[:, 1 : size // 2] + both[:, : size // 2 : -1])
    mirrored = np.conj(packed[:, -np.arange(low)])
    bass[:, 0] = 0.5 * (packed[:, :low] + mirrored)
    bass[:, 1] = -0.5j * (packed[:, :low] - mirrored)


def as_mono(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of one or two channels, shape (frames,)."""
    return np.asarray(0.5 * (samples[:, 0] + samples[:, -1]))
