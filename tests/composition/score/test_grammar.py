from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.score import grammar
from soundrack.composition.score.numerals import numeral
from soundrack.composition.theory import Mode

SEEDS = st.integers(0, 2**32 - 1)
MODES = st.sampled_from(list(Mode))


@given(
    seed=SEEDS, mode=MODES, chords=st.integers(2, 12), kind=st.sampled_from(["authentic", "plagal", "modal", "half"])
)
@settings(deadline=None)
def test_a_phrase_begins_on_the_tonic_and_ends_in_its_cadence(seed: int, mode: Mode, chords: int, kind: str) -> None:
    found = grammar.phrase(chords, kind, mode, np.random.default_rng(seed))
    ending = grammar.cadence(kind, mode)
    assert len(found) == chords
    assert tuple(found[-len(ending) :]) == ending
    if chords > len(ending):
        assert found[0] == grammar.tonic(mode)
    assert all(numeral(each, mode) for each in found)


@given(seed=SEEDS, mode=MODES)
@settings(deadline=None)
def test_an_answer_begins_like_its_question(seed: int, mode: Mode) -> None:
    found = grammar.period(8, "authentic", mode, np.random.default_rng(seed))
    assert found[:2] == found[4:6]
    assert found[3] == "V"
    assert found[-2:] == ["V", grammar.tonic(mode)]


def test_dominants_go_home_more_often_than_anywhere_else() -> None:
    rng = np.random.default_rng(7)
    after: dict[str, int] = {}
    for _ in range(300):
        for first, second in pairwise(grammar.phrase(8, "authentic", Mode.MAJOR, rng)):
            if first == "V":
                after[second] = after.get(second, 0) + 1
    assert max(after, key=lambda each: after[each]) == "I"
