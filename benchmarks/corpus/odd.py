"""Sounds that have no answer, or only some, and what may be told of each.

All are made here, by seed. `ODD` lists the short ones, which the tests analyse too; `LONG` those that take a while.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from benchmarks.corpus.mixing import pink
from benchmarks.corpus.performance import perform
from benchmarks.corpus.plan import plans

Samples = NDArray[np.float32]
"""Shape (frames, channels), full scale 1.0."""

RATE_HZ = 44_100


@dataclass(frozen=True)
class Odd:
    """A sound and what may be told of it.

    `silent` names what must have no answer: ``bpm``, ``key``, ``metre``, ``chords`` (none but N), ``genre``.
    `doubtful` names what may be told with a confidence below 0.5 alone. `bpm` and `key` are what must be told if
    anything is, and `told` names which of them must be. `make` returns the samples at `rate_hz`.
    """

    name: str
    make: Callable[[], Samples]
    silent: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    bpm: float | None = None
    key: str | None = None
    told: tuple[str, ...] = ()
    rate_hz: int = field(default=RATE_HZ)


def music(seconds: float, rate_hz: int = RATE_HZ) -> Samples:
    """Return a rock song in plain synthesis, mono: B minor, 4/4, 120 beats a minute."""
    rng = np.random.default_rng(1)
    beat_s = 0.5
    line = np.zeros((round(seconds * rate_hz), 1), dtype=np.float32)
    progression = ((47, 50, 54), (43, 47, 50), (45, 49, 52), (42, 46, 49))
    for beat in range(int(seconds / beat_s)):
        at_s = beat * beat_s
        chord = progression[beat // 4 % 4]
        _add(line, at_s, 0.5 * struck(chord[0] - 12, beat_s, rate_hz), rate_hz)
        for half in (0.0, 0.25):
            _add(line, at_s + half, 0.12 * hit(0.04, 7000.0, rate_hz, rng), rate_hz)
            for tone in chord:
                _add(line, at_s + half, 0.15 * struck(tone + 12, 0.25, rate_hz), rate_hz)
        tone = chord[(0, 2, 1, 2)[beat % 4]] + 24
        _add(line, at_s, 0.2 * struck(tone, beat_s, rate_hz), rate_hz)
        stroke = 0.9 * drum(rate_hz) if beat % 2 == 0 else 0.5 * hit(0.12, 1500.0, rate_hz, rng)
        _add(line, at_s, stroke, rate_hz)
    return _level(line)


@cache
def struck(note: int, seconds: float, rate_hz: int) -> Samples:
    """Return a piano-like tone: eight harmonics that decay, shape (frames, 1)."""
    time_s = np.arange(round(seconds * rate_hz)) / rate_hz
    pitch_hz = 440.0 * 2.0 ** ((note - 69) / 12.0)
    tone = np.zeros_like(time_s)
    for harmonic in range(1, 9):
        if harmonic * pitch_hz < 0.45 * rate_hz:
            decay = np.exp(-time_s * (2.0 + 1.2 * harmonic))
            tone += decay * np.sin(2.0 * np.pi * harmonic * pitch_hz * time_s) / harmonic
    fade = min(len(tone), round(0.01 * rate_hz))
    tone[-fade:] *= np.linspace(1.0, 0.0, fade)
    return tone.astype(np.float32)[:, None]


def hit(seconds: float, lowest_hz: float, rate_hz: int, rng: np.random.Generator) -> Samples:
    """Return a burst of noise above a frequency, or above a quarter of the rate where that is lower."""
    burst = rng.normal(size=round(seconds * rate_hz)) * np.exp(-6.0 * np.linspace(0.0, 1.0, round(seconds * rate_hz)))
    above = scipy.signal.butter(2, min(lowest_hz, rate_hz / 4.0), "high", fs=rate_hz, output="sos")
    return np.asarray(0.4 * scipy.signal.sosfilt(above, burst), dtype=np.float32)[:, None]


def drum(rate_hz: int) -> Samples:
    """Return a bass drum's stroke: a tone that falls from 120 to 50 Hz."""
    time_s = np.arange(round(0.18 * rate_hz)) / rate_hz
    phase = 2.0 * np.pi * (50.0 * time_s + 70.0 * 0.04 * (1.0 - np.exp(-time_s / 0.04)))
    return np.asarray(np.sin(phase) * np.exp(-time_s / 0.06), dtype=np.float32)[:, None]


