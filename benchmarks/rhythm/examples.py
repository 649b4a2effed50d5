"""The songs to learn from and to measure by, heard once: rendered ones, labelled clips, and what has no beat."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import numpy as np
from immich_memories_music import tracks_dir

from benchmarks import corpus
from benchmarks.analysis import real
from benchmarks.corpus import Truth
from benchmarks.folder import kept
from benchmarks.rhythm import nothing, plain
from soundrack.analysis.features import bands as front_end
from soundrack.analysis.features.bands import Bands, bands
from soundrack.analysis.features.sound import hear, low_mono

_LABEL = re.compile(r"^\s+(\w+\.opus)\s+(\d+) bpm", re.MULTILINE)
_KEPT = "rhythm"

NO_BANDS = Bands(np.zeros((0, 0), np.float32), np.zeros(0))
"""Of an example that need not be heard again."""


@dataclass(frozen=True)
class Example:
    """A song. `bpm` is None where it has no beat; `truth` is there for rendered ones alone."""

    name: str
    kind: str
    half: str
    bpm: float | None
    truth: Truth | None
    bands: Bands


def rendered(half: str | None = None) -> Iterator[Example]:
    """Give the songs of `benchmarks.corpus`."""
    for song in corpus.songs("rendered", half):
        truth = song.truth
        yield Example(song.name, "rendered", truth["half"], truth["bpm"], truth, _heard(song.audio))


def clips(half: str | None = None) -> Iterator[Example]:
    """Give the clips of `immich_memories_music` with the tempo that they were ordered at, in two halves."""
    for number, path in enumerate(sorted(Path(tracks_dir()).rglob("*.opus"), key=lambda path: path.name)):
        of_half = ("tune", "held")[number % 2]
        if half in (None, of_half):
            yield Example(path.stem, "clip", of_half, float(_labels()[path.name]), None, _heard(path))


def learning() -> Iterator[Example]:
    """Give the songs that are for learning alone."""
    for song in corpus.learning_songs():
        yield Example(song.name, "learning", "learn", song.truth["bpm"], song.truth, _heard(song.audio))


def fresh() -> Iterator[Example]:
    """Give the songs that were made for learning and are not learned from."""
    for song in corpus.fresh_songs():
        yield Example(song.name, "fresh", "fresh", song.truth["bpm"], song.truth, _heard(song.audio))


def charted(half: str | None = None) -> Iterator[Example]:
    """Give the recordings by people whose tempo is stated by a chart, in two halves."""
    for song, path in real.charted().items():
        of_half = ("tune", "held")[real.CHARTED.index(song) % 2]
        if half in (None, of_half):
            yield Example(song.name, "charted", of_half, song.bpm, None, _heard(path))


def undoubted() -> Iterator[Example]:
    """Give sounds of which nobody doubts the beat, made here, for learning alone."""
    for name, truth, mono in plain.sounds():
        yield Example(name, "plain", "learn", truth["bpm"], truth, bands(low_mono(mono[:, None], plain.RATE_HZ)))


def beatless(half: str | None = None) -> Iterator[Example]:
    """Give sounds without a beat, made here."""
    for name, of_half, mono in nothing.sounds():
        if half in (None, of_half):
            yield Example(name, "beatless", of_half, None, None, bands(low_mono(mono[:, None], nothing.RATE_HZ)))


def _labels() -> dict[str, str]:
    text = next(path for path in files("immich-memories-music") or () if path.name == "LICENSE-MUSIC").read_text()
    return dict(_LABEL.findall(text))


def _heard(path: Path) -> Bands:
    """Return a song's bands, kept on disk by the file's age and by how they are made."""
    mark = f"{path} {path.stat().st_mtime_ns} {Path(front_end.__file__).read_text()}"
    copy = kept(_KEPT, hashlib.sha256(mark.encode()).hexdigest()[:16] + ".npy")
    if not copy.exists():
        copy.parent.mkdir(parents=True, exist_ok=True)
        part = copy.with_suffix(f".{os.getpid()}.npy")
        np.save(part, bands(hear(path).mono).magnitude.astype(np.float16))
        part.replace(copy)
    return Bands(np.load(copy).astype(np.float32), bands(np.zeros(441, np.float32)).centres_hz)
