from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.plan import Label, Plan, Player, Role, Section
from soundrack.composition.score.arrangement import apart, arrange
from soundrack.composition.score.chart import chart
from soundrack.composition.score.score import Note, Part
from soundrack.composition.styles.files import NAMES
from tests.composition import songs

METRES = ["2/4", "3/4", "4/4", "5/4", "6/8", "7/8", "12/8"]
PLAYED = [role for role in Role if role not in {Role.LEAD, Role.VOICE}]
EVERYBODY = tuple(Player(role, "grand_piano") for role in (*PLAYED, Role.CHORDS, Role.PAD, Role.ARPEGGIO))


def arranged(song: Plan) -> tuple[Part, ...]:
    return arrange(song, songs.placed(song), songs.harmony(song), songs.tune(song))


def of(parts: tuple[Part, ...], role: Role) -> tuple[Note, ...]:
    return tuple(note for part in parts if part.role is role for note in part.notes)


def sound(song: Plan, parts: tuple[Part, ...]) -> None:
    """Check what must hold of any arrangement."""
    end = song.bars * song.metre.bar_quarters
    assert len({part.name for part in parts}) == len(parts)
    for part in parts:
        last: dict[int, float] = {}
        assert list(part.notes) == sorted(part.notes, key=lambda note: (note.start, note.pitch))
        for note in part.notes:
            assert 0 <= note.pitch <= 127
            assert 0.0 < note.velocity <= 1.0
            assert note.length > 0.0
            assert note.start + 1e-6 >= 0.0
            assert note.start + note.length <= end + 1e-6
            assert note.start >= last.get(note.pitch, 0.0) - 1e-6
            last[note.pitch] = note.start + note.length


@pytest.mark.parametrize("style", NAMES)
def test_every_style_and_all_roles_stay_within_the_song_and_off_each_other(style: str) -> None:
    song = songs.plan(style, 3, band=EVERYBODY)
    parts = arranged(song)
    sound(song, parts)
    assert all(part.notes for part in parts if part.role != Role.TRANSITION)
    assert [part.role for part in parts] == [player.role for player in EVERYBODY]


@settings(max_examples=25, deadline=None)
@given(
    style=st.sampled_from(NAMES),
    metre=st.sampled_from(METRES),
    seed=st.integers(0, 2**63 - 1),
    form=st.lists(
        st.builds(Section, st.sampled_from(Label), st.integers(1, 9), st.floats(0.0, 1.0), st.sampled_from("ABC")),
        min_size=1,
        max_size=5,
    ),
)
def test_any_form_and_metre_can_be_arranged(style: str, metre: str, seed: int, form: list[Section]) -> None:
    song = songs.plan(style, seed, metre=metre, form=tuple(form), band=EVERYBODY)
    sound(song, arranged(song))


@pytest.mark.parametrize("style", NAMES)
def test_where_no_chord_sounds_nobody_plays_harmony_but_for_pickups(style: str) -> None:
    song = songs.plan(style, 3, band=EVERYBODY)
    chords = songs.harmony(song)
    gaps = tuple(each for number, each in enumerate(chords) if number % 3)
    parts = arrange(song, songs.placed(song), gaps, ())
    sound(song, parts)
    silent = [each for each in chords if each not in gaps]
    for part in parts:
        if part.role in {Role.BASS, Role.PAD, Role.ARPEGGIO, Role.CHOIR}:
            inside = [note for note in part.notes for each in silent if each.start <= note.start < each.start + 2.9]
            assert not inside
    assert all(part.role in {Role.DRUMS, Role.PERCUSSION, Role.TRANSITION, Role.TEXTURE} or not part.notes
               for part in arrange(song, songs.placed(song), (), ()))  # fmt: skip


def test_the_same_seed_gives_the_same_parts_and_another_seed_others() -> None:
    song = songs.plan("disco_funk", 5)
    assert arranged(song) == arranged(song)
    assert arranged(song) != arranged(replace(song, seed=6))


