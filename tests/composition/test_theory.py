"""Keys, metres and chords: what is read, what is refused, how they are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.composition.theory import CHORDS, SCALES, Chord, Key, Metre, Mode
from soundrack.errors import Invalid

KEYS = st.builds(Key, st.integers(0, 11), st.sampled_from(Mode))


@given(KEYS)
def test_a_key_is_read_from_its_own_name(key: Key):
    assert Key.parse(key.name) == key


@pytest.mark.parametrize(
    ("text", "tonic", "mode"),
    [
        ("C minor", 0, Mode.MINOR),
        ("f# major", 6, Mode.MAJOR),
        ("Bb", 10, Mode.MAJOR),
        ("Ebm", 3, Mode.MINOR),
        ("A flat major", 8, Mode.MAJOR),
        ("c♯ min", 1, Mode.MINOR),
        ("CM", 0, Mode.MAJOR),
        ("Cb", 11, Mode.MAJOR),
        ("B#", 0, Mode.MAJOR),
    ],
)
def test_keys_are_read_as_musicians_write_them(text: str, tonic: int, mode: Mode):
    assert Key.parse(text) == Key(tonic, mode)


@pytest.mark.parametrize("text", ["", "H", "minor", "C dorian minor", "120", "Cx"])
def test_what_is_no_key_is_refused(text: str):
    with pytest.raises(Invalid, match="no key"):
        Key.parse(text)


@pytest.mark.parametrize(
    ("text", "beat", "bar"),
    [("4/4", 1.0, 4.0), ("3/4", 1.0, 3.0), ("6/8", 1.5, 3.0), ("12/8", 1.5, 6.0), ("7/8", 0.5, 3.5), ("2/2", 2.0, 4.0)],
)
def test_a_metre_knows_how_long_its_beats_and_bars_are(text: str, beat: float, bar: float):
    metre = Metre.parse(text)

    assert (metre.name, metre.beat_quarters, metre.bar_quarters) == (text, beat, bar)


@pytest.mark.parametrize("text", ["", "4", "0/4", "16/4", "4/3", "4/4/4", "-3/4"])
def test_what_is_no_metre_is_refused(text: str):
    with pytest.raises(Invalid, match="no time signature"):
        Metre.parse(text)


@pytest.mark.parametrize(
    ("chord", "key", "label"),
    [
        (Chord(9, "min7", 0), "C major", "Am7/C"),
        (Chord(10, "maj", 10), "C minor", "Bb"),
        (Chord(6, "min9", 6), "A major", "F#m9"),
        (Chord(7, "7sus4", 7), "C major", "G7sus4"),
        (Chord(3, "6", 10), "Eb major", "Eb6/Bb"),
    ],
)
def test_a_chord_is_called_as_on_a_lead_sheet_of_the_key(chord: Chord, key: str, label: str):
    assert chord.label(Key.parse(key)) == label


@given(st.integers(0, 11), st.sampled_from(sorted(CHORDS)), st.integers(0, 11))
def test_every_chord_has_a_name_in_every_key_and_its_root_among_its_tones(root: int, quality: str, bass: int):
    chord = Chord(root, quality, bass)

    assert chord.tones[0] == root
    assert chord.label(Key(0, Mode.MAJOR))


def test_every_scale_begins_on_its_tonic_and_rises_within_an_octave():
    for steps in SCALES.values():
        assert steps[0] == 0
        assert list(steps) == sorted(set(steps))
        assert steps[-1] < 12