def speech(seconds: float) -> Samples:
    """Return a voice that says nothing: syllables of formants and hiss over a wandering pitch, with pauses."""
    rng = np.random.default_rng(2)
    line = np.zeros((round(seconds * RATE_HZ), 1), dtype=np.float32)
    at_s = 0.2
    while at_s < seconds - 0.6:
        length_s = float(rng.uniform(0.08, 0.28))
        _add(line, at_s, _vowel(length_s, rng) if rng.random() < 0.75 else 0.4 * hit(length_s, 3000.0, RATE_HZ, rng))
        at_s += length_s * float(rng.uniform(0.8, 1.1)) + (float(rng.exponential(0.5)) if rng.random() < 0.15 else 0.0)
    return _level(line)


def noise(colour: str, seconds: float) -> Samples:
    """Return stereo noise, ``white``, ``pink`` or ``brown``."""
    rng = np.random.default_rng(3)
    shape = (round(seconds * RATE_HZ), 2)
    match colour:
        case "white":
            made = rng.normal(size=shape)
        case "pink":
            made = pink(shape, rng).astype(np.float64)
        case _:
            made = scipy.signal.sosfilt(
                scipy.signal.butter(1, 10.0, fs=RATE_HZ, output="sos"), rng.normal(size=shape), axis=0
            )
    return _level(made.astype(np.float32), 0.5)


