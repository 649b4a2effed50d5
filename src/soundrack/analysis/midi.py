"""Standard MIDI Files of a song's chords and melody (MIDI 1.0, "Standard MIDI Files 1.0", RP-001)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.rhythm.result import Rhythm
from soundrack.analysis.tonality.labels import INTERVALS
from soundrack.analysis.tonality.melody import MelodyNote
from soundrack.analysis.tonality.result import Chord, Key

TICKS = 480
"""A quarter note."""

_CHORDS, _MELODY = 0, 1
"""Channels."""
_CHORD_VELOCITY, _MELODY_VELOCITY = 72, 96
_LOWEST_ROOT = 48
_NO_BEATS_S = 0.5
_SHORTEST_TICKS = TICKS // 4
_LONGEST_TEMPO = 0xFFFFFF

Event = tuple[int, int, bytes]
"""Ticks, order among events of the same tick, and the message."""


def standard_midi_file(
    chords: Sequence[Chord], melody: Sequence[MelodyNote], key: Key | None, rhythm: Rhythm, duration_s: float
) -> bytes:
    """Write chords and melody as a Standard MIDI File of format 1.

    The first track holds tempo, time signature, key signature and the chords' names as markers; the second the chords
    as blocks from beat to beat; the third the melody, rounded to sixteenth notes. Played back, everything falls where
    it does in the recording: each beat has its own tempo. Without beats, 120 to the minute stand in for them.

    Parameters
    ----------
    chords, melody : sequences of Chord and MelodyNote
        What is written; either may be empty.
    key : Key or None
        Of the key signature; None leaves it out.
    rhythm : Rhythm
        Of the tempo map. In a metre of dotted quarters (6/8, 9/8, 12/8) a beat is one of them.
    duration_s : float
        How long the song is.
    """
    ruler = _Ruler.over(rhythm, duration_s)
    tracks = (
        [*_tempos(ruler), *_signatures(ruler, key), *_markers(ruler, chords)],
        [_name("Chords"), *_notes(_CHORDS, _CHORD_VELOCITY, _blocks(ruler, chords))],
        [_name("Melody"), *_notes(_MELODY, _MELODY_VELOCITY, _line(ruler, melody))],
    )
    header = struct.pack(">4sIHHH", b"MThd", 6, 1, len(tracks), TICKS)
    return header + b"".join(_track(events, ruler.end) for events in tracks)


@dataclass(frozen=True)
class _Ruler:
    """Ticks over seconds: `times_s` and `ticks` of each beat, and the bars' signatures by tick."""

    times_s: NDArray[np.float64]
    ticks: NDArray[np.int64]
    signatures: tuple[tuple[int, int, int], ...]

    @property
    def end(self) -> int:
        return int(self.ticks[-1])

    def tick(self, time_s: float, step: int) -> int:
        """Return the tick of a time, rounded to a step."""
        return step * round(float(np.interp(time_s, self.times_s, self.ticks)) / step)

    @classmethod
    def over(cls, rhythm: Rhythm, duration_s: float) -> _Ruler:
        """Lay beats over a song: as many before the first as fill the time there, and after the last to the end."""
        times = rhythm.beats_s
        if len(times) < 2:
            count = max(int(np.ceil(duration_s / _NO_BEATS_S)), 1)
            return cls(np.linspace(0.0, _NO_BEATS_S * count, count + 1), TICKS * np.arange(count + 1), ())
        upper, lower = (int(part) for part in (rhythm.metre or "4/4").split("/"))
        compound = lower == 8 and upper % 3 == 0
        unit = TICKS * 3 // 2 if compound else TICKS * 4 // lower
        usual_s = float(np.median(np.diff(times)))
        before = max(round(times[0] / usual_s), 1) if times[0] > 0.02 else 0
        after = max(int(np.ceil((duration_s - times[-1]) / usual_s)), 1)
        lead = np.linspace(0.0, times[0], before, endpoint=False)
        every = np.concatenate((lead, times, times[-1] + usual_s * np.arange(1, after + 1)))
        downbeats = np.flatnonzero(rhythm.positions == 1)
        pickup = before + int(downbeats[0]) if len(downbeats) else 0
        in_bar = upper // 3 if compound else upper
        parts = (3 if compound else 1) * (pickup % in_bar)
        signatures = (
            ((0, upper, lower),) if not parts else ((0, parts, lower), (unit * (pickup % in_bar), upper, lower))
        )
        return cls(
            np.asarray(every, dtype=np.float64), unit * np.arange(len(every)), signatures if rhythm.metre else ()
        )


