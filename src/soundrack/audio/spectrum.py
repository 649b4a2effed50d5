"""A song's spectrum in third octaves or finer (IEC 61260-1, base ten).

Hann windows, evenly spread over the song, are compared by their power; the louder half of them is averaged, so that a
long quiet introduction does not decide what the song sounds like. Two channels are the real and imaginary part of one
transform, and only what is loud is transformed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel

_WINDOW_S = {3: 0.18, 12: 0.72}
"""By bands per octave: long enough to tell the lowest bands apart, or nearly so."""
_MOST_S = {3: 300.0, 12: 92.0}
"""What is looked at of a song, evenly spread. Planning goes by third octaves, and a third of a song misses single bands
by up to 4 dB: most songs are looked at in full. Semitones are drawn."""
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


@dataclass(frozen=True)
class MidSideLevels:
    """Third-octave levels of the middle and the side, the half sum and half difference of two channels.

    Float64 arrays of one shape, in dB relative to a full-scale square wave, as from :func:`band_levels_db`; `side_db`
    is None for a mono song.
    """

    centres_hz: NDArray[np.float64]
    mid_db: NDArray[np.float64]
    side_db: NDArray[np.float64] | None


def band_levels_db(samples: NDArray[np.float32], rate_hz: int, per_octave: int = 3) -> NDArray[np.float64]:
    """Return the level of each band in the louder half of a song.

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
    # Half the sum squared and half the difference squared add up to half of what both channels hold.
    power = _loud_powers(samples, rate_hz, per_octave, _MOST_S[per_octave]).sum(axis=0) * (2.0 / samples.shape[1])
    return _levels_db(power, rate_hz, per_octave)


def mid_side_levels_db(samples: NDArray[np.float32], rate_hz: int, *, most_s: float = _MOST_S[3]) -> MidSideLevels:
    """Return the third-octave levels of mid and side in the louder half of a song.

    Parameters
    ----------
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        Full scale = 1.0, finite, at least one frame.
    rate_hz : int
        Sample rate.
    most_s : float
        How much is looked at of a longer song, evenly spread.

    Raises
    ------
    ValueError
        If `samples` has another shape.
    """
    if samples.ndim != 2 or samples.shape[1] not in (1, 2):
        raise ValueError(f"expected (frames, 1 or 2 channels), got shape {samples.shape}")
    centres_hz = band_centres_hz(rate_hz)
    power = _loud_powers(samples, rate_hz, 3, most_s)
    if samples.shape[1] == 1:
        return MidSideLevels(centres_hz, _levels_db(power.sum(axis=0) * 2.0, rate_hz, 3), None)
    mid, side = power
    return MidSideLevels(centres_hz, _levels_db(mid, rate_hz, 3), _levels_db(side, rate_hz, 3))


def _levels_db(power: NDArray[np.float64], rate_hz: int, per_octave: int) -> NDArray[np.float64]:
    """Add up a spectrum's bins, from 0 to half the rate, in bands."""
    half_band = 10.0 ** (0.15 / per_octave)
    centres = band_centres_hz(rate_hz, per_octave)
    edges = np.append(centres / half_band, centres[-1] * half_band)
    # The running sum read between the bins: bands narrower than a bin get their share of it.
    running = np.concatenate(([0.0], np.cumsum(power)))
    bins = (np.arange(len(running)) - 0.5) * rate_hz / _window_frames(rate_hz, per_octave)
    bands = np.diff(np.interp(edges, bins, running))
    levels: NDArray[np.float64] = 10.0 * np.log10(np.maximum(bands, _NOTHING))
    return levels


def _window_frames(rate_hz: int, per_octave: int) -> int:
    return scipy.fft.next_fast_len(round(_WINDOW_S[per_octave] * rate_hz))


