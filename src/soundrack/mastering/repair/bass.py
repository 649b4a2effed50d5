"""Bass out of phase: channels that cancel each other below 120 Hz when they are played in mono."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.convolution import convolve_in_place
from soundrack.audio.kernels import kernel
from soundrack.mastering.repair.spectra import Spectra
from soundrack.mastering.repair.steps import BassStep

_FROM_HZ, _BELOW_HZ = 20.0, 120.0
_LEAST_DB = 1.5
"""Below that, a bass loses less in mono than two rooms differ."""
_MOST_LOSS_DB, _MOST_GAIN_DB = 40.0, 3.0
_COHERENT = 0.5
_LEAST_SHARE = 1e-3
"""Bass that holds less than -30 dB of a song is none."""
_FILTER_PERIODS = 6.0
"""Length of the filter in periods of its frequency: the side is back within half an octave above it."""


def find(looked: Spectra) -> BassStep | None:
    """Return how to make the bass one, where playing both channels as one loses 1.5 dB of it or more.

    The loss is against channels of the same levels in phase, so that bass that stands on one side has none.
    """
    if looked.bass.shape[1] < 2:
        return None
    bins = slice(math.ceil(_FROM_HZ / looked.bin_hz), math.ceil(_BELOW_HZ / looked.bin_hz))
    left, right = (looked.bass[:, channel, bins].astype(np.complex128) for channel in (0, 1))
    powers = (np.abs(left) ** 2).sum(axis=1), (np.abs(right) ** 2).sum(axis=1)
    cross = (left * right.conj()).real.sum(axis=1)
    both, product = powers[0] + powers[1], np.sqrt(powers[0] * powers[1])
    if both.sum() <= 2.0 * _LEAST_SHARE * float(looked.powers.sum(dtype=np.float64)):
        return None
    aligned, mid, side = (both.sum() + 2.0 * each.sum() for each in (product, cross, -cross))
    loss = _loss_db(aligned, mid)
    if loss < _LEAST_DB:
        return None
    kept: NDArray[np.float64] = np.maximum(cross / np.maximum(product, 1e-30), -1.0)
    incoherent = 100.0 * float(both[kept < _COHERENT].sum() / both.sum())
    keep, kept_loss = ("mid", loss) if mid >= side else ("side", _loss_db(aligned, side))
    return BassStep(
        below_hz=_BELOW_HZ,
        keep="mid" if keep == "mid" else "side",
        gain_db=round(min(kept_loss, _MOST_GAIN_DB), 2),
        reason=(
            f"Mono loses {'at least ' * (loss >= _MOST_LOSS_DB)}{loss:.1f} dB of the bass below {_BELOW_HZ:.0f} Hz to "
            f"phase; both channels correlate by less than {_COHERENT} in {incoherent:.0f} % of it."
        ),
    )


def treat(samples: NDArray[np.float32], rate_hz: int, step: BassStep) -> None:
    """Give both channels the same bass, in place; a mono song is left as it is."""
    if samples.shape[1] < 2:
        return
    bass = samples.copy()
    convolve_in_place(bass, _low_pass(step.below_hz, rate_hz))
    gain = np.float32(0.5 * 10.0 ** (step.gain_db / 20.0))
    _exchange(bass, gain, gain if step.keep == "mid" else -gain, samples)


@kernel
def _exchange(bass: NDArray[np.float32], left: np.float32, right: np.float32, samples: NDArray[np.float32]) -> None:
    """Take each channel's bass away, and give both the same weighted sum."""
    for n in range(len(samples)):
        one = left * bass[n, 0] + right * bass[n, 1]
        samples[n, 0] += one - bass[n, 0]
        samples[n, 1] += one - bass[n, 1]


def _loss_db(aligned: float, sum_power: float) -> float:
    return min(10.0 * math.log10(aligned / max(sum_power, 1e-30)), _MOST_LOSS_DB)


def _low_pass(below_hz: float, rate_hz: int) -> NDArray[np.float32]:
    """Return a windowed sinc, half an octave above `below_hz` where it has fallen by 6 dB (Oppenheim, Schafer, 7.5)."""
    taps = round(_FILTER_PERIODS * rate_hz / below_hz) | 1
    n = np.arange(taps) - taps // 2
    response = np.sinc(2.0 * math.sqrt(2.0) * below_hz / rate_hz * n) * np.hanning(taps + 2)[1:-1]
    return np.asarray(response / response.sum(), dtype=np.float32)
