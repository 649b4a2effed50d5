"""The features and truths of the learning songs, beat by beat, kept in one file."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from benchmarks.tonality.compose import BASS, QUALITIES, Song, compose
from benchmarks.tonality.render import RATE_HZ, Renderer
from soundrack.analysis.features.chroma import between, semitones
from soundrack.analysis.features.constant_q import FPS, constant_q
from soundrack.analysis.features.tuning import Tuning

QUALITY_NAMES = list(QUALITIES)


def features(song: Song, sound: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """Return the mean spectrum of each beat, shape (beats, 84).

    Heard in a room, through too hot an amplifier, and with tuning and beats a little off.
    """
    if rng.random() < 0.5:
        sound = _in_a_room(sound, rng)
    if rng.random() < 0.3:
        drive = float(rng.uniform(1.0, 6.0)) / max(float(np.abs(sound).max()), 1e-6)
        sound = np.tanh(drive * sound)
    spectrum = semitones(constant_q(sound, Tuning(float(rng.normal(0.0, 5.0)), 1.0)))
    beats_s = np.array(song.beats_s) + rng.normal(0.0, 0.02, len(song.beats_s)) + rng.normal(0.0, 0.02)
    bounds = np.clip(np.round(beats_s * FPS), 0, len(spectrum)).astype(np.int64)
    return between(spectrum, np.maximum.accumulate(bounds))


def _in_a_room(sound: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    length_s = float(rng.uniform(0.3, 1.5))
    time = np.arange(round(length_s * RATE_HZ)) / RATE_HZ
    response = rng.standard_normal(len(time)) * np.exp(-6.0 * time / length_s)
    response *= float(rng.uniform(0.1, 0.8)) / np.linalg.norm(response)
    response[0] += 1.0
    size = scipy.fft.next_fast_len(len(sound) + len(response))
    wet = scipy.fft.irfft(scipy.fft.rfft(sound, size) * scipy.fft.rfft(response.astype(np.float32), size), size)
    return np.asarray(wet[: len(sound)], dtype=np.float32)


def truth(song: Song) -> NDArray[np.int16]:
    """Return root, quality, bass, tonic and mode of each beat, shape (beats, 5); -1 where there is none."""
    beats = len(song.beats_s) - 1
    rows = np.full((beats, 5), -1, dtype=np.int16)
    for chord in song.chords:
        if chord.root is not None and chord.bass is not None:
            rows[chord.first_beat : chord.last_beat, :3] = chord.root, QUALITY_NAMES.index(chord.quality), chord.bass
    for first, tonic, mode in song.keys:
        rows[first:, 3:] = tonic, mode
    if not any(note.channel == BASS for note in song.notes):
        rows[:, 2] = -1  # the lowest note is whichever the accompaniment came to
    return rows


def main(destination: Path, songs: int, *soundfonts: Path) -> None:
    """Make the material; each song is played with one of the soundfonts by turns."""
    renderers = [Renderer(path) for path in soundfonts]
    spectra, truths, owners, metres = [], [], [], []
    for seed in range(songs):
        song = compose(seed)
        rng = np.random.default_rng((seed, 1))
        spectra.append(features(song, renderers[seed % len(renderers)].render(song), rng))
        truths.append(truth(song))
        owners.append(np.full(len(truths[-1]), seed))
        metres.append(song.metre)
    np.savez_compressed(
        destination,
        spectra=np.concatenate(spectra),
        truth=np.concatenate(truths),
        song=np.concatenate(owners),
        metre=metres,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), *map(Path, sys.argv[3:]))
