"""Recordings by people: eight whose tempo is documented, and the five that docs/analysis-accuracy.md looks at closely.

``python -m benchmarks.analysis.real`` prints where the five lie, to be given to ``soundrack analyze --plot``.

Sectoid and Muldjord published their songs with charts for a game, which state the tempo that the songs were made at
(``notes.mid`` in the same packages). A song's guitar is a file of its own there; it is laid over the rest again.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.folder import kept
from benchmarks.tracks import SONGS, Track, Unobtainable, obtainable, prepared

_START_S, _STOP_S = 30.0, 120.0
"""What is measured of a charted song."""


@dataclass(frozen=True)
class Charted:
    """A song with a chart: its package and folder, and the tempo that the chart states."""

    name: str
    package: str
    folder: str
    bpm: float


CHARTED = (
    Charted("armygeddon", "muldjord", "armygeddon", 170.0),
    Charted("chaos-god", "muldjord", "chaos_god", 170.0),
    Charted("escape-from-chaosland", "sectoid", "Escape from chaosland", 135.0),
    Charted("feelings", "sectoid", "Feelings", 95.0),
    Charted("internal-degeneration", "muldjord", "internal_degeneration", 190.0),
    Charted("metal-madness", "sectoid", "Metal madness", 150.0),
    Charted("mutilated-mime", "muldjord", "mutilated_mime", 180.0),
    Charted("war-of-freedom", "sectoid", "War of freedom", 140.0),
)
"""By name."""


@dataclass(frozen=True)
class Real:
    """One of the five: what it is and what is documented of it."""

    name: str
    style: str
    known: str


FIVE = (
    Real("feelings", "rock, instrumental", "95 beats a minute by its chart"),
    Real("internal-degeneration", "death metal", "190 beats a minute in 4/4 by its chart"),
    Real("aftermath", "electronic", "nothing but its title and that it is game music"),
    Real("chains", "orchestral", "nothing but its title and that it is game music"),
    Real("happy_acoustic_1", "acoustic pop, generated", "asked for at 110 beats a minute in E major"),
)


def charted(*, whole: bool = False) -> dict[Charted, Path]:
    """Return the songs with charts that can be had here, 90 s of each or whole, as FLAC; say which cannot, and why."""
    found = {}
    for song in CHARTED:
        try:
            found[song] = _joined(song) if whole else _excerpt(song)
        except Unobtainable as error:
            print(f"without {song.name}: {error}", file=sys.stderr)
    return found


def five() -> dict[str, Path]:
    """Return the five that can be had, by name."""
    paths = {song.name: path for song, path in charted(whole=True).items()}
    acoustic = Track("happy_acoustic_1", "acoustic pop, whole", "immich", ("happy_acoustic_1.opus",))
    paths |= {track.name: path for track, path in obtainable((*SONGS, acoustic)).items()}
    return {real.name: paths[real.name] for real in FIVE if real.name in paths}


def _joined(song: Charted) -> Path:
    path = kept("tracks", f"{song.name}-with-guitar.flac")
    if not path.exists():
        parts = [
            soundfile.read(
                prepared(
                    Track(f"{song.name}-{part}", "a part of a song", song.package, (f"{song.folder}/{part}.ogg",))
                ),
                dtype="float32",
                always_2d=True,
            )
            for part in ("song", "guitar")
        ]
        (rest, rate_hz), (guitar, _) = parts
        mix = np.zeros((max(len(rest), len(guitar)), 2), dtype=np.float32)
        mix[: len(rest)] += rest
        mix[: len(guitar)] += guitar
        mix /= max(1.0, float(np.abs(mix).max()))
        soundfile.write(path, mix, rate_hz, format="FLAC", subtype="PCM_16")
    return path


def _excerpt(song: Charted) -> Path:
    path = kept("tracks", f"{song.name}-{_START_S:g}-{_STOP_S:g}.flac")
    if not path.exists():
        mix, rate_hz = soundfile.read(_joined(song), dtype="float32", always_2d=True)
        cut = mix[int(_START_S * rate_hz) : int(_STOP_S * rate_hz)]
        soundfile.write(path, cut, rate_hz, format="FLAC", subtype="PCM_16")
    return path


def main() -> None:
    paths = five()
    for real in FIVE:
        if real.name in paths:
            print(f"{paths[real.name]}  {real.style}: {real.known}")


if __name__ == "__main__":
    main()
