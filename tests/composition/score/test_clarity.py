from __future__ import annotations

import pytest

from soundrack.composition.score.clarity import clarity, loop_clarity
from soundrack.composition.theory import Chord, Key, Mode

CADENCE = [(Chord(root, quality, root), 1.0) for root, quality in ((0, "maj"), (5, "maj"), (7, "maj"), (0, "maj"))]


def test_a_cadence_tells_its_key_and_no_other() -> None:
    assert clarity(CADENCE, Key(0, Mode.MAJOR)) > 0.0
    others = [Key(tonic, mode) for tonic in range(12) for mode in Mode if (tonic, mode) != (0, Mode.MAJOR)]
    assert all(clarity(CADENCE, key) < 0.0 for key in others)


def test_it_is_the_same_in_every_key() -> None:
    for shift in range(12):
        moved = [
            (Chord((chord.root + shift) % 12, chord.quality, (chord.bass + shift) % 12), w) for chord, w in CADENCE
        ]
        assert clarity(moved, Key(shift, Mode.MAJOR)) == pytest.approx(clarity(CADENCE, Key(0, Mode.MAJOR)))


def test_a_raised_seventh_makes_minor_clearer_than_its_relative_major_chords() -> None:
    assert loop_clarity(("i", "iv", "V", "i"), Mode.MINOR) > loop_clarity(("i", "VI", "III", "VII"), Mode.MINOR)


def test_silence_and_all_notes_alike_tell_nothing() -> None:
    assert clarity([], Key(0, Mode.MAJOR)) == 0.0
