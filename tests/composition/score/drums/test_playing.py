from __future__ import annotations

import itertools

import numpy as np
import pytest

from soundrack.composition.plan import Label, Player, Role, Section
from soundrack.composition.score.arrangement import arrange
from soundrack.composition.score.drums.fills import Hit, build, fill
from soundrack.composition.score.drums.kit import KEYS, Drum
from soundrack.composition.score.drums.playing import backbeats, choked
from soundrack.composition.score.score import Note, Placed
from soundrack.composition.styles.accompaniment import accompaniment
from soundrack.composition.styles.drums import Backbeat, Clave, FillKind
from soundrack.composition.styles.files import NAMES
from soundrack.composition.theory import Metre
from tests.composition import songs

FOUR = Metre(4, 4)


def drummed(
    style: str, seed: int, form: tuple[Section, ...], metre: str = "4/4", substyle: str | None = None
) -> tuple[Note, ...]:
    song = songs.plan(style, seed, form=form, band=(Player(Role.DRUMS, "pop_kit"),), metre=metre, substyle=substyle)
    return arrange(song, songs.placed(song), songs.harmony(song), ())[0].notes


@pytest.mark.parametrize("style", NAMES)
@pytest.mark.parametrize("seed", range(4))
def test_grooves_keep_the_backbeat_that_the_style_promises(style: str, seed: int) -> None:
    promised = accompaniment(style).drums.backbeat
    if promised is Backbeat.FREE:
        return
    form = (Section(Label.VERSE, 4, 0.6, "A"), Section(Label.CHORUS, 4, 0.9, "B"), Section(Label.VERSE, 4, 0.6, "A"))
    stressed = backbeats(drummed(style, seed, form))
    wanted = {1.0, 3.0} if promised is Backbeat.TWO_AND_FOUR else {2.0}
    for bar in (0, 1, 4, 5, 8, 9):  # the third and fourth bar of a section may have its fill
        beats = {at - 4.0 * bar for at in stressed if 4.0 * bar <= at < 4.0 * bar + 4.0}
        assert wanted <= beats
        assert not beats & ({0.0, 1.0, 2.0, 3.0} - wanted)


def test_every_groove_of_every_substyle_keeps_the_promise() -> None:
    for style in NAMES:
        table = accompaniment(style).drums
        if table.backbeat is Backbeat.FREE:
            continue
        wanted = {1.0, 3.0} if table.backbeat is Backbeat.TWO_AND_FOUR else {2.0}
        for name in sorted({each for groove in table.grooves for each in groove.substyles}):
            form = (Section(Label.CHORUS, 4, 0.9, "A"), Section(Label.VERSE, 4, 0.6, "B"))
            stressed = backbeats(drummed(style, 1, form, substyle=name))
            assert wanted <= {at for at in stressed if at < 4.0}, (style, name)


@pytest.mark.parametrize("style", ["house", "techno", "trance"])
def test_the_bass_drum_of_dance_music_is_on_every_quarter(style: str) -> None:
    notes = drummed(style, 1, (Section(Label.DROP, 8, 0.9, "A"), Section(Label.DROP, 8, 0.9, "A")))
    kicks = {note.start for note in notes if note.pitch == KEYS[Drum.KICK]}
    assert {float(beat) for beat in range(28)} <= kicks


def test_reggae_drops_the_one() -> None:
    notes = drummed("reggae", 1, (Section(Label.VERSE, 8, 0.4, "A"), Section(Label.VERSE, 8, 0.4, "A")))
    kicks = {note.start % 4.0 for note in notes if note.pitch == KEYS[Drum.KICK] and note.start < 24.0}
    assert kicks == {1.0, 3.0}


@pytest.mark.parametrize("style", ["jazz", "folk", "pop", "rock", "house"])
@pytest.mark.parametrize("metre", ["3/4", "5/4", "6/8", "7/8", "12/8"])
def test_a_groove_repeats_with_the_bar_in_every_metre(style: str, metre: str) -> None:
    form = (Section(Label.VERSE, 8, 0.6, "A"), Section(Label.CHORUS, 8, 0.9, "B"))
    notes = drummed(style, 2, form, metre=metre)
    bar = Metre.parse(metre).bar_quarters
    loud = [{round(note.start - bar * each, 3) for note in notes if note.velocity > 0.7
             and bar * each <= note.start + 1e-6 < bar * (each + 1)} for each in range(3)]  # fmt: skip
    assert loud[0]
    assert all(0.0 <= place < bar for bars in loud for place in bars)
    assert len(loud[0] & loud[2]) >= 0.6 * len(loud[0])


def test_an_open_hi_hat_is_choked_by_the_next_stroke_and_wins_over_a_closed_one() -> None:
    notes = choked([Hit(0.0, Drum.OPEN, 0.8), Hit(0.0, Drum.CLOSED, 0.9), Hit(0.5, Drum.CLOSED, 0.5)])
    assert [(note.pitch, note.start, note.length) for note in notes] == [(46, 0.0, 0.5), (42, 0.5, 0.25)]


