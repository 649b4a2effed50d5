from __future__ import annotations

from itertools import pairwise

import pytest

from soundrack.composition.plan import Label, Player, Role, Section
from soundrack.composition.score.form import keys
from soundrack.composition.score.ground import Ground
from soundrack.composition.score.melody import lead
from soundrack.composition.score.ranges import tune_range
from soundrack.composition.score.score import Note
from soundrack.composition.score.tones import chord_scale
from soundrack.composition.styles import style, styles
from tests.composition.songs import plan
from tests.composition.sung import grounded, played

SONGS = pytest.mark.parametrize("seed", [0, 2**62])
NAMES = pytest.mark.parametrize("name", list(styles()))
METRES = ("4/4", "3/4", "6/8", "5/4", "7/8", "12/8", "2/4")


def _inside(ground: Ground, notes: tuple[Note, ...], place: int) -> list[tuple[float, float, int]]:
    section = ground.sections[place]
    end = section.start + section.section.bars * ground.bar
    return [
        (round(note.start - section.start, 6), round(note.length, 6), note.pitch)
        for note in notes
        if section.start - 1e-6 <= note.start < end - 1e-6
    ]


@NAMES
@SONGS
def test_a_tune_is_one_line_within_the_song_and_its_instruments_range(name: str, seed: int) -> None:
    ground, notes = played(name, seed)
    player = next(each for each in ground.plan.band if each.role is Role.LEAD)
    low, high = tune_range(player.instrument, *style(name).melody.lead)
    assert notes
    assert all(low - 2 <= note.pitch <= high + 2 for note in notes)
    assert all(note.length > 0.0 and 0.0 < note.velocity <= 1.0 for note in notes)
    assert all(one.start + one.length <= two.start + 1e-6 for one, two in pairwise(notes))
    assert notes[-1].start + notes[-1].length <= ground.end + 1e-6


@NAMES
@SONGS
def test_a_tune_leaps_an_octave_at_most_within_a_section(name: str, seed: int) -> None:
    ground, notes = played(name, seed)
    for place in range(len(ground.sections)):
        pitches = [pitch for _, _, pitch in _inside(ground, notes, place)]
        assert all(abs(two - one) <= 12 for one, two in pairwise(pitches))


@NAMES
@SONGS
def test_scale_and_chords_hold_the_tune(name: str, seed: int) -> None:
    ground, notes = played(name, seed)
    inside = total = 0.0
    for note in notes:
        classes = chord_scale(ground.key(note.start), ground.plan.scale, ground.chord(note.start))
        total += note.length
        inside += note.length * (note.pitch % 12 in classes)
    assert inside >= 0.8 * total


@NAMES
@SONGS
def test_choruses_have_the_same_tune(name: str, seed: int) -> None:
    ground, notes = played(name, seed)
    places = [
        place
        for place, each in enumerate(ground.sections[1:-1], 1)
        if each.section.label in {Label.CHORUS, Label.DROP} and ground.keys[place] == ground.plan.key
    ]
    for one in places:
        for two in places:
            first, second = (ground.sections[each].section for each in (one, two))
            if first.group == second.group and first.bars == second.bars:
                assert _inside(ground, notes, one) == _inside(ground, notes, two)


def test_a_hook_comes_back_within_its_chorus() -> None:
    """At least a third of the bars of choruses and drops that have notes share rhythm and contour with another bar."""
    returning = bars = 0
    for name in styles():
        for seed in (0, 2**62):
            ground, notes = played(name, seed)
            heart = max(range(len(ground.sections)), key=lambda place: ground.sections[place].section.energy)
            known: list[tuple[object, ...]] = []
            for bar in range(ground.sections[heart].section.bars):
                start = bar * ground.bar
                inside = [n for n in _inside(ground, notes, heart) if start - 1e-6 <= n[0] < start + ground.bar - 1e-6]
                if len(inside) > 1:
                    known.append(tuple((round(at - start, 3), length) for at, length, _ in inside))
            bars += len(known)
            returning += sum(known.count(each) > 1 for each in known)
    assert returning >= bars / 3


def test_strong_long_notes_are_of_the_chord_in_plain_styles() -> None:
    for name in ("pop", "folk", "trance", "rock", "cinematic"):
        hits = total = 0
        for seed in (0, 2**62):
            ground, notes = played(name, seed)
            for note in notes:
                if ground.strength(note.start) >= 0.8 and note.length >= 1.0:
                    total += 1
                    hits += note.pitch % 12 in ground.chord(note.start).tones
        assert hits >= 0.85 * total


def test_a_lifted_chorus_has_its_tune_in_the_higher_key() -> None:
    form = tuple(
        Section(label, 8, energy, group)
        for label, energy, group in (
            (Label.VERSE, 0.5, "A"), (Label.CHORUS, 0.9, "B"), (Label.VERSE, 0.5, "A"), (Label.CHORUS, 0.9, "B"),
            (Label.BRIDGE, 0.5, "C"), (Label.CHORUS, 1.0, "B"), (Label.OUTRO, 0.4, "D"),
        )
    )  # fmt: skip
    lifted = 0
    for seed in range(60):
        song = plan("pop", seed, form=form)
        shift = (keys(song)[5].tonic - song.key.tonic) % 12
        if shift:
            lifted += 1
            ground = grounded(song)
            notes = lead(ground, frozenset())
            low, high = _inside(ground, notes, 1), _inside(ground, notes, 5)
            assert [(at, length, pitch + shift) for at, length, pitch in low] == high
    assert lifted > 0


@pytest.mark.parametrize("metre", METRES)
@pytest.mark.parametrize("name", ["pop", "jazz", "house", "folk", "lofi"])
def test_every_metre_has_a_tune(name: str, metre: str) -> None:
    ground = grounded(plan(name, 3, metre=metre))
    notes = lead(ground, frozenset())
    assert notes
    assert all(one.start + one.length <= two.start + 1e-6 for one, two in pairwise(notes))


def test_where_somebody_sings_no_tune_is_played() -> None:
    ground = grounded(plan("pop"))
    notes = lead(ground, frozenset({1, 3, 5}))
    for place in (1, 3, 5):
        assert _inside(ground, notes, place) == []
    assert _inside(ground, notes, 0)


def test_without_a_lead_nobody_has_the_tune() -> None:
    assert lead(grounded(plan("pop", band=(Player(Role.CHORDS, "grand_piano"),))), frozenset()) == ()


def test_a_song_ends_with_one_held_note_of_the_tune() -> None:
    for seed in range(8):
        ground = grounded(plan("folk", seed))
        notes = lead(ground, frozenset())
        last = [note for note in notes if note.start >= ground.end - ground.bar - 1e-6]
        assert len(last) <= 1
        assert all(note.pitch % 12 == ground.keys[-1].tonic and note.length == ground.bar for note in last)


def test_seeds_have_other_tunes_and_the_same_seed_the_same() -> None:
    tunes = [lead(grounded(plan("pop", seed)), frozenset()) for seed in (4, 4, 16, 28)]
    assert tunes[0] == tunes[1]
    assert len({str([(note.start, note.pitch) for note in tune]) for tune in tunes}) == 3
