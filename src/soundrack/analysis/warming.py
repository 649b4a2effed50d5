"""Warming: analyse once, so that no job compiles a kernel or loads a network."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.enclosures import Enclosures
from soundrack.analysis.engine import analyze
from soundrack.analysis.stems import can_separate
from soundrack.audio.encoding import Format, write

_RATE_HZ = 44_100
_LENGTH_S = 10
_CHORDS = ((60, 64, 67), (57, 60, 64), (65, 69, 72), (55, 59, 62))
_BEAT_S = 0.5


def warm() -> None:
    """Analyse a short synthetic song, so that every kernel is compiled, or loaded from its cache, and ready to fork.

    Networks that are installed are loaded, the separator too.
    """
    with tempfile.TemporaryDirectory(prefix="soundrack-warm-") as folder:
        source = Path(folder, "source.wav")
        write(source, _sketch(), _RATE_HZ, Format.WAV)
        analyze(source, enclosures=_everything(Path(folder)))


def _everything(folder: Path) -> Enclosures:
    return Enclosures(
        waveform=folder / "waveform.png",
        spectrogram=folder / "spectrogram.png",
        midi=folder / "song.mid",
        stems=folder / "stems" if can_separate() else None,
    )


def _sketch() -> NDArray[np.float32]:
    """Return chords in whole bars over a kick and a noise on every second beat, shape (frames, 2)."""
    t = np.arange(_LENGTH_S * _RATE_HZ) / _RATE_HZ
    beat = (t / _BEAT_S).astype(int)
    since_s = t - beat * _BEAT_S
    song = np.zeros_like(t)
    for note in range(3):
        pitches = np.array([chord[note] for chord in _CHORDS])[(beat // 4) % len(_CHORDS)]
        frequencies_hz = 440.0 * 2.0 ** ((pitches - 69) / 12.0)
        for partial in range(1, 5):
            song += 0.08 / partial * np.sin(2.0 * np.pi * frequencies_hz * partial * t)
    song += 0.4 * np.exp(-since_s / 0.05) * np.sin(2.0 * np.pi * 60.0 * since_s)
    noise = np.random.default_rng(1).standard_normal(t.size)
    song += np.where(beat % 2 == 1, 0.2 * np.exp(-since_s / 0.04) * noise, 0.0)
    return np.repeat((0.7 * song).astype(np.float32)[:, None], 2, axis=1)
