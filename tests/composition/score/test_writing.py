from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from soundrack.composition.plan import Player, Role, Timbre
from soundrack.composition.score.clarity import heard_clarity
from soundrack.composition.score.writing import write
from soundrack.composition.styles import styles
from soundrack.errors import Invalid
from tests.composition.songs import plan
from tests.composition.sung import planned, song_lyrics

LYRICS = song_lyrics()
NAMES = pytest.mark.parametrize("name", list(styles()))


@NAMES
def test_a_plan_is_written_out_for_its_whole_band(name: str) -> None:
    song = planned(name, 5)
    score = write(song)
    assert [(part.role, part.instrument) for part in score.parts] == [
        (each.role, each.instrument) for each in song.band
    ]
    assert len({part.name for part in score.parts}) == len(score.parts)
    assert score.length == song.bars * song.metre.bar_quarters
    assert score.song == ()
    for part in score.parts:
        assert all(note.start >= 0.0 and note.start + note.length <= score.length + 1e-6 for note in part.notes)
        assert all(one.start <= two.start for one, two in pairwise(part.notes))


@NAMES
def test_a_song_with_words_is_sung_and_played(name: str) -> None:
    song = planned(name, 5, LYRICS, voice=Timbre.MALE)
    score = write(song, LYRICS)
    assert len(score.song) == sum(len(line.syllables) for part in LYRICS.sections for line in part.lines)
    assert any(part.notes for part in score.parts if part.role is not Role.LEAD)


def test_the_same_plan_is_written_the_same_way_and_another_seed_another() -> None:
    song = planned("pop", 5, LYRICS)
    assert write(song, LYRICS) == write(song, LYRICS)
    assert write(replace(song, seed=6), LYRICS) != write(song, LYRICS)


def test_a_voice_needs_words() -> None:
    song = planned("pop", 5, LYRICS)
    with pytest.raises(Invalid) as caught:
        write(song)
    assert caught.value.field == "lyrics"
    with pytest.raises(Invalid) as caught:
        write(song, replace(LYRICS, sections=LYRICS.sections[:2]))
    assert caught.value.field == "form"


def test_a_second_lead_doubles_the_fullest_sections() -> None:
    song = plan("pop")
    band = (*song.band, Player(Role.LEAD, "violins"))
    score = write(replace(song, band=band))
    first, second = (part for part in score.parts if part.role is Role.LEAD)
    assert (first.name, second.name) == ("lead", "lead 2")
    loud = max(section.section.energy for section in score.sections)
    starts = {round(note.start, 6) for note in first.notes}
    assert second.notes
    for note in second.notes:
        place = next(each for each in reversed(score.sections) if each.start <= note.start)
        assert place.section.energy >= loud - 0.15
        assert round(note.start, 6) in starts


def test_songs_of_every_style_tell_their_key_by_what_is_played() -> None:
    for name in list(styles())[::3]:
        score = write(planned(name, 1))
        assert heard_clarity(score.parts, (), score.plan.key) > 0.0
