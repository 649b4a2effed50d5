"""librosa's beats, a key by Krumhansl's profiles and chords by 24 templates on its chroma, at 22.05 kHz."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
import librosa  # type: ignore[import-not-found, unused-ignore]
import numpy as np
from analyst import Found, serve  # type: ignore[import-not-found, unused-ignore]

_RATE_HZ = 22_050
_NAMES = ("C", "C#", "D", "D#", "E", "F", "F#", "G", "G#", "A", "A#", "B")
_PROFILES = {
    # Krumhansl, Cognitive Foundations of Musical Pitch, 1990, table 2.1
    "major": (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
    "minor": (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
}
_TRIADS = {"maj": (0, 4, 7), "min": (0, 3, 7)}
_HOP = 2048
_STAY = 0.97


def beats(sound: Any) -> Found:
    tempo, frames = librosa.beat.beat_track(y=sound, sr=_RATE_HZ)
    return {"bpm": float(np.ravel(tempo)[0]), "beats_s": librosa.frames_to_time(frames, sr=_RATE_HZ).tolist()}


def key(sound: Any) -> Found:
    chroma = librosa.feature.chroma_cqt(y=sound, sr=_RATE_HZ).mean(axis=1)
    matches = {
        f"{_NAMES[tonic]} {mode}": np.corrcoef(np.roll(profile, tonic), chroma)[0, 1]
        for mode, profile in _PROFILES.items()
        for tonic in range(12)
    }
    return {"key": max(matches, key=lambda name: float(matches[name]))}


def chords(sound: Any) -> Found:
    chroma = librosa.feature.chroma_cqt(y=sound, sr=_RATE_HZ, hop_length=_HOP)
    templates = np.zeros((24, 12))
    for number, tones in enumerate(_TRIADS.values()):
        for root in range(12):
            templates[12 * number + root, [(root + tone) % 12 for tone in tones]] = 1.0 / np.sqrt(3.0)
    likely = np.exp(12.0 * templates @ (chroma / (np.linalg.norm(chroma, axis=0) + 1e-9)))
    moves = librosa.sequence.transition_loop(24, _STAY)
    states = librosa.sequence.viterbi(likely / likely.sum(axis=0), moves)
    edges = [0, *(np.flatnonzero(np.diff(states)) + 1), len(states)]
    times = np.array(edges) * _HOP / _RATE_HZ
    labels = [f"{_NAMES[states[edge] % 12]}:{'maj' if states[edge] < 12 else 'min'}" for edge in edges[:-1]]
    return {"chords": [[float(a), float(b), label] for a, b, label in zip(times, times[1:], labels, strict=False)]}


serve({"beat_track": beats, "chroma, Krumhansl": key, "chroma, templates": chords}, _RATE_HZ)
