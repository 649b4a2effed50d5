"""Checks of dynamics: peaks over loudness, loudness range, limiting."""

from __future__ import annotations

import numpy as np

from soundrack.analysis.mix.check import Check, Question, Verdict, above, below
from soundrack.analysis.mix.evidence import Evidence

_DYNAMICS = Question("dynamics", "Peak to loudness ratio", "dB", "8 dB or more", 0.7)
_PLR_DB = 7.5, 6.0
_PLR_TARGET_DB = 9.0

_RANGE = Question("loudness_range", "Loudness range", "LU", "2 to 18 LU", 0.3)
_NARROW_LU, _WIDE_LU = (2.0, -1.0), (18.0, 26.0)
_RANGE_FROM_S = 45.0
"""What is shorter is a part of a song, and may well be as loud throughout."""

_LIMITING = Question("limiting", "Limiting", "% of blocks", "less than 15 % of the song within 1 dB of its peak", 0.75)
_PINNED_DB = 1.0
_PINNED_PERCENT = 15.0, 35.0
_FASTEST_PLR_DB = 9.0
"""A square or a steady tone is at its peak all the time without a limiter; a limited song has little above its mean."""


def dynamics(seen: Evidence) -> Check:
    """True peak over integrated loudness (AES TD1008)."""
    if seen.silent:
        return _DYNAMICS.unknown("Nothing is louder than -70 LUFS.")
    ratio = seen.measurement.plr_db
    advice = (
        f"The peaks stand only {ratio:.1f} dB above the loudness: drums have lost their stroke. Ease limiting and bus "
        f"compression until there are {_PLR_TARGET_DB:.0f} dB; {_PLR_TARGET_DB - ratio:.1f} dB less limiter input is "
        "where to begin."
    )
    return _DYNAMICS.answered(ratio, below(ratio, *_PLR_DB), advice)


def loudness_range(seen: Evidence) -> Check:
    """EBU Tech 3342, of what is longer than 45 s."""
    if seen.silent or seen.duration_s < _RANGE_FROM_S:
        return _RANGE.unknown(f"It is told of what plays for {_RANGE_FROM_S:.0f} s or longer.")
    spread = seen.measurement.loudness_range_lu
    if spread > _WIDE_LU[0]:
        advice = (
            f"Quiet and loud parts differ by {spread:.0f} LU; in a car or on a phone the quiet ones are lost. Ride the "
            f"quiet passages up by {min((spread - 12.0) / 2.0, 6.0):.0f} dB rather than compressing the loud ones."
        )
        return _RANGE.answered(spread, above(spread, *_WIDE_LU), advice)
    advice = (
        f"The loudness moves by {spread:.1f} LU only: every part is as loud as the next. Lower the verses by 1 to 2 dB "
        "or automate the choruses up, so that they arrive."
    )
    return _RANGE.answered(spread, below(spread, *_NARROW_LU), advice)


def limiting(seen: Evidence) -> Check:
    """How much of the song lies within 1 dB of its highest peak."""
    if seen.silent:
        return _LIMITING.unknown("Nothing is louder than -70 LUFS.")
    peaks = seen.loudness.seen.peaks
    pinned = 100.0 * float(np.mean(peaks >= peaks.max() * 10.0 ** (-_PINNED_DB / 20.0)))
    verdict = above(pinned, *_PINNED_PERCENT) if seen.measurement.plr_db < _FASTEST_PLR_DB else Verdict.OK
    advice = (
        f"{pinned:.0f} % of the song is pinned within 1 dB of its highest peak, which is heard as distortion and "
        "fatigue. Give the limiter 3 dB less, or take 1 to 2 dB each with a clipper on the drums and slow compression "
        "before it."
    )
    return _LIMITING.answered(pinned, verdict, advice)
