from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.score.voicing import muddy, voicings
from soundrack.composition.styles.harmony import Spread
from soundrack.composition.theory import CHORDS, Chord

CHORD = st.builds(lambda root, quality: Chord(root, quality, root), st.integers(0, 11), st.sampled_from(list(CHORDS)))
LOOP = tuple(Chord(root, quality, root) for root, quality in ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj")))


@given(
    chords=st.lists(CHORD, max_size=6),
    spread=st.sampled_from(list(Spread)),
    lowest=st.integers(30, 66),
    room=st.integers(12, 36),
    voices=st.integers(2, 6),
)
@settings(deadline=None, max_examples=150)
def test_voicings_have_only_the_chords_tones_within_the_range_ascending(
    chords: list[Chord], spread: Spread, lowest: int, room: int, voices: int
) -> None:
    laid = voicings(chords, spread, lowest, lowest + room, voices)
    assert len(laid) == len(chords)
    for chord, notes in zip(chords, laid, strict=True):
        assert 1 <= len(notes) <= voices
        assert all(low < high for low, high in pairwise(notes))
        assert lowest <= notes[0]
        assert notes[-1] <= lowest + room
        assert {note % 12 for note in notes} <= set(chord.tones)


@given(chords=st.lists(CHORD, min_size=1, max_size=5), voices=st.integers(3, 4))
@settings(deadline=None)
def test_where_there_is_room_a_voicing_tells_third_and_seventh(chords: list[Chord], voices: int) -> None:
    for spread in (Spread.CLOSE, Spread.OPEN, Spread.DROP_2, Spread.ROOTLESS):
        for chord, notes in zip(chords, voicings(chords, spread, 48, 84, voices), strict=True):
            intervals = {(note - chord.root) % 12 for note in notes}
            needed = {each % 12 for each in CHORDS[chord.quality][1:2] if each != 7}
            assert needed <= intervals


def test_voices_move_by_step_on_average_in_a_loop_of_four_chords() -> None:
    for spread in (Spread.CLOSE, Spread.OPEN, Spread.DROP_2):
        laid = voicings(LOOP * 4, spread, 48, 79)
        moves = [sum(abs(a - b) for a, b in zip(x, y, strict=True)) / len(x) for x, y in pairwise(laid)]
        assert sum(moves) / len(moves) <= 2.5


def test_the_bottom_is_clear_where_the_range_allows() -> None:
    for spread in Spread:
        assert not any(muddy(notes) for notes in voicings(LOOP * 2, spread, 40, 76))


def test_a_rootless_voicing_leaves_the_root_to_the_bass() -> None:
    (notes,) = voicings([Chord(2, "min9", 2)], Spread.ROOTLESS, 48, 72)
    assert {note % 12 for note in notes} == {5, 9, 0, 4}


def test_a_power_chord_is_root_fifth_and_octave() -> None:
    (notes,) = voicings([Chord(4, "min", 4)], Spread.POWER, 40, 64)
    assert [note - notes[0] for note in notes] == [0, 7, 12]
    assert notes[0] % 12 == 4


def test_the_same_chords_are_laid_the_same_way() -> None:
    assert voicings(LOOP, Spread.OPEN, 48, 79) == voicings(list(LOOP), Spread.OPEN, 48, 79)


@pytest.mark.parametrize(("lowest", "highest", "voices"), [(60, 71, 4), (60, 72, 1), (60, 72, 7)])
def test_a_range_below_an_octave_and_odd_numbers_of_voices_are_refused(lowest: int, highest: int, voices: int) -> None:
    with pytest.raises(ValueError, match=r"octave|voices"):
        voicings(LOOP, Spread.CLOSE, lowest, highest, voices)
