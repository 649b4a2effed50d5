"""Loudness: the target and where it comes from, and what takes the peaks down for it."""

from __future__ import annotations

import numpy as np

from soundrack.mastering.genres import STYLES
from soundrack.mastering.order import Order, Tier
from soundrack.mastering.plan import LimiterStep, LoudnessStep, SaturationStep
from soundrack.mastering.planning.profile import Profile
from soundrack.mastering.platforms import playback
from soundrack.mastering.presets import CHARACTERS

_USUAL_CEILING_DB = -1.0
_REFERENCE_LUFS = (-16.0, -7.0)
"""A reference's loudness is followed within these: a film's is too quiet to follow, a brick's too loud."""

_LEFT_DB = 2.0
"""A limiter takes this much off a peak without being heard; a clipper is for what goes beyond."""
_LEAST_CLIPPING_DB = 1.0
_LEAST_PLR_DB, _LEAST_PSR_DB = 12.0, 9.0
"""Equalising a song that has been limited or clipped before gives it new peaks: it then has at least these ratios of
peak to loudness, on the whole and in its loudest three seconds."""


def plan_loudness(order: Order, reference: Profile | None) -> LoudnessStep:
    """Return target and ceiling: what is asked for, else the platform's, else the reference's, else the preset's."""
    target_lufs, why = _target(order, reference)
    ceiling_db, ceiling_why = _ceiling(order)
    return LoudnessStep(
        target_lufs=target_lufs, ceiling_db=ceiling_db, reason=f"Loudness: {why}; true peak at most {ceiling_why}."
    )


def _target(order: Order, reference: Profile | None) -> tuple[float, str]:
    if order.target_lufs is not None:
        return order.target_lufs, f"{order.target_lufs:g} LUFS as asked"
    if order.platform is not None:
        row = playback()[order.platform]
        return row.target_lufs, f"{row.target_lufs:g} LUFS for {row.name}"
    if reference is not None:
        theirs = reference.measurement.integrated_lufs
        target = round(float(np.clip(theirs, *_REFERENCE_LUFS)), 1)
        held = "" if _REFERENCE_LUFS[0] <= theirs <= _REFERENCE_LUFS[1] else f" (it has {theirs:.1f})"
        return target, f"{target:g} LUFS like the reference{held}"
    target = CHARACTERS[order.preset].target_lufs
    return target, f"{target:g} LUFS, the usual of {order.preset.value!r}"


def _ceiling(order: Order) -> tuple[float, str]:
    if order.ceiling_db is not None:
        return order.ceiling_db, f"{order.ceiling_db:g} dBTP as asked"
    if order.platform is not None:
        row = playback()[order.platform]
        return row.ceiling_db, f"{row.ceiling_db:g} dBTP for {row.name}"
    return _USUAL_CEILING_DB, f"{_USUAL_CEILING_DB:g} dBTP"


def plan_saturation(song: Profile, order: Order, loudness: LoudnessStep) -> SaturationStep | None:
    """Return the soft clipper, None where the limiter alone suffices."""
    seen = song.measurement
    loudest_db = max(seen.max_short_term_lufs - seen.integrated_lufs, 0.0) + _LEAST_PSR_DB
    over_db = max(seen.plr_db, _LEAST_PLR_DB, loudest_db) + loudness.target_lufs - loudness.ceiling_db
    most_db = min(STYLES[order.genre].clip_db * min(order.intensity / 50.0, 1.25), over_db - _LEFT_DB / 2.0)
    if over_db <= _LEFT_DB or most_db < _LEAST_CLIPPING_DB:
        return None
    return SaturationStep(
        most_db=round(most_db, 2),
        left_db=_LEFT_DB,
        oversampling=8 if order.tier is Tier.PREMIUM else 4,
        reason=(
            f"Saturation: the highest peaks would lie some {over_db:.0f} dB above the ceiling; softly clipped by up to "
            f"{most_db:.1f} dB, so that the limiter need not press."
        ),
    )


def plan_limiter(order: Order) -> LimiterStep:
    """Return the limiter's settings."""
    if order.tier is Tier.PREMIUM:
        return LimiterStep(oversampling=16, reason="Limiter: peaks read at sixteen times the rate.")
    return LimiterStep(reason="Limiter: peaks read at eight times the rate.")
