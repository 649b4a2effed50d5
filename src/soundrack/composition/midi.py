"""A song as a Standard MIDI File, to be opened, heard and changed in any sequencer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby, pairwise

from soundrack.analysis.tonality.wheel import sharps
from soundrack.audio.midi_file import (
    DRUM_CHANNEL,
    TICKS,
    Event,
    key_signature,
    lyric,
    marker,
    midi_file,
    notes,
    program,
    tempo,
    time_signature,
    track_name,
)
from soundrack.composition import general_midi
from soundrack.composition.instruments.tone import Tone
from soundrack.composition.performance import Clock, Performance
from soundrack.composition.plan import Role
from soundrack.composition.score.score import Note, Score

_CHANNELS = tuple(channel for channel in range(16) if channel != DRUM_CHANNEL)
_STRUCK = (Role.DRUMS, Role.PERCUSSION)
_VOICE = "voice"

_Event = tuple[int, int, int, int]
"""Start and end in ticks, number, velocity."""


def standard_midi_file(score: Score, performance: Performance | None = None) -> bytes:
    """Write a song as a Standard MIDI File of format 1.

    The first track has the title, the tempo map, time and key signature and a marker for each section; then comes one
    track a part, named as in the score, with the program of General MIDI that is nearest to its instrument; drums and
    percussion are on channel 10; at last the singing line with a lyric event for each syllable (a hyphen where the
    word goes on). With more than fifteen parts that are not drums, channels are used again.

    Parameters
    ----------
    score : Score
        The song.
    performance : Performance, optional
        How it is played. With it, notes are where players put them, swung and humanised; without it, on the grid as
        written, which is easier to edit.
    """
    end = _tick(score.length)
    tracks: list[list[Event]] = [_conductor(score)]
    melodic = 0
    for number, part in enumerate(score.parts):
        channel = DRUM_CHANNEL
        if part.role not in _STRUCK:
            channel = _CHANNELS[melodic % len(_CHANNELS)]
            melodic += 1
        played = (
            [_written(note) for note in part.notes]
            if performance is None
            else [_played(tone, performance.clock) for tone in performance.parts[number].tones]
        )
        chosen = 0 if channel == DRUM_CHANNEL else general_midi.program(part.instrument)
        tracks.append([track_name(part.name), program(channel, chosen), *notes(channel, _apart(played, end))])
    if score.song:
        tracks.append(_song(score, performance, _CHANNELS[melodic % len(_CHANNELS)], end))
    return midi_file(tracks, end)


def _tick(quarters: float) -> int:
    return round(quarters * TICKS)


def _conductor(score: Score) -> list[Event]:
    plan = score.plan
    key = plan.key
    return [
        track_name(plan.title),
        *(tempo(_tick(start), 60.0 / (bpm * plan.metre.beat_quarters)) for start, bpm in score.tempi),
        time_signature(0, plan.metre.beats, plan.metre.unit),
        key_signature(0, sharps(key.tonic, key.mode.value), minor=key.mode.value == "minor"),
        *(marker(_tick(each.start), each.section.label.value) for each in score.sections),
    ]


def _written(note: Note) -> _Event:
    return _tick(note.start), _tick(note.start + note.length), note.pitch, _velocity(note.velocity)


def _played(tone: Tone, clock: Clock) -> _Event:
    start, end = clock.quarter((tone.start_s, tone.start_s + tone.length_s))
    return _tick(float(start)), _tick(float(end)), round(tone.pitch), _velocity(tone.velocity)


def _velocity(velocity: float) -> int:
    return min(max(round(127 * velocity), 1), 127)


def _song(score: Score, performance: Performance | None, channel: int, end: int) -> list[Event]:
    """Return the singer's track."""
    sung = (
        [[_written(note) for note in each.notes] for each in score.song]
        if performance is None
        else [[_played(tone, performance.clock) for tone in each.tones] for each in performance.song]
    )
    words = [each.word for each in score.song]
    goes_on = [first == second for first, second in pairwise(words)] + [False]
    syllables = [
        lyric(played[0][0], each.text + "-" * more)
        for each, played, more in zip(score.song, sung, goes_on, strict=True)
        if played
    ]
    line = _apart([event for played in sung for event in played], end)
    return [track_name(_VOICE), program(channel, general_midi.SINGER), *syllables, *notes(channel, line)]


def _apart(played: Sequence[_Event], end: int) -> Iterable[_Event]:
    """Return notes of at least a tick of which none lies beyond the end or overlaps the next of its number."""
    kept: list[_Event] = []
    for _, line in groupby(sorted(played, key=lambda each: (each[2], each[0])), key=lambda each: each[2]):
        begun = [each for each in line if 0 <= each[0] < end]
        following = [each[0] for each in begun[1:]] + [end]
        kept += [
            (start, min(max(stop, start + 1), after, end), number, velocity)
            for (start, stop, number, velocity), after in zip(begun, following, strict=True)
            if after > start
        ]
    return sorted(kept)
