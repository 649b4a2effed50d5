from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.instruments.tone import Tone
from soundrack.composition.performance import Clock, Performance, perform
from soundrack.composition.performance.ornaments import apart, graced, ornamented, spread
from soundrack.composition.performance.timing import deviations, drift
from soundrack.composition.plan import Label, Plan, Player, Role, Section
from soundrack.composition.score.arrangement import arrange
from soundrack.composition.score.score import Note, Part, Score, Sung
from soundrack.composition.styles.accompaniment import Subdivision
from soundrack.composition.styles.files import NAMES
from tests.composition import songs

SHORT = (Section(Label.VERSE, 4, 0.5, "A"), Section(Label.CHORUS, 4, 0.95, "B"))


def scored(
    song: Plan,
    parts: Sequence[Part] | None = None,
    tempi: tuple[tuple[float, float], ...] | None = None,
    sung: tuple[Sung, ...] = (),
) -> Score:
    sections, chords = songs.placed(song), songs.harmony(song)
    return Score(
        plan=song,
        sections=sections,
        harmony=chords,
        parts=tuple(parts) if parts is not None else arrange(song, sections, chords, ()),
        song=sung,
        tempi=tempi or ((0.0, song.tempo_bpm),),
        length=song.bars * song.metre.bar_quarters,
    )


def solo(
    style: str, notes: tuple[Note, ...], role: Role = Role.LEAD, instrument: str = "flute", **changes: float
) -> Performance:
    song = replace(songs.plan(style, 1, form=SHORT, band=(Player(role, instrument),)), **changes)  # type: ignore[arg-type]
    return perform(scored(song, [Part("one", role, instrument, notes)]))


@pytest.mark.parametrize("style", NAMES)
def test_a_performance_stays_within_the_song_and_lets_tones_go_before_they_come_again(style: str) -> None:
    made = perform(scored(songs.plan(style, 2)))
    for part in made.parts:
        ends: dict[float, float] = {}
        assert [tone.start_s for tone in part.tones] == sorted(tone.start_s for tone in part.tones)
        for tone in part.tones:
            assert tone.start_s >= 0.0
            assert tone.length_s > 0.0
            assert tone.start_s + tone.length_s <= made.duration_s + 1e-9
            assert 0.0 < tone.velocity <= 1.0
            assert tone.start_s >= ends.get(tone.pitch, 0.0) - 1e-9
            ends[tone.pitch] = tone.start_s + tone.length_s


def test_the_same_score_gives_the_same_performance() -> None:
    score = scored(songs.plan("jazz", 4, form=SHORT))
    assert perform(score) == perform(score)


def test_the_song_lasts_as_long_as_its_plan_says() -> None:
    song = songs.plan("pop", 1, metre="6/8", form=SHORT)
    assert perform(scored(song)).duration_s == pytest.approx(song.duration_s)


@given(st.lists(st.tuples(st.floats(0.5, 20.0), st.floats(40.0, 220.0)), max_size=5), st.floats(0.0, 100.0))
def test_the_clock_runs_through_tempo_changes_and_back(changes: list[tuple[float, float]], at: float) -> None:
    tempi, start = [(0.0, 100.0)], 0.0
    for step, tempo in changes:
        start += step
        tempi.append((start, tempo))
    clock = Clock.of(scored(songs.plan("pop", 1, form=SHORT), [], tuple(tempi)), Subdivision.EIGHTHS)
    assert float(clock.quarter(clock.straight(at))) == pytest.approx(at, abs=1e-6)
    times = clock.straight(np.linspace(0.0, 100.0, 50))
    assert (np.diff(times) > 0.0).all()


def test_a_tempo_change_holds_from_its_quarter_note_on() -> None:
    made = Clock.of(scored(songs.plan("pop", 1, form=SHORT), [], ((0.0, 60.0), (4.0, 120.0))), Subdivision.EIGHTHS)
    assert made.straight([0.0, 4.0, 6.0]).tolist() == [0.0, 4.0, 5.0]


def test_eighths_swing_and_triplets_stay() -> None:
    clock = Clock((0.0,), (0.0,), (1.0,), swing=0.66, unit=1.0)
    assert clock.swung([0.0, 0.5, 1.0, 1.25]).tolist() == pytest.approx([0.0, 0.66, 1.0, 1.33])
    assert clock.swung([1 / 3, 2 / 3]).tolist() == pytest.approx([1 / 3, 2 / 3])


def test_sixteenths_swing_in_half_the_time() -> None:
    clock = Clock((0.0,), (0.0,), (1.0,), swing=0.6, unit=0.5)
    assert clock.swung([0.25, 0.5, 0.75]).tolist() == pytest.approx([0.3, 0.5, 0.8])


