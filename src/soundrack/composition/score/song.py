"""The song: lyrics on notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.lyrics import LyricLine, Lyrics, LyricSection
from soundrack.composition.plan import Label, Timbre
from soundrack.composition.score.ground import Ground
from soundrack.composition.score.line import Slot, Taste, pitched, scale_positions
from soundrack.composition.score.melody import nearest
from soundrack.composition.score.motif import curve
from soundrack.composition.score.scansion import Prosody, Scanned, Window, scanned, windows
from soundrack.composition.score.score import Note, Sung
from soundrack.composition.score.tones import scale_classes, tonic_triad
from soundrack.composition.styles import style
from soundrack.composition.styles.melody import SungTable

RANGES = {
    Timbre.FEMALE: (57, 74),
    Timbre.MALE: (48, 65),
    Timbre.CHOIR: (55, 74),
    Timbre.VOCODER: (50, 67),
}
"""Lowest and highest sung note, MIDI: what untrained singers reach with ease, as docs/harmony.md has it."""

_REGISTERS = {
    Label.VERSE: (0.0, 0.72),
    Label.PRE_CHORUS: (0.15, 0.88),
    Label.CHORUS: (0.3, 1.0),
    Label.DROP: (0.3, 1.0),
    Label.BRIDGE: (0.1, 0.95),
}
_USUAL_REGISTER = (0.05, 0.85)
_LEAST = 9
"""Semitones that a line needs."""
_SCHEMES = ("abab", "aaba", "aabb", "abac", "abcb")
_CHORUS_SCHEMES = ("aaba", "abab", "aaab")
_ENTRIES = (0.0, 0.5, 1.0)
_STRESS = 2.2
"""By how many semitones a stressed syllable lies above its surroundings."""
_QUESTION = 4.0
_LONG = 1.5
_CONTOURS = {"fall": 0.35, "arch": 0.4, "wave": 0.15, "rise": 0.1}
_EPSILON = 1e-6


@dataclass(frozen=True)
class _Line:
    """A line as it was first sung."""

    text: str
    window: Window
    scanned: Scanned
    pitches: tuple[int, ...]
    """Of each syllable its first note."""
    notes: tuple[tuple[Note, ...], ...]
    """Of each syllable, in the song's time."""


def song(ground: Ground, lyrics: Lyrics) -> tuple[Sung, ...]:
    """Write the song.

    A section that comes again with the same words has the same notes. One of the same group with other words keeps
    the rhythm and the contour of each line as far as its syllables allow. Within a section lines that rhyme in the
    scheme (``abab``) are alike.

    Parameters
    ----------
    ground : Ground
        Of a plan with a voice, whose sections name those of the lyrics.
    lyrics : Lyrics
        The words.

    Returns
    -------
    tuple of Sung
        Every syllable of every line once for each section that sings it, in order. Lines for which a section has no
        time at 7 syllables a second are left out from its end.
    """
    voice = ground.plan.voice
    if voice is None:
        return ()
    prosody = prosody_of(ground)
    models: dict[str, tuple[int, list[_Line]]] = {}
    sung: list[Sung] = []
    words, number = 0, 0
    for place, section in enumerate(ground.sections):
        words_of = _words(lyrics, section.section.lyrics)
        if words_of is None:
            continue
        group = section.section.group
        known = models.get(group)
        same = known is not None and _same(known[1], words_of.lines, ground, known[0], place)
        if known is not None and same:
            lines = [_again(ground, line, known[0], place) for line in known[1]]
        else:
            lines = _lines(ground, place, words_of, voice, prosody, known[1] if known is not None else [])
            models.setdefault(group, (place, lines))
        for text, line in zip(words_of.lines, lines, strict=False):
            sung += _sung(text, line, words, number)
            words += len(text.words)
            number += 1
    return tuple(sung)


def prosody_of(ground: Ground) -> Prosody:
    """Return what the song's style does with words at its tempo."""
    table = style(ground.plan.style).melody.sung
    return Prosody(ground.plan.metre, ground.plan.quarter_s, table.grid, table.syncopation, table.legato)


def _words(lyrics: Lyrics, number: int | None) -> LyricSection | None:
    if number is None or number >= len(lyrics.sections) or not lyrics.sections[number].lines:
        return None
    return lyrics.sections[number]


def _same(model: Sequence[_Line], lines: Sequence[LyricLine], ground: Ground, origin: int, place: int) -> bool:
    bars = [ground.sections[each].section.bars for each in (origin, place)]
    return [line.text for line in model] == [line.text for line in lines] and bars[0] == bars[1]


