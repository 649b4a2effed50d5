from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from soundrack.composition.instruments.tone import Tone
from soundrack.composition.lyrics.sounds import CONSONANTS, NUCLEI
from soundrack.composition.performance import Syllable
from soundrack.composition.voice.phrases import SHORTEST_VOWEL_S, end_s, phrases
from soundrack.errors import Invalid
from tests.composition.voice.songs import sung, syllable

CONSONANT_GROUPS = st.lists(st.sampled_from(sorted(CONSONANTS)), max_size=3).map("".join)
SOUNDS = st.tuples(CONSONANT_GROUPS, st.sampled_from(sorted(NUCLEI)), CONSONANT_GROUPS).map("".join)


@st.composite
def songs(draw: st.DrawFn) -> tuple[Syllable, ...]:
    made, at = [], draw(st.floats(0.0, 1.0))
    for place in range(draw(st.integers(1, 12))):
        length = draw(st.floats(0.06, 3.0))
        pitch = draw(st.floats(0.0, 127.0))
        tones = (Tone(at, length / 2, pitch, 0.7), Tone(at + length / 2, length / 2, pitch + 1, 0.7))
        melisma = draw(st.booleans())
        held = tones if melisma else (Tone(at, length, pitch, 0.7),)
        made.append(syllable(draw(SOUNDS), *held, word=place, line=place // 4))
        at += length + draw(st.sampled_from((0.0, 0.0, 0.1, 1.5)))
    return tuple(made)


@settings(max_examples=40, deadline=None)
@given(songs())
def test_each_syllable_has_one_nucleus_and_all_its_sounds_one_after_another(song: tuple[Syllable, ...]) -> None:
    found = phrases(song)

    assert sum(len(phrase.syllables) for phrase in found) == len(song)
    for phrase in found:
        assert [segment.sound for segment in phrase.segments] == [
            sound for each in phrase.syllables for sound in each.sounds
        ]
        nuclei = [segment.syllable for segment in phrase.segments if segment.is_nucleus]
        assert nuclei == list(range(len(phrase.syllables)))
        for before, after in pairwise(phrase.segments):
            assert before.start_s < before.end_s + 1e-9
            assert after.start_s >= before.end_s - 1e-6


@settings(max_examples=40, deadline=None)
@given(songs())
def test_phrases_do_not_overlap_and_nothing_is_sung_before_the_beginning(song: tuple[Syllable, ...]) -> None:
    found = phrases(song)

    assert found[0].start_s >= -1e-9
    for before, after in pairwise(found):
        assert after.start_s >= before.end_s - 1e-6
        assert after.room_s == pytest.approx(after.start_s - before.end_s, abs=1e-9)


def test_vowels_begin_on_their_notes_and_consonants_before_them() -> None:
    (first, second) = phrases(sung())
    for phrase in (first, second):
        for segment in phrase.segments:
            if segment.is_nucleus:
                assert segment.start_s == pytest.approx(phrase.syllables[segment.syllable].tones[0].start_s)
    assert first.start_s < first.syllables[0].tones[0].start_s


def test_a_vowel_keeps_ninety_milliseconds_however_many_consonants_there_are() -> None:
    song = [syllable("stɹɪŋkθs", Tone(0.5 + 0.25 * place, 0.25, 60, 0.7), word=place) for place in range(8)]
    for segment in phrases(song)[0].segments:
        if segment.is_nucleus:
            assert segment.end_s - segment.start_s >= SHORTEST_VOWEL_S - 1e-9


def test_a_coda_ends_when_the_next_syllable_begins_and_its_vowel_has_no_gap_before_it() -> None:
    song = [syllable("hOld", Tone(0.5, 0.5, 60, 0.7)), syllable("ɑn", Tone(1.0, 0.5, 62, 0.7), word=1)]
    segments = phrases(song)[0].segments
    final, following = segments[3], segments[4]

    assert final.sound == "d"
    assert final.end_s == pytest.approx(following.start_s)
    assert following.start_s == pytest.approx(1.0)


def test_a_note_beyond_every_voice_is_sung_in_another_octave() -> None:
    song = [syllable("lɑ", Tone(0.5, 0.5, pitch, 0.7), word=place) for place, pitch in enumerate((12, 127))]
    song[1] = replace(song[1], tones=(replace(song[1].tones[0], start_s=1.0),))
    pitches = [tone.pitch for phrase in phrases(song) for tone in phrase.tones]

    assert [pitch % 12 for pitch in pitches] == [0, 127 % 12]
    assert all(40 <= pitch <= 88 for pitch in pitches)


def test_a_line_is_a_phrase_and_what_goes_on_without_end_is_divided_between_words() -> None:
    assert len(phrases(sung())) == 2
    endless = [syllable("lɑ", Tone(0.2 * place, 0.2, 60, 0.7), word=place // 3) for place in range(200)]
    found = phrases(endless)
    assert len(found) > 3
    for before, after in pairwise(found):
        assert before.syllables[-1].word != after.syllables[0].word


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (syllable("lqɑ", Tone(0.5, 0.5, 60, 0.7)), "sounds"),
        (syllable("lk", Tone(0.5, 0.5, 60, 0.7)), "sounds"),
        (syllable("liɑ", Tone(0.5, 0.5, 60, 0.7)), "sounds"),
        (syllable("", Tone(0.5, 0.5, 60, 0.7)), "sounds"),
        (syllable("lɑ"), "song"),
        (syllable("lɑ", Tone(0.5, 0.0, 60, 0.7)), "song"),
        (syllable("lɑ", Tone(-0.5, 0.5, 60, 0.7)), "song"),
        (syllable("lɑ", Tone(0.5, 0.5, float("nan"), 0.7)), "song"),
    ],
)
def test_what_cannot_be_sung_is_told(wrong: Syllable, field: str) -> None:
    with pytest.raises(Invalid) as told:
        phrases([wrong])
    assert told.value.field == field


def test_syllables_out_of_order_are_told() -> None:
    with pytest.raises(Invalid, match="order"):
        phrases(sung()[::-1])


def test_an_empty_song_has_no_phrases() -> None:
    assert phrases([]) == ()


def test_a_syllable_ends_with_its_last_note() -> None:
    melisma = syllable("lɑ", Tone(0.5, 0.25, 60, 0.7), Tone(0.75, 0.5, 62, 0.7))
    assert end_s(melisma) == 1.25
    (phrase,) = phrases([melisma])
    nucleus = next(segment for segment in phrase.segments if segment.is_nucleus)
    assert np.isclose(nucleus.end_s - nucleus.start_s, 0.75)
