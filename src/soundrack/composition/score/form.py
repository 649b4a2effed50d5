"""Where the sections of a song begin, in which key each is, and how quickly it goes."""

from __future__ import annotations

from soundrack.composition.chance import chance
from soundrack.composition.plan import Label, Plan
from soundrack.composition.score.score import Placed
from soundrack.composition.styles import style
from soundrack.composition.theory import Key

_HIGHLIGHTS = (Label.CHORUS, Label.DROP)
_LIFTS = (2, 2, 1)
"""Semitones by which a last chorus is raised; a tone is the more usual (Everett, The Foundations of Rock, 2009, on
"truck driver's modulations")."""
_LIFTED_MOST = 0.3
_SLOW_BARS = 2


def placed(plan: Plan) -> tuple[Placed, ...]:
    """Return the sections of a plan with their beginnings, without gaps."""
    sections = []
    bar = 0
    for section in plan.form:
        sections.append(Placed(section, bar * plan.metre.bar_quarters, bar + 1))
        bar += section.bars
    return tuple(sections)


def keys(plan: Plan) -> tuple[Key, ...]:
    """Return the key of each section.

    It is the plan's. In styles that have it, the last chorus and what follows may be a tone or a semitone higher, if
    there are three choruses and that is at most three tenths of the song, so that the plan's key stays the longest.
    """
    count = len(plan.form)
    same = (plan.key,) * count
    rng = chance(plan.seed, "lift")
    if rng.random() >= style(plan.style).plan.lift:
        return same
    highlights = [place for place, section in enumerate(plan.form) if section.label in _HIGHLIGHTS]
    first = highlights[-1] if len(highlights) >= 3 else count
    lifted = sum(section.bars for section in plan.form[first:])
    if not 0 < lifted <= _LIFTED_MOST * plan.bars:
        return same
    higher = Key((plan.key.tonic + int(rng.choice(_LIFTS))) % 12, plan.key.mode)
    return same[:first] + (higher,) * (count - first)


def tempi(plan: Plan) -> tuple[tuple[float, float], ...]:
    """Return from which quarter note on which tempo holds.

    Steady; in styles that slow down at the end, each beat of the last two bars is a little slower than the one before
    it, and the slowing grows, as when a runner stops (Friberg and Sundberg, JASA 105/3, 1999).
    """
    slowing = style(plan.style).plan.ritardando
    metre = plan.metre
    bars = min(_SLOW_BARS, plan.bars - 1)
    steps = round(bars * metre.bar_quarters / metre.beat_quarters)
    if slowing == 0.0 or steps < 1:
        return ((0.0, plan.tempo_bpm),)
    start = (plan.bars - bars) * metre.bar_quarters
    falling = (
        (start + step * metre.beat_quarters, plan.tempo_bpm * (1.0 - slowing * ((step + 1) / steps) ** 2))
        for step in range(steps)
    )
    return ((0.0, plan.tempo_bpm), *falling)
