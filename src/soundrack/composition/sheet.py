"""A song as text: what a musician would want on one page."""

from __future__ import annotations

from collections.abc import Iterator

from soundrack.composition.score.score import Placed, Score

_BARS_A_LINE = 4
_SHORT = 1e-6


def sheet(score: Score) -> str:
    """Return a score's form, chords and words as text.

    A line holds four bars: their chords, at the beat on which they begin, between bar lines; below them the words that
    begin in them. A chord that goes on is a dot.
    """
    plan = score.plan
    heading = [
        plan.title,
        f"{plan.style}{f' ({plan.substyle})' if plan.substyle else ''}, {plan.key.name}, {plan.metre.name}, "
        f"{plan.tempo_bpm:g} bpm",
        "; ".join(f"{player.role}: {player.instrument}" for player in plan.band),
    ]
    blocks = ["\n".join(heading), *("\n".join(_section(score, each)) for each in score.sections)]
    return "\n\n".join(blocks) + "\n"


def _section(score: Score, placed: Placed) -> Iterator[str]:
    bar = score.plan.metre.bar_quarters
    section = placed.section
    yield f"[{section.label} {section.group}] bars {placed.start_bar} to {placed.start_bar + section.bars - 1}"
    for first in range(0, section.bars, _BARS_A_LINE):
        bars = range(first, min(first + _BARS_A_LINE, section.bars))
        yield "| " + " | ".join(_bar(score, placed.start + number * bar, bar) for number in bars) + " |"
        begin, end = placed.start + bars[0] * bar, placed.start + (bars[-1] + 1) * bar
        words = _words(score, begin, end)
        if words:
            yield f"  {words}"


def _bar(score: Score, start: float, length: float) -> str:
    names = [
        each.chord.label(score.plan.key)
        for each in score.harmony
        if start - _SHORT <= each.start < start + length - _SHORT
    ]
    return " ".join(names) if names else "."


def _words(score: Score, begin: float, end: float) -> str:
    text, last = "", -1
    for each in score.song:
        if begin <= each.notes[0].start < end:
            text += each.text if each.word == last else f" {each.text}"
            last = each.word
    return text.strip()
