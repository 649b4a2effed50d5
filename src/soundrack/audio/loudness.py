"""Loudness: ITU-R BS.1770-5 (Annex 1), EBU Tech 3341 (meters) and EBU Tech 3342 (loudness range).

A song is measured once: K-weighted, its power summed over hops of 10 ms. Momentary, short-term and integrated loudness
and the range all come from that curve of power, which is a thousandth of the song.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.channels import channel_weights
from soundrack.audio.gain import UNITY, fill_factors
from soundrack.audio.kernels import kernel
from soundrack.audio.lanes import LANES, SECTION, TILE_FRAMES, biquad, load_tile, settle

HOPS_PER_S = 100
MOMENTARY_HOPS = 40
SHORT_TERM_HOPS = 300
GATE_STEP_HOPS = 10
"""Gating blocks overlap by 75 %: one of 400 ms every 100 ms. The short-term values of the range come as often."""

ABSOLUTE_GATE_LUFS = -70.0
MOST_CHANNELS = 24

_CHANNELS_AT_ONCE = 8
_TAIL_HOPS = 150
"""Silence after a file: without it a short-term window of 3 s sees the last second and a half less often than the
rest."""
_WARM_UP_HOPS = 50  # the high-pass at 38 Hz decays by 1e-50 in half a second


@dataclass(frozen=True)
class HopPower:
    """The K-weighted power of each 10 ms of a sound, float64.

    `channels` holds each channel's own mean square, unweighted, shape (hops, channels); `product` the mean product of
    the two channels of a stereo sound, shape (hops,), empty for any other. `channel_mask` says which channel is which.
    """

    channels: NDArray[np.float64]
    product: NDArray[np.float64]
    channel_mask: int = 0

    def total(self) -> NDArray[np.float64]:
        """Return the sum over the channels with the standard's weights, shape (hops,): what loudness is made from."""
        return self.channels @ channel_weights(self.channels.shape[1], self.channel_mask)

    def folded_down(self) -> NDArray[np.float64]:
        """Return the power of a stereo sound when both loudspeakers play half the sum of both channels, (hops,)."""
        power: NDArray[np.float64] = np.maximum(self.channels.sum(axis=1) / 2.0 + self.product, 0.0)
        return power


def hop_power(
    samples: NDArray[np.float32], rate_hz: int, curve: NDArray[np.float32] = UNITY, *, channel_mask: int = 0
) -> NDArray[np.float64]:
    """Return the K-weighted power of each 10 ms, summed over the channels with the standard's weights.

    Parameters
    ----------
    samples : float32 array, shape (frames, channels), C-contiguous
        Full scale = 1.0, finite, 1 to 24 channels; the LFE does not count.
    rate_hz : int
        8000 to 192000 Hz. The weighting filters are made for this rate from the standard's analogue prototypes.
    curve : float32 array
        A gain to apply on the way (:mod:`soundrack.audio.gain`); `UNITY` for none.
    channel_mask : int
        Which loudspeakers the channels are for (:func:`~soundrack.audio.channels.channel_weights`).

    Returns
    -------
    float64 array, shape (frames // hop,)
        Mean squares. A last hop that is not full is left out.

    Raises
    ------
    ValueError
        If `samples` is not two-dimensional or has no or more than 24 channels.
    """
    return _hop_power(samples, rate_hz, curve, products=0, channel_mask=channel_mask).total()


def hop_power_by_channel(samples: NDArray[np.float32], rate_hz: int, *, channel_mask: int = 0) -> HopPower:
    """Return the K-weighted power of each 10 ms channel by channel; arguments and errors as :func:`hop_power`."""
    products = 1 if samples.ndim == 2 and samples.shape[1] == 2 else 0
    return _hop_power(samples, rate_hz, UNITY, products, channel_mask)


