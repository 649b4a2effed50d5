from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.analysis.create import create_report
from soundrack.analysis.features.constant_q import constant_q
from soundrack.analysis.features.sound import RATE_HZ
from soundrack.analysis.rhythm.result import Rhythm
from soundrack.analysis.tonality import Tonality, tonality
from tests.analysis.tonality.additive import LOOP, MINOR_LOOP, Samples, rhythm, song, tone

SONG_S = 32.0
NOTHING = Rhythm()


def hear(samples: Samples, beats: Rhythm = NOTHING) -> Tonality:
    return tonality(constant_q(samples), beats)


@pytest.fixture(scope="module")
def plain() -> Tonality:
    return hear(song(), rhythm(SONG_S))


def test_a_song_in_c_is_in_c(plain: Tonality) -> None:
    assert plain.key is not None
    assert (plain.key.name, plain.key.camelot, plain.key.open_key) == ("C major", "8B", "1d")
    assert plain.key.confidence > 0.6
    assert plain.modulations == []
    assert [(segment.start_s, segment.end_s) for segment in plain.segments] == [(0.0, SONG_S)]
    assert plain.scale is not None
    assert plain.scale.notes == ("C", "D", "E", "F", "G", "A", "B")


def test_its_chords_stand_on_their_beats_with_their_numerals(plain: Tonality) -> None:
    told = [(chord.start_s, chord.label, chord.roman) for chord in plain.chords]
    names = (("C", "I"), ("Am", "vi"), ("F", "IV"), ("G7", "V7"))
    assert told == [(2.0 * number, *names[number % 4]) for number in range(16)]
    assert plain.progression is not None
    assert plain.progression.numerals == ("I", "vi", "IV", "V7")
    assert plain.progression.times == 4


def test_a_song_in_a_minor_is_in_a_minor() -> None:
    found = hear(song(MINOR_LOOP), rhythm(SONG_S))
    assert found.key is not None
    assert (found.key.name, found.key.camelot) == ("A minor", "8A")
    assert found.scale is not None
    assert found.scale.name == "A harmonic minor"
    assert found.scale.notes[6] == "G#"


@settings(max_examples=6, deadline=None)
@given(by=st.integers(-6, 6))
def test_transposing_moves_key_and_chords_alike(plain: Tonality, by: int) -> None:
    moved = hear(song(moved=by), rhythm(SONG_S))
    assert plain.key is not None
    assert moved.key is not None
    assert (moved.key.tonic - by) % 12 == plain.key.tonic
    assert moved.key.mode == plain.key.mode
    assert [((chord.root or 0) - by) % 12 for chord in moved.chords] == [chord.root for chord in plain.chords]
    assert [chord.quality for chord in moved.chords] == [chord.quality for chord in plain.chords]


@settings(max_examples=4, deadline=None)
@given(cents=st.floats(-45.0, 45.0))
def test_detuning_changes_nothing_but_the_tuning(plain: Tonality, cents: float) -> None:
    moved = hear(song(moved=cents / 100.0), rhythm(SONG_S))
    assert moved.key is not None
    assert plain.key is not None
    assert moved.key.name == plain.key.name
    assert [chord.label for chord in moved.chords] == [chord.label for chord in plain.chords]
    assert moved.tuning_cents is not None
    assert plain.tuning_cents is not None
    assert moved.tuning_cents - plain.tuning_cents == pytest.approx(cents, abs=2.0)


@settings(max_examples=4, deadline=None)
@given(exponent=st.integers(-10, 3))
def test_gain_changes_nothing(plain: Tonality, exponent: int) -> None:
    moved = hear(np.float32(2.0**exponent) * song(), rhythm(SONG_S))
    assert moved.as_dict() == plain.as_dict()
    assert [chord.as_dict() for chord in moved.chords] == [chord.as_dict() for chord in plain.chords]


def test_a_change_of_key_is_found_where_it_is() -> None:
    found = hear(np.concatenate((song(), song(moved=3))), rhythm(2 * SONG_S))
    ((at_s, before, after),) = found.modulations
    assert at_s == pytest.approx(SONG_S, abs=4.1)
    assert (before.name, after.name) == ("C major", "Eb major")


def test_without_beats_chords_are_told_on_half_seconds() -> None:
    found = hear(song())
    assert [chord.label for chord in found.chords][:4] == ["C", "Am", "F", "G7"]
    assert found.key is not None
    assert found.key.name == "C major"


