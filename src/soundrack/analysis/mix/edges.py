"""Checks of begin and end: silence before and after, gaps, sound that is cut off."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.mix.check import Check, Question, Verdict, above
from soundrack.analysis.mix.evidence import Evidence
from soundrack.audio.survey import BLOCK_FRAMES

_SILENT = "There is no sound."
_SILENCE_DB = -66.0
"""Relative to the song's peak: what is quieter is not heard beside it."""

_START = Question("silence_start", "Silence at the start", "s", "less than 1 s", 0.3)
_START_S = 1.0, 3.0
_END = Question("silence_end", "Silence at the end", "s", "less than 3 s", 0.2)
_END_S = 3.0, 10.0
_GAPS = Question("gaps", "Gaps", "gaps", "no drop-outs, no silence of 2 s or more within the song", 0.7)
_GAP_S, _DROPOUT_S = 2.0, 0.008
_PLAYING = 0.05
"""Of the song's peak: what plays right before and right after a drop-out."""
_CUT = Question("cut_off", "Cut off at the end", "dB", "the last moment 12 dB or more below the song", 0.4)
_CUT_DB = -12.0
_EDGE_S = 0.01


def silence_start(seen: Evidence) -> Check:
    """Silence before the song."""
    heard = _heard(seen)
    if not heard.any():
        return _START.unknown(_SILENT)
    silence_s = float(np.argmax(heard)) * BLOCK_FRAMES / seen.rate_hz
    advice = f"{silence_s:.1f} s of silence come before the song. Cut all but 0.1 s, with a short fade in."
    return _START.answered(silence_s, above(silence_s, *_START_S), advice, digits=2)


def silence_end(seen: Evidence) -> Check:
    """Silence after the song."""
    heard = _heard(seen)
    if not heard.any():
        return _END.unknown(_SILENT)
    silence_s = float(np.argmax(heard[::-1])) * BLOCK_FRAMES / seen.rate_hz
    advice = f"{silence_s:.1f} s of silence come after the song. Cut it to about one second behind the last reverb."
    return _END.answered(silence_s, above(silence_s, *_END_S), advice, digits=2)


def gaps(seen: Evidence) -> Check:
    """Long silence within the song, and samples that are missing while it plays."""
    heard, peaks = _heard(seen), seen.loudness.seen.peaks
    if not heard.any():
        return _GAPS.unknown(_SILENT)
    begin, end = int(np.argmax(heard)), len(heard) - int(np.argmax(heard[::-1]))
    long = _runs(~heard[begin:end], _GAP_S * seen.rate_hz / BLOCK_FRAMES) + begin
    holes = _runs(peaks[begin:end] == 0.0, max(_DROPOUT_S * seen.rate_hz / BLOCK_FRAMES - 1.0, 2.0)) + begin
    least = _PLAYING * float(peaks.max())
    dropouts = [(first, last) for first, last in holes.tolist() if min(_beside(peaks, first, last)) > least]
    silences = [(first, last) for first, last in long.tolist() if (first, last) not in dropouts]
    count = len(dropouts) + len(silences)
    if count == 0:
        return _GAPS.answered(0.0, Verdict.OK, digits=0)
    first_s = min(first for first, _ in [*dropouts, *silences]) * BLOCK_FRAMES / seen.rate_hz
    if dropouts:
        advice = (
            f"The sound is missing {len(dropouts)} {'time' if len(dropouts) == 1 else 'times'} while the song plays, "
            f"first at {first_s:.2f} s. Export again with a larger buffer, or fill the hole from a repeat."
        )
    else:
        advice = (
            f"The song is silent for {(silences[0][1] - silences[0][0]) * BLOCK_FRAMES / seen.rate_hz:.1f} s at "
            f"{first_s:.1f} s. If a hidden track or a rest is not meant, close the gap."
        )
    return _GAPS.answered(float(count), Verdict.PROBLEM if dropouts else Verdict.NOTICE, advice, digits=0)


def cut_off(seen: Evidence) -> Check:
    """The level of the last 10 ms: sound that stops in the middle clicks."""
    peak = seen.loudness.seen.sample_peak
    if peak == 0.0:
        return _CUT.unknown(_SILENT)
    frames = max(1, round(_EDGE_S * seen.rate_hz))
    last = float((seen.samples[-frames:].astype(np.float64) ** 2).mean())
    level = max(10.0 * math.log10(max(last, 1e-20) / float(seen.loudness.seen.powers.mean())), -100.0)
    advice = (
        f"The last 10 ms lie {abs(level):.0f} dB {'above' if level > 0.0 else 'below'} the song's mean level: it stops "
        "in the middle. Export a longer region, or fade out over the last bar, and over 10 ms at the least."
    )
    return _CUT.answered(level, Verdict.NOTICE if level > _CUT_DB else Verdict.OK, advice)


def _heard(seen: Evidence) -> NDArray[np.bool_]:
    peaks = seen.loudness.seen.peaks
    return np.asarray(peaks > peaks.max(initial=np.float32(0.0)) * 10.0 ** (_SILENCE_DB / 20.0))


def _runs(wanted: NDArray[np.bool_], least: float) -> NDArray[np.int64]:
    """Return first and one after the last of each run of at least so many, shape (runs, 2)."""
    ends = np.flatnonzero(np.diff(np.concatenate(([False], wanted, [False])).astype(np.int8))).reshape(-1, 2)
    long: NDArray[np.int64] = ends[np.diff(ends, axis=1)[:, 0] >= least].astype(np.int64)
    return long


def _beside(peaks: NDArray[np.float32], first: int, last: int) -> tuple[float, float]:
    """Return how loud it is right before and right after some blocks."""
    before, after = peaks[max(first - 3, 0) : first], peaks[last : last + 3]
    return float(before.max(initial=np.float32(0.0))), float(after.max(initial=np.float32(0.0)))
