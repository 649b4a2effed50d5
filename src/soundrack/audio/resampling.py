"""Another sample rate, by soxr."""

from __future__ import annotations

import numpy as np
import soxr
from numpy.typing import NDArray


def resampled(samples: NDArray[np.float32], from_rate_hz: int, to_rate_hz: int) -> NDArray[np.float32]:
    """Return the sound at another sample rate; the same array if the rate does not change.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels)
    from_rate_hz, to_rate_hz : int
        Rates before and after.

    Returns
    -------
    float32 array, shape (round(frames * to / from), channels), C-contiguous
        Linear phase, pass band to 0.91 of the lower Nyquist frequency, aliases below -120 dB (soxr's HQ recipe).
    """
    if from_rate_hz == to_rate_hz:
        return samples
    return np.ascontiguousarray(soxr.resample(samples, from_rate_hz, to_rate_hz, "HQ"), dtype=np.float32)
