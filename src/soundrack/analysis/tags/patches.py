"""What the tagging networks look at: some patches of three seconds, spread over a song, as mel spectra.

The front end is that of musicnn (J. Pons and X. Serra, 2019), which was trained behind librosa's mel spectrogram: the
power of 512-sample Hann frames every 256 samples at 16 kHz, in 96 bands of Slaney's mel scale and normalisation.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy.fft
import soxr
from numpy.typing import NDArray

from soundrack.analysis.features import sound

RATE_HZ = 16_000
FRAMES, BANDS = 187, 96
"""Of a patch."""

_FRAME, _HOP = 512, 256
_SAMPLES = _FRAME + (FRAMES - 1) * _HOP
_MARGIN = 256
"""Samples at 22 050 Hz around a patch for the resampler to swing in."""
_SILENT = 10 ** (-60 / 20)
"""Root mean square below which a patch tells nothing."""
_COMPRESSION = 10_000.0

PATCH_S = _SAMPLES / RATE_HZ


def starts(mono: NDArray[np.float32], most: int) -> NDArray[np.intp]:
    """Return where patches begin that are spread evenly over a song and are not silent.

    Parameters
    ----------
    mono : float32 array, shape (n,)
        The song at 22 050 Hz.
    most : int
        How many patches at most. A song of fewer whole patches has as many as fit into it.

    Returns
    -------
    int array
        Samples at 22 050 Hz, ascending; none if the song is shorter than a patch or silent.
    """
    length = round(PATCH_S * sound.RATE_HZ)
    count = min(most, mono.size // length)
    if count == 0:
        return np.empty(0, dtype=np.intp)
    span = (mono.size - length) / count
    found = ((np.arange(count) + 0.5) * span).astype(np.intp)
    loud = [float(np.mean(np.square(mono[at : at + length]))) > _SILENT**2 for at in found]
    return found[loud]


def mel_patches(mono: NDArray[np.float32], at: NDArray[np.intp]) -> NDArray[np.float32]:
    """Return the patches that begin at some samples.

    Parameters
    ----------
    mono : float32 array, shape (n,)
        The song at 22 050 Hz.
    at : int array, shape (patches,)
        As from `starts`.

    Returns
    -------
    float32 array, shape (patches, 187, 96)
        log10(1 + 10000 m) of the power m in each mel band.
    """
    out = np.empty((at.size, FRAMES, BANDS), dtype=np.float32)
    for patch, start in zip(out, at, strict=True):
        patch[:] = _mel(_resampled(mono, int(start)))
    return out


def _resampled(mono: NDArray[np.float32], start: int) -> NDArray[np.float32]:
    """Return the samples of one patch at 16 kHz, without the resampler's own beginning and end."""
    before = min(_MARGIN, start)
    length = round(PATCH_S * sound.RATE_HZ) + _MARGIN
    low = soxr.resample(mono[start - before : start + length], sound.RATE_HZ, RATE_HZ, quality="HQ")
    skipped = round(before * RATE_HZ / sound.RATE_HZ)
    patch: NDArray[np.float32] = low[skipped : skipped + _SAMPLES]
    return np.pad(patch, (0, _SAMPLES - patch.size))


def _mel(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    frames = np.lib.stride_tricks.sliding_window_view(samples, _FRAME)[::_HOP]
    spectra = scipy.fft.rfft(frames * _window(), axis=1)
    power = np.square(spectra.real) + np.square(spectra.imag)
    mel: NDArray[np.float32] = np.log10(np.float32(1) + np.float32(_COMPRESSION) * (power @ _filters()))
    return mel


@cache
def _window() -> NDArray[np.float32]:
    return (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)).astype(np.float32)


@cache
def _filters() -> NDArray[np.float32]:
    """Return triangles of equal area, evenly spaced in mel from 0 to 8 kHz: shape (bins, bands).

    M. Slaney, Auditory Toolbox, 1998: linear below 1 kHz, logarithmic above.
    """
    edges_hz = _hz(np.linspace(0.0, _mel_of(RATE_HZ / 2), BANDS + 2))
    bins_hz = np.arange(_FRAME // 2 + 1) * RATE_HZ / _FRAME
    widths = np.diff(edges_hz)
    rising = (bins_hz[:, None] - edges_hz[:-2]) / widths[:-1]
    falling = (edges_hz[2:] - bins_hz[:, None]) / widths[1:]
    triangles = np.maximum(0.0, np.minimum(rising, falling))
    return (triangles * 2.0 / (edges_hz[2:] - edges_hz[:-2])).astype(np.float32)


_LINEAR_HZ = 200.0 / 3.0
_BREAK_HZ = 1000.0
_BREAK = _BREAK_HZ / _LINEAR_HZ
_LOG_STEP = np.log(6.4) / 27.0


def _mel_of(hz: float) -> float:
    return float(_BREAK + np.log(hz / _BREAK_HZ) / _LOG_STEP)


def _hz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(mel < _BREAK, mel * _LINEAR_HZ, _BREAK_HZ * np.exp(_LOG_STEP * (mel - _BREAK)))
