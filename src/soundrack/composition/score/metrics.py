"""How strong each place of a bar is."""

from __future__ import annotations

from soundrack.composition.theory import Metre

_EPSILON = 1e-6
_GROUPS = {5: (3, 2), 7: (2, 2, 3), 11: (3, 3, 3, 2), 13: (3, 3, 3, 2, 2)}


def strength(at: float, metre: Metre) -> float:
    """Return how strong a place is, 0 to 1, as levels of beats have it (Lerdahl and Jackendoff, A Generative Theory
    of Tonal Music, 1983, ch. 4): 1 on the downbeat, 0.8 in the middle of the bar, 0.65 on other beats, 0.35 on halves
    of beats (thirds, in compound metres), 0.12 elsewhere.

    Parameters
    ----------
    at : float
        Quarter notes from a bar line.
    metre : Metre
        Of the song.
    """
    place = at % metre.bar_quarters
    if place < _EPSILON or metre.bar_quarters - place < _EPSILON:
        return 1.0
    beat = metre.beat_quarters
    number = place / beat
    if abs(number - round(number)) < _EPSILON:
        return 0.8 if round(number) in _middles(metre) else 0.65
    parts = 3 if metre.is_compound else 2
    if abs(parts * number - round(parts * number)) < _EPSILON:
        return 0.35
    return 0.12


def _middles(metre: Metre) -> tuple[int, ...]:
    """Return the beats, from 0, on which groups of beats begin, the downbeat aside."""
    count = metre.beats // 3 if metre.is_compound else metre.beats
    if count in _GROUPS:
        places = []
        at = 0
        for group in _GROUPS[count][:-1]:
            at += group
            places.append(at)
        return tuple(places)
    if count % 2 == 0 and count > 2:
        return tuple(range(2, count, 2)) if count > 4 else (count // 2,)
    return ()
