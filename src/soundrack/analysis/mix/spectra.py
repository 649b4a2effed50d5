"""One look at a song's spectrum for all checks: short windows for what lies above the bass, long ones for the bass.

Both channels are the real and imaginary part of one transform and taken apart afterwards. The windows stand side by
side, without overlap, over the whole song, or evenly spread over it where it is longer than `MOST_S`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.audio.spectrum import band_centres_hz

MOST_S = 300.0
"""How much of a song is looked at."""
_WINDOW_S = 0.093
_WINDOWS_AT_ONCE = 32

_LOW_RATE_HZ = 2750
_LOW_WINDOW_S, _LOW_STEP_S = 2.0, 1.0
"""Long enough to tell 50 Hz from G1, a hertz beside it."""
_NOTHING = 1e-20


@dataclass(frozen=True)
class Spectra:
    """Power spectra of a song with one channel or two, in Hann windows. A sine of amplitude 1 has 0.5 in all.

    Attributes
    ----------
    rate_hz, size : int
        Sample rate, and frames of a window.
    left, right : float64 arrays, shape (bins,)
        Mean power of the louder half of the windows; `right` is zero for one channel.
    cross : complex128 array, shape (bins,)
        The mean of left times the conjugate of right, in the same windows.
    centres_hz : float64 array, shape (bands,)
        Of third octaves from 25 Hz up to half the rate (:func:`~soundrack.audio.spectrum.band_centres_hz`).
    bands : float32 array, shape (windows, bands)
        Power of the middle and side together in each window's third octaves.
    quiet : float64 array, shape (bins,)
        Mean power of the windows of `is_quiet`.
    starts_s : float64 array, shape (windows,)
        When each window begins.
    is_loud, is_quiet : bool arrays, shape (windows,)
        The louder half, and the quietest twentieth of those that are not silent, three at least.
    """

    rate_hz: int
    size: int
    left: NDArray[np.float64]
    right: NDArray[np.float64]
    cross: NDArray[np.complex128]
    centres_hz: NDArray[np.float64]
    bands: NDArray[np.float32]
    quiet: NDArray[np.float64]
    starts_s: NDArray[np.float64]
    is_loud: NDArray[np.bool_]
    is_quiet: NDArray[np.bool_]

    @property
    def bin_hz(self) -> float:
        """Distance of two bins."""
        return self.rate_hz / self.size

    def total(self) -> NDArray[np.float64]:
        """Return the power of both channels together in each bin of the louder half, shape (bins,)."""
        return self.left + self.right

    def third_octaves_db(self) -> NDArray[np.float64]:
        """Return the levels of the louder half in third octaves, shape (bands,), in dB."""
        half = 10.0**0.05
        edges = np.append(self.centres_hz / half, self.centres_hz[-1] * half) if len(self.centres_hz) else np.zeros(1)
        running = np.concatenate(([0.0], np.cumsum(self.total())))
        powers = np.diff(np.interp(edges, (np.arange(len(running)) - 0.5) * self.bin_hz, running))
        levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(powers, _NOTHING))
        return levels


@dataclass(frozen=True)
class LowSpectra:
    """Power spectra below a kilohertz, in Hann windows of two seconds, one a second. A sine of amplitude 1 has 0.5.

    `mid` and `side` are float32, shape (windows, bins); `bin_hz` the distance of two bins, about half a hertz.
    """

    mid: NDArray[np.float32]
    side: NDArray[np.float32]
    bin_hz: float

    def between(self, powers: NDArray[np.float32], from_hz: float, to_hz: float) -> float:
        """Return the mean power of a range in all windows, 0.0 if there are none."""
        first, last = round(from_hz / self.bin_hz), round(to_hz / self.bin_hz)
        return float(powers[:, first:last].sum(axis=1, dtype=np.float64).mean()) if len(powers) else 0.0


def spectra(samples: NDArray[np.float32], rate_hz: int, power: NDArray[np.float64]) -> Spectra:
    """Look at a song.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Full scale = 1.0, finite; what is shorter than a window is followed by silence.
    rate_hz : int
        8000 to 192000 Hz.
    power : float64 array, shape (hops,)
        Its K-weighted power every 10 ms, by which loud and quiet windows are told.
    """
    size = scipy.fft.next_fast_len(round(_WINDOW_S * rate_hz))
    size += size % 2
    count = max(1, min(round(MOST_S / _WINDOW_S), len(samples) // size))
    starts = np.linspace(0, max(len(samples) - size, 0), count).astype(np.int64)
    loud, quiet = _sorted_out(starts / len(samples), power)
    window = np.hanning(size).astype(np.float32)
    window *= np.sqrt(2.0 / float((window.astype(np.float64) ** 2).sum() * size))
    centres = band_centres_hz(rate_hz)
    edges = np.minimum(np.round(np.append(centres, centres[-1] * 10**0.1) * 10**-0.05 * size / rate_hz), size // 2)
    bands = np.zeros((count, len(centres)), dtype=np.float32)
    sums = np.zeros((5, size // 2 + 1))
    batch = np.zeros((_WINDOWS_AT_ONCE, size), dtype=np.complex64)
    for first in range(0, count, _WINDOWS_AT_ONCE):
        some = slice(first, min(first + _WINDOWS_AT_ONCE, count))
        rows = starts[some]
        _fill(samples, window, rows, batch.view(np.float32))
        transformed = scipy.fft.fft(batch[: len(rows)], axis=1)
        _gather(transformed, loud[some], quiet[some], edges.astype(np.int64), sums, bands[some])
    sums[:4] /= max(int(loud.sum()), 1)
    sums[4] /= max(int(quiet.sum()), 1)
    return Spectra(
        rate_hz=rate_hz,
        size=size,
        left=sums[0],
        right=sums[1],
        cross=sums[2] + 1j * sums[3],
        centres_hz=centres,
        bands=bands,
        quiet=sums[4],
        starts_s=starts / rate_hz,
        is_loud=loud,
        is_quiet=quiet,
    )


def low_spectra(samples: NDArray[np.float32], rate_hz: int) -> LowSpectra:
    """Look at a song's bass; arguments as for :func:`spectra`. What is shorter than two seconds has no windows."""
    every = max(1, rate_hz // _LOW_RATE_HZ)
    low = np.zeros((max(len(samples) // every - 1, 0), 2), dtype=np.float32)
    _decimate(samples, every, low)
    rate = rate_hz / every
    size = scipy.fft.next_fast_len(round(_LOW_WINDOW_S * rate))
    count = 0 if len(low) < size else 1 + int((len(low) - size) / (_LOW_STEP_S * rate))
    starts = np.linspace(0, max(len(low) - size, 0), min(count, round(MOST_S))).astype(int)
    window = np.hanning(size).astype(np.float32)
    window *= np.sqrt(2.0 / float((window.astype(np.float64) ** 2).sum() * size))
    bins = size // 2
    powers = np.zeros((2, len(starts), bins), dtype=np.float32)
    for channel in (0, 1):
        for place, start in enumerate(starts.tolist()):
            spectrum = scipy.fft.rfft(low[start : start + size, channel] * window)[:bins]
            powers[channel, place] = spectrum.real**2 + spectrum.imag**2
    return LowSpectra(powers[0], powers[1], rate / size)


def _sorted_out(starts: NDArray[np.float64], power: NDArray[np.float64]) -> tuple[NDArray[np.bool_], ...]:
    """Return which windows, that begin at some shares of the song, are loud, and which the quietest not silent."""
    if len(power) == 0:
        return np.ones(len(starts), dtype=np.bool_), np.zeros(len(starts), dtype=np.bool_)
    hops = np.minimum((starts * len(power)).astype(int)[:, None] + np.arange(10), len(power) - 1)
    energies = power[hops].max(axis=1)
    loud = energies >= np.median(energies)
    sounding = np.sort(energies[energies > _SILENCE])
    if len(sounding) < 3:
        return loud, np.zeros(len(energies), dtype=np.bool_)
    most = sounding[max(2, len(sounding) // 20)]
    return loud, (energies > _SILENCE) & (energies <= most)


_SILENCE = 1e-10
"""-100 LUFS: the noise of 16 bits has about -98."""


@kernel
def _fill(
    samples: NDArray[np.float32], window: NDArray[np.float32], starts: NDArray[np.int64], batch: NDArray[np.float32]
) -> None:
    """Put one or two channels under the window, as real and imaginary part, into a row for each start."""
    pair = samples.shape[1] > 1
    for place in range(len(starts)):
        row, start = batch[place], starts[place]
        inside = min(len(window), len(samples) - start)
        row[2 * inside :] = np.float32(0.0)
        if pair:
            for n in range(inside):
                row[2 * n] = samples[start + n, 0] * window[n]
                row[2 * n + 1] = samples[start + n, 1] * window[n]
        else:
            for n in range(inside):
                row[2 * n] = samples[start + n, 0] * window[n]
                row[2 * n + 1] = np.float32(0.0)


@kernel
def _gather(
    spectra: NDArray[np.complex64],
    loud: NDArray[np.bool_],
    quiet: NDArray[np.bool_],
    edges: NDArray[np.int64],
    sums: NDArray[np.float64],
    bands: NDArray[np.float32],
) -> None:
    """Add the powers of left and right and their product to `sums`, and fill each window's third octaves.

    With Z the transform of left + j right and Z* its conjugate at the negative frequency, left is (Z + Z*) / 2 and
    right (Z - Z*) / 2j.
    """
    size, bins = spectra.shape[1], sums.shape[1]
    both = np.zeros(bins, dtype=np.float32)
    for place in range(len(spectra)):
        row = spectra[place]
        for k in range(1, bins - 1):
            here, there = row[k], row[size - k]
            both[k] = (here.real**2 + here.imag**2 + there.real**2 + there.imag**2) * np.float32(0.5)
        for band in range(bands.shape[1]):
            total = np.float32(0.0)
            for k in range(edges[band], max(edges[band + 1], edges[band] + 1)):
                total += both[k]
            bands[place, band] = total
        if quiet[place]:
            for k in range(bins):
                sums[4, k] += both[k]
        if loud[place]:
            for k in range(1, bins - 1):
                here, there = row[k], row[size - k]
                left_re, left_im = here.real + there.real, here.imag - there.imag
                right_re, right_im = here.imag + there.imag, there.real - here.real
                sums[0, k] += np.float32(0.25) * (left_re * left_re + left_im * left_im)
                sums[1, k] += np.float32(0.25) * (right_re * right_re + right_im * right_im)
                sums[2, k] += np.float32(0.25) * (left_re * right_re + left_im * right_im)
                sums[3, k] += np.float32(0.25) * (left_im * right_re - left_re * right_im)


@kernel
def _decimate(samples: NDArray[np.float32], every: int, low: NDArray[np.float32]) -> None:
    """Fill `low` with middle and side at a lower rate, under triangles: what folds into the bass is 60 dB down."""
    pair = samples.shape[1] > 1
    scale = np.float32(1.0 / every**2)
    weights = np.empty(2 * every, dtype=np.float32)
    for n in range(2 * every):
        weights[n] = min(n + 0.5, 2 * every - 0.5 - n) * scale
    for place in range(len(low)):
        left, right = np.float32(0.0), np.float32(0.0)
        start = place * every
        if pair:
            for n in range(2 * every):
                left += weights[n] * samples[start + n, 0]
                right += weights[n] * samples[start + n, 1]
            low[place, 0] = np.float32(0.5) * (left + right)
            low[place, 1] = np.float32(0.5) * (left - right)
        else:
            for n in range(2 * every):
                left += weights[n] * samples[start + n, 0]
            low[place, 0] = left