def _again(ground: Ground, line: _Line, origin: int, place: int) -> _Line:
    """Return a line in another section: transposed to its key, and on the chords there."""
    away = ground.sections[place].start - ground.sections[origin].start
    shift = (ground.keys[place].tonic - ground.keys[origin].tonic + 6) % 12 - 6
    notes = tuple(tuple(_moved(ground, note, away, shift) for note in syllable) for syllable in line.notes)
    return replace(line, notes=notes)


def _moved(ground: Ground, note: Note, away: float, shift: int) -> Note:
    at, pitch = note.start + away, note.pitch + shift
    before, now = ground.chord(note.start), ground.chord(at)
    changed = ((before.root + shift) % 12, before.quality) != (now.root, now.quality)
    if changed and (pitch % 12 not in ground.classes(at, "scale") or ground.strength(at) > 0.6):
        pitch = nearest(frozenset(now.tones), pitch)
    return replace(note, start=at, pitch=pitch)


def _lines(
    ground: Ground, place: int, words: LyricSection, voice: Timbre, prosody: Prosody, model: Sequence[_Line]
) -> list[_Line]:
    """Write the lines of a section."""
    placed = ground.sections[place]
    group, label = placed.section.group, placed.section.label
    table = style(ground.plan.style)
    rng = chance(ground.plan.seed, "song", group, placed.section.lyrics or 0)
    shared = chance(ground.plan.seed, "song", group)
    schemes = _CHORUS_SCHEMES if label in {Label.CHORUS, Label.DROP} else _SCHEMES
    scheme = schemes[int(shared.integers(len(schemes)))]
    entries = {letter: _entry(shared, table.melody.sung) for letter in "abc"}
    taste = _taste(ground, place, voice)
    usual = table.plan.line_bars * ground.bar
    shares = windows(words.lines, placed.section.bars * ground.bar, usual, prosody)
    firsts: dict[str, _Line] = {}
    lines: list[_Line] = []
    for number, (line, window) in enumerate(zip(words.lines, shares, strict=False)):
        letter = scheme[number % len(scheme)]
        like = model[number] if number < len(model) else firsts.get(letter)
        twin = next((each for each in lines if each.text == line.text), None)
        rhythm = scanned(line, window, entries[letter], None if like is None else like.scanned, prosody)
        ends = _Ends(
            closed=number % 2 == 1 or number == len(words.lines) - 1,
            asks=line.text.rstrip(" \"'”’)").endswith(("?", "？")),
            progress=(number + 0.5) / len(words.lines),
        )
        before = [note.pitch for note in lines[-1].notes[-1][-1:]] if lines else []
        written = _line(ground, place, line, window, rhythm, twin or like, ends, taste, table.melody.sung, before, rng)
        firsts.setdefault(letter, written)
        lines.append(written)
    return lines


def _entry(rng: np.random.Generator, table: SungTable) -> float:
    return float(_ENTRIES[int(rng.integers(1, len(_ENTRIES)))]) if rng.random() < table.pickup else 0.0


@dataclass(frozen=True)
class _Ends:
    """How a line ends, and how far in its section it is, 0 to 1."""

    closed: bool
    asks: bool
    progress: float


def _taste(ground: Ground, place: int, voice: Timbre) -> Taste:
    table = style(ground.plan.style).melody
    section = ground.sections[place].section
    low, high = RANGES[voice]
    lifts = [
        (key.tonic - ground.keys[place].tonic + 6) % 12 - 6
        for key, each in zip(ground.keys, ground.sections, strict=True)
        if each.section.group == section.group
    ]
    high -= max(lifts)
    bottom, top = _REGISTERS.get(section.label, _USUAL_REGISTER)
    lowest, highest = round(low + bottom * (high - low)), round(low + top * (high - low))
    lowest = min(lowest, highest - _LEAST)
    return Taste(
        lowest=lowest,
        highest=highest,
        scale=scale_classes(ground.keys[place], ground.plan.scale),
        leaps=0.8 * table.leaps,
        extensions=table.extensions,
        home=tonic_triad(ground.keys[place]),
    )


