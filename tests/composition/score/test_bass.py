from __future__ import annotations

import itertools

import pytest

from soundrack.composition.plan import Label, Plan, Player, Role, Section
from soundrack.composition.score.arrangement import arrange
from soundrack.composition.score.chart import chart
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.score.score import Note
from soundrack.composition.score.walking import walk
from soundrack.composition.styles.accompaniment import accompaniment
from soundrack.composition.styles.files import NAMES
from tests.composition import songs

FORM = (Section(Label.VERSE, 8, 0.6, "A"), Section(Label.CHORUS, 8, 0.9, "B"))


def played(
    style: str, seed: int = 1, form: tuple[Section, ...] = FORM, instrument: str = "electric_bass"
) -> tuple[Plan, tuple[Note, ...], tuple[Note, ...]]:
    song = songs.plan(style, seed, form=form, band=(Player(Role.DRUMS, "pop_kit"), Player(Role.BASS, instrument)))
    drums, bass = arrange(song, songs.placed(song), songs.harmony(song), ())
    return song, drums.notes, bass.notes


@pytest.mark.parametrize("style", NAMES)
@pytest.mark.parametrize("seed", [1, 2])
def test_most_of_what_a_bass_plays_belongs_to_the_chord_and_all_of_it_to_its_range(style: str, seed: int) -> None:
    song, _, notes = played(style, seed)
    table = accompaniment(style).bass
    chords = songs.harmony(song)
    tones = [
        {
            tone
            for each in chords
            if each.start - 0.51 <= note.start < each.start + each.length
            for tone in each.chord.tones
        }
        for note in notes
    ]
    fitting = sum(note.pitch % 12 in possible for note, possible in zip(notes, tones, strict=True))
    assert fitting >= 0.55 * len(notes)
    assert all(min(table.lowest, 23) <= note.pitch <= table.highest for note in notes)


@pytest.mark.parametrize("style", ["rock", "pop", "hip_hop", "trap"])
def test_the_bass_is_locked_to_the_bass_drum(style: str) -> None:
    _, drums, bass = played(style)
    kicks = [note.start for note in drums if note.pitch == KEYS[Drum.KICK] and note.start < 28.0]
    starts = {round(note.start, 3) for note in bass}
    together = sum(round(kick, 3) in starts for kick in kicks)
    assert together >= 0.6 * len(kicks)


def test_a_disco_bass_goes_up_and_down_in_octaves() -> None:
    pairs = [played("disco_funk", seed)[2] for seed in range(6)]
    leaps = [{abs(b.pitch - a.pitch) for a, b in itertools.pairwise(notes)} for notes in pairs]
    assert any(12 in each for each in leaps)


def test_house_basses_are_off_the_beat_when_there_is_little_energy() -> None:
    form = (Section(Label.VERSE, 8, 0.45, "A"),)
    _, _, notes = played("house", 1, form, "synth_bass")
    assert notes
    assert all(note.start % 1.0 == 0.5 for note in notes)


def test_a_bass_tied_to_the_bass_drum_rings_until_its_next_stroke_and_glides() -> None:
    found = [played("trap", seed, FORM[:1], "808_bass")[2] for seed in range(5)]
    assert any(note.articulation == "slide" for notes in found for note in notes)
    notes = found[0]
    gaps = [after.start - before.start - before.length for before, after in itertools.pairwise(notes)]
    assert max(gaps) < 0.5


def test_a_walking_bass_walks_from_chord_to_chord() -> None:
    song = songs.plan("jazz", 3, form=(Section(Label.INSTRUMENTAL, 16, 0.8, "A"),))
    harmony = songs.harmony(song)
    read = chart(song, songs.placed(song), harmony, ())
    line = walk(read, 0.0, 64.0, 28, 52, read.chance("bass"))
    assert len(line) == 64
    assert [line[4 * bar] % 12 for bar in range(16)] == [each.chord.bass for each in harmony]
    steps = [abs(after - before) for before, after in itertools.pairwise(line)]
    assert 0 not in steps
    assert sum(step <= 4 for step in steps) >= 0.7 * len(steps)
    into = [(line[4 * bar] - line[4 * bar - 1]) % 12 for bar in range(1, 16)]
    assert sum(each in {1, 2, 5, 7, 10, 11} for each in into) == len(into)


def test_a_walking_bass_plays_in_two_when_it_is_calm() -> None:
    calm = played("jazz", 1, (Section(Label.VERSE, 8, 0.4, "A"),), "upright_bass")[2]
    lively = played("jazz", 1, (Section(Label.VERSE, 8, 0.8, "A"),), "upright_bass")[2]
    assert len(lively) > 1.7 * len(calm)


def test_a_pedal_is_struck_again_only_with_a_new_bass() -> None:
    song, _, notes = played("cinematic", 1, instrument="cellos")
    assert [note.start for note in notes] == [4.0 * bar for bar in range(15)] + [60.0]
    assert all(note.pitch % 12 == each.chord.bass for note, each in zip(notes, songs.harmony(song), strict=True))
