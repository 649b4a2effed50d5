from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.analysis.midi import standard_midi_file
from soundrack.analysis.rhythm.result import Rhythm
from soundrack.analysis.tonality.melody import MelodyNote
from soundrack.analysis.tonality.result import Chord, Key
from tests.analysis.smf import File, parse


def rhythm(beats_s: list[float], metre: str = "4/4", first: int = 1, in_bar: int = 4) -> Rhythm:
    positions = (np.arange(len(beats_s)) + first - 1) % in_bar + 1
    return Rhythm(bpm=100.0, confidence=1.0, metre=metre, beats_s=np.array(beats_s), positions=positions)


def chord(start_s: float, end_s: float, root: int = 0, label: str = "C") -> Chord:
    return Chord(start_s, end_s, label, "I", 1.0, root, "maj", root)


def metas(file: File, kind: int) -> list[tuple[int, bytes]]:
    return [(tick, data) for tick, each, data in file.tracks[0].metas if each == kind]


def test_a_block_of_chord_and_a_melody_note_fall_where_they_sound() -> None:
    beats = [0.4, 1.0, 1.7, 2.2, 2.8, 3.5]
    made = standard_midi_file(
        [chord(0.4, 1.7, 0, "C"), chord(1.7, 2.8, 7, "G")], [MelodyNote(1.0, 1.35, 76, 1.0)], None, rhythm(beats), 4.0
    )
    file = parse(made)
    assert (file.kind, len(file.tracks)) == (1, 3)
    blocks = {(round(file.seconds(start), 3), round(file.seconds(end), 3)) for start, end, _, _ in file.tracks[1].notes}
    assert blocks == {(0.4, 1.7), (1.7, 2.8)}
    assert sorted(number for start, _, _, number in file.tracks[1].notes if start == 480) == [36, 48, 52, 55]
    ((start, end, channel, number),) = file.tracks[2].notes
    assert (round(file.seconds(start), 3), round(file.seconds(end), 3), channel, number) == (1.0, 1.35, 1, 76)
    assert [(round(file.seconds(tick), 3), data) for tick, data in metas(file, 0x06)] == [(0.4, b"C"), (1.7, b"G")]


@settings(max_examples=30)
@given(st.lists(st.floats(0.2, 2.0), min_size=2, max_size=40), st.floats(0.0, 3.0))
def test_every_beat_falls_where_it_fell(steps: list[float], first_s: float) -> None:
    beats = (first_s + np.cumsum(steps)).tolist()
    chords = [chord(start, end) for start, end in itertools.pairwise(beats)]
    file = parse(standard_midi_file(chords, [], None, rhythm(beats), beats[-1] + 1.0))
    starts = sorted({start for start, _, _, _ in file.tracks[1].notes})
    assert all(start % 480 == 0 for start in starts)
    assert [file.seconds(start) for start in starts] == pytest.approx(beats[:-1], abs=1e-4)
    assert len({track.end for track in file.tracks}) == 1


@pytest.mark.parametrize(
    ("key", "expected"),
    [(Key(0, "minor", 1.0), (-3, 1)), (Key(6, "major", 1.0), (6, 0)), (Key(4, "minor", 1.0), (1, 1))],
)
def test_the_key_signature_counts_sharps_and_flats(key: Key, expected: tuple[int, int]) -> None:
    file = parse(standard_midi_file([], [], key, rhythm([0.0, 0.5, 1.0]), 2.0))
    ((_, data),) = metas(file, 0x59)
    assert (int.from_bytes(data[:1], "big", signed=True), data[1]) == expected


def test_a_bar_begins_on_the_downbeat_after_an_upbeat() -> None:
    beats = [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]
    file = parse(standard_midi_file([], [], None, rhythm(beats, first=3), 3.0))
    assert metas(file, 0x58) == [(0, bytes((2, 2, 24, 8))), (960, bytes((4, 2, 24, 8)))]


def test_a_beat_of_six_eight_is_a_dotted_quarter() -> None:
    beats = [0.0, 0.6, 1.2, 1.8]
    file = parse(standard_midi_file([chord(0.6, 1.2)], [], None, rhythm(beats, "6/8", in_bar=2), 2.4))
    assert metas(file, 0x58) == [(0, bytes((6, 3, 36, 8)))]
    assert {(start, end) for start, end, _, _ in file.tracks[1].notes} == {(720, 1440)}
    assert file.seconds(720) == pytest.approx(0.6, abs=1e-5)


def test_without_beats_time_runs_at_120() -> None:
    file = parse(standard_midi_file([chord(1.0, 2.5)], [], None, Rhythm(), 3.2))
    assert {(start, end) for start, end, _, _ in file.tracks[1].notes} == {(960, 2400)}
    assert metas(file, 0x51) == [(0, (500_000).to_bytes(3, "big"))]
    assert metas(file, 0x58) == []


def test_nothing_to_write_is_a_file_all_the_same() -> None:
    file = parse(standard_midi_file([], [], None, Rhythm(), 0.0))
    assert [track.notes for track in file.tracks] == [[], [], []]


def test_melody_notes_never_overlap() -> None:
    line = [MelodyNote(0.1 * number, 0.1 * number + 0.3, 70 + number % 2, 1.0) for number in range(30)]
    file = parse(standard_midi_file([], line, None, Rhythm(), 5.0))
    spans = sorted((start, end) for start, end, _, _ in file.tracks[2].notes)
    assert all(before[1] <= after[0] for before, after in itertools.pairwise(spans))
    assert all(start % 120 == 0 and end % 120 == 0 for start, end in spans)