@given(st.floats(0.5, 0.75), st.floats(0.0, 64.0), st.floats(0.01, 4.0))
def test_swing_never_turns_time_round(swing: float, at: float, later: float) -> None:
    clock = Clock((0.0,), (0.0,), (1.0,), swing=swing, unit=1.0)
    eighths = round(2 * at) / 2, round(2 * at) / 2 + max(round(4 * later) / 4, 0.25)
    first, second = clock.swung(eighths)
    assert first < second


def test_compound_metres_do_not_swing() -> None:
    song = songs.plan("jazz", 1, metre="6/8", form=SHORT)
    assert Clock.of(scored(song, []), Subdivision.EIGHTHS).swing == 0.5


def test_machines_are_exactly_on_time() -> None:
    song = replace(songs.plan("techno", 1, form=SHORT), swing=0.5)
    score = scored(song)
    made = perform(score)
    for part, played in zip(score.parts, made.parts, strict=True):
        written = np.array(sorted({round(note.start, 9) for note in part.notes})) * song.quarter_s
        heard = np.array(sorted({tone.start_s for tone in played.tones}))
        assert heard == pytest.approx(written, abs=1e-9)


def test_people_are_nearly_on_time_each_in_a_way_of_their_own() -> None:
    song = replace(songs.plan("rock", 1), swing=0.5)
    score = scored(song)
    made = perform(score)
    bass = next(part for part in made.parts if part.role is Role.BASS)
    notes = next(part for part in score.parts if part.role is Role.BASS).notes
    late = np.array([tone.start_s for tone in bass.tones])[: len(notes)] - song.quarter_s * np.array(
        [n.start for n in notes]
    )
    assert 0.002 < late.std() < 0.016
    assert np.abs(late).max() < 0.05


def test_the_snare_of_lofi_is_laid_back() -> None:
    notes = tuple(Note(float(beat), 0.25, 38 if beat % 2 else 36, 0.8) for beat in range(32))
    made = solo("lofi", notes, Role.DRUMS, "lofi_kit", swing=0.5)
    quarter_s = made.duration_s / 32.0
    late = {
        key: np.mean(
            [
                tone.start_s - quarter_s * round(tone.start_s / quarter_s)
                for tone in made.parts[0].tones
                if tone.pitch == key
            ]
        )
        for key in (36, 38)
    }
    assert late[38] > late[36] + 0.005


def test_drift_has_a_spectrum_of_one_over_f() -> None:
    slopes = []
    for seed in range(20):
        noise = drift(4096, np.random.Generator(np.random.PCG64(seed)))
        assert noise.std() == pytest.approx(1.0)
        power = np.abs(np.fft.rfft(noise))[1:1024] ** 2
        slopes.append(np.polyfit(np.log(np.arange(1, 1024)), np.log(power), 1)[0])
    assert np.mean(slopes) == pytest.approx(-1.0, abs=0.1)


def test_notes_at_one_time_deviate_together() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    made = deviations(np.array([1.0, 1.0, 2.0]), 64.0, 10.0, rng)
    assert made[0] == made[1] != made[2]


def test_a_part_without_looseness_does_not_deviate() -> None:
    assert not deviations(np.arange(8.0), 8.0, 0.0, np.random.Generator(np.random.PCG64(1))).any()


def test_strums_go_from_string_to_string() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    down = spread([Note(0.0, 1.0, pitch, 0.7, "down") for pitch in (50, 55, 59)], "acoustic_guitar", rng, exact=False)
    up = spread([Note(0.0, 1.0, pitch, 0.7, "up") for pitch in (50, 55, 59)], "acoustic_guitar", rng, exact=False)
    assert down[0] == 0.0 < down[1] < down[2] < 0.05
    assert up[2] == 0.0 < up[1] < up[0]
    assert not spread([Note(0.0, 1.0, pitch, 0.7) for pitch in (50, 55)], "acoustic_guitar", rng, exact=True).any()


def test_sections_of_more_energy_are_louder_and_builds_grow() -> None:
    form = (Section(Label.VERSE, 4, 0.3, "A"), Section(Label.BUILD, 4, 0.6, "B"), Section(Label.CHORUS, 4, 1.0, "C"))
    song = songs.plan("techno", 1, form=form, band=(Player(Role.CHORDS, "stab"),))
    notes = tuple(Note(4.0 * bar, 1.0, 60, 0.7) for bar in range(12))
    velocities = [
        tone.velocity for tone in perform(scored(song, [Part("one", Role.CHORDS, "stab", notes)])).parts[0].tones
    ]
    assert np.mean(velocities[8:]) > np.mean(velocities[:4]) + 0.05
    assert velocities[7] > velocities[4]