def click(seconds: float) -> Samples:
    """Return digital silence with one sample at half of full scale."""
    line = np.zeros((round(seconds * RATE_HZ), 2), dtype=np.float32)
    line[len(line) // 2] = 0.5
    return line


def metronome(bpm: float, seconds: float) -> Samples:
    """Return equal clicks, evenly."""
    rng = np.random.default_rng(4)
    line = np.zeros((round(seconds * RATE_HZ), 1), dtype=np.float32)
    tick = hit(0.02, 2000.0, RATE_HZ, rng)
    for beat in range(int((seconds - 0.2) * bpm / 60.0)):
        _add(line, 0.1 + beat * 60.0 / bpm, tick)
    return _level(line)


def wave(shape: str, pitch_hz: float, seconds: float, level: float) -> Samples:
    """Return a ``sine`` or ``square``."""
    phase = 2.0 * np.pi * pitch_hz * np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    made = np.sin(phase) if shape == "sine" else np.where(np.sin(phase) >= 0.0, 1.0, -1.0)
    return np.asarray(level * made, dtype=np.float32)[:, None].repeat(2, axis=1)


def played(notes: list[tuple[float, tuple[int, ...]]], seconds: float) -> Samples:
    """Return piano-like tones at given times."""
    line = np.zeros((round(seconds * RATE_HZ), 1), dtype=np.float32)
    for at_s, tones in notes:
        for tone in tones:
            _add(line, at_s, struck(tone, 1.5, RATE_HZ))
    return _level(line)


def one_note(seconds: float) -> Samples:
    """Return one note, struck at irregular times."""
    return played([(at_s, (60,)) for at_s in _irregular(seconds, 0.35)], seconds)


def rows(seconds: float) -> Samples:
    """Return twelve-tone rows, in random octaves and at random times."""
    rng = np.random.default_rng(5)
    times = _irregular(seconds, 0.3)
    tones = np.concatenate([rng.permutation(12) for _ in range(len(times) // 12 + 1)])
    return played(
        [(at_s, (int(48 + tone + 12 * rng.integers(3)),)) for at_s, tone in zip(times, tones, strict=False)], seconds
    )


def rubato(seconds: float) -> Samples:
    """Return chords and runs in C major without any beat: each pause is drawn anew, from 0.15 to 1.8 s."""
    rng = np.random.default_rng(6)
    chords = (
        (48, 64, 67, 72),
        (53, 65, 69, 72),
        (55, 62, 67, 71),
        (48, 60, 64, 67),
        (57, 64, 69, 72),
        (50, 65, 69, 74),
    )
    notes: list[tuple[float, tuple[int, ...]]] = []
    at_s = 0.2
    for number in range(1000):
        chord = chords[number % len(chords)] if number % 7 else chords[0]
        notes.append((at_s, chord))
        for tone in rng.permutation(chord)[: int(rng.integers(0, 4))]:
            at_s += float(rng.uniform(0.15, 0.7))
            notes.append((at_s, (int(tone) + 12,)))
        at_s += float(rng.uniform(0.5, 1.8))
        if at_s > seconds - 2.0:
            break
    return played(notes, seconds)


def inverted() -> Samples:
    """Return music whose right channel is the left one upside down."""
    line = music(20.0)
    return np.hstack([line, -line])


def sketched(number: int) -> tuple[Samples, dict[str, object]]:
    """Return one of the corpus's songs in plain synthesis, mono, with its truth: what tests can have without fonts."""
    parts, truth = perform(plans()[number])
    rng = np.random.default_rng(7)
    line = np.zeros((round(truth["duration_s"] * RATE_HZ), 1), dtype=np.float32)
    strokes = {36: drum(RATE_HZ), 38: hit(0.12, 1500.0, RATE_HZ, rng), 42: 0.4 * hit(0.04, 7000.0, RATE_HZ, rng)}
    for part in parts:
        for start_s, end_s, note, velocity in part["events"]:
            sound = (
                strokes.get(note, strokes[42]) if part["role"] == "drums" else struck(note, end_s - start_s, RATE_HZ)
            )
            _add(line, start_s, velocity / 127.0 * sound)
    return _level(line), truth


_BOTH = ("bpm", "key")
_SILENT = ("bpm", "key", "metre", "chords", "genre")

ODD = (
    Odd("speech", lambda: speech(20.0), ("key", "metre"), ("bpm",)),
    Odd("white noise", lambda: noise("white", 15.0), _SILENT[:4]),
    Odd("pink noise", lambda: noise("pink", 15.0), _SILENT[:4]),
    Odd("brown noise", lambda: noise("brown", 15.0), _SILENT[:4]),
    Odd("silence", lambda: np.zeros((15 * RATE_HZ, 2), dtype=np.float32), _SILENT),
    Odd("one click", lambda: click(15.0), _SILENT),
    Odd("metronome", lambda: metronome(120.0, 20.0), ("key", "chords"), ("metre",), bpm=120.0, told=("bpm",)),
    Odd("one sine", lambda: wave("sine", 440.0, 15.0, 0.5), ("bpm", "key", "metre")),
    Odd("one note, irregular", lambda: one_note(20.0), ("key",), ("bpm", "metre")),
    Odd("twelve-tone rows", lambda: rows(30.0), (), ("bpm", "key", "metre")),
    Odd("rubato", lambda: rubato(30.0), (), ("bpm", "metre"), key="C major"),
    Odd("5 s of music", lambda: music(5.0), bpm=120.0),
    Odd("mono", lambda: music(20.0), bpm=120.0, key="B minor", told=_BOTH),
    Odd("8 kHz", lambda: music(20.0, 8000), bpm=120.0, key="B minor", told=_BOTH, rate_hz=8000),
    Odd("192 kHz", lambda: music(20.0, 192_000), bpm=120.0, key="B minor", told=_BOTH, rate_hz=192_000),
    Odd("DC", lambda: np.full((15 * RATE_HZ, 2), 0.5, dtype=np.float32), _SILENT),
    Odd("square wave at full scale", lambda: wave("square", 220.0, 15.0, 1.0), ("bpm", "key", "metre")),
    Odd("phase-inverted", inverted, (), (), bpm=120.0, key="B minor"),
)
"""The short ones."""

LONG = (Odd("30 min", lambda: np.tile(music(60.0), (30, 1)), bpm=120.0, key="B minor", told=_BOTH),)
"""What takes a while."""


def _irregular(seconds: float, mean_s: float) -> list[float]:
    rng = np.random.default_rng(8)
    steps = 0.08 + rng.exponential(mean_s, round(2.0 * seconds / mean_s))
    return [float(at_s) for at_s in 0.2 + np.cumsum(steps) if at_s < seconds - 1.6]


def _vowel(length_s: float, rng: np.random.Generator) -> Samples:
    frames = round(length_s * RATE_HZ)
    pitch_hz = np.geomspace(rng.uniform(85.0, 190.0), rng.uniform(85.0, 190.0), frames)
    pulses = scipy.signal.sawtooth(2.0 * np.pi * np.cumsum(pitch_hz) / RATE_HZ) + 0.05 * rng.normal(size=frames)
    voice = np.zeros(frames)
    for formant_hz, width_hz in zip(
        rng.uniform((250, 800, 2200), (850, 2300, 3000)), (90.0, 120.0, 180.0), strict=True
    ):
        edges = (formant_hz - width_hz, formant_hz + width_hz)
        voice += scipy.signal.sosfilt(scipy.signal.butter(1, edges, "band", fs=RATE_HZ, output="sos"), pulses)
    return np.asarray(voice * np.hanning(frames), dtype=np.float32)[:, None]


def _add(line: Samples, at_s: float, sound: Samples, rate_hz: int = RATE_HZ) -> None:
    start = round(at_s * rate_hz)
    line[start : start + len(sound)] += sound[: max(0, len(line) - start)]


def _level(line: Samples, peak: float = 0.7) -> Samples:
    highest = float(np.abs(line).max())
    return line * np.float32(peak / highest) if highest else line
