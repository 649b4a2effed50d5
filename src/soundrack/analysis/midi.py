"""Standard MIDI Files of a song's chords and melody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.rhythm.result import Rhythm
from soundrack.analysis.tonality.labels import INTERVALS
from soundrack.analysis.tonality.melody import MelodyNote
from soundrack.analysis.tonality.result import Chord, Key
from soundrack.audio.midi_file import (
    TICKS,
    Event,
    key_signature,
    marker,
    midi_file,
    notes,
    tempo,
    time_signature,
    track_name,
)

_CHORDS, _MELODY = 0, 1
"""Channels."""
_CHORD_VELOCITY, _MELODY_VELOCITY = 72, 96
_LOWEST_ROOT = 48
_NO_BEATS_S = 0.5
_SHORTEST_TICKS = TICKS // 4


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
        [track_name("Chords"), *notes(_CHORDS, _blocks(ruler, chords))],
        [track_name("Melody"), *notes(_MELODY, _line(ruler, melody))],
    )
    return midi_file(tracks, ruler.end)


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
    last = b""
    for start_s, end_s, start, end in zip(
        ruler.times_s[:-1], ruler.times_s[1:], ruler.ticks[:-1], ruler.ticks[1:], strict=True
    ):
        event = tempo(int(start), float(end_s - start_s) * TICKS / int(end - start))
        if event[2] != last:
            yield event
        last = event[2]


def _signatures(ruler: _Ruler, key: Key | None) -> Iterable[Event]:
    for tick, upper, lower in ruler.signatures:
        yield time_signature(tick, upper, lower)
    if key is not None:
        yield key_signature(0, key.sharps, minor=key.mode == "minor")


def _markers(ruler: _Ruler, chords: Sequence[Chord]) -> Iterable[Event]:
    for chord in chords:
        yield marker(ruler.tick(chord.start_s, _SHORTEST_TICKS), chord.label)


def _blocks(ruler: _Ruler, chords: Sequence[Chord]) -> Iterable[tuple[int, int, int, int]]:
    """Yield start, end, number and velocity of each note of the chords: the bass below, the others above it."""
    for chord in chords:
        if chord.root is None or chord.quality is None or chord.bass is None:
            continue
        start, end = ruler.tick(chord.start_s, _SHORTEST_TICKS), ruler.tick(chord.end_s, _SHORTEST_TICKS)
        yield start, end, _LOWEST_ROOT - 12 + chord.bass, _CHORD_VELOCITY
        for interval in INTERVALS[chord.quality]:
            number = _LOWEST_ROOT + (chord.root + interval) % 12 + 12 * (chord.root + interval >= 12)
            yield start, end, number, _CHORD_VELOCITY


def _line(ruler: _Ruler, melody: Sequence[MelodyNote]) -> Iterable[tuple[int, int, int, int]]:
    """Yield start, end, number and velocity of the melody's notes; none is shorter than a sixteenth or overlaps."""
    starts = [ruler.tick(note.start_s, _SHORTEST_TICKS) for note in melody]
    for note, start, following in zip(melody, starts, [*starts, ruler.end][1:], strict=True):
        end = min(max(ruler.tick(note.end_s, _SHORTEST_TICKS), start + _SHORTEST_TICKS), following)
        yield start, end, note.note, _MELODY_VELOCITY
