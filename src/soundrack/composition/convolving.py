"""Convolution of whole sounds by their spectra."""

from __future__ import annotations

import numpy as np
import scipy.fft
from numpy.typing import NDArray


def convolved(sound: NDArray[np.float64], response: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a sound through a response, with all that rings on.

    Parameters
    ----------
    sound : float64 array, shape (frames,)
        At least one frame.
    response : float64 array, shape (taps,) or (taps, channels)
        At least one tap.

    Returns
    -------
    float64 array, shape (frames + taps - 1,) or (frames + taps - 1, channels)
    """
    count = len(sound) + len(response) - 1
    size = scipy.fft.next_fast_len(count, real=True)
    spectrum = scipy.fft.rfft(sound, size)
    if response.ndim > 1:
        spectrum = spectrum[:, None]
    made = scipy.fft.irfft(spectrum * scipy.fft.rfft(response, size, axis=0), size, axis=0)
    return np.asarray(made[:count], dtype=np.float64)
