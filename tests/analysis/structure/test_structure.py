"""Structure: sections where a song changes, letters where it repeats, names with reason, and nothing invented."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from soundrack.analysis.features.bands import bands
from soundrack.analysis.features.chroma import chroma
from soundrack.analysis.features.constant_q import constant_q
from soundrack.analysis.loudness import loudness
from soundrack.analysis.structure import Label, Structure, evidence, structure
from soundrack.analysis.structure.boundaries import boundaries, length_preferences
from soundrack.analysis.structure.grid import grid
from soundrack.analysis.structure.laying import Heard
from soundrack.analysis.structure.marks import marks, standing_out
from soundrack.analysis.structure.naming import Part, names
from soundrack.analysis.structure.novelty import checkerboard_novelty, repetition_novelty, step_novelty
from tests.analysis.songs import as_sound

RATE_HZ = 22_050
BEAT_S = 0.5
BAR_S = 4 * BEAT_S
PROGRESSIONS = {"A": (0, 5, 7, 5), "B": (9, 5, 0, 7), "I": (0, 0, 0, 0)}
SOUNDS = {"A": (5, 0.35), "B": (16, 0.6), "I": (2, 0.12)}
"""Partials and loudness."""


@dataclass(frozen=True)
class Form:
    samples: NDArray[np.float64]
    starts_s: list[float]


@cache
def song_of(form: str, bars: int = 8) -> Form:
    """Return a song with a section for each letter: its own chords, timbre and loudness, and drums but at the ends."""
    random = np.random.default_rng(1)
    parts, starts, at = [], [], 0.0
    for letter in form:
        count = 4 if letter == "I" else bars
        starts.append(at)
        at += count * BAR_S
        parts += [bar_of(letter, PROGRESSIONS[letter][bar % 4], random) for bar in range(count)]
    return Form(np.concatenate(parts), starts)


def bar_of(letter: str, root: int, random: np.random.Generator) -> NDArray[np.float64]:
    partials, loud = SOUNDS[letter]
    time = np.arange(round(BAR_S * RATE_HZ)) / RATE_HZ
    total = np.zeros(len(time))
    for note in (48 + root, 52 + root, 55 + root):
        hz = 440.0 * 2.0 ** ((note - 69) / 12.0)
        for partial in range(1, partials + 1):
            total += np.sin(2.0 * np.pi * hz * partial * time) / partial * 0.1
    if letter != "I":
        since = np.mod(time, BEAT_S)
        total += 0.5 * random.standard_normal(len(time)) * np.exp(-60.0 * since)
        total += 0.8 * np.sin(2.0 * np.pi * 55.0 * since) * np.exp(-12.0 * since)
    return loud * total


def structure_of(samples: NDArray[np.floating], *, beats: bool = True, music: bool | None = True) -> Structure:
    sound = as_sound(samples, RATE_HZ)
    times = np.arange(0.0, sound.duration_s, BEAT_S) if beats else np.zeros(0)
    return structure(
        bands(sound.mono),
        chroma(constant_q(sound.mono)),
        loudness(sound).power,
        duration_s=sound.duration_s,
        beats_s=times,
        downbeats_s=times[::4],
        music=music,
    )


@pytest.mark.parametrize("form", ["IABABI", "ABAB", "AABA"])
def test_sections_begin_where_the_song_changes_and_repeats_have_the_same_letter(form: str) -> None:
    song = song_of(form)
    found = structure_of(song.samples)
    at = [section.start_s for section in found.sections]

    for start_s in song.starts_s:
        if form == "AABA" and start_s == 16.0:
            continue  # one A after the other may well be one section
        assert min(abs(start_s - each) for each in at) < 0.1, (start_s, at)
    letters = dict(zip(song.starts_s, form, strict=True))
    groups: dict[str, set[str]] = {letter: set() for letter in form}
    for section in found.sections:
        letter = letters.get(round(section.start_s, 3))
        if letter:
            groups[letter].add(section.group)
    assert all(len(each) == 1 for each in groups.values()), groups
    assert len({next(iter(each)) for each in groups.values()}) == len(groups)


def test_sections_cover_the_song_from_bar_line_to_bar_line() -> None:
    song = song_of("IABABI")
    sections = structure_of(song.samples).sections

    assert sections[0].start_s == 0.0
    assert sections[-1].end_s == pytest.approx(len(song.samples) / RATE_HZ)
    assert all(before.end_s == after.start_s for before, after in pairwise(sections))
    assert [section.start_bar for section in sections] == [1 + round(each.start_s / BAR_S) for each in sections]
    assert all(0.0 <= section.confidence <= 1.0 and 0 <= section.energy <= 100 for section in sections)


def test_an_introduction_verses_choruses_and_an_ending_are_called_so() -> None:
    labels = [section.label for section in structure_of(song_of("IABABI").samples).sections]

    assert labels[0] is Label.INTRO
    assert labels[-1] is Label.OUTRO
    assert labels.index(Label.VERSE) < labels.index(Label.CHORUS)


def test_silence_at_both_ends_belongs_to_no_section() -> None:
    song = song_of("ABAB").samples
    quiet = np.zeros(8 * RATE_HZ)
    sections = structure_of(np.concatenate((quiet, song, quiet))).sections

    assert sections[0].start_s == pytest.approx(8.0)
    assert sections[-1].end_s == pytest.approx(8.0 + len(song) / RATE_HZ, abs=0.01)


@pytest.mark.parametrize(
    "samples",
    [
        0.1 * np.random.default_rng(0).standard_normal(40 * RATE_HZ),
        np.zeros(40 * RATE_HZ),
        0.3 * np.sin(2.0 * np.pi * 440.0 / RATE_HZ * np.arange(40 * RATE_HZ)),
        np.tile(np.concatenate((np.hanning(400), np.zeros(RATE_HZ // 2 - 400))), 80),
    ],
    ids=["noise", "silence", "one tone", "a metronome"],
)
@pytest.mark.parametrize("beats", [True, False])
def test_nothing_is_invented_where_nothing_changes(samples: NDArray[np.float64], beats: bool) -> None:
    assert structure_of(samples, beats=beats).sections == ()


def test_a_clip_has_no_sections_but_an_energy_curve() -> None:
    clip = song_of("AB").samples[: 18 * RATE_HZ]
    found = structure_of(clip)

    assert found.sections == ()
    assert len(found.energy) == 36
    assert structure_of(clip[:10]).as_dict()["sections"] == []


def test_what_is_known_to_be_no_music_has_no_sections() -> None:
    assert structure_of(song_of("ABAB").samples, music=False).sections == ()


def test_without_beats_it_must_be_known_to_be_music() -> None:
    assert structure_of(song_of("IABABI").samples, beats=False, music=None).sections == ()


def test_without_beats_sections_have_times_and_no_bars() -> None:
    sections = structure_of(song_of("IABABI").samples, beats=False).sections

    assert sections
    assert all(section.start_bar is None and section.bars is None for section in sections)


def test_energy_is_higher_where_it_is_louder_and_denser_and_zero_in_silence() -> None:
    song = song_of("IABABI")
    energy = structure_of(np.concatenate((song.samples, np.zeros(4 * RATE_HZ)))).energy

    assert energy[4:12].max() < energy[60:70].min()
    assert energy[-4:].max() == 0


def test_gain_changes_no_section() -> None:
    song = song_of("IABABI").samples
    assert [each.start_s for each in structure_of(0.3 * song).sections] == [
        each.start_s for each in structure_of(song).sections
    ]


def test_what_is_published_is_json() -> None:
    told = structure_of(song_of("ABAB").samples).as_dict()

    assert json.loads(json.dumps(told, allow_nan=False)) == told
    assert told["energy_curve"]["step_s"] == 0.5


def test_half_an_hour_is_told_by_a_bounded_number_of_bars() -> None:
    times = np.arange(0.0, 1800.0, 0.3)

    assert grid(1800.0, times[::4], times).bars <= 1200


def test_a_pickup_and_an_ending_without_beats_are_bars_of_the_grid_too() -> None:
    beats = np.arange(1.0, 40.0, 0.5)
    found = grid(45.0, beats[::4], beats)

    assert found.bounds_s[0] == 0.0
    assert found.bounds_s[-1] == 45.0
    assert found.bounds_s[1] == 1.0
    assert np.diff(found.bounds_s).min() > 0.5


def test_beats_without_bars_are_taken_in_fours() -> None:
    beats = np.arange(0.0, 40.0, 0.5)
    found = grid(40.0, np.zeros(0), beats)

    assert not found.has_bars
    assert np.allclose(np.diff(found.bounds_s), 2.0)


def test_novelty_is_highest_where_two_blocks_meet() -> None:
    blocks = np.kron(np.eye(2), np.ones((8, 8))).astype(np.float64)

    assert int(np.argmax(checkerboard_novelty(blocks, 4))) == 8
    assert int(np.argmax(step_novelty(np.repeat([0.2, 0.9], 8), 4))) == 8
    assert checkerboard_novelty(np.ones((16, 16)), 4).max() == pytest.approx(0.0, abs=1e-9)
    assert repetition_novelty(np.ones((16, 16))).max() == pytest.approx(0.0, abs=1e-9)


@given(st.lists(st.floats(-2.0, 2.0), min_size=1, max_size=60))
def test_boundaries_ascend_from_the_first_bar(reward: list[float]) -> None:
    found = boundaries(np.array(reward), length_preferences(len(reward), has_bars=True))

    assert found[0] == 0
    assert found == sorted(set(found))
    assert found[-1] < len(reward)


@given(
    st.lists(
        st.tuples(st.integers(0, 4), st.floats(0.0, 1.0), st.sampled_from([None, 0.0, 1.0]), st.integers(1, 16)),
        min_size=1,
        max_size=14,
    )
)
def test_every_section_has_a_name_or_none_and_only_the_ends_are_intro_and_outro(
    drawn: list[tuple[int, float, float | None, int]],
) -> None:
    found = names([Part(float(bars), group, energy, sung) for group, energy, sung, bars in drawn])

    assert len(found) == len(drawn)
    assert all(name.label is not Label.INTRO for name in found[1:])
    assert all(name.label is not Label.OUTRO for name in found[:-1])
    assert all((name.label is None) == (name.confidence == 0.0) for name in found)


def test_a_part_without_a_voice_between_sung_ones_is_instrumental() -> None:
    sung = [Part(8.0, group, 0.8, voice) for group, voice in [(0, 0.9), (1, 0.9), (2, 0.05), (0, 0.9), (1, 0.9)]]

    assert names(sung)[2].label is Label.INSTRUMENTAL


def test_a_cymbal_on_a_bar_and_a_fill_before_it_stand_out() -> None:
    rng = np.random.default_rng(5)
    bars, marked = 16, 8
    samples = song_of("AA").samples[: round(bars * BAR_S * RATE_HZ)].copy()
    at = round(marked * BAR_S * RATE_HZ)
    ring = rng.standard_normal(RATE_HZ) * np.exp(-3.0 * np.arange(RATE_HZ) / RATE_HZ)
    samples[at : at + RATE_HZ] += 0.2 * np.diff(ring, prepend=0.0)
    for stroke in range(4):
        begin = at - round((stroke + 0.5) * BEAT_S / 4 * RATE_HZ)
        samples[begin : begin + 500] += 0.4 * rng.standard_normal(500)
    seen = bands(as_sound(samples, RATE_HZ).mono)
    heard = Heard.of(seen, np.zeros((1, 12), dtype=np.float32), np.zeros(1), bars * BAR_S)
    times = np.arange(0.0, bars * BAR_S, BEAT_S)
    found = marks(seen, heard.level, heard.flux, grid(bars * BAR_S, times[::4], times))

    assert int(np.argmax(found["cymbal"])) == marked
    assert int(np.argmax(found["fill"])) == marked


@given(st.floats(-5.0, 5.0), st.integers(1, 30))
def test_what_is_the_same_throughout_stands_out_nowhere(value: float, bars: int) -> None:
    same = np.full(bars, value)

    assert np.allclose(standing_out(same), 0.0)
    assert np.allclose(evidence.above_neighbours(same), 0.0)


@pytest.mark.parametrize("name", ["repetition", "short_repetition", "timbre", "energy", "cymbal", "fill"])
def test_what_is_newest_at_a_bar_speaks_for_a_section_there(name: str) -> None:
    nothing = np.zeros(9)
    peak = np.where(np.arange(9) == 4, 0.5, 0.0)
    names = (
        "repetition",
        "short_repetition",
        "timbre_repetition",
        "timbre",
        "energy",
        "cymbal",
        "ring",
        "fill",
        "toms",
    )
    plain = evidence.log_odds(dict.fromkeys(names, nothing))
    told = evidence.log_odds(dict.fromkeys(names, nothing) | {name: peak})

    assert int(np.argmax(told)) == 4
    assert told[4] > plain[4]
    assert (plain < 0.0).all()
