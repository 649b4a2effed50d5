"""What the corpus says of its songs is so."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from benchmarks.corpus import Truth
from benchmarks.corpus.chorales import halves
from benchmarks.corpus.harmony import PROGRESSIONS, parse
from benchmarks.corpus.mixing import RATE_HZ, drawn, lossy, mixed
from benchmarks.corpus.performance import perform
from benchmarks.corpus.pitch import QUALITIES, Chord, Key, triad
from benchmarks.corpus.plan import Plan, plans
from benchmarks.corpus.tempo import clock

ALL = plans()
SAMPLE = ALL[::9]


@pytest.fixture(scope="module", params=SAMPLE, ids=lambda plan: plan.name)
def song(request: pytest.FixtureRequest) -> tuple[Plan, list[dict[str, Any]], Truth]:
    return request.param, *perform(request.param)


def classes(label: str) -> set[int]:
    name, quality = label.split("/", maxsplit=1)[0].split(":")
    root = ({"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}[name[0]] + name.count("#") - name.count("b")) % 12
    return {(root + step) % 12 for step in QUALITIES[quality]}


def at(chords: list[dict[str, Any]], place_s: float) -> str:
    return str(next(chord["label"] for chord in chords if chord["start_s"] <= place_s < chord["end_s"]))


def test_a_song_is_the_same_for_the_same_seed() -> None:
    assert perform(ALL[5]) == perform(ALL[5])


def test_every_key_comes_in_each_common_metre() -> None:
    keys = defaultdict(set)
    for plan in ALL:
        keys[plan.metre].add(plan.key)
    for metre in ("4/4", "3/4", "6/8"):
        assert len(keys[metre]) == 24
    assert min(Counter(plan.key for plan in ALL).values()) >= 4


def test_halves_are_balanced_over_keys_and_metres() -> None:
    for group in {(plan.metre, plan.key) for plan in ALL if plan.metre in ("4/4", "3/4", "6/8")}:
        shared = Counter(plan.half for plan in ALL if (plan.metre, plan.key) == group)
        assert shared["tune"] == shared["held"]
    for metre in ("2/4", "5/4", "7/8"):
        shared = Counter(plan.half for plan in ALL if plan.metre == metre)
        assert shared["tune"] == shared["held"]


def test_a_set_of_instruments_is_kept_for_the_held_half() -> None:
    fonts = {half: {plan.soundfont for plan in ALL if plan.half == half} for half in ("tune", "held")}
    assert fonts["held"] - fonts["tune"] == {"timgm"}


def test_chorales_are_shared_out_evenly() -> None:
    names = [f"riemenschneider{number:03d}" for number in range(16)] + [f"madrigal.3.{number}" for number in range(29)]
    shared = Counter((name[0], half) for name, half in halves(names).items())
    assert shared["r", "tune"] == shared["r", "held"] == 8
    assert abs(shared["m", "tune"] - shared["m", "held"]) == 1


@pytest.mark.parametrize(
    "plan", [plan for plan in SAMPLE if plan.swing == 1.0 and plan.metre != "7/8"], ids=lambda plan: plan.name
)
def test_the_rhythm_section_plays_on_the_beats(plan: Plan) -> None:
    parts, truth = perform(plan)
    starts = np.array([event[0] for part in parts if part["role"] in ("drums", "bass") for event in part["events"]])
    beats = np.array(truth["beats_s"])
    inside = starts[(starts >= beats[0] - 0.05) & (starts < beats[-1])]
    # all falls on a sixteenth
    per_beat = 6 if plan.metre == "6/8" else 4
    place = np.interp(inside, beats, np.arange(len(beats))) * per_beat
    off_s = np.abs(place - np.round(place)) / per_beat * np.median(np.diff(beats))
    assert np.median(off_s) < 0.02


def test_downbeats_are_the_first_beats_of_their_bars(song: tuple[Plan, list[dict[str, Any]], Truth]) -> None:
    _, _, truth = song
    firsts = [beat for beat, position in zip(truth["beats_s"], truth["positions"], strict=True) if position == 1]
    assert firsts == truth["downbeats_s"]


def test_what_sounds_is_the_chord(song: tuple[Plan, list[dict[str, Any]], Truth]) -> None:
    _, parts, truth = song
    inside = total = 0.0
    for chord in truth["chords"]:
        tones = classes(chord["label"]) if chord["label"] != "N" else set()
        for part in parts:
            if part["role"] in ("drums", "lead"):
                continue
            for start_s, end_s, note, _ in part["events"]:
                shared = max(0.0, min(end_s, chord["end_s"]) - max(start_s, chord["start_s"]))
                total += shared
                inside += shared * (note % 12 in tones)
    # a walking bass leads into what follows, and notes begin a little early or late
    assert inside / total > 0.92


def test_chords_follow_each_other_without_gaps(song: tuple[Plan, list[dict[str, Any]], Truth]) -> None:
    _, _, truth = song
    chords = truth["chords"]
    assert chords[0]["start_s"] == 0.0
    assert chords[-1]["end_s"] == truth["duration_s"]
    assert all(one["end_s"] == other["start_s"] for one, other in pairwise(chords))
    assert all(chord["end_s"] > chord["start_s"] for chord in chords)


def test_chords_change_on_beats(song: tuple[Plan, list[dict[str, Any]], Truth]) -> None:
    _, _, truth = song
    beats = {*truth["beats_s"], truth["sections"][-1]["end_s"]}
    assert {chord["start_s"] for chord in truth["chords"][1:-1]} <= beats


def test_sections_tile_the_bars(song: tuple[Plan, list[dict[str, Any]], Truth]) -> None:
    _, _, truth = song
    bar = 1
    for section in truth["sections"]:
        assert section["start_bar"] == bar
        bar += section["bars"]
    assert bar - 1 == len(truth["downbeats_s"])


def test_a_steady_song_has_the_planned_tempo() -> None:
    for plan in SAMPLE:
        if plan.tempo_kind == "steady" and plan.metre != "7/8":
            assert perform(plan)[1]["bpm"] == pytest.approx(plan.tempo, rel=1e-4)


def test_sections_of_a_group_have_the_same_harmony() -> None:
    for plan in SAMPLE:
        if plan.modulation:
            continue
        truth = perform(plan)[1]
        sung = defaultdict(set)
        for section in truth["sections"]:
            beats = [beat for beat in truth["beats_s"] if section["start_s"] <= beat < section["end_s"]]
            sung[section["group"]].add(tuple(at(truth["chords"], beat + 0.01) for beat in beats))
        assert all(len(versions) == 1 for versions in sung.values()), plan.name


def test_a_swung_eighth_comes_at_its_ratio() -> None:
    time = clock(8.0, [(0.0, 60.0), (12.0, 60.0)], 0.0, 2.0, 1.0)
    assert time.played(1.5) - time.at(1.0) == pytest.approx(2.0 / 3.0, abs=1e-3)
    assert time.played(2.0) == pytest.approx(2.0, abs=1e-6)


def test_a_tempo_that_moves_evenly_takes_the_time_between() -> None:
    time = clock(8.0, [(0.0, 60.0), (8.0, 120.0), (12.0, 120.0)], 1.0, 1.0, 1.0)
    # the integral of 60 / (60 + 7.5 q) over eight quarter notes
    assert time.at(8.0) - 1.0 == pytest.approx(8.0 * np.log(2.0), rel=1e-4)


def test_every_listed_progression_is_chords() -> None:
    for modes in PROGRESSIONS.values():
        for mode, listed in modes.items():
            for tokens in listed:
                assert all(isinstance(parse(token, Key(3, mode)), Chord) for token in tokens.split())


@pytest.mark.parametrize(
    ("chord", "key", "label"),
    [
        (triad(10, "7", 1), Key(3, "major"), "Bb:7/3"),
        (triad(6, "min"), Key(2, "major"), "F#:min"),
        (triad(11, "dim", 2), Key(0, "minor"), "B:dim/b5"),
    ],
)
def test_chords_are_spelled_as_in_their_key(chord: Chord, key: Key, label: str) -> None:
    assert chord.label(key) == label


def test_a_lossy_copy_is_in_time() -> None:
    rng = np.random.default_rng(0)
    sound = np.zeros((8 * RATE_HZ, 2), dtype=np.float32)
    for at in range(RATE_HZ // 2, 8 * RATE_HZ - 4000, RATE_HZ // 2):
        sound[at : at + 2000] += (0.3 * rng.normal(size=(2000, 1)) * np.hanning(2000)[:, None]).astype(np.float32)
    for codec in ("mp3", "vorbis"):
        back = lossy(sound, codec)
        assert back.shape == sound.shape
        ours, theirs = sound[:, 0] - sound[:, 0].mean(), back[:, 0] - back[:, 0].mean()
        late = (
            int(np.argmax([np.dot(ours[2000:-2000], np.roll(theirs, -lag)[2000:-2000]) for lag in range(-200, 201)]))
            - 200
        )
        assert abs(late) <= 1


def test_a_mix_keeps_below_full_scale_but_for_its_noise() -> None:
    rng = np.random.default_rng(1)
    parts = [(role, rng.normal(0.0, 0.1, (RATE_HZ, 2)).astype(np.float32)) for role in ("drums", "bass", "lead")]
    for seed in range(12):
        mix = drawn(np.random.default_rng(seed))
        if mix.lossy is None and mix.noise_db is None:
            assert np.abs(mixed(parts, mix, rng)).max() <= 10.0 ** (mix.peak_db / 20.0) + 1e-5
