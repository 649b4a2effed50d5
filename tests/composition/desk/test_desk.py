"""The desk: strips, buses, sends, and a finish that stems can go through."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.audio.true_peak import true_peak_db
from soundrack.composition.desk.bus import Treatment
from soundrack.composition.desk.finish import CEILING_DB, finish
from soundrack.composition.desk.form import held, opening_hz, stretches
from soundrack.composition.desk.mixing import EFFECTS, VOICE, mix
from soundrack.composition.desk.strip import REFERENCE_LUFS, Strip, pans
from soundrack.composition.desk.table import MixTable, mix_table
from soundrack.composition.effects import ducking
from soundrack.composition.effects.sound import curve
from soundrack.composition.fields import Fields
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.performance import Performance, Played, perform
from soundrack.composition.plan import Label, Player, Role, Section
from soundrack.composition.score.score import Score
from soundrack.composition.score.writing import write
from soundrack.composition.store import Store
from soundrack.composition.styles import files
from soundrack.composition.styles.files import NAMES
from soundrack.errors import Invalid
from soundrack.mastering import Genre
from tests.composition import songs
from tests.composition.effects.signals import level_db, noise, sine

Sound = NDArray[np.float32]

_FORM = (Section(Label.VERSE, 1, 0.6, "A"), Section(Label.BUILD, 1, 0.7, "B"), Section(Label.DROP, 1, 0.9, "C"))
_BAND = (
    Player(Role.DRUMS, "house_kit"),
    Player(Role.BASS, "synth_bass"),
    Player(Role.CHORDS, "stab"),
    Player(Role.LEAD, "pluck"),
)
_PITCHES = {Role.BASS: 80.0, Role.CHORDS: 440.0, Role.LEAD: 1200.0}


def _mix_of_house() -> dict[str, object]:
    with (Path(files.__file__).parent / "house.toml").open("rb") as file:
        return dict(tomllib.load(file)["mix"])


def _played() -> tuple[Score, Performance]:
    score = write(songs.plan("house", form=_FORM, band=_BAND, tempo_bpm=128.0))
    return score, perform(score)


def _untold(_done: float) -> None:
    """Leave it at that."""


def _rendered(part: Played) -> Sound:
    """Return a sine, or strokes of noise, where a part has tones."""
    frames = round(6.0 * RATE_HZ)
    sound = np.zeros((frames, 2), dtype=np.float32)
    for tone in part.tones:
        start = round(tone.start_s * RATE_HZ)
        if part.role in _PITCHES:
            piece = sine(_PITCHES[part.role], min(tone.length_s, 0.5), 0.2)
        else:
            piece = noise(0.1, 0.3) * np.linspace(1.0, 0.0, 4410, dtype=np.float32)[:, None]
        room = sound[start : start + len(piece)]
        room += piece[: len(room)]
    return sound


@pytest.mark.parametrize("style", NAMES)
def test_every_style_has_a_table_that_is_whole(style: str) -> None:
    table = mix_table(style)
    assert set(table.levels_db) == set(Role) - {Role.VOICE}


def test_a_field_that_is_wrong_is_told_by_its_name() -> None:
    table = _mix_of_house() | {"short": "bathroom"}
    with pytest.raises(Invalid, match=r"house\.mix\.short"):
        MixTable.read(Fields("house.mix", table))
    with pytest.raises(Invalid, match=r"house\.mix\.loud is not known"):
        MixTable.read(Fields("house.mix", _mix_of_house() | {"loud": 1}))


def test_a_strip_brings_a_part_to_its_level_however_loud_it_comes() -> None:
    strip = Strip(Role.PAD, -6.0, 0.0, mix_table("pop"))
    for loudness in (0.01, 0.3):
        made = strip.process(noise(2.0, loudness))
        made *= strip.gains(made)
        assert integrated_lufs(hop_power(made, RATE_HZ)) == pytest.approx(REFERENCE_LUFS - 6.0, abs=0.1)


def test_what_carries_the_song_is_in_the_middle_and_others_are_on_both_sides() -> None:
    roles = (Role.DRUMS, Role.BASS, Role.CHORDS, Role.CHORDS, Role.LEAD, Role.ARPEGGIO, Role.COUNTER)
    places = pans(roles, 1.0)
    assert [place for place, role in zip(places, roles, strict=True) if role in (Role.DRUMS, Role.BASS, Role.LEAD)] == [
        0.0,
        0.0,
        0.0,
    ]
    assert sum(places) == 0.0
    assert min(places) < 0.0 < max(places)


def test_a_treated_sum_is_the_sum_of_treated_parts() -> None:
    one, other = noise(1.0, seed=1), noise(1.0, seed=2)
    there = ducking.presence(noise(1.0) * (np.arange(RATE_HZ) > 20_000)[:, None].astype(np.float32))
    treatment = Treatment(curve(RATE_HZ, (0.0, 1.0), (0.5, 1.3)), 4.0, there, curve(RATE_HZ, (0.0, 1.0), (1.0, 0.3)))
    whole = treatment.process(one + other)
    assert level_db(whole - treatment.process(one) - treatment.process(other)) < level_db(whole) - 90.0


def test_sections_follow_each_other_and_filters_open_through_builds() -> None:
    score, performance = _played()
    sections = stretches(score, performance.clock)
    assert [each.section.label for each in sections] == [Label.VERSE, Label.BUILD, Label.DROP]
    assert sections[0].end_s == sections[1].start_s == pytest.approx(4 * 60.0 / 128.0)
    frames = round(6.0 * RATE_HZ)
    cutoff = opening_hz(frames, sections, 300.0, 19_000.0)
    assert cutoff is not None
    begin, end = (round(at * RATE_HZ / 8) for at in (sections[1].start_s + 0.01, sections[1].end_s))
    assert cutoff[begin] < 320.0
    assert cutoff[end] == pytest.approx(19_000.0, rel=0.01)
    assert np.all(np.diff(cutoff[begin:end]) >= 0.0)
    values = held(frames, sections, lambda section: section.energy)
    assert values[100] == pytest.approx(0.6)
    assert values[-1] == pytest.approx(0.9)


@pytest.mark.parametrize("sung", [False, True])
def test_stems_through_their_treatments_and_the_finish_add_up_to_the_record(sung: bool, tmp_path: Path) -> None:
    score, performance = _played()
    stems: dict[str, Sound] = {}
    voice = None
    if sung:
        voice = np.zeros((round(6.0 * RATE_HZ), 2), dtype=np.float32)
        voice[88_200:132_300] = sine(330.0, 1.0, 0.2)

    def keep(name: str, sound: Sound) -> None:
        stems[name] = sound.copy()

    mixed = mix(score, performance, round(6.0 * RATE_HZ), _rendered, voice, keep, _untold, Store(tmp_path))
    assert set(stems) == {"drums", "bass", "chords", "lead", EFFECTS} | ({VOICE} if sung else set())
    done, record = finish(mixed.sound, Genre.EDM, -1.0, -14.0)
    total = sum(done.process(mixed.treatments[name].process(stem)) for name, stem in stems.items())
    assert level_db(record - total) < level_db(record) - 60.0
    assert integrated_lufs(hop_power(record, RATE_HZ)) == pytest.approx(-14.0, abs=0.1)
    assert true_peak_db(record, oversampling=16) <= CEILING_DB


def test_the_voice_is_above_the_band_by_what_the_style_says(tmp_path: Path) -> None:
    score, performance = _played()
    stems: dict[str, Sound] = {}
    voice = noise(6.0, 0.1)
    mixed = mix(
        score,
        performance,
        len(voice),
        _rendered,
        voice,
        lambda name, sound: stems.update({name: sound.copy()}),
        _untold,
        Store(tmp_path),
    )
    parts = [mixed.treatments[name].process(stem) for name, stem in stems.items() if name not in (VOICE, EFFECTS)]
    band = np.sum(parts, axis=0)
    own, other = (10.0 * np.log10(hop_power(each, RATE_HZ).sum()) for each in (stems[VOICE], band))
    assert own - other == pytest.approx(mix_table("house").voice_db, abs=0.3)
