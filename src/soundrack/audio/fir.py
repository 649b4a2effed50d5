"""Long filters designed from a curve: of linear phase, or of minimum phase."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray

_FLOOR_DB = -120.0
"""A minimum-phase filter takes the logarithm of its magnitude, which must not be that of zero."""


def linear_phase_filter(
    gains_db: NDArray[np.float64], frequencies_hz: NDArray[np.float64], rate_hz: int, taps: int
) -> NDArray[np.float32]:
    """Design a linear-phase filter by sampling a magnitude curve (Oppenheim and Schafer, 7.5).

    Parameters
    ----------
    gains_db, frequencies_hz : float64 arrays of the same shape
        The curve; straight lines in dB over the logarithm of frequency, level beyond both ends.
    rate_hz : int
        Sample rate.
    taps : int
        Odd length. Detail finer than ``rate_hz / taps`` is smoothed away by the Hann window.

    Returns
    -------
    float32 array, shape (taps,)
        Symmetric about its middle, ``taps // 2`` samples of delay.
    """
    size = scipy.fft.next_fast_len(4 * taps, real=True)
    grid_hz = np.maximum(scipy.fft.rfftfreq(size, 1.0 / rate_hz), 1e-3)
    magnitude = 10.0 ** (np.interp(np.log(grid_hz), np.log(frequencies_hz), gains_db) / 20.0)
    response = np.roll(scipy.fft.irfft(magnitude, size), taps // 2)[:taps]
    return np.asarray(response * np.hanning(taps + 2)[1:-1], dtype=np.float32)


def minimum_phase(taps: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the filter with the same magnitude whose response comes as early as it can, so that nothing rings before.

    The phase that belongs to a magnitude is the Hilbert transform of its logarithm; in the cepstrum, that is leaving
    out what lies before time zero and doubling what lies after (Oppenheim and Schafer, chapter 13).

    Parameters
    ----------
    taps : float32 array, shape (taps,)
        Any filter. Gains below -120 dB of its highest are taken for that.

    Returns
    -------
    float32 array, shape (taps,)
        For :func:`~soundrack.audio.convolution.convolve_in_place` with ``zero=0``.
    """
    size = scipy.fft.next_fast_len(8 * len(taps), real=True)
    size += size % 2
    magnitude = np.abs(scipy.fft.rfft(taps.astype(np.float64), size))
    cepstrum = scipy.fft.irfft(np.log(np.maximum(magnitude, magnitude.max() * 10.0 ** (_FLOOR_DB / 20.0))), size)
    cepstrum[1 : size // 2] *= 2.0
    cepstrum[size // 2 + 1 :] = 0.0
    response = scipy.fft.irfft(np.exp(scipy.fft.rfft(cepstrum)), size)
    return np.asarray(response[: len(taps)], dtype=np.float32)
