from __future__ import annotations

import pytest

from soundrack.composition.score.numerals import numeral
from soundrack.composition.theory import Chord, Key, Mode

C_MAJOR, C_MINOR = Key(0, Mode.MAJOR), Key(0, Mode.MINOR)


@pytest.mark.parametrize(
    ("text", "key", "chord"),
    [
        ("I", C_MAJOR, Chord(0, "maj", 0)),
        ("vi", C_MAJOR, Chord(9, "min", 9)),
        ("bVII", C_MAJOR, Chord(10, "maj", 10)),
        ("V7/ii", C_MAJOR, Chord(9, "7", 9)),
        ("V7/bVI", C_MAJOR, Chord(3, "7", 3)),
        ("V@3", C_MAJOR, Chord(7, "maj", 11)),
        ("iiø7", C_MINOR, Chord(2, "m7b5", 2)),
        ("VI", C_MINOR, Chord(8, "maj", 8)),
        ("VII", C_MINOR, Chord(10, "maj", 10)),
        ("vii°", C_MINOR, Chord(11, "dim", 11)),
        ("V7/iv", C_MINOR, Chord(0, "7", 0)),
        ("bII", C_MINOR, Chord(1, "maj", 1)),
        ("i9", C_MINOR, Chord(0, "min9", 0)),
        ("Imaj7", Key(7, Mode.MAJOR), Chord(7, "maj7", 7)),
    ],
)
def test_a_numeral_is_a_chord_in_a_key(text: str, key: Key, chord: Chord) -> None:
    assert numeral(text, key.mode).chord(key) == chord


@pytest.mark.parametrize("text", ["I", "bVII", "V7/ii", "V@3", "iiø7", "vi7", "IVmaj7", "V7sus4", "vii°", "i6"])
def test_a_numeral_is_written_as_it_was_read(text: str) -> None:
    assert numeral(text, Mode.MAJOR).text == text


@pytest.mark.parametrize("text", ["", "H", "VIII", "Iø7", "imaj7", "V7/", "iI"])
def test_what_is_no_numeral_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"numeral|quality"):
        numeral(text, Mode.MAJOR)
