"""``python -m benchmarks.analysis.odd``: what is told of sounds that have no answer, and of thirty minutes."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import soundfile

from benchmarks.analysis import ours
from benchmarks.corpus.odd import LONG, ODD
from benchmarks.tracks import TRACKS, obtainable


def main() -> None:
    print("| sound | tempo (confidence) | metre | key (confidence) | chords | CPU s |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="soundrack-odd-") as folder:
        path = Path(folder, "sound.wav")
        for odd in (*ODD, *LONG):
            soundfile.write(path, odd.make(), odd.rate_hz, subtype="PCM_16")
            row(odd.name, path)
    for track, spoken in obtainable(tuple(track for track in TRACKS if track.name == "speech")).items():
        row(f"{track.kind} (recorded)", spoken)


def row(name: str, path: Path) -> None:
    """Print what is told of a file."""
    started_s = time.process_time()
    told = ours.answer(path)
    spent_s = time.process_time() - started_s
    bpm = "none" if told["bpm"] is None else f"{told['bpm']:g} ({told['bpm_confidence']:.2f})"
    key = "none" if told["key"] is None else f"{told['key']} ({told['key_confidence']:.2f})"
    chords = sum(label != "N" for _, _, label in told["chords"])
    print(f"| {name} | {bpm} | {told['metre'] or 'none'} | {key} | {chords or 'none'} | {spent_s:.2f} |", flush=True)


if __name__ == "__main__":
    main()