def test_a_rest_has_no_chord() -> None:
    played = song(times=2)
    rest = np.zeros(8 * RATE_HZ, dtype=np.float32)
    found = hear(np.concatenate((played, rest, played)), rhythm(40.0))
    (silence,) = [chord for chord in found.chords if chord.label == "N"]
    assert silence.start_s == pytest.approx(16.0, abs=0.51)
    assert silence.end_s == pytest.approx(24.0, abs=0.51)
    assert silence.roman is None


def noise(seconds: float = 20.0) -> Samples:
    return np.random.default_rng(0).standard_normal(round(seconds * RATE_HZ)).astype(np.float32) * 0.1


def clicks() -> Samples:
    samples = np.zeros(20 * RATE_HZ, dtype=np.float32)
    click = np.sin(2.0 * np.pi * 1500.0 * np.arange(300) / RATE_HZ) * np.exp(-np.arange(300) / 50.0)
    for start in range(0, len(samples) - 300, RATE_HZ // 2):
        samples[start : start + 300] = click
    return samples


def drums() -> Samples:
    rng = np.random.default_rng(1)
    samples = np.zeros(20 * RATE_HZ, dtype=np.float32)
    for start in range(0, len(samples) - 4000, RATE_HZ // 4):
        samples[start : start + 4000] += (rng.standard_normal(4000) * np.exp(-np.arange(4000) / 700.0)).astype(
            np.float32
        )
    return samples


@pytest.mark.parametrize(
    "samples",
    [noise(), np.cumsum(noise()) * 0.01, clicks(), drums(), np.zeros(20 * RATE_HZ, dtype=np.float32), noise(0.01)],
    ids=["white noise", "brown noise", "metronome", "drums", "silence", "a moment"],
)
def test_what_has_no_pitch_has_no_key_and_no_chords(samples: Samples) -> None:
    found = hear(samples.astype(np.float32))
    assert found.key is None
    assert found.confidence == 0.0
    assert [chord for chord in found.chords if chord.label != "N"] == []
    assert found.segments == ()
    assert found.progression is None
    assert found.scale is None
    assert found.as_dict()["name"] is None


@pytest.mark.parametrize("note", [45, 60, 69])
def test_one_note_alone_has_no_key(note: int) -> None:
    found = hear(np.concatenate([tone(note, 1.0)] * 12))
    assert found.key is None
    assert [chord for chord in found.chords if chord.label != "N"] == []


def test_each_of_the_24_keys_is_told() -> None:
    for tonic in range(12):
        for loop, mode, home in ((LOOP, "major", 0), (MINOR_LOOP, "minor", 9)):
            found = hear(song(loop, times=2, moved=tonic), rhythm(SONG_S / 2))
            assert found.key is not None
            assert (found.key.tonic, found.key.mode) == ((home + tonic) % 12, mode)


def test_atonal_music_has_no_key() -> None:
    rng = np.random.default_rng(3)
    rows = [tone(float(55 + note), 0.25) for _ in range(8) for note in rng.permutation(12)]
    assert hear(np.concatenate(rows)).key is None


def test_the_melody_is_the_line_that_stands_out() -> None:
    line = (72, 74, 76, 77, 79, 77, 76, 74)
    backing = song(times=1, gain=0.02)
    played = np.concatenate([tone(note, 1.0, partials=4, decay=0.3) for note in line]) * np.float32(0.3)
    found = hear(backing[: len(played)] + played, rhythm(8.0))
    assert [note.note for note in found.melody] == list(line)
    assert [note.start_s for note in found.melody] == pytest.approx(list(range(8)), abs=0.1)


def test_the_result_is_of_the_documented_shape(plain: Tonality) -> None:
    told = plain.as_dict()
    assert told["name"] == "C major"
    assert told["tonic"] == "C"
    assert told["mode"] == "major"
    assert all(0.0 <= other["confidence"] <= told["confidence"] for other in told["alternatives"])
    report = create_report(plain, "straight").as_dict()
    assert report["chords"][0].keys() == {"start_s", "end_s", "label", "roman", "confidence"}
    assert report["scale"] == {"name": "C major", "notes": ["C", "D", "E", "F", "G", "A", "B"]}
    assert report["progression"]["summary"] == "I – vi – IV – V7, 4 times"
    assert [other["name"] for other in report["compatible_keys"][:4]] == ["C major", "G major", "F major", "A minor"]
    assert report["feel"] == "straight"
