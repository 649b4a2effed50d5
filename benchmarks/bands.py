"""Songs of our own band with their true stems, for what takes songs apart and cuts them: composed once, then kept."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.folder import kept
from soundrack import composition

_LENGTH_S = 100.0
_LYRICS = """[Verse]
Morning paints the window gold
I count the roads we never took
The coffee and the rain are cold
Your name is in my only book
[Chorus]
So turn the light around for me
and let the river carry on
we were as wide as any sea
and in a single night were gone
[Verse]
Evening hangs a coat of blue
A train is calling through the town
I kept a summer there for you
and watched the petals falling down
[Chorus]
So turn the light around for me
and let the river carry on
we were as wide as any sea
and in a single night were gone
"""
_DRUMS, _BASS = ("drums", "percussion"), ("bass",)


@dataclass(frozen=True)
class Song:
    """A song: its style's words, whether it is sung, and its seed. `half` is ``tune`` or ``held``."""

    prompt: str
    sung: bool
    seed: int
    half: str

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        digest = hashlib.sha256(repr((self, _LENGTH_S, _LYRICS)).encode()).hexdigest()[:8]
        return kept("bands", f"{self.prompt.replace(',', '').replace(' ', '-')}-{digest}")

    @property
    def path(self) -> Path:
        """The song as it was mastered."""
        return self.folder / "song.flac"

    def stems(self, start_s: float, stop_s: float) -> dict[str, NDArray[np.float32]]:
        """Return what was played from one moment to another, float32, shape (frames, 2), by kind of stem.

        Rooms and echoes, which all share, are ``other``.
        """
        found: dict[str, NDArray[np.float32]] = {}
        for path in sorted((self.folder / "stems").glob("*.flac")):
            with soundfile.SoundFile(path) as file:
                file.seek(round(start_s * 44_100))
                samples = file.read(round((stop_s - start_s) * 44_100), dtype="float32")
            kind = _kind(path.stem)
            found[kind] = found[kind] + samples if kind in found else samples
        some = next(iter(found.values()))
        return {name: found.get(name, np.zeros_like(some)) for name in ("vocals", "drums", "bass", "other")}


SONGS = (
    Song("pop, female vocal", True, 1, "tune"),
    Song("rock, male vocal", True, 2, "tune"),
    Song("trap, male vocal", True, 3, "tune"),
    Song("reggae, female vocal", True, 4, "tune"),
    Song("house", False, 5, "tune"),
    Song("techno", False, 6, "tune"),
    Song("jazz", False, 7, "tune"),
    Song("cinematic", False, 8, "tune"),
    Song("latin", False, 9, "tune"),
    Song("lofi", False, 10, "tune"),
    Song("synthwave, female vocal", True, 11, "held"),
    Song("folk, male vocal", True, 12, "held"),
    Song("disco, female vocal", True, 13, "held"),
    Song("hip hop, male vocal", True, 14, "held"),
    Song("drum and bass", False, 15, "held"),
    Song("trance", False, 16, "held"),
    Song("dubstep", False, 17, "held"),
    Song("ambient", False, 18, "held"),
    Song("rock", False, 19, "held"),
    Song("pop", False, 20, "held"),
)
"""All 18 styles; what was learned from is of other styles than most of what is measured on."""


def songs(half: str | None = None) -> tuple[Song, ...]:
    """Return the songs of a half, or all, composed where they are not there yet."""
    wanted = tuple(song for song in SONGS if half in (None, song.half))
    for song in wanted:
        if not song.path.exists():
            song.folder.mkdir(parents=True, exist_ok=True)
            part = song.folder / "part.flac"
            order = composition.Order(
                song.prompt, lyrics=_LYRICS if song.sung else None, duration_s=_LENGTH_S, seed=song.seed
            )
            composition.compose(order, composition.Outputs(part, stems=song.folder / "stems"))
            part.rename(song.path)
            print(f"composed {song.prompt}", file=sys.stderr, flush=True)
    return wanted


def _kind(stem: str) -> str:
    if stem == "voice":
        return "vocals"
    if stem.startswith(_DRUMS):
        return "drums"
    return "bass" if stem.startswith(_BASS) else "other"


if __name__ == "__main__":
    songs()
