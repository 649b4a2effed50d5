"""From a recording's analysis to wishes: what a listener would name, and nothing that would be copying."""

from __future__ import annotations

import ast
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
import soundfile

from soundrack import analysis
from soundrack.analysis import Report
from soundrack.analysis.genre import GenreReport, Labelled, genres
from soundrack.analysis.genre.styles import Style as TracedStyle
from soundrack.analysis.mix import Check, MixReport, Verdict
from soundrack.analysis.mood import NO_MOOD, Mood
from soundrack.analysis.rhythm import Rhythm
from soundrack.analysis.stems import StemsReport
from soundrack.analysis.structure import Label as Named
from soundrack.analysis.structure import Section as Passage
from soundrack.analysis.structure import Structure
from soundrack.analysis.tags import Voice
from soundrack.analysis.tonality.result import Chord, Key, Tonality
from soundrack.analysis.tonality.scales import Scale
from soundrack.composition import reference
from soundrack.composition.plan import Label, Role, Section, Timbre
from soundrack.composition.prompt import Choice, Tempo, Wishes
from soundrack.composition.reference import wishes_of
from soundrack.composition.theory import Key as Wished
from soundrack.composition.theory import Metre
from tests.analysis.songs import song

NO_TONALITY = Tonality(None, 0.0, (), (), (), None, None, (), None)
SOURCE = Path(reference.__file__)


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> Report:
    path = tmp_path_factory.mktemp("songs") / "a.wav"
    soundfile.write(path, song(20.0, bpm=120.0), 44_100)
    return analysis.analyze(path)


@pytest.fixture
def blank(heard: Report) -> Report:
    """A report that tells nothing."""
    return replace(
        heard,
        rhythm=Rhythm(),
        tonality=NO_TONALITY,
        structure=Structure((), heard.structure.energy),
        genre=GenreReport(None, [], None, []),
        mood=NO_MOOD,
        mix=MixReport(None, ()),
        stems=StemsReport(False, [], {}, Voice(None, None, 0.0)),
    )


@pytest.fixture
def told(blank: Report) -> Callable[..., Wishes]:
    def wishes(**parts: Any) -> Wishes:
        return wishes_of(replace(blank, **parts))

    return wishes


def test_a_report_that_tells_nothing_leaves_everything_open_but_the_length(blank: Report):
    assert wishes_of(blank) == Wishes(length_s=20.0)


def test_a_rendered_song_is_understood(heard: Report):
    wishes = wishes_of(heard)

    assert wishes.tempo is not None
    assert wishes.tempo.low_bpm == pytest.approx(120.0, rel=0.01)
    assert wishes.length_s == 20.0
    assert wishes == wishes_of(heard)


@pytest.mark.parametrize(("bpm", "wished"), [(120.0, 120.0), (240.0, 120.0), (30.0, 60.0)])
def test_the_tempo_is_exact_within_what_can_be_played(told: Callable[..., Wishes], bpm: float, wished: float):
    assert told(rhythm=Rhythm(bpm=bpm, confidence=0.9)).tempo == Tempo(wished, wished, exact=True)


def test_what_is_unsure_is_not_taken(told: Callable[..., Wishes]):
    wishes = told(
        rhythm=Rhythm(bpm=120.0, confidence=0.3, metre="3/4", metre_confidence=0.4),
        tonality=replace(NO_TONALITY, key=Key(0, "minor", 0.4), confidence=0.4),
        stems=StemsReport(False, [], {"piano": 0.4}, Voice(True, "female", 0.4)),
        mood=Mood(None, None, None, (("happy", 0.3),)),
    )

    assert wishes == Wishes(length_s=20.0)


def test_key_scale_metre_and_swing(told: Callable[..., Wishes]):
    wishes = told(
        rhythm=Rhythm(bpm=100.0, confidence=0.9, metre="6/8", metre_confidence=0.8, swing=0.62),
        tonality=replace(
            NO_TONALITY, key=Key(3, "minor", 0.8), confidence=0.8, scale=Scale("Eb dorian", ("Eb", "F", "Gb"))
        ),
    )

    assert (wishes.key, wishes.scale) == (Wished.parse("Eb minor"), "dorian")
    assert (wishes.metre, wishes.swing) == (Metre(6, 8), 0.62)


def test_a_metre_that_cannot_be_written_is_none(told: Callable[..., Wishes]):
    assert told(rhythm=Rhythm(bpm=100.0, confidence=0.9, metre="17/4", metre_confidence=0.9)).metre is None


