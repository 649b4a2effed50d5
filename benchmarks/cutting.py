"""Cuts: ``python -m benchmarks.cutting [--recordings] [WORD]``: songs cut to 15, 30 and 60 s.

Twenty songs of our own band, and with ``--recordings`` those that ``benchmarks.tracks`` can get. Of each cut are
printed how far its length is off, how many joins it has, the highest percentile of what begins or breaks off at one of
them among the song's own beats (95 is the limit), how much of a highlight lies inside, how it ends, and each join: its
bars, what begins and breaks off there, and how alike both sides are.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from benchmarks import bands, tracks
from soundrack.composition.cutting import CutOrder
from soundrack.composition.cutting.cutting import smoothest
from soundrack.composition.cutting.hearing import heard
from soundrack.composition.recordings import recording

_TARGETS_S = (15.0, 30.0, 60.0)
_LIMIT = 95.0


def sources(*, recordings: bool) -> Iterator[tuple[str, Path]]:
    """Yield what is cut, by name."""
    for song in bands.songs():
        yield song.prompt, song.path
    if recordings:
        for track, path in tracks.obtainable((*tracks.SONGS, *tracks.TRACKS)).items():
            yield f"{track.name} ({track.kind})", path


def main(word: str, *, recordings: bool) -> None:
    """Print a table."""
    print(f"{'':38}{'target':>7}{'off s':>8}{'bars':>6}{'joins':>6}{'flux':>7}{'inside':>8}  ending, joins")
    lengths, fluxes, counts, insides = [], [], [], []
    spent_s = played_s = 0.0
    for name, path in sources(recordings=recordings):
        if word not in name:
            continue
        recorded = recording(path)
        began = time.process_time()
        song = heard(recorded, lambda _stage, _done: None)
        spent_s += time.process_time() - began
        played_s += song.duration_s
        bar_s = float(np.median(np.diff(song.on.bounds_s)))
        for target_s in _TARGETS_S:
            if target_s >= song.duration_s:
                continue
            order = CutOrder(target_s)
            _, made = smoothest(song, order)
            off_s = made.duration_s - target_s
            lengths.append(abs(off_s) <= max(0.03 * target_s, 0.5 * bar_s))
            fluxes += [max(each.flux_percentile, each.drop_percentile) for each in made.joins]
            counts.append(len(made.joins))
            insides.append(made.highlight is not None)
            worst = max((max(each.flux_percentile, each.drop_percentile) for each in made.joins), default=0.0)
            joins = ", ".join(
                f"{each.from_bar}>{each.to_bar} {each.flux_percentile:.0f}/{each.drop_percentile:.0f} "
                f"r{each.correlation:.2f}"
                for each in made.joins
            )
            inside = "-" if made.highlight is None else f"{made.highlight['inside']:.0%}"
            print(
                f"{name:38}{target_s:7.0f}{off_s:8.2f}{off_s / bar_s:6.2f}{len(made.joins):6}{worst:7.1f}{inside:>8}"
                f"  {made.ending}, {made.on}: {joins}",
                flush=True,
            )
    print(
        f"\n{len(lengths)} cuts: length within 3 % or half a bar {np.mean(lengths):.1%}; "
        f"joins {np.mean(counts):.2f} each, "
        f"{np.mean(np.array(fluxes) <= _LIMIT):.1%} of {len(fluxes)} within the 95th percentile; "
        f"highlight inside {np.mean(insides):.1%}; hearing {60.0 * spent_s / played_s:.2f} s of CPU a minute"
    )


if __name__ == "__main__":
    words = [each for each in sys.argv[1:] if not each.startswith("--")]
    main(words[0] if words else "", recordings="--recordings" in sys.argv[1:])
