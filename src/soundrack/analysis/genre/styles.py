"""Styles within a genre, told by tempo and drums only where these bear them out; each says why.

The tempo ranges are those in which the styles are commonly made (R. Snoman, Dance Music Manual, 4th ed., 2019; M. J.
Butler, Unlocking the Groove, 2006). No recordings with documented styles were at hand to measure how often the rules
are right, so that no confidence goes above 0.6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from soundrack.analysis.genre.pattern import Pattern

_MOST = 0.6


@dataclass(frozen=True)
class Rhythmical:
    """What the rules look at: how much each genre is borne out (0 to 1), the tempo, how sure it is, and the drums."""

    evidence: dict[str, float]
    bpm: float
    sureness: float
    drums: Pattern


@dataclass(frozen=True)
class Style:
    """A style within a genre."""

    label: str
    confidence: float
    reason: str


@dataclass(frozen=True)
class _Rule:
    label: str
    genre: str
    bpm: tuple[float, float]
    drums: Callable[[Pattern], float]
    """How well the drums fit, 0 to 1."""
    words: str


def _four_on_the_floor(drums: Pattern) -> float:
    return _rises(drums.kick, 0.65, 0.95) * (1.0 - _rises(drums.half_time, 0.3, 0.6))


def _broken(drums: Pattern) -> float:
    return _rises(drums.backbeat, 0.15, 0.5) * (1.0 - _rises(drums.kick, 0.7, 0.95))


def _half_time(drums: Pattern) -> float:
    return _rises(drums.half_time, 0.25, 0.6)


def _backbeat(drums: Pattern) -> float:
    return _rises(drums.backbeat, 0.2, 0.6)


_RULES = (
    _Rule("House", "Electronic", (116.0, 129.9), _four_on_the_floor, "a low stroke on every beat"),
    _Rule("Techno", "Electronic", (130.0, 150.0), _four_on_the_floor, "a low stroke on every beat"),
    _Rule("Drum and Bass", "Electronic", (160.0, 182.0), _broken, "a backbeat over a broken pattern of low strokes"),
    _Rule("Dubstep", "Electronic", (136.0, 146.0), _half_time, "bright strokes on the third beat alone"),
    _Rule("Downtempo", "Electronic", (66.0, 105.0), _backbeat, "a slow backbeat"),
    _Rule("Hip Hop", "Hip Hop", (66.0, 112.0), _backbeat, "a slow backbeat"),
)


def style(heard: Rhythmical) -> Style | None:
    """Return the style that genre, tempo and drums agree on best, or None if none is borne out.

    The confidence is the product of how far each of the three bears it out, times 0.6.
    """
    found = [(_fit(rule, heard), rule) for rule in _RULES]
    fit, rule = max(found, key=lambda each: each[0])
    confidence = _MOST * fit
    if confidence < 0.2:
        return None
    reason = f"{rule.genre} at {heard.bpm:.0f} bpm with {rule.words}."
    return Style(rule.label, confidence, reason)


def _fit(rule: _Rule, heard: Rhythmical) -> float:
    low, high = rule.bpm
    if not low <= heard.bpm <= high:
        return 0.0
    return _rises(heard.evidence[rule.genre], 0.3, 0.7) * rule.drums(heard.drums) * heard.sureness


def _rises(value: float, none: float, full: float) -> float:
    """Return 0 up to `none`, 1 from `full` on, and a straight line between."""
    return min(1.0, max(0.0, (value - none) / (full - none)))