def _loud_powers(samples: NDArray[np.float32], rate_hz: int, per_octave: int, most_s: float) -> NDArray[np.float64]:
    """Return the mean power of mid and of side in each bin of the loud windows, shape (2, bins).

    Of more than two channels, what each pair has as mid and as side is added up; a last one alone has silence beside.
    """
    size, channels = _window_frames(rate_hz, per_octave), samples.shape[1]
    window = np.hanning(size).astype(np.float32)
    starts = _loud_starts(samples, window, round(most_s * rate_hz / size))
    power = np.zeros((2, size // 2 + 1))
    batch = np.zeros((_WINDOWS_AT_ONCE, size), dtype=np.complex64)
    for first in range(0, len(starts), _WINDOWS_AT_ONCE):
        rows = starts[first : first + _WINDOWS_AT_ONCE]
        for channel in range(0, channels, 2):
            _fill(samples, window, rows, channel, batch.view(np.float32))
            _add_powers(scipy.fft.fft(batch[: len(rows)], axis=1, overwrite_x=True), power)
    power *= 2.0 / (len(starts) * size * float((window**2).sum()))
    return power


def _loud_starts(samples: NDArray[np.float32], window: NDArray[np.float32], most: int) -> NDArray[np.int_]:
    """Return where the louder half of the windows begins, of `most` spread evenly, or what the song has room for."""
    size = len(window)
    count = max(1, min(most, len(samples) // size))
    starts = np.linspace(0, max(len(samples) - size, 0), count).astype(int)
    energies = np.empty(count)
    _weigh(samples, window, starts, energies)
    loud: NDArray[np.int_] = starts[energies >= np.median(energies)]
    return loud


@kernel
def _weigh(
    samples: NDArray[np.float32], window: NDArray[np.float32], starts: NDArray[np.int_], energies: NDArray[np.float64]
) -> None:
    """Fill `energies` with what each window holds, all channels together."""
    channels = samples.shape[1]
    for place in range(len(starts)):
        start, energy = starts[place], np.float32(0.0)
        inside = min(len(window), len(samples) - start)
        for channel in range(0, channels - 1, 2):
            for n in range(inside):
                left, right = samples[start + n, channel] * window[n], samples[start + n, channel + 1] * window[n]
                energy += left * left + right * right
        if channels % 2 == 1:
            for n in range(inside):
                last = samples[start + n, channels - 1] * window[n]
                energy += last * last
        energies[place] = energy


@kernel
def _fill(
    samples: NDArray[np.float32],
    window: NDArray[np.float32],
    starts: NDArray[np.int_],
    channel: int,
    batch: NDArray[np.float32],
) -> None:
    """Put two neighbouring channels under the window, as real and imaginary parts, into a row for each start.

    Silence stands for what lies beyond the end, and beside a last channel that is alone.
    """
    pair = channel + 1 < samples.shape[1]
    for place in range(len(starts)):
        row, start = batch[place], starts[place]
        inside = min(len(window), len(samples) - start)
        row[2 * inside :] = np.float32(0.0)
        if pair:
            for n in range(inside):
                row[2 * n] = samples[start + n, channel] * window[n]
                row[2 * n + 1] = samples[start + n, channel + 1] * window[n]
        else:
            for n in range(inside):
                row[2 * n] = samples[start + n, channel] * window[n]
                row[2 * n + 1] = np.float32(0.0)


@kernel
def _add_powers(spectra: NDArray[np.complex64], power: NDArray[np.float64]) -> None:
    """Add the powers of mid and side to `power`, from the transforms of left + j right.

    With Z that transform and Z* its conjugate at the negative frequency, left is (Z + Z*) / 2 and right (Z - Z*) / 2j.
    """
    size, bins = spectra.shape[1], power.shape[1]
    for row in spectra:
        _add_bin(row[0], row[0], 0, power)
        for k in range(1, bins):
            _add_bin(row[k], row[size - k], k, power)


@kernel
def _add_bin(here: complex, there: complex, k: int, power: NDArray[np.float64]) -> None:
    left_re, left_im = here.real + there.real, here.imag - there.imag
    right_re, right_im = here.imag + there.imag, there.real - here.real
    mid_re, mid_im = left_re + right_re, left_im + right_im
    side_re, side_im = left_re - right_re, left_im - right_im
    power[0, k] += np.float64(mid_re * mid_re + mid_im * mid_im) * 0.0625
    power[1, k] += np.float64(side_re * side_re + side_im * side_im) * 0.0625
