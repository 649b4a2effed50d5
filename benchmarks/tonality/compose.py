"""Songs made up at random, whose chords and keys are therefore known: the material that the tables are learned on.

A song is drawn from its seed alone. Nothing here is shared with `benchmarks.corpus`, by which the result is measured.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

QUALITIES = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "sus2": (0, 2, 7),
    "sus4": (0, 5, 7),
    "dim": (0, 3, 6),
    "aug": (0, 4, 8),
    "dim7": (0, 3, 6, 9),
    "m7b5": (0, 3, 6, 10),
    "maj6": (0, 4, 7, 9),
    "add9": (0, 2, 4, 7),
    "min9": (0, 3, 7, 10, 14),
    "maj9": (0, 4, 7, 11, 14),
    "9": (0, 4, 7, 10, 14),
}
BASS, DRUMS = 2, 9
"""The channels of the bass and of the drum kit."""

_SCALES = {
    "ionian": (0, 2, 4, 5, 7, 9, 11),
    "mixolydian": (0, 2, 4, 5, 7, 9, 10),
    "lydian": (0, 2, 4, 6, 7, 9, 11),
    "aeolian": (0, 2, 3, 5, 7, 8, 10),
    "harmonic": (0, 2, 3, 5, 7, 8, 11),
    "dorian": (0, 2, 3, 5, 7, 9, 10),
    "phrygian": (0, 1, 3, 5, 7, 8, 10),
}
_MAJOR_LOOPS = (
    "1 5 6m 4", "1 6m 4 5", "6m 4 1 5", "1 4 5 4", "1 5 4 5", "1 4 1 5", "2m 5 1 1", "1 3m 4 5", "1 2m 4 5",
    "4 1 5 6m", "1 4 6m 5", "1 1 4 5", "1 5 6m 3m 4 1 4 5", "1 6m 2m 5", "3m 6m 2m 5", "1 37 4 4m", "1 b7 4 1",
    "1 b7 4 4", "4 5 3m 6m", "1 27 5 1", "1 17 4 4m", "1 4 b7 4", "1 3m 6m 4", "4 5 1 1", "1 4", "1 5", "1 2m",
    "1 67 2m 57", "1 7d 6m 4", "2m 57 1 67", "1 1a 4 4m", "1 5 2m 4", "1 b6 b7 1", "17", "17 17 47 17",
    "17 47 17 57", "1 4 5 1 1 4 57 1", "17 17 17 17 47 47 17 17 57 47 17 57",
)  # fmt: skip
_MINOR_LOOPS = (
    "1m b6 b3 b7", "1m b7 b6 b7", "1m b7 b6 5", "1m 4m 5m 1m", "1m 4m 5 1m", "1m b6 4m 5", "1m b3 b7 4", "1m 4",
    "1m b7", "1m b6", "1m b6 b7 1m", "1m 4m b7 b3", "1m 4m b7 b3 b6 2d 5 1m", "1m 5 1m 5", "b6 b7 1m 1m",
    "1m b3 4m b6", "1m 2d 5 1m", "1m 57 b6 4m", "1m b7 4m 4m", "b6 b3 b7 1m", "1m b2 1m b7", "1m 5m b6 b7",
    "1m b7 b3 b6", "1m 4m 1m 57", "1m b6 2d 57", "1m 1m b6 5", "1m 1m 4m 5m", "1m b3 b6 5", "4m 1m 5 1m",
    "1m7 4m7 1m7 57", "1m7 47", "1m7", "1m7 1m7 4m7 1m7", "1m",
)  # fmt: skip
_DEGREES = {"1": 0, "b2": 1, "2": 2, "b3": 3, "3": 4, "4": 5, "5": 7, "b6": 8, "6": 9, "b7": 10, "7": 11}
_SUFFIXES = {"m7": "min7", "m": "min", "7": "7", "d": "dim", "a": "aug", "": "maj"}

_COMPS = (0, 1, 2, 4, 5, 6, 7, 11, 16, 17, 18, 19, 21, 24, 25, 26, 27, 28, 29, 30, 46, 12, 48, 80, 81, 62)
_PADS = (48, 49, 50, 51, 52, 54, 88, 89, 90, 91, 92, 94, 95, 19, 16, 61)
_BASSES = (32, 33, 34, 35, 36, 38, 39, 43, 58, 0)
_LEADS = (0, 4, 11, 12, 22, 24, 26, 29, 30, 40, 42, 52, 53, 54, 56, 60, 64, 65, 66, 68, 71, 73, 75, 79, 80, 81, 82, 85)


@dataclass(frozen=True, order=True)
class Note:
    """A note: seconds, MIDI channel, number and velocity."""

    start_s: float
    end_s: float
    channel: int
    number: int
    velocity: int


@dataclass(frozen=True)
class Chord:
    """What sounds from one beat to another: `root` None where nothing does; `bass` is the lowest pitch class."""

    first_beat: int
    last_beat: int
    root: int | None
    quality: str
    bass: int | None


@dataclass
class Song:
    """A song with its truth.

    `beats_s` has one more entry than there are beats. `keys` holds (first beat, tonic, mode) with mode 0 for major and
    1 for minor; it is empty for a song without a key.
    """

    seed: int
    metre: int
    beats_s: list[float]
    programs: dict[int, int]
    volumes: dict[int, int]
    notes: list[Note] = field(default_factory=list)
    chords: list[Chord] = field(default_factory=list)
    keys: list[tuple[int, int, int]] = field(default_factory=list)


def compose(seed: int, beats: int = 64) -> Song:
    """Make up a song of so many beats."""
    rng = np.random.default_rng(seed)
    metre = int(rng.choice((4, 3, 2, 6), p=(0.72, 0.18, 0.05, 0.05)))
    tempo = float(rng.uniform(60, 170))
    beats_s = [0.3 + 60.0 / tempo * beat for beat in range(beats + 1)]
    programs = {
        0: _one(rng, _COMPS),
        1: _one(rng, _PADS),
        2: _one(rng, _BASSES),
        3: _one(rng, _LEADS),
        4: _one(rng, _COMPS),
    }
    volumes = {channel: int(rng.integers(50, 127)) for channel in (*programs, DRUMS)}
    song = Song(seed, metre, beats_s, programs, volumes)
    if rng.random() < 0.15:
        _wander(rng, song, beats)
    else:
        _modulate(rng, song, beats)
    if rng.random() < 0.4:
        _end_early(song, beats - int(rng.choice((2, 4, 8))))
    _arrange(rng, song)
    return song


def _one(rng: np.random.Generator, choices: tuple[int, ...]) -> int:
    return int(rng.choice(choices))


def _wander(rng: np.random.Generator, song: Song, beats: int) -> None:
    """Chords of any root and quality, in no key."""
    beat = 0
    while beat < beats:
        length = int(rng.choice((1, 2, song.metre, 2 * song.metre)))
        root = int(rng.integers(12))
        quality = str(rng.choice(list(QUALITIES)))
        last = min(beat + length, beats)
        song.chords.append(Chord(beat, last, root, quality, _bass(rng, root, quality)))
        beat = last


def _bass(rng: np.random.Generator, root: int, quality: str) -> int:
    return (root + int(rng.choice(QUALITIES[quality][1:4]))) % 12 if rng.random() < 0.18 else root


def _end_early(song: Song, beat: int) -> None:
    """Let the last chord ring out in silence from a beat on."""
    song.chords[:] = [chord for chord in song.chords if chord.first_beat < beat]
    final = song.chords[-1]
    song.chords[-1] = replace(final, last_beat=min(final.last_beat, beat))
    song.chords.append(Chord(song.chords[-1].last_beat, len(song.beats_s) - 1, None, "N", None))


def _modulate(rng: np.random.Generator, song: Song, beats: int) -> None:
    """One key, or two with a change at a section's end."""
    change = int(rng.choice((2, 1, 3, 5, 7, 9, 4, 8))) if rng.random() < 0.12 else 0
    mode = int(rng.integers(2))
    tonic = int(rng.integers(12))
    bounds = [0, beats // 2, beats] if change else [0, beats]
    for number in range(len(bounds) - 1):
        flavours = (("ionian", "mixolydian", "lydian"), ("aeolian", "harmonic", "dorian", "phrygian"))[mode]
        odds = ((0.84, 0.13, 0.03), (0.57, 0.24, 0.14, 0.05))[mode]
        scale = _SCALES[str(rng.choice(flavours, p=odds))]
        song.keys.append((bounds[number], tonic, mode))
        _sections(rng, song, bounds[number], bounds[number + 1], tonic, mode, scale)
        tonic = (tonic + change) % 12


def _sections(
    rng: np.random.Generator, song: Song, first: int, last: int, tonic: int, mode: int, scale: tuple[int, ...]
) -> None:
    richness = float(rng.choice((0.0, 0.1, 0.5, 0.95), p=(0.4, 0.25, 0.2, 0.15)))
    rate = int(rng.choice((1, 2, song.metre, 2 * song.metre), p=(0.1, 0.2, 0.55, 0.15)))
    beat = first
    if beat == 0 and rng.random() < 0.1:
        beat = int(rng.choice((1, 2))) * song.metre
        song.chords.append(Chord(0, beat, None, "N", None))
    while beat < last:
        loop = _loop(rng, mode) if rng.random() < 0.6 else _functional(rng, mode, scale)
        for _ in range(int(rng.choice((1, 2, 4)))):
            for degree, quality in loop:
                if beat >= last:
                    return
                end = min(beat + rate, last)
                root = (tonic + degree) % 12
                rich = _enriched(rng, degree, quality, scale, richness)
                song.chords.append(Chord(beat, end, root, rich, _bass(rng, root, rich)))
                beat = end
        if rng.random() < 0.12 and beat < last:
            end = min(beat + int(rng.choice((1, 2))) * song.metre, last)
            song.chords.append(Chord(beat, end, None, "N", None))
            beat = end


def _loop(rng: np.random.Generator, mode: int) -> list[tuple[int, str]]:
    loops = (_MAJOR_LOOPS, _MINOR_LOOPS)[mode]
    chords = [_parsed(symbol) for symbol in loops[int(rng.integers(len(loops)))].split()]
    if rng.random() < 0.2:
        turn = int(rng.integers(len(chords)))
        chords = chords[turn:] + chords[:turn]
    return chords


def _parsed(symbol: str) -> tuple[int, str]:
    for length in (2, 1):
        if symbol[:length] in _DEGREES:
            return _DEGREES[symbol[:length]], _SUFFIXES[symbol[length:]]
    raise ValueError(symbol)


def _functional(rng: np.random.Generator, mode: int, scale: tuple[int, ...]) -> list[tuple[int, str]]:
    """Walk from the tonic over the scale's triads to a cadence."""
    length = int(rng.choice((3, 4, 7, 8)))
    degrees = [0] + [int(rng.choice(7, p=_WALK)) for _ in range(length - 2)] + [int(rng.choice((4, 4, 3, 0)))]
    chords = []
    for degree in degrees:
        third, fifth = ((scale[(degree + step) % 7] - scale[degree]) % 12 for step in (2, 4))
        quality = {(4, 7): "maj", (3, 7): "min", (3, 6): "dim", (4, 8): "aug"}.get((third, fifth), "maj")
        if degree == 4 and mode == 1 and rng.random() < 0.6:
            quality = "maj"
        if rng.random() < 0.06:
            quality = {"min": "7", "maj": "min"}.get(quality, quality)
        chords.append((scale[degree], quality))
    return chords


_WALK = (0.17, 0.13, 0.09, 0.21, 0.17, 0.17, 0.06)


def _enriched(rng: np.random.Generator, degree: int, quality: str, scale: tuple[int, ...], richness: float) -> str:
    """Colour a triad as its place in the scale allows."""
    if rng.random() < 0.05 and quality in ("maj", "min"):
        return str(rng.choice(("sus2", "sus4")))
    if rng.random() >= richness:
        return quality
    seventh = (degree + 10) % 12 in scale
    if quality == "maj":
        return str(
            rng.choice(("7", "9"), p=(0.8, 0.2))
            if seventh
            else rng.choice(("maj7", "maj9", "maj6", "add9"), p=(0.65, 0.15, 0.05, 0.15))
        )
    if quality == "min":
        return str(rng.choice(("min7", "min9"), p=(0.8, 0.2)))
    if quality == "dim":
        return str(rng.choice(("m7b5", "dim7")))
    return quality


def _arrange(rng: np.random.Generator, song: Song) -> None:
    layers = [layer for layer, odds in _LAYERS if rng.random() < odds]
    if not {_comp, _pad} & set(layers):
        layers.append(_comp)
    for layer in layers:
        layer(rng, song)
    song.notes.sort(key=lambda note: note.start_s)


def _play(song: Song, start: float, end: float, channel: int, number: int, velocity: float) -> None:
    """Add a note between two places in beats."""
    grid = np.arange(len(song.beats_s))
    start_s, end_s = (float(np.interp(place, grid, song.beats_s)) for place in (start, end))
    song.notes.append(
        Note(
            start_s, max(end_s, start_s + 0.05), channel, int(np.clip(number, 21, 107)), int(np.clip(velocity, 20, 127))
        )
    )


def _voiced(rng: np.random.Generator, chord: Chord, centre: int) -> list[int]:
    assert chord.root is not None
    steps = list(QUALITIES[chord.quality])
    if len(steps) > 3 and rng.random() < 0.3:
        steps.remove(7) if 7 in steps else None
    numbers = []
    for step in steps:
        number = centre - 6 + (chord.root + step - centre + 6) % 12
        numbers.append(number + (12 if step > 12 else 0))
    if rng.random() < 0.2:
        numbers.append(min(numbers) + 12)
    return sorted(numbers)


def _sounding(song: Song) -> list[Chord]:
    return [chord for chord in song.chords if chord.root is not None]


def _comp(rng: np.random.Generator, song: Song, channel: int = 0) -> None:
    pattern = str(rng.choice(("beats", "whole", "half", "off", "arpeggio", "strum", "sync")))
    centre = int(rng.integers(50, 74))
    held = float(rng.uniform(0.4, 1.0))
    for chord in _sounding(song):
        numbers = _voiced(rng, chord, centre)
        length = chord.last_beat - chord.first_beat
        if pattern == "arpeggio":
            step = 0.5
            order = list(numbers) + list(numbers[-2:0:-1]) if rng.random() < 0.5 else list(numbers)
            for i in range(int(length / step)):
                at = chord.first_beat + i * step
                _play(song, at, at + step * (1 + 2 * held), channel, order[i % len(order)], rng.normal(85, 10))
            continue
        for at, span in _hits(pattern, length):
            for i, number in enumerate(numbers):
                late = 0.02 * i if pattern == "strum" else 0.0
                _play(
                    song,
                    chord.first_beat + at + late,
                    chord.first_beat + at + span * held,
                    channel,
                    number,
                    rng.normal(82, 10),
                )


def _hits(pattern: str, length: int) -> list[tuple[float, float]]:
    if pattern == "whole":
        return [(0.0, float(length))]
    if pattern == "half":
        return [(float(at), 2.0) for at in range(0, length, 2)]
    if pattern == "off":
        return [(at + 0.5, 0.5) for at in range(length)]
    if pattern == "sync" and length >= 4:
        return [(at + offset, 1.0) for at in range(0, length - 3, 4) for offset in (0.0, 1.5, 3.0)]
    return [(float(at), 1.0) for at in range(length)]


def _second(rng: np.random.Generator, song: Song) -> None:
    _comp(rng, song, channel=4)


def _pad(rng: np.random.Generator, song: Song) -> None:
    centre = int(rng.integers(48, 70))
    for chord in _sounding(song):
        for number in _voiced(rng, chord, centre):
            _play(song, chord.first_beat, chord.last_beat, 1, number, rng.normal(70, 8))


def _bass_line(rng: np.random.Generator, song: Song) -> None:
    pattern = str(rng.choice(("whole", "beats", "fifths", "eighths", "walk", "octaves")))
    low = int(rng.choice((28, 33, 36, 40)))
    chords = _sounding(song)
    for index, chord in enumerate(chords):
        assert chord.bass is not None
        assert chord.root is not None
        root = low + (chord.bass - low) % 12
        fifth = root + (7 if 7 in QUALITIES[chord.quality] and chord.bass == chord.root else 0)
        for beat in range(chord.first_beat, chord.last_beat):
            place = beat - chord.first_beat
            if pattern == "whole" and place:
                continue
            if pattern == "eighths":
                for half in (0.0, 0.5):
                    _play(song, beat + half, beat + half + 0.45, 2, root, rng.normal(95, 8))
                continue
            number = root
            if pattern == "fifths" and place % 2:
                number = fifth
            elif pattern == "octaves" and place % 2:
                number = root + 12
            elif pattern == "walk" and place:
                ahead = chords[(index + 1) % len(chords)]
                assert ahead.bass is not None
                if beat == chord.last_beat - 1 and rng.random() < 0.5:
                    number = low + (ahead.bass - low) % 12 + int(rng.choice((-1, 1, 2, -2)))
                else:
                    number = root + int(rng.choice(QUALITIES[chord.quality]))
            end = chord.last_beat if pattern == "whole" else beat + 0.9
            _play(song, beat, end, 2, number, rng.normal(98, 8))


def _lead(rng: np.random.Generator, song: Song) -> None:
    """A line over the scale, on chord tones at strong places, with passing notes and rests."""
    number = int(rng.integers(60, 82))
    low, high = number - 8, number + 10
    rests = float(rng.uniform(0.05, 0.4))
    for chord in _sounding(song):
        scale = _scale_at(song, chord)
        at = float(chord.first_beat)
        while at < chord.last_beat:
            span = float(rng.choice((0.5, 1.0, 1.5, 2.0), p=(0.45, 0.35, 0.1, 0.1)))
            span = min(span, chord.last_beat - at)
            strong = at == int(at) and rng.random() < 0.75
            tones = _tones(chord) if strong else scale
            near = [n for n in range(low, high) if n % 12 in tones]
            weights = np.exp(-0.35 * np.abs(np.array(near) - number))
            number = int(rng.choice(near, p=weights / weights.sum()))
            if rng.random() > rests:
                _play(song, at, at + span * rng.uniform(0.7, 1.0), 3, number, rng.normal(95, 12))
            at += span


def _tones(chord: Chord) -> set[int]:
    return set() if chord.root is None else {(chord.root + step) % 12 for step in QUALITIES[chord.quality]}


def _scale_at(song: Song, chord: Chord) -> set[int]:
    tones = _tones(chord)
    here = [key for key in song.keys if key[0] <= chord.first_beat]
    if not here:
        return tones
    _, tonic, mode = here[-1]
    return tones | {(tonic + step) % 12 for step in _SCALES[("ionian", "aeolian")[mode]]}


def _drums(rng: np.random.Generator, song: Song) -> None:
    hat = int(rng.choice((42, 46, 51)))
    kick_all = rng.random() < 0.3
    for beat in range(len(song.beats_s) - 1):
        place = beat % song.metre
        if place == 0 or kick_all or (place == 2 and song.metre == 4):
            _play(song, beat, beat + 0.3, DRUMS, 36, rng.normal(110, 8))
        if place % 2 == 1:
            _play(song, beat, beat + 0.3, DRUMS, int(rng.choice((38, 40))), rng.normal(105, 8))
        for half in (0.0, 0.5):
            _play(song, beat + half, beat + half + 0.2, DRUMS, hat, rng.normal(75, 12))
        if place == 0 and rng.random() < 0.1:
            _play(song, beat, beat + 1, DRUMS, 49, rng.normal(100, 8))


_LAYERS: tuple[tuple[Callable[[np.random.Generator, Song], None], float], ...] = (
    (_comp, 0.85),
    (_pad, 0.5),
    (_bass_line, 0.85),
    (_lead, 0.7),
    (_drums, 0.65),
    (_second, 0.25),
)
"""What may play, and how often it does."""
