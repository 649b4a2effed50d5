"""The songs that the networks are learned from, heard once: those of `benchmarks.corpus.learning`."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import corpus
from benchmarks.analysis.labels import pitch_class
from benchmarks.corpus import Truth
from benchmarks.folder import kept
from soundrack.analysis.features.bands import bands
from soundrack.analysis.features.chroma import semitones
from soundrack.analysis.features.constant_q import constant_q
from soundrack.analysis.features.sound import hear
from soundrack.analysis.rhythm import rhythm
from soundrack.analysis.tonality.labels import QUALITIES
from soundrack.analysis.tonality.network import STATES

SONGS = 252
_LABEL = re.compile(r"(?P<root>[A-G][#b]*):(?P<quality>\w+)(?:/(?P<bass>[#b]?\d+))?")
_DEGREES = {"1": 0, "b3": 3, "3": 4, "b5": 6, "5": 7, "#5": 8, "b7": 10, "7": 11, "2": 2, "4": 5, "6": 9}
SIMPLER = {
    "hdim7": "dim",
    "dim7": "dim",
    "m7b5": "dim",
    "maj6": "maj",
    "add9": "maj",
    "min9": "min7",
    "maj9": "maj7",
} | {"9": "7"}
"""What chords beyond the vocabulary are called in it."""


@dataclass(frozen=True)
class Example:
    """A song: its spectrum by semitone and frame, the beats that our rhythm finds in it, and what is true of it."""

    name: str
    semitones: NDArray[np.float32]
    beats_s: NDArray[np.float64]
    positions: NDArray[np.int64]
    truth: Truth


def examples() -> Iterator[Example]:
    """Give the first `SONGS` of the songs to learn from, each heard once and kept by its version."""
    for song in corpus.learning_songs()[:SONGS]:
        mark = f"{song.name} {song.truth['version']}"
        copy = kept("tonality", hashlib.sha256(mark.encode()).hexdigest()[:16] + ".npz")
        if not copy.exists():
            _hear(song.audio, copy)
        with np.load(copy) as file:
            yield Example(
                song.name, file["semitones"].astype(np.float32), file["beats_s"], file["positions"], song.truth
            )


def _hear(audio: Path, copy: Path) -> None:
    mono = hear(audio).mono
    pulse = rhythm(bands(mono))
    copy.parent.mkdir(parents=True, exist_ok=True)
    part = copy.with_suffix(f".{os.getpid()}.npz")
    spectrum = semitones(constant_q(mono)).astype(np.float16)
    np.savez(part, semitones=spectrum, beats_s=pulse.beats_s, positions=pulse.positions)
    part.replace(copy)


def state_and_bass(label: str) -> tuple[int, int]:
    """Return the network's number of a chord in Harte's syntax, and its bass' pitch class, -1 where none sounds.

    Raises
    ------
    ValueError
        If the label is none that the corpus writes.
    """
    if label == "N":
        return STATES - 1, -1
    found = _LABEL.fullmatch(label)
    if found is None:
        raise ValueError(f"{label!r} is no chord")
    root, quality = pitch_class(found["root"]), SIMPLER.get(found["quality"], found["quality"])
    bass = (root + _DEGREES[found["bass"] or "1"]) % 12
    return root * len(QUALITIES) + QUALITIES.index(quality), bass


def key_number(name: str) -> int:
    """Return the number of a key: twice the tonic, and one more for minor."""
    tonic, mode = name.split()
    return 2 * pitch_class(tonic) + (mode == "minor")
