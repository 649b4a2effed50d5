"""Songs with exact truth, to learn from and to measure by.

``python -m benchmarks.corpus`` makes them: songs composed here by seed and rendered with sampled instruments, and
chorales of Bach with a human's analysis. They lie in ``~/.cache/soundrack/corpus``: ``NAME.flac`` (44.1 kHz, stereo)
beside ``NAME.json``, its truth:

- ``name``, ``set`` (``rendered`` or ``chorales``), ``half`` (``tune`` or ``held``), ``seed``, ``style``, ``soundfont``
- ``duration_s``; ``common``: false in songs in 2/4, 5/4 and 7/8, which are told apart
- ``bpm``: beats (as in ``beats_s``) per minute, by the median beat; ``tempo_curve``: ``[{at_s, bpm}]``, at each bar;
  ``tempo_kind``: ``steady``, ``drift``, ``sudden``, ``gradual`` or ``ritardando``; ``feel``: ``straight``, or
  ``half_time`` where the snare is on the third beat
- ``metre``; ``beats_s``; ``positions`` of the beats in their bars, from 1; ``downbeats_s``. A beat is a quarter note,
  in 6/8 a dotted quarter (two in a bar), in 7/8 a group of the bar's 2 + 2 + 3 eighths
- ``beats_heard``: the share of the beats on which some note begins; where it is low, few could tap along
- ``swing``: how much longer the first of two eighths is than the second, 1 to 2; ``swing_unit``: ``eighth`` or
  ``sixteenth``
- ``tuning_cents``: how far the tuning is off 440 Hz
- ``key``: the one that holds longest, as ``Eb major``; ``key_segments``: ``[{start_s, end_s, name}]``
- ``chords``: ``[{start_s, end_s, label}]`` in Harte's syntax, from 0 to the end without gaps; ``N`` where none sounds
- ``sections``: ``[{start_s, end_s, start_bar, bars, label, group}]``; same group, same music; bars count from 1
- ``melody``: ``[{start_s, end_s, note}]``, MIDI numbers; ``drums``: whether there are any
- ``mix``: what was done to the sound

Chorales have no beats and no sections; their chords and keys are those that the analyst wrote.

``python -m benchmarks.corpus --learning 330`` makes songs to learn from (`learning.py`), in
``~/.cache/soundrack/corpus-learning``: their half is ``learn``. The first 300 are learned from; those after them are
fresh ones, by which what was learned is judged, and belong to no table but the rhythm's.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.folder import kept

Truth = dict[str, Any]
"""What is known of a song, in the form above."""

LEARNED_FROM = 300
"""Of the songs that are made for learning, so many are learned from, so that more of them change nothing."""


@dataclass(frozen=True)
class Song:
    """A recording and its truth."""

    audio: Path
    truth: Truth

    @property
    def name(self) -> str:
        """What its file is called, without its ending."""
        return self.audio.stem


def folder() -> Path:
    """Return where the corpus lies."""
    return kept("corpus")


def learning_folder() -> Path:
    """Return where the songs to learn from lie."""
    return kept("corpus-learning")


def songs(kind: str | None = None, half: str | None = None) -> list[Song]:
    """Return what was made, by name: of one set and one half, or of all."""
    return [song for song in _in(folder()) if kind in (None, song.truth["set"]) and half in (None, song.truth["half"])]


def learning_songs() -> list[Song]:
    """Return the songs to learn from, by name: the first `LEARNED_FROM` that were made for it."""
    return _in(learning_folder())[:LEARNED_FROM]


def fresh_songs() -> list[Song]:
    """Return the songs that were made for learning and are not learned from, by name."""
    return _in(learning_folder())[LEARNED_FROM:]


def _in(place: Path) -> list[Song]:
    return [Song(path.with_suffix(".flac"), json.loads(path.read_text())) for path in sorted(place.glob("*.json"))]
