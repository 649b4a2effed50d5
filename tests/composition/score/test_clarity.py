from __future__ import annotations

import pytest

from soundrack.composition.plan import Role
from soundrack.composition.score.clarity import clarity, heard_clarity, loop_clarity
from soundrack.composition.score.score import Note, Part
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


def _part(pitches: tuple[int, ...], role: Role = Role.PAD) -> Part:
    return Part("part", role, "warm_pad", tuple(Note(float(at), 1.0, pitch, 0.8) for at, pitch in enumerate(pitches)))


def test_what_is_played_tells_a_key_by_how_often_its_tonic_is_touched() -> None:
    home, away = (60, 64, 67, 60, 65, 67, 71, 60), (64, 67, 71, 74, 67, 71, 74, 69)
    key = Key(0, Mode.MAJOR)
    assert heard_clarity([_part(home)], (), key) > 0.1
    assert heard_clarity([_part(away)], (), key) < 0.0
    assert heard_clarity([_part(away)], _part(home * 4).notes, key) > 0.0


def test_drums_and_noises_tell_no_key() -> None:
    assert heard_clarity([_part((36, 38, 42), Role.DRUMS), _part((61,), Role.TEXTURE)], (), Key(0, Mode.MAJOR)) == 0.0
