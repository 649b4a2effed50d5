from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from soundrack.composition.general_midi import PROGRAMS, program
from soundrack.composition.midi import standard_midi_file
from soundrack.composition.performance import perform
from soundrack.composition.plan import Plan, Role
from soundrack.composition.score.arrangement import arrange
from soundrack.composition.score.score import Note, Part, Score, Sung
from soundrack.composition.styles import style as style_of
from soundrack.composition.styles.files import NAMES
from soundrack.composition.theory import Key
from tests.analysis.smf import File, parse
from tests.composition import songs

STRUCK = {Role.DRUMS, Role.PERCUSSION}


def scored(plan: Plan, **changes: Any) -> Score:
    sections, chords = songs.placed(plan), songs.harmony(plan)
    length = plan.bars * plan.metre.bar_quarters
    score = Score(plan, sections, chords, arrange(plan, sections, chords, ()), (), ((0.0, plan.tempo_bpm),), length)
    return replace(score, **changes)


def metas(file: File, kind: int, track: int = 0) -> list[tuple[int, bytes]]:
    return [(tick, data) for tick, each, data in file.tracks[track].metas if each == kind]


@pytest.mark.parametrize("style", NAMES)
@pytest.mark.parametrize("played", [False, True])
def test_a_song_is_a_file_of_format_one_with_a_track_for_each_part(style: str, played: bool) -> None:
    score = scored(songs.plan(style, 2))
    data = standard_midi_file(score, perform(score) if played else None)
    file = parse(data)
    assert (file.kind, file.ticks, len(file.tracks)) == (1, 480, len(score.parts) + 1)
    assert len({track.end for track in file.tracks}) == 1
    assert file.seconds(file.tracks[0].end) == pytest.approx(score.plan.duration_s, abs=1e-3)
    for number, part in enumerate(score.parts, 1):
        track = file.tracks[number]
        assert metas(file, 0x03, number)[0][1].decode() == part.name
        assert bool(track.notes) == bool(part.notes)
        assert all((channel == 9) == (part.role in STRUCK) for _, _, channel, _ in track.notes)
        assert all(1 <= velocity <= 127 for velocity in track.velocities)


def test_the_same_song_is_the_same_bytes() -> None:
    song = songs.plan("jazz", 7)
    first, second = scored(song), scored(song)
    assert standard_midi_file(first, perform(first)) == standard_midi_file(second, perform(second))


def test_notes_are_where_the_score_has_them() -> None:
    song = songs.plan("pop", 1)
    part = Part("lead", Role.LEAD, "flute", (Note(0.0, 1.0, 60, 1.0), Note(1.5, 0.25, 67, 0.001)))
    file = parse(standard_midi_file(scored(song, parts=(part,))))
    assert [(start, end, number) for start, end, _, number in file.tracks[1].notes] == [(0, 480, 60), (720, 840, 67)]
    assert file.tracks[1].velocities == [127, 1]
    assert file.tracks[1].programs == [(0, 73)]


def test_a_performance_falls_where_it_is_heard_through_tempo_changes() -> None:
    song = songs.plan("folk", 3)
    score = scored(song, tempi=((0.0, 100.0), (16.0, 80.0), (32.0, 120.0)))
    made = perform(score)
    file = parse(standard_midi_file(score, made))
    chords = next(number for number, part in enumerate(score.parts) if part.role is Role.CHORDS)
    heard = sorted(file.seconds(start) for start, _, _, _ in file.tracks[chords + 1].notes)
    wanted = sorted(tone.start_s for tone in made.parts[chords].tones)
    assert len(heard) == pytest.approx(len(wanted), rel=0.01)
    assert heard[:50] == pytest.approx(wanted[:50], abs=2e-3)
    assert len(metas(file, 0x51)) == 3


@pytest.mark.parametrize(
    ("metre", "expected"), [("3/4", (3, 2, 24)), ("6/8", (6, 3, 36)), ("7/8", (7, 3, 12)), ("12/8", (12, 3, 36))]
)
def test_time_signature_key_and_sections_are_told(metre: str, expected: tuple[int, int, int]) -> None:
    song = replace(songs.plan("pop", 1, metre=metre), key=Key.parse("Eb minor"), title="Größe")
    file = parse(standard_midi_file(scored(song)))
    ((_, signature),) = metas(file, 0x58)
    assert tuple(signature[:3]) == expected
    ((_, key),) = metas(file, 0x59)
    assert (int.from_bytes(key[:1], "big", signed=True), key[1]) == (-6, 1)
    assert metas(file, 0x03)[0][1].decode("utf-8") == "Größe"
    assert [data.decode() for _, data in metas(file, 0x06)] == [section.label.value for section in song.form]
    bar = round(480 * song.metre.bar_quarters)
    assert [tick // bar + 1 for tick, _ in metas(file, 0x06)] == [each.start_bar for each in songs.placed(song)]


def test_syllables_stand_with_their_notes_and_words_are_joined_by_hyphens() -> None:
    sung = (
        Sung("Ho", ("HH", "OW"), 1, 0, 0, (Note(0.0, 1.0, 60, 0.7), Note(1.0, 0.5, 62, 0.7))),
        Sung("ly", ("L", "IY"), 0, 0, 0, (Note(1.5, 0.5, 64, 0.7),)),
        Sung("밤", ("P", "A", "M"), 1, 1, 0, (Note(3.0, 1.0, 60, 0.7),)),
    )
    score = scored(songs.plan("pop", 1), song=sung)
    for made in (None, perform(score)):
        file = parse(standard_midi_file(score, made))
        voice = file.tracks[-1]
        words = metas(file, 0x05, len(file.tracks) - 1)
        assert [data.decode("utf-8") for _, data in words] == ["Ho-", "ly", "밤"]
        assert len(voice.notes) == 4
        assert {tick for tick, _ in words} <= {start for start, _, _, _ in voice.notes}


def test_every_instrument_of_every_band_has_a_program() -> None:
    for name in NAMES:
        table = style_of(name).plan
        bands = [*table.bands, *(band for kind in table.substyles for band in kind.bands)]
        for player in (player for band in bands for player in band.players if player.role not in STRUCK):
            assert player.instrument in PROGRAMS, player
            assert 0 <= program(player.instrument) <= 127
