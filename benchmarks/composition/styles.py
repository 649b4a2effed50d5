"""Speed, loudness, peaks, silence, length, repetition and stems of a song a style.

``python -m benchmarks.composition styles [SECONDS] [STYLE...]``
"""

from __future__ import annotations

import hashlib
import resource
import tempfile
import time
from pathlib import Path

import numpy as np
import soundfile

from benchmarks.composition.ears import longest_silence_s
from soundrack import composition
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.styles.files import NAMES

_SECONDS = 60.0
_SEED = 11


def main(arguments: list[str]) -> None:
    """Print a line a style."""
    seconds = float(arguments[0]) if arguments else _SECONDS
    styles = arguments[1:] or list(NAMES)
    composition.warm()
    print("style          x real time    LUFS   dBTP  silence  length  same   stems")
    for style in styles:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            order = composition.Order(style.replace("_", " "), duration_s=seconds, seed=_SEED)
            began = time.process_time()
            made = composition.compose(order, composition.Outputs(folder / "song.flac"))
            speed = made.duration_s / (time.process_time() - began)
            again = composition.compose(order, composition.Outputs(folder / "again.flac", stems=folder / "stems"))
            same = _digest(folder / "song.flac") == _digest(folder / "again.flac")
            song = soundfile.read(folder / "song.flac", dtype="float32")[0]
            rest = song - np.sum([soundfile.read(path, dtype="float32")[0] for path in again.stems.values()], axis=0)
            null_db = 10.0 * np.log10(np.mean(rest.astype(np.float64) ** 2) / np.mean(song.astype(np.float64) ** 2))
            off = made.plan.duration_s / seconds - 1.0
            measured = made.measurement
            print(
                f"{style:14} {speed:11.1f} {measured.integrated_lufs:7.2f} {measured.true_peak_db:6.2f} "
                f"{longest_silence_s(song, RATE_HZ):7.2f}s {off:+6.1%} {'yes' if same else 'NO':>5} {null_db:6.1f}",
                flush=True,
            )
    print(f"most memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