@pytest.mark.parametrize("style", NAMES)
def test_nobody_drums_who_is_not_in_the_band(style: str) -> None:
    song = songs.plan(style, 1, band=(Player(Role.CHORDS, "grand_piano"), Player(Role.BASS, "electric_bass")))
    parts = arranged(song)
    assert {part.role for part in parts} == {Role.CHORDS, Role.BASS}
    assert all(part.notes for part in parts)


@pytest.mark.parametrize("style", NAMES)
def test_density_rises_with_energy(style: str) -> None:
    band = songs.without(songs.band_of(style), Role.TRANSITION, Role.TEXTURE)

    def count(energy: float) -> float:
        form = (Section(Label.VERSE, 8, energy, "A"), Section(Label.VERSE, 8, 0.5, "B"))
        totals = []
        for seed in range(4):
            song = songs.plan(style, seed, form=form, band=band)
            parts = arranged(song)
            totals.append(sum(note.start < 8 * 4.0 for part in parts for note in part.notes))
        return sum(totals) / len(totals)

    quiet, loud = count(0.15), count(0.95)
    assert loud > 1.2 * quiet


def test_players_come_into_an_intro_one_group_after_another() -> None:
    form = (Section(Label.INTRO, 16, 0.5, "A"), Section(Label.DROP, 16, 0.9, "B"))
    parts = arranged(songs.plan("techno", 2, form=form))
    first = {part.role: part.notes[0].start for part in parts if part.notes and part.role != Role.TRANSITION}
    assert first[Role.DRUMS] == 0.0
    assert len({round(start / 16.0) for start in first.values()}) > 1


def test_an_outro_thins_out() -> None:
    form = (Section(Label.CHORUS, 8, 0.9, "A"), Section(Label.OUTRO, 16, 0.6, "B"))
    parts = arranged(songs.plan("house", 2, form=form))
    quarter = [
        {part.name for part in parts for note in part.notes if 32.0 + 16 * four <= note.start < 48.0 + 16 * four}
        for four in range(4)
    ]
    assert len(quarter[3]) < len(quarter[0])


def test_all_are_silent_in_the_stop_before_a_drop() -> None:
    found = 0
    for seed in range(6):
        song = songs.plan("dubstep", seed, band=EVERYBODY)
        stops = chart(song, songs.placed(song), songs.harmony(song), ()).stops
        parts = arranged(song)
        for stop in stops:
            found += 1
            heard = [
                part.role
                for part in parts
                for note in part.notes
                if note.start < stop.end - 1e-6 and note.start + note.length > stop.start + 1e-6
            ]
            assert set(heard) <= {Role.TRANSITION, Role.TEXTURE}
    assert found


def test_the_last_chorus_lies_higher_and_is_fuller() -> None:
    song = songs.plan("pop", 4, band=EVERYBODY)
    first, last = (each.start for each in songs.placed(song) if each.section.label is Label.CHORUS)
    parts = arranged(song)
    pads = of(parts, Role.PAD)

    def mean(start: float) -> float:
        pitches = [note.pitch for note in pads if start <= note.start < start + 32.0]
        return sum(pitches) / len(pitches)

    assert mean(last) > mean(first) + 2


def test_a_band_ends_together_with_one_stroke_that_rings() -> None:
    song = songs.plan("rock", 1)
    end = song.bars * song.metre.bar_quarters
    last = [note for part in arranged(song) for note in part.notes if note.start >= end - 4.0 - 1e-6]
    assert last
    assert {round(note.start, 6) for note in last} == {end - 4.0}


def test_of_two_notes_of_one_pitch_the_first_ends_where_the_second_begins() -> None:
    made = apart([Note(0.0, 2.0, 60, 0.5), Note(1.0, 1.0, 60, 0.5), Note(1.0, 1.5, 60, 0.9), Note(0.5, 1.0, 64, 0.5)])
    assert made == (Note(0.0, 1.0, 60, 0.5), Note(0.5, 1.0, 64, 0.5), Note(1.0, 1.5, 60, 0.9))
