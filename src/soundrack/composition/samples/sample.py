"""Loops and single sounds, played by the band."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.bounds import MOST_SEED
from soundrack.composition.chance import chance
from soundrack.composition.foley.finishing import finished
from soundrack.composition.foley.order import Sound
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.foley.seam import seam_percentile
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.plan import Plan
from soundrack.composition.planning import plan as plan_of
from soundrack.composition.planning.tonality import mode_of
from soundrack.composition.prompt import Wishes, read
from soundrack.composition.prompt.wishes import Tempo
from soundrack.composition.samples.bars import Bars, bars
from soundrack.composition.samples.fitting import Fit, fit
from soundrack.composition.samples.kind import Sample, kind_of
from soundrack.composition.samples.order import LONGEST_S, SHORTEST_S, SampleOrder
from soundrack.composition.samples.players import players, soloist
from soundrack.composition.samples.recording import recorded
from soundrack.composition.samples.single import piece, single
from soundrack.composition.score.score import Score
from soundrack.errors import Invalid

_TAKES = 6
_AIM = 85.0
"""Percentile of a loop's flux that its seam must not exceed for a take to be kept at once: below 95, since another
reading of flux finds a few more or less."""
_LEAST_PLANNED_S = 10.0


def sample(order: SampleOrder) -> Sound:
    """Make a musical sample.

    Parameters
    ----------
    order : SampleOrder
        The prompt, the length, whether it is a loop, the seed.

    Returns
    -------
    Sound
        At a true peak of -1 dBTP; the same bytes for the same order. It has exactly ``round(duration_s * 44100)``
        frames, except where a loop was asked for at an exact tempo: then it has the nearest number of whole bars, which
        is told in `ignored`; or those of `bars`, where these were ordered. What rings on after the last bar of a loop
        sounds in its first. A loop is the first of six takes whose seam has less flux than one in seven of its other
        places, or the best of them; it may begin with any of its bars over the first chord.

    Raises
    ------
    Invalid
        If the bars that were ordered last less than a second or more than a minute, with the field ``bars``.
    """
    wishes = _wishes(order)
    kind = kind_of(order.prompt, wishes)
    planned = plan_of(wishes, None, seed=order.seed, duration_s=max(order.duration_s or 0.0, _LEAST_PLANNED_S))
    band = players(planned, kind, wishes)
    fitted = _fitted(order, planned, wishes)
    duration_s = fitted.duration_s if order.loopable or order.duration_s is None else order.duration_s
    frames = round(duration_s * RATE_HZ)
    if kind is Sample.ONE_SHOT:
        struck = piece(order.prompt)
        frames = frames if order.duration_s is None else round(order.duration_s * RATE_HZ)
        return single(order, planned, frames, soloist(wishes, band, is_struck=struck is not None), struck)
    tuned = replace(planned, tempo_bpm=fitted.tempo_bpm, metre=fitted.metre, band=band, voice=None)
    percentile = None
    if order.loopable:
        made, percentile, score = _best(tuned, fitted.bars, frames)
    else:
        played = bars(tuned, fitted.bars)
        score, sound = played.score, recorded(played, frames, loop=False)
        made = finished(sound.astype(np.float64), Kind.HIT, loop=False)
    return Sound(
        samples=made,
        recipes=tuple(f"{player.role.value}: {player.instrument}" for player in band),
        why=_why(kind, tuned, fitted.bars),
        understood=planned.understood,
        ignored=(*planned.ignored, *((fitted.said,) if fitted.said else ())),
        seam_percentile=percentile,
        score=score,
    )


def _best(planned: Plan, count: int, frames: int) -> tuple[NDArray[np.float32], float, Score]:
    """Return a loop whose seam is one moment among others, else that whose seam is heard least; percentile and score.

    Of each take the beginning is tried, then other bars that may be one.
    """
    takes: list[tuple[float, NDArray[np.float32], Bars, int]] = []
    for number in range(_TAKES):
        seed = int(chance(planned.seed, "sample", "take", number).integers(MOST_SEED)) if number else planned.seed
        played = bars(replace(planned, seed=seed), count)
        made = finished(recorded(played, frames, loop=True).astype(np.float64), Kind.HIT, loop=True)
        for start in played.starts:
            turned = np.roll(made, -round(start * frames / count), axis=0)
            takes.append((seam_percentile(turned), turned, played, start))
            if takes[-1][0] <= _AIM:
                break
        if takes[-1][0] <= _AIM:
            break
    percentile, made, played, start = min(takes, key=lambda take: take[0])
    return made, percentile, played.turned(start)


def _why(kind: Sample, planned: Plan, count: int) -> str:
    what, length = planned.style.replace("_", " "), "1 bar" if count == 1 else f"{count} bars"
    told = f"{kind.value.capitalize()} in {what}: {length} of {planned.metre.name} at {planned.tempo_bpm:.2f} bpm"
    return f"{told} in {planned.key.name}."


def _wishes(order: SampleOrder) -> Wishes:
    """Return what the prompt says, and what the order says instead of it."""
    wishes = read(order.prompt)
    if order.tempo_bpm is not None:
        wishes = replace(wishes, tempo=Tempo(order.tempo_bpm, order.tempo_bpm, exact=True))
    if order.key is not None:
        has_mode = wishes.scale is not None and mode_of(wishes.scale) is order.key.mode
        wishes = replace(wishes, key=order.key, mode=order.key.mode, scale=wishes.scale if has_mode else None)
    return wishes


def _fitted(order: SampleOrder, planned: Plan, wishes: Wishes) -> Fit:
    """Return the bars that fill an order.

    Raises
    ------
    Invalid
        If the bars that were ordered last less than a second or more than a minute.
    """
    if order.duration_s is None:
        made = Fit(order.bars or 1, planned.metre, planned.tempo_bpm)
        if not SHORTEST_S <= made.duration_s <= LONGEST_S:
            told = f"{made.bars} bars at {made.tempo_bpm:.4g} bpm are {made.duration_s:.3g} s"
            raise Invalid(f"{told}: a sample has {SHORTEST_S:g} to {LONGEST_S:g} s.", field="bars")
        return made
    if order.loopable:
        exact, metre_exact = wishes.tempo is not None and wishes.tempo.exact, wishes.metre is not None
        return fit(
            order.duration_s,
            planned.metre,
            planned.tempo_bpm,
            exact=exact,
            metre_exact=metre_exact,
            wished_bars=wishes.bars,
        )
    bar_s = planned.metre.bar_quarters * planned.quarter_s
    return Fit(int(order.duration_s / bar_s) + 1, planned.metre, planned.tempo_bpm)
