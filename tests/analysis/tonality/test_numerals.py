from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.analysis.tonality.chords import Sounding
from soundrack.analysis.tonality.labels import INTERVALS, QUALITIES
from soundrack.analysis.tonality.numerals import Loop, loop, numeral


def chord(root: int | None, quality: str | None = "maj", bass: int | None = None) -> Sounding:
    return Sounding(0, 1, root, quality if root is not None else None, root if bass is None else bass, 1.0)


@pytest.mark.parametrize(
    ("root", "quality", "bass", "tonic", "mode", "expected"),
    [
        (0, "maj", None, 0, "major", "I"),
        (9, "min", None, 0, "major", "vi"),
        (11, "dim", None, 0, "major", "vii°"),
        (10, "maj", None, 0, "major", "bVII"),
        (5, "min", None, 0, "major", "iv"),
        (7, "7", None, 0, "major", "V7"),
        (7, "7", 11, 0, "major", "V65"),
        (0, "maj", 7, 0, "major", "I64"),
        (5, "maj7", 9, 0, "major", "IVmaj65"),
        (0, "min", None, 0, "minor", "i"),
        (8, "maj", None, 0, "minor", "VI"),
        (10, "maj", None, 0, "minor", "VII"),
        (7, "maj", None, 0, "minor", "V"),
        (2, "dim", None, 0, "minor", "ii°"),
        (1, "maj", 5, 0, "minor", "bII6"),
        (2, "sus4", None, 0, "major", "iisus4"),
        (8, "aug", None, 4, "major", "III+"),
    ],
)
def test_numerals_tell_degree_quality_and_inversion(
    root: int, quality: str, bass: int | None, tonic: int, mode: str, expected: str
) -> None:
    assert numeral(chord(root, quality, bass), None, tonic, mode) == expected


def test_a_foreign_dominant_is_named_for_what_it_leads_to() -> None:
    assert numeral(chord(9, "7"), chord(2, "min"), 0, "major") == "V7/ii"
    assert numeral(chord(2, "maj"), chord(7, "maj"), 0, "major") == "V/V"
    assert numeral(chord(6, "dim"), chord(7, "maj"), 0, "major") == "vii°/V"
    assert numeral(chord(0, "7"), chord(5, "min"), 0, "minor") == "V7/iv"
    assert numeral(chord(10, "7"), chord(3, "maj"), 0, "minor") == "VII7"
    assert numeral(chord(0, "7"), chord(5, "7"), 0, "major") == "I7"
    assert numeral(chord(9, "7"), chord(5, "maj"), 0, "major") == "VI7"


@given(
    root=st.integers(0, 11),
    place=st.integers(0, 2),
    quality=st.sampled_from(QUALITIES),
    tonic=st.integers(0, 11),
    by=st.integers(0, 11),
    mode=st.sampled_from(("major", "minor")),
)
def test_transposing_chord_and_key_leaves_the_numeral(
    root: int, place: int, quality: str, tonic: int, by: int, mode: str
) -> None:
    bass = (root + INTERVALS[quality][place]) % 12
    here = numeral(chord(root, quality, bass), None, tonic, mode)
    there = numeral(chord((root + by) % 12, quality, (bass + by) % 12), None, (tonic + by) % 12, mode)
    assert here == there


def test_silence_has_no_numeral() -> None:
    assert numeral(chord(None), None, 0, "major") is None


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (list("abcd") * 4, Loop(0, 4, 4)),
        ([*"xy", *("abcd" * 4)], Loop(2, 4, 4)),
        (list("ab") * 6, Loop(0, 2, 6)),
        ([*("abac" * 3), "z"], Loop(0, 4, 3)),
        (list("abcdefgh"), None),
        (["a"], None),
        ([], None),
    ],
)
def test_the_loop_that_covers_most_is_found(names: list[str], expected: Loop | None) -> None:
    assert loop(names) == expected