def _hop_power(
    samples: NDArray[np.float32], rate_hz: int, curve: NDArray[np.float32], products: int, channel_mask: int
) -> HopPower:
    if samples.ndim != 2 or not 1 <= samples.shape[1] <= MOST_CHANNELS:
        raise ValueError(f"expected (frames, 1 to {MOST_CHANNELS} channels), got shape {samples.shape}")
    hop, channels = round(rate_hz / HOPS_PER_S), samples.shape[1]
    power = np.zeros((len(samples) // hop, channels + products))
    for first in range(0, channels, _CHANNELS_AT_ONCE):
        count = min(_CHANNELS_AT_ONCE, channels - first)
        _hop_energy(samples, first, count, k_weighting(rate_hz), hop, curve, power)
    power /= hop
    return HopPower(power[:, :channels], power[:, channels:].reshape(-1), channel_mask)


def k_weighting(rate_hz: int) -> NDArray[np.float64]:
    """Return the K-weighting filter for a sample rate: two sections of b0, b1, b2, a1, a2 (BS.1770-5, Annex 1).

    The standard gives coefficients for 48 kHz alone; these are the bilinear transforms of the analogue filters that
    yield them (De Man, "Evaluation of implementations of the EBU R128 loudness measurement", AES 145, 2018).
    """
    k, q = math.tan(math.pi * 1681.974450955533 / rate_hz), 0.7071752369554196
    high = 10.0 ** (3.999843853973347 / 20.0)
    band = high**0.4996667741545416
    a0 = 1.0 + k / q + k * k
    shelf = [high + band * k / q + k * k, 2.0 * (k * k - high), high - band * k / q + k * k]
    poles = [2.0 * (k * k - 1.0), 1.0 - k / q + k * k]
    first = [value / a0 for value in shelf + poles]
    k, q = math.tan(math.pi * 38.13547087602444 / rate_hz), 0.5003270373238773
    a0 = 1.0 + k / q + k * k
    second = [1.0, -2.0, 1.0, 2.0 * (k * k - 1.0) / a0, (1.0 - k / q + k * k) / a0]
    return np.array([first, second])


def momentary_lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loudness of each 400 ms, every 10 ms, shape (hops - 39,) or empty (EBU Tech 3341, 2.2)."""
    return lufs(_windowed(power, MOMENTARY_HOPS))


def short_term_lufs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the loudness of each 3 s, every 10 ms, shape (hops - 299,) or empty (EBU Tech 3341, 2.2)."""
    return lufs(_windowed(power, SHORT_TERM_HOPS))


def integrated_lufs(power: NDArray[np.float64]) -> float:
    """Return the integrated loudness in LUFS from :func:`hop_power` (BS.1770-5, Annex 1, equations 3 to 7).

    Blocks of 400 ms below -70 LUFS are left out, then those more than 10 LU below the mean of the rest.

    Returns
    -------
    float
        ``-inf`` if nothing passes the gate or the sound is shorter than 400 ms.

    Examples
    --------
    A full-scale sine of 997 Hz in one channel reads -3.01 LUFS:

    >>> tone = np.sin(2 * np.pi * 997 * np.arange(96_000) / 48_000).astype(np.float32)[:, None]
    >>> round(integrated_lufs(hop_power(tone, 48_000)), 2)
    -3.01
    """
    blocks = _windowed(power, MOMENTARY_HOPS)[::GATE_STEP_HOPS]
    loud = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return -math.inf
    counted = loud[loud > loud.mean() / 10.0]
    return float(lufs(counted.mean()))


def loudness_range_lu(power: NDArray[np.float64]) -> float:
    """Return the loudness range in LU from :func:`hop_power` (EBU Tech 3342).

    The spread between the 10th and the 95th percentile of the short-term loudness, every 100 ms, above -70 LUFS and
    above 20 LU below the power mean of what that leaves. A second and a half of silence is measured after the end, so
    that it is seen as often as the rest. 0.0 where there are no 3 s of such sound.
    """
    blocks = _windowed(np.concatenate((power, np.zeros(_TAIL_HOPS))), SHORT_TERM_HOPS)[::GATE_STEP_HOPS]
    loud = blocks[blocks > _power(ABSOLUTE_GATE_LUFS)]
    if not len(loud):
        return 0.0
    counted = np.sort(loud[loud > loud.mean() / 100.0])
    low, high = (counted[round((len(counted) - 1) * percent / 100.0)] for percent in (10.0, 95.0))
    return float(lufs(high) - lufs(low))


def lufs(power: NDArray[np.float64] | np.float64) -> NDArray[np.float64]:
    """Return K-weighted power as loudness in LUFS, ``-inf`` for none (BS.1770-5, Annex 1, equation 2)."""
    with np.errstate(divide="ignore"):
        return np.asarray(-0.691 + 10.0 * np.log10(power))


def _power(level_lufs: float) -> float:
    return float(10.0 ** ((level_lufs + 0.691) / 10.0))


def _windowed(power: NDArray[np.float64], hops: int) -> NDArray[np.float64]:
    """Return the mean of each run of `hops` values; empty if there are fewer."""
    if len(power) < hops:
        return np.zeros(0)
    sums = np.concatenate(([0.0], np.cumsum(power)))
    # Rounding can leave a silence after loud sound a hair below zero.
    means: NDArray[np.float64] = np.maximum((sums[hops:] - sums[:-hops]) / hops, 0.0)
    return means


_TOTAL = 2 * SECTION
_PRODUCT = _TOTAL + LANES


@kernel
def _hop_energy(
    samples: NDArray[np.float32],
    first_channel: int,
    channels: int,
    sections: NDArray[np.float64],
    hop: int,
    curve: NDArray[np.float32],
    energy: NDArray[np.float64],
) -> None:
    """Fill the columns of `energy` for some channels, and a last one beyond all channels with the product of two."""
    hops = len(energy)
    multiply = energy.shape[1] > samples.shape[1]
    segments = LANES // channels
    per_segment = (hops + segments - 1) // segments
    stride = per_segment * hop
    tile, state = np.zeros((TILE_FRAMES, LANES)), np.zeros(_PRODUCT + LANES)
    for step in range(-_WARM_UP_HOPS, per_segment):
        state[_TOTAL:] = 0.0
        for offset in range(0, hop, TILE_FRAMES):
            frames = min(TILE_FRAMES, hop - offset)
            start = step * hop + offset
            if len(curve) > 0:
                _load_under_gain(samples, curve, first_channel, channels, start, stride, segments, frames, tile)
            else:
                load_tile(samples, first_channel, channels, start, stride, segments, frames, tile)
            _weigh_tile(tile, frames, sections, state)
            if multiply:
                _multiply_tile(tile, frames, segments, state)
        if step < 0:
            continue
        for segment in range(segments):
            place = segment * per_segment + step
            if place >= hops:
                continue
            for channel in range(channels):
                energy[place, first_channel + channel] = state[_TOTAL + channel * segments + segment]
            if multiply:
                energy[place, channels] = state[_PRODUCT + segment]


@kernel
def _weigh_tile(
    tile: NDArray[np.float64], frames: int, sections: NDArray[np.float64], state: NDArray[np.float64]
) -> None:
    """K-weight a tile in place and add up its squares."""
    b0, b1, b2, a1, a2 = sections[0]
    c1, c2 = sections[1, 3], sections[1, 4]
    for n in range(frames):
        row = tile[n]
        for lane in range(LANES):
            shelved = biquad(state, lane, b0, b1, b2, a1, a2, row[lane])
            weighted = biquad(state, SECTION + lane, 1.0, -2.0, 1.0, c1, c2, shelved)
            state[_TOTAL + lane] += weighted * weighted
            row[lane] = weighted
    settle(state, _TOTAL)


@kernel
def _multiply_tile(tile: NDArray[np.float64], frames: int, segments: int, state: NDArray[np.float64]) -> None:
    for n in range(frames):
        left, right = tile[n], tile[n, segments:]
        for segment in range(segments):
            state[_PRODUCT + segment] += left[segment] * right[segment]


@kernel
def _load_under_gain(
    samples: NDArray[np.float32],
    curve: NDArray[np.float32],
    first_channel: int,
    channels: int,
    start: int,
    stride: int,
    segments: int,
    frames: int,
    tile: NDArray[np.float64],
) -> None:
    """Fill a tile as :func:`~soundrack.audio.lanes.load_tile` does, with samples as they are rendered."""
    factors = np.empty(TILE_FRAMES, dtype=np.float32)
    for segment in range(segments):
        first = start + segment * stride
        if first < 0 or first + frames > len(samples):
            # warm-up before the song, or the rest after its last full hop, which does not count
            for channel in range(channels):
                tile[:frames, channel * segments + segment] = 0.0
            continue
        fill_factors(curve, first, frames, factors)
        for channel in range(channels):
            lane, source = channel * segments + segment, first_channel + channel
            for n in range(frames):
                tile[n, lane] = samples[first + n, source] * factors[n]
