from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.score.line import Slot, Taste, pitched

C_MAJOR = frozenset((0, 2, 4, 5, 7, 9, 11))
C_CHORD, G_CHORD = frozenset((0, 4, 7)), frozenset((7, 11, 2))
TASTE = Taste(57, 76, C_MAJOR, 0.4, 0.3)


def _slots(count: int, **more: object) -> list[Slot]:
    return [
        Slot(0.5 * place, 0.5, 1.0 if place % 8 == 0 else 0.35, C_MAJOR, C_CHORD if place % 16 < 8 else G_CHORD, **more)  # type: ignore[arg-type]
        for place in range(count)
    ]


@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 40), before=st.lists(st.integers(50, 80), max_size=2))
@settings(deadline=None, max_examples=60)
def test_a_line_stays_in_its_scale_and_range_and_leaps_an_octave_at_most(
    seed: int, count: int, before: list[int]
) -> None:
    line = pitched(_slots(count), TASTE, before, np.random.default_rng(seed))
    assert len(line) == count
    assert all(57 <= pitch <= 76 and pitch % 12 in C_MAJOR for pitch in line)
    assert all(abs(two - one) <= 12 for one, two in pairwise(line))


def _lines(count: int, **more: object) -> list[list[int]]:
    return [pitched(_slots(32, **more), TASTE, [], np.random.default_rng(seed)) for seed in range(count)]


def test_strong_beats_have_tones_of_the_chord() -> None:
    lines = _lines(30)
    strong = [
        pitch % 12 in slot.tones
        for line in lines
        for pitch, slot in zip(line, _slots(32), strict=True)
        if slot.strength == 1.0
    ]
    assert sum(strong) >= 0.97 * len(strong)


def test_lines_move_by_step_more_than_by_leap_and_leaps_turn_back() -> None:
    lines = _lines(30)
    moves = [(b - a, c - b) for line in lines for a, b, c in zip(line, line[1:], line[2:], strict=False)]
    steps = [abs(first) <= 2 for first, _ in moves]
    assert sum(steps) >= 0.6 * len(steps)
    after = [first * second <= 0 or abs(second) <= 2 for first, second in moves if abs(first) >= 5]
    assert sum(after) >= 0.9 * len(after)


def test_a_line_follows_the_steps_of_its_motif() -> None:
    slots = [
        Slot(0.5 * place, 0.5, 0.35, C_MAJOR, C_CHORD, steps=step)
        for place, step in enumerate((None, 1.0, 1.0, -2.0, 4.0, -1.0))
    ]
    line = pitched(slots, TASTE, [64], np.random.default_rng(1))
    ladder = [pitch for pitch in range(57, 77) if pitch % 12 in C_MAJOR]
    places = [ladder.index(pitch) for pitch in line]
    moves = [two - one for one, two in pairwise(places)]
    assert sum(abs(one - two) for one, two in zip(moves, (1, 1, -2, 4, -1), strict=True)) <= 1


def test_a_phrase_ends_on_its_goal() -> None:
    slots = _slots(8)
    slots[-1] = Slot(3.5, 0.5, 0.35, C_MAJOR, C_CHORD, goal=frozenset({0}))
    assert all(pitched(slots, TASTE, [], np.random.default_rng(seed))[-1] % 12 == 0 for seed in range(20))


def test_chromatic_notes_lead_to_the_next_by_semitone() -> None:
    taste = Taste(57, 76, C_MAJOR, 0.5, 0.8, chromatic=1.0, repeats=0.0)
    found = 0
    for seed in range(20):
        line = pitched(_slots(32), taste, [], np.random.default_rng(seed))
        for one, two in pairwise(line):
            if one % 12 not in C_MAJOR:
                found += 1
                assert abs(two - one) == 1
    assert found > 0


def test_no_slots_have_no_notes_and_the_same_chance_the_same_line() -> None:
    assert pitched([], TASTE, [60], np.random.default_rng(1)) == []
    one, two = (pitched(_slots(24), TASTE, [], np.random.default_rng(5)) for _ in range(2))
    assert one == two
