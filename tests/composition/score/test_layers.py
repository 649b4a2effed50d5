from __future__ import annotations

import itertools

import pytest

from soundrack.composition.plan import Label, Player, Role, Section
from soundrack.composition.score.arrangement import arrange
from soundrack.composition.score.score import Note, Part
from soundrack.composition.styles.accompaniment import accompaniment
from soundrack.composition.styles.files import NAMES
from tests.composition import songs

FORM = (Section(Label.VERSE, 8, 0.65, "A"), Section(Label.CHORUS, 8, 0.9, "B"))


def one(
    style: str,
    role: Role,
    instrument: str,
    tune: tuple[Note, ...] = (),
    seed: int = 1,
    form: tuple[Section, ...] = FORM,
) -> Part:
    song = songs.plan(style, seed, form=form, band=(Player(role, instrument),))
    return arrange(song, songs.placed(song), songs.harmony(song), tune)[0]


@pytest.mark.parametrize("style", NAMES)
@pytest.mark.parametrize("role", [Role.CHORDS, Role.PAD, Role.CHOIR, Role.ARPEGGIO])
def test_what_plays_harmony_plays_the_chord_that_sounds(style: str, role: Role) -> None:
    song = songs.plan(style, 1, form=FORM, band=(Player(role, "grand_piano"),))
    harmony = songs.harmony(song)
    notes = arrange(song, songs.placed(song), harmony, ())[0].notes
    right = [
        any(
            each.start - 0.51 <= note.start < each.start + each.length and note.pitch % 12 in each.chord.tones
            for each in harmony
        )
        for note in notes
    ]
    assert all(right)


@pytest.mark.parametrize("style", NAMES)
def test_voicings_lie_in_the_range_of_the_style(style: str) -> None:
    table = accompaniment(style).pad
    notes = one(style, Role.PAD, "warm_pad", form=FORM[:1]).notes
    assert all(table.lowest <= note.pitch <= table.highest for note in notes)


def test_the_second_player_of_chords_plays_something_else_and_higher() -> None:
    song = songs.plan("rock", 2, form=FORM, band=(Player(Role.CHORDS, "distorted_guitar"),) * 2)
    first, second = arrange(song, songs.placed(song), songs.harmony(song), ())
    assert {note.start for note in first.notes} != {note.start for note in second.notes}
    assert sum(n.pitch for n in second.notes) / len(second.notes) > sum(n.pitch for n in first.notes) / len(first.notes)


def test_comping_leaves_the_tune_its_room() -> None:
    busy = tuple(Note(0.25 * step, 0.25, 72, 0.8) for step in range(256))
    free = sum(len(one("jazz", Role.CHORDS, "grand_piano", (), seed).notes) for seed in range(4))
    shared = sum(len(one("jazz", Role.CHORDS, "grand_piano", busy, seed).notes) for seed in range(4))
    assert shared < free


def test_guitars_strum_down_and_up_and_mute() -> None:
    kinds = {
        note.articulation for seed in range(4) for note in one("folk", Role.CHORDS, "acoustic_guitar", seed=seed).notes
    }
    assert {"down", "up"} <= kinds
    funk = {
        note.articulation
        for seed in range(4)
        for note in one("disco_funk", Role.CHORDS, "muted_guitar", seed=seed).notes
    }
    assert "mute" in funk


def test_a_reggae_guitar_skanks_off_the_beat() -> None:
    notes = one("reggae", Role.CHORDS, "muted_guitar", form=FORM[:1]).notes[:-6]
    inner = [note.start for note in notes if note.start < 28.0]
    assert inner
    assert {start % 1.0 for start in inner} == {0.5}


def test_pads_hold_tones_that_two_chords_share() -> None:
    notes = one("trance", Role.PAD, "warm_pad").notes
    assert max(note.length for note in notes) > 4.0


def test_an_arpeggio_runs_through_the_chord_and_reaches_higher_in_full_sections() -> None:
    notes = one("ambient", Role.ARPEGGIO, "harp").notes
    verse = [note.pitch for note in notes if note.start < 32.0]
    chorus = [note.pitch for note in notes if note.start >= 32.0]
    assert len(set(verse)) >= 4
    assert max(chorus) > max(verse)


def test_a_counter_line_answers_where_the_tune_rests() -> None:
    tune = tuple(Note(8.0 * bar + 0.5 * step, 0.5, 72, 0.8) for bar in range(8) for step in range(8))
    notes = one("pop", Role.COUNTER, "violins", tune).notes
    moving = [note for note in notes if note.length <= 1.0]
    assert moving
    assert all(note.start % 8.0 >= 4.0 for note in moving)
    for before, after in itertools.pairwise(notes):
        assert before.start + before.length <= after.start + 1e-6


def test_a_riser_ends_where_the_drop_begins_and_an_impact_begins_there() -> None:
    form = (Section(Label.BUILD, 8, 0.5, "A"), Section(Label.CHORUS, 8, 0.9, "B"))
    band = (Player(Role.TRANSITION, "riser"), Player(Role.TRANSITION, "impact"), Player(Role.PAD, "warm_pad"))
    song = songs.plan("pop", 0, form=form, band=band)
    for seed in range(8):
        riser, impact, _ = arrange(
            songs.plan("pop", seed, form=form, band=band), songs.placed(song), songs.harmony(song), ()
        )
        if riser.notes and impact.notes:
            assert riser.notes[0].start == 0.0
            assert 30.0 <= riser.notes[0].length <= 32.0
            assert impact.notes[0].start == 32.0
            return
    raise AssertionError("no riser in eight songs")


def test_a_texture_lies_under_the_whole_song() -> None:
    part = one("lofi", Role.TEXTURE, "vinyl_noise")
    assert [(note.start, note.length) for note in part.notes] == [(0.0, 32.0), (32.0, 32.0)]
