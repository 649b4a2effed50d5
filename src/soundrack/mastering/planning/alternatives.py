"""Alternatives: several ways to take the peaks down, compared by the damage that each would do.

Nothing is rendered for it: block statistics foresee what limiter and clipper will do to the song
(:mod:`soundrack.mastering.planning.damage`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.loudness import hop_power
from soundrack.audio.survey import block_peaks
from soundrack.mastering.plan import LimiterStep, MasteringPlan, SaturationStep
from soundrack.mastering.planning.damage import Damage, alternatives_damage

_RELEASES = (
    # quick release, sustained fall and rise: denser, as usual, calmer
    (30.0, 150.0, 300.0),
    (50.0, 250.0, 500.0),
    (100.0, 400.0, 800.0),
)
_CLIPPING_SHARES = (0.0, 0.5, 1.0, 1.5)
_LEAST_CLIPPING_DB = 0.5
_AS_LOUD_LU = 0.1
"""What comes this much nearer to the target than another is preferred to it, whatever the damage."""


def best_of(
    plan: MasteringPlan, samples: NDArray[np.float32], rate_hz: int, *, power: NDArray[np.float64] | None = None
) -> MasteringPlan:
    """Return a plan with the limiter and the soft clipper that do the least damage on the way to its loudness.

    Parameters
    ----------
    plan : MasteringPlan
        Its limiter and saturation are varied: release times, and how much is clipped.
    samples : float32 array, shape (frames, 1 or 2), C-contiguous
        The song after its repair; not changed.
    rate_hz : int
        Sample rate.
    power : float64 array, optional
        :func:`~soundrack.audio.loudness.hop_power` of the samples, where it is known.
    """
    power = hop_power(samples, rate_hz) if power is None else power
    choices = [(limiter, clipper) for limiter in _limiters(plan.limiter) for clipper in _clippers(plan.saturation)]
    outcomes = alternatives_damage(block_peaks(samples), power, rate_hz, plan.loudness, choices)
    least_short_lu = min(outcome.short_lu for outcome in outcomes)
    admitted = [n for n, outcome in enumerate(outcomes) if outcome.short_lu <= least_short_lu + _AS_LOUD_LU]
    best = min(admitted, key=lambda n: outcomes[n].total_db)
    limiter, clipper = choices[best]
    reason = f"{plan.limiter.reason} {_in_words(outcomes, best)}".strip()
    return plan.model_copy(update={"limiter": limiter.model_copy(update={"reason": reason}), "saturation": clipper})


def _limiters(step: LimiterStep) -> list[LimiterStep]:
    return [
        step.model_copy(update={"quick_release_ms": quick, "sustained_fall_ms": fall, "sustained_rise_ms": rise})
        for quick, fall, rise in _RELEASES
    ]


def _clippers(step: SaturationStep | None) -> list[SaturationStep | None]:
    if step is None:
        return [None]
    shares = (round(share * step.most_db, 2) for share in _CLIPPING_SHARES)
    return [
        None
        if most_db < _LEAST_CLIPPING_DB
        else step.model_copy(
            update={
                "most_db": most_db,
                "reason": f"Saturation: the highest peaks softly clipped by up to {most_db} dB.",
            }
        )
        for most_db in shares
    ]


def _in_words(outcomes: list[Damage], best: int) -> str:
    worst_db = max(outcome.total_db for outcome in outcomes)
    return (
        f"The best of {len(outcomes)} alternatives of release and clipping: an error of {outcomes[best].total_db:.1f} "
        f"dB is foreseen, {worst_db:.1f} dB with the worst."
    )
