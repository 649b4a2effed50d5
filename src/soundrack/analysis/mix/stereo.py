"""Checks of the stereo image: bass, phase, width, balance, mono, delay between the channels.

More than two channels are judged by their fold-down.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import scipy.fft

from soundrack.analysis.mix.check import Check, Question, Verdict, above, below
from soundrack.analysis.mix.evidence import Evidence

_NO_IMAGE = "It is mono."
_SILENT = "Nothing is louder than -70 LUFS."
_LOWEST_DB = -100.0

_BASS = Question("low_end_mono", "Low end in mono", "dB", "the side 5 dB or more below the middle under 120 Hz", 0.6)
_BASS_HZ = 20.0, 120.0
_BASS_SIDE_DB = -5.0, -1.5
_LEAST_BASS = 1e-3
"""Bass that holds less than -30 dB of a song is none."""

_PHASE = Question("phase_correlation", "Phase correlation", None, "above 0.2", 0.8)
_CORRELATION = 0.15, -0.05

_WIDTH = Question("stereo_width", "Stereo width", "dB", "the side 3 to 25 dB below the middle", 0.3)
_WIDE_DB, _NARROW_DB = (-1.5, 3.0), (-30.0, -math.inf)

_BALANCE = Question("stereo_balance", "Stereo balance", "dB", "both sides within 1.5 dB above 100 Hz", 0.5)
_BALANCE_HZ = 100.0
_BALANCE_DB = 1.5, 4.0

_MONO = Question("mono_compatibility", "Mono compatibility", "LU", "less than 2.5 LU lost in mono", 0.7)
_MONO_LOSS_LU = 2.5, 5.0
_LOPSIDED_DB = 12.0

_DELAY = Question("channel_delay", "Delay between the channels", "ms", "none", 0.6)
_DELAY_HZ = 150.0, 6000.0
_LONGEST_MS, _SHORTEST_MS, _PROBLEM_MS = 20.0, 0.06, 0.25
_COHERENT = 0.35
"""The share of the spectrum that one delay must explain."""
_BESIDE_ZERO = 1.6


def _of_stereo(question: Question) -> Callable[[Callable[[Evidence], Check]], Callable[[Evidence], Check]]:
    """Answer a question about the image with unknown where there is none."""

    def wrap(check: Callable[[Evidence], Check]) -> Callable[[Evidence], Check]:
        def checked(seen: Evidence) -> Check:
            if seen.silent or seen.channels == 1:
                return question.unknown(_SILENT if seen.silent else _NO_IMAGE)
            return check(seen)

        checked.__doc__ = check.__doc__
        return checked

    return wrap


@_of_stereo(_BASS)
def low_end_mono(seen: Evidence) -> Check:
    """Side against middle from 20 to 120 Hz."""
    mid, side = (seen.low.between(powers, *_BASS_HZ) for powers in (seen.low.mid, seen.low.side))
    whole = float((seen.low.mid.sum(axis=1) + seen.low.side.sum(axis=1)).mean()) if len(seen.low.mid) else 0.0
    if mid + side <= _LEAST_BASS * whole or whole == 0.0:
        return _BASS.unknown("There is no bass to speak of.")
    level = max(_db(side, mid), _LOWEST_DB)
    advice = (
        f"Below 120 Hz the side lies {abs(level):.1f} dB {'above' if level > 0.0 else 'below'} the middle: a club "
        "system or a phone in mono loses bass. High-pass the side at 120 Hz and keep kick and bass in the middle."
    )
    return _BASS.answered(level, above(level, *_BASS_SIDE_DB), advice)


@_of_stereo(_PHASE)
def phase_correlation(seen: Evidence) -> Check:
    """Correlation of both channels."""
    left, right, product = _sums(seen)
    both = math.sqrt(left * right)
    if both == 0.0:
        return _PHASE.unknown("One channel is silent.")
    correlation = max(-1.0, min(1.0, product / both))
    advice = (
        f"The channels correlate by {correlation:.2f}: much of the sound cancels out in mono. "
        + (
            "Turn the polarity of one channel; if the middle comes back, a cable or plug-in had turned it. "
            if correlation < -0.3
            else "Look for a widener, a doubled track or a stereo microphone in opposite polarity, and reduce it "
        )
        + "until the meter stays above 0.2."
    )
    return _PHASE.answered(correlation, below(correlation, *_CORRELATION), advice, digits=2)


@_of_stereo(_WIDTH)
def stereo_width(seen: Evidence) -> Check:
    """Side against middle over the whole spectrum."""
    left, right, product = _sums(seen)
    mid, side = left + right + 2.0 * product, left + right - 2.0 * product
    width = max(_db(side, mid), _LOWEST_DB)
    if width > _WIDE_DB[0]:
        advice = (
            f"The side is {abs(width):.1f} dB {'louder' if width > 0 else 'quieter'} than the middle, so voice and "
            f"drums have little hold. Lower the side by {min(width + 4.0, 8.0):.0f} dB or raise what stands in the "
            "middle."
        )
        return _WIDTH.answered(width, above(width, *_WIDE_DB), advice)
    advice = (
        "There is next to no difference between the channels. If that is not meant, pan doubled parts apart, or give "
        "the reverb both channels; if it is, export mono."
    )
    return _WIDTH.answered(width, Verdict.NOTICE if width < _NARROW_DB[0] else Verdict.OK, advice)


@_of_stereo(_BALANCE)
def stereo_balance(seen: Evidence) -> Check:
    """Left against right above 100 Hz."""
    first = round(_BALANCE_HZ / seen.spectra.bin_hz)
    left, right = float(seen.spectra.left[first:].sum()), float(seen.spectra.right[first:].sum())
    balance = max(min(_db(right, left), -_LOWEST_DB), _LOWEST_DB)
    louder, quieter = ("right", "left") if balance > 0.0 else ("left", "right")
    advice = (
        f"The {louder} channel is {abs(balance):.1f} dB louder than the {quieter}. Raise the {quieter} by "
        f"{min(abs(balance), 12.0):.1f} dB, or move what stands alone on the {louder} towards the middle."
    )
    if abs(balance) >= -_LOWEST_DB:
        advice = f"The {quieter} channel is silent. Check the cable or the export, or export mono."
    return _BALANCE.answered(balance, above(abs(balance), *_BALANCE_DB), advice)


@_of_stereo(_MONO)
def mono_compatibility(seen: Evidence) -> Check:
    """How much quieter it gets when both loudspeakers play the middle."""
    loss = seen.measurement.mono_loss_lu
    if loss is None:
        left, right, product = _sums(seen)
        loss = -_db(left + right + 2.0 * product, 2.0 * (left + right)) + 0.0
    loss = min(loss, -_LOWEST_DB)
    advice = (
        f"In mono the song is {loss:.1f} LU quieter. Listen to it in mono, find what goes missing, and narrow that "
        "part or turn the polarity of one of its channels."
    )
    left, right, _ = _sums(seen)
    # What stands on one side alone loses 3 dB without any phase; its balance is told elsewhere.
    lopsided = abs(_db(left, right)) > _LOPSIDED_DB
    return _MONO.answered(loss, Verdict.OK if lopsided else above(loss, *_MONO_LOSS_LU), advice)


@_of_stereo(_DELAY)
def channel_delay(seen: Evidence) -> Check:
    """The delay that explains most of the difference between both channels.

    Generalised cross-correlation under the smoothed coherence transform (Knapp and Carter, "The generalized correlation
    method for estimation of time delay", IEEE Transactions on Acoustics, Speech, and Signal Processing 24(4), 1976).
    """
    spectra = seen.spectra
    first, last = (min(round(hz / spectra.bin_hz), len(spectra.left)) for hz in _DELAY_HZ)
    both = np.sqrt(spectra.left * spectra.right)
    weights = np.zeros(len(both), dtype=np.complex128)
    within = slice(first, last)
    weights[within] = spectra.cross[within] / np.maximum(both[within], 1e-30)
    explained = scipy.fft.irfft(weights, spectra.size) * spectra.size / (2.0 * max(last - first, 1))
    reach = round(_LONGEST_MS * spectra.rate_hz / 1000.0)
    around = np.concatenate((explained[-reach:], explained[: reach + 1]))
    at = int(np.argmax(around)) - reach
    delay_ms = 1000.0 * at / spectra.rate_hz
    near = max(2, round(_SHORTEST_MS * spectra.rate_hz / 1000.0) - 1)
    zero = float(around[reach - near : reach + near + 1].max())
    peak = float(around.max())
    if abs(delay_ms) < _SHORTEST_MS or peak < _COHERENT or peak < _BESIDE_ZERO * zero:
        return _DELAY.answered(0.0, Verdict.OK)
    late, early = ("left", "right") if delay_ms > 0.0 else ("right", "left")
    advice = (
        f"The {late} channel comes {abs(delay_ms):.2f} ms after the {early}, and folds into a comb in mono. Move it "
        f"{abs(at)} samples earlier."
    )
    return _DELAY.answered(delay_ms, above(abs(delay_ms), _SHORTEST_MS, _PROBLEM_MS), advice, digits=2)


def _sums(seen: Evidence) -> tuple[float, float, float]:
    spectra = seen.spectra
    return float(spectra.left.sum()), float(spectra.right.sum()), float(spectra.cross.real.sum())


def _db(one: float, other: float) -> float:
    if one <= 0.0 or other <= 0.0:
        return 0.0 if one == other else math.copysign(math.inf, one - other)
    return 10.0 * math.log10(one / other)