def test_the_louder_of_two_strokes_on_one_drum_is_heard() -> None:
    assert [note.velocity for note in choked([Hit(0.0, Drum.SNARE, 0.3), Hit(0.0, Drum.SNARE, 0.9)])] == [0.9]


@pytest.mark.parametrize("kind", FillKind)
@pytest.mark.parametrize("metre", ["4/4", "6/8", "7/8"])
def test_fills_stay_in_their_place_and_most_of_them_grow(kind: FillKind, metre: str) -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    groove = [Hit(6.0, Drum.KICK, 0.9), Hit(6.0, Drum.CLOSED, 0.6), Hit(7.0, Drum.SNARE, 0.9)]
    hits = fill(kind, 6.0, 8.0, Metre.parse(metre), 0.8, groove, rng)
    assert hits
    assert all(6.0 <= hit.at < 8.0 and 0.0 < hit.velocity <= 1.1 for hit in hits)
    if kind is FillKind.CUT:
        assert not any(hit.drum is Drum.KICK for hit in hits)
    elif kind is not FillKind.BREAK:
        assert (
            max(hit.velocity for hit in hits if hit.at >= 7.0)
            >= max(hit.velocity for hit in hits if hit.at < 6.5) - 0.1
        )


def test_a_build_quickens_and_swells_until_the_kick_leaves() -> None:
    placed = Placed(Section(Label.BUILD, 8, 0.7, "A"), 0.0, 1)
    hits = build(placed, 0.0, 32.0, FOUR)
    snares = [sum(hit.drum is Drum.SNARE and 8 * part <= hit.at < 8 * part + 8 for hit in hits) for part in range(4)]
    assert snares == sorted(snares)
    assert snares[3] > 3 * snares[0]
    loud = [hit.velocity for hit in hits if hit.drum is Drum.SNARE]
    assert loud == sorted(loud)
    assert not any(hit.drum is Drum.KICK and hit.at >= 24.0 for hit in hits)


def test_sections_of_high_energy_begin_with_a_crash() -> None:
    form = (Section(Label.VERSE, 8, 0.3, "A"), Section(Label.CHORUS, 8, 0.9, "B"))
    crashes = [note.start for note in drummed("rock", 1, form) if note.pitch == KEYS[Drum.CRASH]]
    assert 32.0 in crashes
    assert 0.0 not in crashes


def test_a_drummer_who_comps_leaves_the_tune_alone() -> None:
    form = (Section(Label.INSTRUMENTAL, 16, 0.8, "A"), Section(Label.INSTRUMENTAL, 16, 0.8, "A"))
    song = songs.plan("jazz", 2, form=form, band=(Player(Role.DRUMS, "jazz_kit"),))
    busy = tuple(Note(0.5 * step, 0.5, 70, 0.8) for step in range(128))

    def snares(tune: tuple[Note, ...]) -> int:
        notes = arrange(song, songs.placed(song), songs.harmony(song), tune)[0].notes
        return sum(note.pitch == KEYS[Drum.SNARE] and note.start < 56.0 for note in notes)

    assert snares(()) > 5
    assert snares(busy) < snares(()) / 2


def test_hi_hats_of_trap_roll_in_changing_subdivisions() -> None:
    notes = drummed("trap", 3, (Section(Label.DROP, 16, 0.9, "A"), Section(Label.DROP, 16, 0.9, "B")))
    hats = [note.start for note in notes if note.pitch == KEYS[Drum.CLOSED]]
    steps = {round(after - before, 3) for before, after in itertools.pairwise(hats)}
    assert min(steps) < 0.2
    assert len(steps) >= 4
    assert {"higher", "lower"} & {note.articulation for note in notes}


@pytest.mark.parametrize("clave", Clave)
def test_a_clave_has_three_strokes_on_one_side_and_two_on_the_other(clave: Clave) -> None:
    steps = clave.steps.replace(" ", "")
    assert (steps[:8].count("X"), steps[8:].count("X")) == (3, 2)


def test_all_of_a_latin_band_follow_the_same_clave() -> None:
    form = (Section(Label.VERSE, 8, 0.6, "A"), Section(Label.VERSE, 8, 0.6, "A"))
    sides = set()
    for seed in range(8):
        song = songs.plan("latin", seed, form=form, band=(Player(Role.PERCUSSION, "latin_percussion"),
                                                          Player(Role.CHORDS, "grand_piano")))  # fmt: skip
        percussion, piano = arrange(song, songs.placed(song), songs.harmony(song), ())
        claves = [
            note.start % 4.0 for note in percussion.notes if note.pitch == KEYS[Drum.CLAVES] and note.start < 16.0
        ]
        two_first = sum(place < 2.0 for place in claves) == 8
        on_the_beat = any(note.start % 4.0 == 0.0 for note in piano.notes if 0.0 < note.start < 16.0)
        assert two_first == on_the_beat
        sides.add(two_first)
    assert sides == {True, False}