def _tempos(ruler: _Ruler) -> Iterable[Event]:
    """A tempo at each beat whose length differs from that of the beat before."""
    last = 0
    for start_s, end_s, start, end in zip(
        ruler.times_s[:-1], ruler.times_s[1:], ruler.ticks[:-1], ruler.ticks[1:], strict=True
    ):
        microseconds = min(round(1e6 * float(end_s - start_s) * TICKS / int(end - start)), _LONGEST_TEMPO)
        if microseconds != last:
            yield int(start), 0, b"\xff\x51\x03" + microseconds.to_bytes(3, "big")
        last = microseconds


def _signatures(ruler: _Ruler, key: Key | None) -> Iterable[Event]:
    for tick, upper, lower in ruler.signatures:
        clocks = 36 if lower == 8 and upper % 3 == 0 else 96 // lower
        yield tick, 1, bytes((0xFF, 0x58, 4, upper, lower.bit_length() - 1, clocks, 8))
    if key is not None:
        yield 0, 1, struct.pack(">BBBbB", 0xFF, 0x59, 2, key.sharps, key.mode == "minor")


def _markers(ruler: _Ruler, chords: Sequence[Chord]) -> Iterable[Event]:
    for chord in chords:
        text = chord.label.encode("ascii")
        yield ruler.tick(chord.start_s, _SHORTEST_TICKS), 2, b"\xff\x06" + _length(len(text)) + text


def _name(text: str) -> Event:
    return 0, 0, b"\xff\x03" + _length(len(text)) + text.encode("ascii")


def _blocks(ruler: _Ruler, chords: Sequence[Chord]) -> Iterable[tuple[int, int, int]]:
    """Yield start, end and number of each note of the chords: the bass below, the others above it."""
    for chord in chords:
        if chord.root is None or chord.quality is None or chord.bass is None:
            continue
        start, end = ruler.tick(chord.start_s, _SHORTEST_TICKS), ruler.tick(chord.end_s, _SHORTEST_TICKS)
        yield start, end, _LOWEST_ROOT - 12 + chord.bass
        for interval in INTERVALS[chord.quality]:
            yield start, end, _LOWEST_ROOT + (chord.root + interval) % 12 + 12 * (chord.root + interval >= 12)


def _line(ruler: _Ruler, melody: Sequence[MelodyNote]) -> Iterable[tuple[int, int, int]]:
    """Yield start, end and number of the melody's notes, none shorter than a sixteenth, none beyond the next."""
    starts = [ruler.tick(note.start_s, _SHORTEST_TICKS) for note in melody]
    for note, start, following in zip(melody, starts, [*starts, ruler.end][1:], strict=True):
        end = min(max(ruler.tick(note.end_s, _SHORTEST_TICKS), start + _SHORTEST_TICKS), following)
        yield start, end, note.note


def _notes(channel: int, velocity: int, notes: Iterable[tuple[int, int, int]]) -> Iterable[Event]:
    """Yield the messages of notes; at one tick, notes end before others begin."""
    for start, end, number in notes:
        if end > start:
            yield start, 4, bytes((0x90 | channel, number, velocity))
            yield end, 3, bytes((0x80 | channel, number, 64))


def _track(events: Iterable[Event], end: int) -> bytes:
    """Return a track's chunk: its events in order, each after the time since the one before."""
    body, now = bytearray(), 0
    for tick, _, message in sorted(events):
        body += _length(tick - now) + message
        now = tick
    body += _length(max(end - now, 0)) + b"\xff\x2f\x00"
    return struct.pack(">4sI", b"MTrk", len(body)) + bytes(body)


def _length(value: int) -> bytes:
    """Return a variable-length quantity: seven bits a byte, the highest first."""
    groups = [value & 0x7F]
    while value := value >> 7:
        groups.append(value & 0x7F | 0x80)
    return bytes(reversed(groups))