def _line(
    ground: Ground,
    place: int,
    line: LyricLine,
    window: Window,
    rhythm: Scanned,
    like: _Line | None,
    ends: _Ends,
    taste: Taste,
    table: SungTable,
    before: Sequence[int],
    rng: np.random.Generator,
) -> _Line:
    """Give a line its notes."""
    start = ground.sections[place].start + window.start
    heights = _heights(line, rhythm, like, ends, taste, rng)
    steps = _steps(rhythm, like, heights, taste)
    slots: list[Slot] = []
    owners: list[int] = []
    for number, (onset, length) in enumerate(zip(rhythm.onsets, rhythm.lengths, strict=True)):
        last = number == len(rhythm.onsets) - 1
        at = start + onset
        goal = ground.goal(at, closed=ends.closed and not ends.asks) if last else frozenset()
        split = _split(length, table, line.syllables[number].stress, rng)
        for part, (offset, held) in enumerate(split):
            slots.append(
                ground.slot(
                    at + offset,
                    held,
                    table.tones,
                    steps=steps[number] if part == 0 else float(rng.choice([-1.0, -1.0, 1.0])),
                    height=heights[number] if part == 0 else None,
                    goal=goal if part == len(split) - 1 else frozenset(),
                )
            )
            owners.append(number)
    pitches = pitched(slots, taste, before, rng)
    notes: list[list[Note]] = [[] for _ in rhythm.onsets]
    for slot, owner, pitch in zip(slots, owners, pitches, strict=True):
        stress = line.syllables[owner].stress
        velocity = 0.66 + 0.1 * (stress == 1) + 0.06 * slot.strength + 0.004 * (pitch - taste.lowest)
        notes[owner].append(Note(slot.start, slot.length, pitch, float(min(velocity, 1.0))))
    firsts = tuple(each[0].pitch for each in notes)
    return _Line(line.text, window, rhythm, firsts, tuple(tuple(each) for each in notes))


def _heights(
    line: LyricLine, rhythm: Scanned, like: _Line | None, ends: _Ends, taste: Taste, rng: np.random.Generator
) -> list[float]:
    """Return how high each syllable should lie: as in the line that it is like, or on a contour; stresses higher."""
    onsets = np.array(rhythm.onsets)
    span = taste.highest - taste.lowest
    if like is not None:
        wanted = np.interp(onsets, np.array(like.scanned.onsets), np.array(like.pitches, dtype=np.float64))
    else:
        names = list(_CONTOURS)
        contour = names[int(rng.choice(len(names), p=np.array([_CONTOURS[each] for each in names])))]
        at = (onsets - onsets[0]) / max(onsets[-1] - onsets[0], _EPSILON)
        middle = taste.lowest + span * (0.42 + 0.2 * np.sin(np.pi * ends.progress))
        wanted = middle + 0.55 * span * (curve(contour, at) - 0.5) + rng.normal(0.0, 0.5, len(onsets))
        lift = [_STRESS if syllable.stress == 1 else 0.0 for syllable in line.syllables]
        wanted = wanted + np.array(lift) - 0.5 * _STRESS
    if ends.asks:
        wanted[-1] += _QUESTION
    return [float(each) for each in np.clip(wanted, taste.lowest, taste.highest)]


def _steps(rhythm: Scanned, like: _Line | None, heights: Sequence[float], taste: Taste) -> list[float | None]:
    """Return each syllable's step from the one before: that of the line that it is like, if its rhythm is the same."""
    positions = scale_positions(taste.lowest, taste.highest - taste.lowest + 1, taste.scale)

    def place(pitch: float) -> float:
        return float(np.interp(pitch - taste.lowest, np.arange(len(positions)), positions))

    if like is not None and like.scanned.onsets == rhythm.onsets:
        exact = [place(pitch) for pitch in like.pitches]
        return [None, *(second - first for first, second in pairwise(exact))]
    rough = [place(height) for height in heights]
    return [None, *(float(round(b - a)) for a, b in pairwise(rough))]


def _split(length: float, table: SungTable, stress: int, rng: np.random.Generator) -> list[tuple[float, float]]:
    """Return the notes of a syllable, where they begin and how long they are: several of a melisma."""
    melisma = rng.random() < table.melisma * (1.0 if stress else 0.4)
    if length < _LONG or not melisma:
        return [(0.0, length)]
    if length >= 2.0 * _LONG and rng.random() < 0.4:
        return [(0.0, 0.5), (0.5, 0.5), (1.0, length - 1.0)]
    first = 0.5 if length < 2.0 else 1.0
    return [(0.0, first), (first, length - first)]


def _sung(line: LyricLine, written: _Line, word: int, number: int) -> list[Sung]:
    sung = []
    place = 0
    for offset, each in enumerate(line.words):
        for syllable in each.syllables:
            sung.append(
                Sung(syllable.text, syllable.sounds, syllable.stress, word + offset, number, written.notes[place])
            )
            place += 1
    return sung