def test_genres_and_the_style_become_weighed_styles(told: Callable[..., Wishes]):
    rock = Labelled("Rock", 0.8)
    wishes = told(genre=GenreReport(rock, [rock, Labelled("Pop", 0.2)], None, []))
    assert [(style.style, round(style.weight, 6)) for style in wishes.styles] == [("rock", 0.8), ("pop", 0.2)]

    electronic = Labelled("Electronic", 0.8)
    traced = told(genre=GenreReport(electronic, [electronic], TracedStyle("Drum and Bass", 0.6, ""), []))
    assert traced.styles[0].style == "drum_and_bass"


@pytest.mark.parametrize("label", sorted(genres()))
def test_every_genre_that_is_told_comes_near_to_a_style(told: Callable[..., Wishes], label: str):
    wishes = told(genre=GenreReport(None, [Labelled(label, 0.5)], None, []))

    assert sum(style.weight for style in wishes.styles) == pytest.approx(1.0)


def test_mood_instruments_and_voice(told: Callable[..., Wishes]):
    wishes = told(
        mood=Mood(20, 80, 50, (("intense", 0.7), ("sad", 0.6))),
        stems=StemsReport(False, [], {"piano": 0.7, "drums": 0.6, "harp": 0.2}, Voice(True, "choir", 0.8)),
    )

    assert (wishes.valence, wishes.energy, wishes.moods) == (0.2, 0.8, ("intense", "sad"))
    assert wishes.instruments == (
        Choice("piano", ("grand_piano", "felt_piano"), None),
        Choice("drums", (), Role.DRUMS),
    )
    assert (wishes.sung, wishes.voice) == (True, Timbre.CHOIR)
    silent = told(stems=StemsReport(False, [], {}, Voice(False, None, 0.7)))
    assert (silent.sung, silent.voice) == (False, None)


@pytest.mark.parametrize(
    ("harshness", "mud", "brightness"), [(0.0, 0.0, 0.5), (5.0, 0.0, 0.75), (0.0, 5.0, 0.25), (40.0, 0.0, 1.0)]
)
def test_brightness_is_highs_beside_low_mids(
    told: Callable[..., Wishes], harshness: float, mud: float, brightness: float
):
    checks = tuple(
        Check(name, "", value, "dB", Verdict.OK, "") for name, value in (("harshness", harshness), ("mud", mud))
    )

    assert told(mix=MixReport(None, checks)).brightness == brightness
    assert told(mix=MixReport(None, checks[:1])).brightness is None


def passage(label: Named | None, bars: float | None, confidence: float = 0.8) -> Passage:
    return Passage(0.0, 10.0, 1, bars, label, "A", confidence, 60)


def test_the_form_has_bars_letters_and_energies(told: Callable[..., Wishes], heard: Report):
    passages = (
        passage(Named.INTRO, 4.0),
        passage(Named.CHORUS, 8.0),
        passage(None, 7.6),
        passage(Named.BREAK, 4.0, 0.2),
    )
    form = Structure(passages, heard.structure.energy)

    assert told(structure=form).form == (
        Section(Label.INTRO, 4, 0.6, "A"),
        Section(Label.CHORUS, 8, 0.6, "A"),
        Section(Label.VERSE, 8, 0.6, "A"),
        Section(Label.VERSE, 4, 0.6, "A"),
    )
    unsung = StemsReport(False, [], {}, Voice(False, None, 0.7))
    assert told(structure=form, stems=unsung).form[2].label is Label.INSTRUMENTAL
    assert told(structure=Structure((passage(None, None),), heard.structure.energy)).form == ()


def test_every_label_of_the_analysis_is_one_of_ours():
    assert {label.value for label in Named} <= {label.value for label in Label}


def test_chords_and_melody_change_nothing(heard: Report):
    chord = Chord(0.0, 1.0, "F#", "IV", 0.9, 6, "maj", 6)
    other = replace(heard.tonality, chords=(chord,), melody=(), progression=None)

    assert wishes_of(replace(heard, tonality=other)) == wishes_of(heard)


def test_neither_chords_nor_melodies_nor_loudness_are_named_in_the_code():
    names = {node.attr for node in ast.walk(ast.parse(SOURCE.read_text())) if isinstance(node, ast.Attribute)}

    assert names.isdisjoint({"chords", "melody", "progression", "create", "loudness", "lufs_integrated"})
    assert {"tonality", "rhythm"} <= names
    assert "melody" not in {field.name for field in fields(Wishes)}
