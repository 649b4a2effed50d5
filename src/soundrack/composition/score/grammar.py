"""Functional harmony: phrases that leave the tonic, move by usual root progressions and end in a cadence.

Which chord follows which is Piston's table of usual root progressions (Harmony, 1941, ch. 2): what is usual weighs 4,
what happens sometimes 2, what is less frequent 1. A phrase is drawn from all courses of its length that lead into its
cadence, each as likely as the product of its weights.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from soundrack.composition.theory import Mode

_FOLLOWS: dict[Mode, dict[str, dict[str, float]]] = {
    Mode.MAJOR: {
        "I": {"IV": 4, "V": 4, "vi": 2, "ii": 1, "iii": 1},
        "ii": {"V": 4, "IV": 2, "vi": 2, "I": 1, "iii": 1},
        "iii": {"vi": 4, "IV": 2, "I": 1, "ii": 1, "V": 1},
        "IV": {"V": 4, "I": 2, "ii": 2, "iii": 1, "vi": 1},
        "V": {"I": 4, "vi": 2, "IV": 2, "ii": 1, "iii": 1},
        "vi": {"ii": 4, "V": 4, "IV": 2, "iii": 2, "I": 1},
        "bVII": {"I": 4, "IV": 4},
    },
    Mode.MINOR: {
        "i": {"iv": 4, "V": 4, "VI": 2, "iiø7": 1, "III": 1, "VII": 2},
        "iiø7": {"V": 4, "iv": 1},
        "III": {"VI": 4, "iv": 2, "VII": 2},
        "iv": {"V": 4, "i": 2, "iiø7": 2, "VII": 2, "VI": 1},
        "V": {"i": 4, "VI": 2, "iv": 1},
        "VI": {"iiø7": 2, "V": 4, "III": 2, "iv": 2, "VII": 2},
        "VII": {"III": 4, "i": 2, "VI": 2},
    },
}
_CADENCES: dict[Mode, dict[str, tuple[str, ...]]] = {
    Mode.MAJOR: {"authentic": ("V", "I"), "plagal": ("IV", "I"), "modal": ("bVII", "I"), "half": ("V",)},
    Mode.MINOR: {"authentic": ("V", "i"), "plagal": ("iv", "i"), "modal": ("VII", "i"), "half": ("V",)},
}
_BACK = 0.2
"""What it weighs to return, within a phrase, to the tonic or to one of the last two chords."""
_INTO_MODAL = {"IV": 4.0, "I": 2.0, "vi": 1.0}


def tonic(mode: Mode) -> str:
    """Return the tonic's numeral."""
    return "I" if mode is Mode.MAJOR else "i"


def cadence(kind: str, mode: Mode) -> tuple[str, ...]:
    """Return the chords of a cadence: ``authentic``, ``plagal``, ``modal`` or ``half``."""
    return _CADENCES[mode][kind]


def phrase(chords: int, kind: str, mode: Mode, rng: np.random.Generator, opening: Sequence[str] = ()) -> list[str]:
    """Draw a phrase.

    Parameters
    ----------
    chords : int
        How many, at least 2.
    kind : str
        Its cadence.
    mode : Mode
        Of the key.
    rng : numpy.random.Generator
        What is drawn from.
    opening : sequence of str
        How it begins; with nothing, on the tonic. No longer than leaves room for the cadence.
    """
    ending = cadence(kind, mode)[-chords:]
    begun = [*(opening or (tonic(mode),))][: max(chords - len(ending), 0)]
    if not begun:
        return [*ending]
    free = chords - len(begun) - len(ending)
    follows = _with_modal(_FOLLOWS[mode]) if mode is Mode.MAJOR and kind == "modal" else _FOLLOWS[mode]
    likely = [{ending[0]: 1.0}]
    for _ in range(free):
        later = likely[0]
        likely.insert(0, {each: _onward(follows[each], later) for each in follows})
    course = begun
    for reach in likely[:-1]:
        after = follows.get(course[-1], follows[tonic(mode)])
        back = {tonic(mode), *course[-2:]}
        weights = {each: weight * (_BACK if each in back else 1.0) for each, weight in after.items()}
        course.append(_drawn(weights, reach, rng))
    return [*course, *ending]


def period(chords: int, kind: str, mode: Mode, rng: np.random.Generator) -> list[str]:
    """Draw two phrases, the second beginning like the first: question with a half cadence, answer with a full one."""
    half = chords // 2
    question = phrase(half, "half", mode, rng)
    return question + phrase(chords - half, kind, mode, rng, question[: max(half // 2, 1)])


def _with_modal(follows: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, float]]:
    return {each: {**after, "bVII": _INTO_MODAL.get(each, 0.5)} for each, after in follows.items()}


def _onward(follows: Mapping[str, float], later: Mapping[str, float]) -> float:
    return sum(weight * later.get(each, 0.0) for each, weight in follows.items()) / sum(follows.values())


def _drawn(follows: Mapping[str, float], reach: Mapping[str, float], rng: np.random.Generator) -> str:
    names = list(follows)
    weights = np.array([follows[each] * reach.get(each, 0.0) for each in names])
    if weights.sum() <= 0.0:
        weights = np.array([reach.get(each, 0.0) + 1e-9 for each in names])
    return names[int(rng.choice(len(names), p=weights / weights.sum()))]