def test_bar_lines_are_accented_over_off_beats() -> None:
    notes = tuple(Note(0.25 * step, 0.2, 60, 0.6) for step in range(64))
    tones = solo("techno", notes, Role.CHORDS, "stab").parts[0].tones
    by_place = [np.mean([tone.velocity for tone in tones[place::16]]) for place in range(16)]
    assert by_place[0] > by_place[4] > by_place[2] > by_place[1] - 0.02


def test_articulations_change_lengths() -> None:
    notes = (Note(0.0, 1.0, 60, 0.7), Note(4.0, 1.0, 60, 0.7, "staccato"), Note(8.0, 1.0, 60, 0.7, "mute"))
    plain, short, muted = (tone.length_s for tone in solo("pop", notes).parts[0].tones)
    assert short == pytest.approx(plain / 2, rel=0.05)
    assert muted <= 0.06


def test_a_flam_has_a_softer_stroke_before_it() -> None:
    before, stroke = ornamented([Tone(1.0, 0.2, 38.0, 0.9, "flam")])
    assert before.start_s < stroke.start_s
    assert before.velocity < stroke.velocity


def test_a_grace_note_is_a_semitone_below() -> None:
    before, note = ornamented([Tone(1.0, 0.2, 60.0, 0.9, "grace")])
    assert (before.pitch, note.pitch) == (59.0, 60.0)


@settings(max_examples=50)
@given(st.lists(st.tuples(st.floats(0.0, 5.0), st.floats(0.001, 3.0), st.integers(60, 62)), max_size=30))
def test_tones_of_one_pitch_never_overlap(given_tones: list[tuple[float, float, int]]) -> None:
    made = apart([Tone(start, length, float(pitch), 0.5) for start, length, pitch in given_tones], 4.0)
    for pitch in (60.0, 61.0, 62.0):
        line = [tone for tone in made if tone.pitch == pitch]
        assert all(a.start_s + a.length_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(line))
    assert all(tone.start_s + tone.length_s <= 4.0 + 1e-9 for tone in made)


def test_syllables_are_sung_one_after_another_and_melismas_without_gaps() -> None:
    song = songs.plan("pop", 1, form=SHORT)
    sung = (
        Sung("ho", ("HH", "OW"), 1, 0, 0, (Note(0.0, 1.0, 60, 0.7), Note(1.0, 0.5, 62, 0.7))),
        Sung("ly", ("L", "IY"), 0, 0, 0, (Note(1.5, 0.5, 64, 0.7),)),
        Sung("night", ("N", "AY", "T"), 1, 1, 0, (Note(3.0, 1.0, 60, 0.7),)),
    )
    made = perform(scored(song, [], None, sung)).song
    assert [each.text for each in made] == ["ho", "ly", "night"]
    assert made[0].tones[0].start_s + made[0].tones[0].length_s == pytest.approx(made[0].tones[1].start_s)
    assert made[0].tones[1].start_s + made[0].tones[1].length_s == pytest.approx(made[1].tones[0].start_s)
    assert made[1].tones[0].start_s + made[1].tones[0].length_s < made[2].tones[0].start_s


def test_a_wobble_turns_with_the_tempo() -> None:
    made = solo("dubstep", (Note(0.0, 2.0, 30, 0.8, "wobble 3"),), Role.BASS, "wobble_bass", tempo_bpm=120.0)
    assert made.parts[0].tones[0].articulation == "wobble 6.000"


def test_long_tones_after_leaps_are_graced_and_steps_are_not() -> None:
    line = [Note(0.0, 1.0, 60, 0.7), Note(1.0, 1.0, 62, 0.7), Note(2.0, 1.0, 69, 0.7), Note(3.0, 0.25, 60, 0.7)]
    made = graced(line, 1.0, np.random.Generator(np.random.PCG64(1)))
    assert [note.articulation for note in made] == ["grace", "", "grace", ""]


@given(st.lists(st.tuples(st.floats(0.01, 1.0), st.floats(0.01, 1.0)), min_size=1, max_size=30), st.integers(0, 1000))
def test_no_syllable_begins_before_the_one_before_it_ends(steps: list[tuple[float, float]], seed: int) -> None:
    sung, at = [], 0.0
    for word, (length, rest) in enumerate(steps):
        sung.append(Sung("la", ("L", "AA"), 1, word, 0, (Note(at, length, 60, 0.7),)))
        at += length + (rest if rest > 0.5 else 0.0)
    song = replace(songs.plan("pop", 1, form=(Section(Label.VERSE, 16, 0.5, "A"),)), seed=seed)
    tones = [tone for each in perform(scored(song, [], None, tuple(sung))).song for tone in each.tones]
    assert all(a.start_s + a.length_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(tones))
    assert all(tone.length_s > 0.01 for tone in tones)
