"""What the analysis is measured on: clips and recordings with a stated tempo, rendered songs, and chorales."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path
from typing import Any

from immich_memories_music import tracks_dir

from benchmarks import corpus
from benchmarks.analysis.real import CHARTED, charted

HALVES = ("tune", "held")
_SHARED = 32
"""Of either half, so many rendered songs are analysed by the peers too."""
_STATED = re.compile(r"\s+(\w+\.opus)\s+(\d+) bpm\s+(\S+ \w+)\s")


@dataclass(frozen=True)
class Item:
    """A recording, which set and half it belongs to, and what is true of it (in the corpus's words)."""

    path: Path
    set: str
    half: str
    true: dict[str, Any]


def items(half: str | None = None) -> list[Item]:
    """Return every recording, or those of one half."""
    found = [*clips(), *_charted(), *_made("rendered"), *_made("chorales")]
    return [item for item in found if half in (None, item.half)]


def clips() -> list[Item]:
    """Return the 28 clips of immich-memories-music: even ones by name are to tune on, odd ones are held out."""
    (said,) = (file for file in files("immich_memories_music") or [] if file.name == "LICENSE-MUSIC")
    stated = {name: (float(bpm), key) for name, bpm, key in _STATED.findall(said.read_text())}
    paths = sorted(Path(tracks_dir()).rglob("*.opus"), key=lambda path: path.name)
    return [
        Item(path, "ACE-28", HALVES[number % 2], {"bpm": stated[path.name][0], "key": stated[path.name][1]})
        for number, path in enumerate(paths)
    ]


def _charted() -> list[Item]:
    """Return the recordings whose chart states a tempo: even ones by name are to tune on, odd ones are held out."""
    return [
        Item(path, "charted", HALVES[CHARTED.index(song) % 2], {"bpm": song.bpm}) for song, path in charted().items()
    ]


def _made(kind: str) -> list[Item]:
    songs = corpus.songs(kind)
    shared = {song.name for half in HALVES for song in _first([song for song in songs if song.truth["half"] == half])}
    found = []
    for song in songs:
        if not song.truth.get("common", True):
            label = "rare metres"  # 2/4, 5/4 and 7/8
        elif kind == "rendered" and song.name not in shared:
            label = "rendered, more"
        else:
            label = kind
        found.append(Item(song.audio, label, song.truth["half"], _plain(song)))
    return found


def _first(songs: list[corpus.Song]) -> list[corpus.Song]:
    """Return some of the songs in common metres, drawn by their names."""
    common = [song for song in songs if song.truth.get("common", True)]
    return sorted(common, key=lambda song: hashlib.sha256(song.name.encode()).hexdigest())[:_SHARED]


def _plain(song: corpus.Song) -> dict[str, Any]:
    """Return a song's truth with its chords and sections as the scores take them."""
    true = dict(song.truth)
    true["chords"] = [[chord["start_s"], chord["end_s"], chord["label"]] for chord in true["chords"]]
    if "sections" in true:
        true["boundaries_s"] = [section["start_s"] for section in true["sections"]]
    return true
