from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.lyrics import LyricLine, Syllable, Word
from soundrack.composition.score.metrics import strength
from soundrack.composition.score.scansion import (
    BREATH_S,
    MOST_SYLLABLES_S,
    Prosody,
    Window,
    needed_quarters,
    scanned,
    windows,
)
from soundrack.composition.theory import Metre
from tests.composition.sung import VERSE, line

FOUR = Metre(4, 4)
PLAIN = Prosody(FOUR, 0.5, 0.5, 0.2, 0.95)

WORDS = st.lists(
    st.lists(st.integers(0, 2), min_size=1, max_size=4).map(
        lambda stresses: Word("la" * len(stresses), tuple(Syllable("la", ("a",), stress) for stress in stresses))
    ),
    min_size=1,
    max_size=8,
)
LINES = WORDS.map(lambda words: LyricLine(" ".join(word.text for word in words), tuple(words)))
PROSODIES = st.builds(
    Prosody,
    st.sampled_from([FOUR, Metre(3, 4), Metre(6, 8), Metre(7, 8)]),
    st.floats(0.28, 1.2),
    st.sampled_from([0.25, 0.5, 1.0]),
    st.floats(0.0, 1.0),
    st.floats(0.5, 1.0),
)


@given(text=LINES, prosody=PROSODIES, room=st.floats(1.0, 3.0), entry=st.sampled_from([0.0, 0.5, 1.0]))
@settings(deadline=None, max_examples=60)
def test_syllables_come_in_order_no_quicker_than_can_be_said_and_leave_time_to_breathe(
    text: LyricLine, prosody: Prosody, room: float, entry: float
) -> None:
    window = Window(0.0, room * needed_quarters(len(text.syllables), prosody))
    found = scanned(text, window, entry, None, prosody)
    assert len(found.onsets) == len(found.lengths) == len(text.syllables)
    assert found.onsets[0] >= 0.0
    gaps = [two - one for one, two in pairwise(found.onsets)]
    assert all(gap * prosody.quarter_s >= 1.0 / MOST_SYLLABLES_S - 1e-9 for gap in gaps)
    assert all(length <= gap + 1e-9 for length, gap in zip(found.lengths[:-1], gaps, strict=True))
    assert all(length > 0.0 for length in found.lengths)
    end = found.onsets[-1] + found.lengths[-1]
    assert end <= window.length - BREATH_S / prosody.quarter_s + 1e-6 or len(text.syllables) == 1


def test_stressed_syllables_fall_on_stronger_places_than_others() -> None:
    stressed: list[float] = []
    others: list[float] = []
    for text in VERSE:
        read = line(text)
        found = scanned(read, Window(0.0, 8.0), 0.5, None, PLAIN)
        for onset, syllable in zip(found.onsets, read.syllables, strict=True):
            (stressed if syllable.stress else others).append(strength(onset, FOUR))
    assert sum(stressed) / len(stressed) > sum(others) / len(others) + 0.2


def test_the_last_syllable_is_held_the_longest() -> None:
    found = scanned(line(VERSE[0]), Window(0.0, 8.0), 0.5, None, PLAIN)
    assert found.lengths[-1] == max(found.lengths)
    assert found.lengths[-1] >= 1.0


def test_a_line_that_is_like_another_has_its_rhythm() -> None:
    first = scanned(line(VERSE[0]), Window(0.0, 8.0), 0.5, None, PLAIN)
    assert scanned(line(VERSE[1]), Window(8.0, 8.0), 0.5, first, PLAIN).onsets == first.onsets


def test_syncopated_styles_sing_before_the_beat_more_often() -> None:
    def early(syncopation: float) -> int:
        prosody = Prosody(FOUR, 0.5, 0.5, syncopation, 0.9)
        scanning = [(line(text), scanned(line(text), Window(0.0, 8.0), 0.5, None, prosody)) for text in VERSE]
        return sum(
            bool(syllable.stress) and strength(onset, FOUR) < 0.5
            for read, found in scanning
            for onset, syllable in zip(found.onsets, read.syllables, strict=True)
        )

    assert early(1.0) >= early(0.0)


@given(st.lists(LINES, min_size=1, max_size=6), PROSODIES, st.floats(1.0, 4.0))
@settings(deadline=None, max_examples=60)
def test_lines_share_a_section_in_order_without_overlaps(lines: list[LyricLine], prosody: Prosody, room: float) -> None:
    needs = [needed_quarters(len(text.syllables), prosody) for text in lines]
    length = room * sum(needs)
    found = windows(lines, length, 2.0 * prosody.metre.bar_quarters, prosody)
    assert len(found) == len(lines)
    assert all(one.start + one.length <= two.start + 1e-6 for one, two in pairwise(found))
    assert found[-1].start + found[-1].length <= length + 1e-6
    assert all(window.length >= need - 1e-6 for window, need in zip(found, needs, strict=True))


def test_lines_for_which_there_is_no_time_are_left_out_from_the_end() -> None:
    lines = [line(text) for text in VERSE]
    need = needed_quarters(8, PLAIN)
    assert len(windows(lines, 2.5 * need, 8.0, PLAIN)) == 2
    assert windows(lines, 0.5 * need, 8.0, PLAIN) == []
    assert windows([], 16.0, 8.0, PLAIN) == []


@pytest.mark.parametrize(("count", "bars"), [(4, 8), (2, 8), (4, 4), (3, 8)])
def test_lines_begin_on_bar_lines_where_there_is_time(count: int, bars: int) -> None:
    lines = [line(text) for text in VERSE[:count]]
    assert all(window.start % 4.0 == 0.0 for window in windows(lines, 4.0 * bars, 8.0, PLAIN))
