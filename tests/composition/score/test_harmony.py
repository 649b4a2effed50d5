from __future__ import annotations

from itertools import pairwise

import pytest

from soundrack.composition.plan import Label, Section
from soundrack.composition.score.form import keys, placed
from soundrack.composition.score.harmony import harmony
from soundrack.composition.score.numerals import numeral
from soundrack.composition.score.score import Sounding
from soundrack.composition.styles import styles
from soundrack.composition.theory import SCALES, Key
from tests.composition.songs import plan
from tests.composition.sung import planned, played

SONGS = pytest.mark.parametrize("seed", [0, 2**62])
NAMES = pytest.mark.parametrize("style", list(styles()))


@NAMES
@SONGS
def test_chords_fill_the_song_and_none_goes_on_into_the_next_section(style: str, seed: int) -> None:
    ground, _ = played(style, seed)
    song, sections, chords = ground.plan, ground.sections, ground.harmony
    assert chords[0].start == 0.0
    assert all(one.start + one.length == pytest.approx(two.start) for one, two in pairwise(chords))
    assert chords[-1].start + chords[-1].length == pytest.approx(song.bars * song.metre.bar_quarters)
    starts = [each.start for each in chords]
    assert all(any(abs(start - each.start) < 1e-6 for start in starts) for each in sections)


@NAMES
@SONGS
def test_every_chord_is_its_numeral_in_the_key_of_its_section(style: str, seed: int) -> None:
    ground, _ = played(style, seed)
    song, sections = ground.plan, ground.sections
    for each in ground.harmony:
        key = next(
            key
            for key, place in zip(reversed(keys(song)), reversed(sections), strict=True)
            if place.start <= each.start
        )
        chord = numeral(each.roman, key.mode).chord(key)
        assert (chord.root, chord.quality) == (each.chord.root, each.chord.quality)


@NAMES
@SONGS
def test_a_song_begins_and_ends_on_its_tonic_and_comes_back_to_it(style: str, seed: int) -> None:
    ground, _ = played(style, seed)
    song, chords = ground.plan, ground.harmony
    last = keys(song)[-1]
    assert chords[0].chord.root == song.key.tonic
    assert chords[-1].chord.root == last.tonic
    home = sum(each.length for each in chords if each.chord.root == song.key.tonic)
    assert home >= 0.1 * song.bars * song.metre.bar_quarters


@NAMES
@SONGS
def test_the_key_holds_four_fifths_of_what_the_chords_sound(style: str, seed: int) -> None:
    ground, _ = played(style, seed)
    inside = total = 0.0
    for each in ground.harmony:
        for tone in each.chord.tones:
            total += each.length
            inside += each.length * (tone in _family(ground.key(each.start)))
    assert inside >= 0.8 * total or style == "jazz"


def _family(key: Key) -> set[int]:
    """Return the notes of a key's scales, the raised seventh of minor and the flat one of major among them."""
    names = ("major", "mixolydian") if key.mode == "major" else ("natural minor", "harmonic minor", "dorian")
    return {(key.tonic + step) % 12 for name in names for step in SCALES[name]}


def _in_bars(chords: tuple[Sounding, ...], start: float, bars: float) -> list[tuple[float, int, str]]:
    return [
        (each.start - start, each.chord.root, each.chord.quality)
        for each in chords
        if start - 1e-6 <= each.start < start + bars - 1e-6
    ]


@NAMES
@SONGS
def test_sections_of_a_group_have_the_same_chords_apart_from_the_songs_ends(style: str, seed: int) -> None:
    ground, _ = played(style, seed)
    song, sections, chords = ground.plan, ground.sections, ground.harmony
    inner = sections[1:-1]
    for one in inner:
        for two in inner:
            same = one.section.group == two.section.group and one.section.bars == two.section.bars
            if same and keys(song)[sections.index(one)] == keys(song)[sections.index(two)]:
                length = one.section.bars * song.metre.bar_quarters
                assert _in_bars(chords, one.start, length) == _in_bars(chords, two.start, length)


def test_the_same_plan_has_the_same_harmony_and_seeds_have_others() -> None:
    songs = [harmony(plan("pop", seed), placed(plan("pop", seed))) for seed in (1, 1, 13, 25)]
    assert songs[0] == songs[1]
    assert len({str([each.roman for each in chords]) for chords in songs}) >= 3


def test_solos_are_played_on_the_changes_of_the_chorus_but_for_its_turn() -> None:
    form = (
        Section(Label.CHORUS, 12, 0.6, "A"),
        Section(Label.INSTRUMENTAL, 12, 0.8, "B"),
        Section(Label.CHORUS, 12, 0.7, "A"),
        Section(Label.OUTRO, 4, 0.4, "C"),
    )
    for seed in range(12):
        song = plan("jazz", seed, form=form)
        chords = harmony(song, placed(song))
        first, second = _in_bars(chords, 4.0, 36.0), _in_bars(chords, 52.0, 36.0)
        assert first == second


@pytest.mark.parametrize("name", list(styles()))
def test_a_style_does_not_always_have_the_same_progression(name: str) -> None:
    found = {
        str([each.roman for each in harmony(song, placed(song))][:12])
        for seed in range(12)
        if (song := planned(name, seed))
    }
    assert len(found) >= 4


def test_a_song_of_one_bar_is_its_tonic() -> None:
    song = plan("pop", form=(Section(Label.VERSE, 1, 0.5, "A"),))
    (only,) = harmony(song, placed(song))
    assert only.chord.root == song.key.tonic
    assert only.length == 4.0
