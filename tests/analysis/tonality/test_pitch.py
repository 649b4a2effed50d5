from __future__ import annotations

import pytest

from soundrack.analysis.tonality.labels import chord_label
from soundrack.analysis.tonality.pitch import spelled, tonic_name
from soundrack.analysis.tonality.wheel import camelot, compatible, key_name, open_key, sharps

CAMELOT = {
    "1A": "G# minor", "2A": "Eb minor", "3A": "Bb minor", "4A": "F minor", "5A": "C minor", "6A": "G minor",
    "7A": "D minor", "8A": "A minor", "9A": "E minor", "10A": "B minor", "11A": "F# minor", "12A": "C# minor",
    "1B": "B major", "2B": "F# major", "3B": "Db major", "4B": "Ab major", "5B": "Eb major", "6B": "Bb major",
    "7B": "F major", "8B": "C major", "9B": "G major", "10B": "D major", "11B": "A major", "12B": "E major",
}  # fmt: skip
"""The printed wheel, each key under its usual name."""
KEYS = [(tonic, mode) for tonic in range(12) for mode in ("major", "minor")]


def test_the_camelot_wheel_is_the_printed_one() -> None:
    assert {camelot(tonic, mode): key_name(tonic, mode) for tonic, mode in KEYS} == CAMELOT


@pytest.mark.parametrize(
    ("tonic", "mode", "expected"),
    [
        (0, "major", "1d"),
        (9, "minor", "1m"),
        (0, "minor", "10m"),
        (7, "major", "2d"),
        (5, "major", "12d"),
        (8, "minor", "6m"),
    ],
)
def test_open_key_counts_fifths_from_c_major_and_a_minor(tonic: int, mode: str, expected: str) -> None:
    assert open_key(tonic, mode) == expected


@pytest.mark.parametrize(("tonic", "mode"), KEYS)
def test_both_wheels_turn_together(tonic: int, mode: str) -> None:
    assert (int(camelot(tonic, mode)[:-1]) - int(open_key(tonic, mode)[:-1])) % 12 == 7


@pytest.mark.parametrize(("tonic", "mode"), KEYS)
def test_compatible_keys_stand_where_their_relation_says(tonic: int, mode: str) -> None:
    number, letter = int(camelot(tonic, mode)[:-1]), camelot(tonic, mode)[-1]
    steps = {}
    for other in compatible(tonic, mode):
        name = camelot(other.tonic, other.mode)
        steps[other.relation.split(":")[0]] = ((int(name[:-1]) - number) % 12, name[-1] == letter)
    assert steps.pop("parallel") == ((3 if mode == "minor" else 9), False)
    assert steps.pop("diagonal") == ((1 if mode == "minor" else 11), False)
    assert steps.pop("relative") == (0, False)
    assert steps.pop("same key") == (0, True)
    assert steps.pop("a fifth up") == (1, True)
    assert steps.pop("a fifth down") == (11, True)
    assert len(compatible(tonic, mode)) == 8


def test_signatures_are_those_of_the_circle_of_fifths() -> None:
    majors = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6, "F": -1, "Bb": -2, "Eb": -3, "Ab": -4, "Db": -5}
    minors = {"A": 0, "E": 1, "B": 2, "F#": 3, "C#": 4, "G#": 5, "D": -1, "G": -2, "C": -3, "F": -4, "Bb": -5, "Eb": -6}
    assert {tonic_name(tonic, "major"): sharps(tonic, "major") for tonic in range(12)} == majors
    assert {tonic_name(tonic, "minor"): sharps(tonic, "minor") for tonic in range(12)} == minors


@pytest.mark.parametrize(
    ("pitch_class", "tonic", "mode", "name"),
    [
        (6, 2, "major", "F#"),
        (6, 1, "major", "Gb"),
        (6, 6, "major", "F#"),
        (10, 0, "minor", "Bb"),
        (6, 7, "minor", "F#"),
        (8, 9, "minor", "G#"),
        (8, 0, "major", "Ab"),
        (10, 4, "minor", "A#"),
        (3, 0, "minor", "Eb"),
        (3, 4, "major", "D#"),
    ],
)
def test_a_key_spells_its_notes_on_their_degrees(pitch_class: int, tonic: int, mode: str, name: str) -> None:
    assert spelled(pitch_class, tonic, mode) == name


@pytest.mark.parametrize(("tonic", "mode"), KEYS)
def test_the_scale_of_each_key_has_each_letter_once(tonic: int, mode: str) -> None:
    steps = (0, 2, 4, 5, 7, 9, 11) if mode == "major" else (0, 2, 3, 5, 7, 8, 10)
    names = [spelled((tonic + step) % 12, tonic, mode) for step in steps]
    assert sorted(name[0] for name in names) == list("ABCDEFG")
    assert len("".join(names)) - 7 == abs(sharps(tonic, mode))


def test_chords_are_named_as_on_lead_sheets() -> None:
    assert chord_label(6, "min7", 6, 4, "major") == "F#m7"
    assert chord_label(10, "maj", 2, 5, "major") == "Bb/D"
    assert chord_label(1, "dim", 1, None, "major") == "Dbdim"
