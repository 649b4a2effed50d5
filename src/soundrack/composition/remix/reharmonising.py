"""New harmony: the source's chords in the colours of another style, wherever the tune that stays allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from soundrack.analysis.tonality import Chord as Heard
from soundrack.composition.chance import chance
from soundrack.composition.plan import Plan
from soundrack.composition.remix.course import Course
from soundrack.composition.score.score import Note, Placed, Sounding
from soundrack.composition.score.tones import scale_classes
from soundrack.composition.styles import style
from soundrack.composition.theory import CHORDS, Chord, Key, Mode

_HALF = 2
"""Beats that a chord lasts at least in bars of four and six; one in others."""
_MOST = 0.7
"""Part of a bar from which on its chord has all of it: what is shorter than that is mostly heard wrongly."""
_SUBSTITUTED = 0.45
"""How often a chord of a bar and more gets a relative in its second half, where the tune allows it."""
_TOLERATED = 0.02
"""By which part of its time a chord may clash more than the source's own."""
_CLASH = 8.0
"""What a clash all the time costs beside the logarithm of a colour's weight."""
_KINDS = {"maj": "maj", "7": "maj", "maj7": "maj", "sus2": "maj", "sus4": "maj", "aug": "maj", "6": "maj",
          "min": "min", "min7": "min", "min6": "min", "dim": "dim", "m7b5": "dim"}  # fmt: skip
_NUMERALS = ("I", "bII", "II", "bIII", "III", "IV", "bV", "V", "bVI", "VI", "bVII", "VII")
_MINOR_NUMERALS = ("I", "bII", "II", "III", "#III", "IV", "bV", "V", "VI", "#VI", "VII", "#VII")
_SUFFIXES = {"maj": "", "min": "", "dim": "°", "min7": "7", "min9": "9", "min6": "6", "m7b5": "ø7", "dim7": "°7"}
_EPSILON = 1e-6


@dataclass(frozen=True)
class Harmony:
    """A remix's chords, and how many quarter notes of them are not the source's, but relatives of them."""

    chords: tuple[Sounding, ...]
    substituted: float


def under(
    heard: Sequence[Heard], course: Course, plan: Plan, sections: Sequence[Placed], semitones: int
) -> tuple[Sounding, ...]:
    """Return the source's own chords in the remix's time: triads in root position or as they were inverted.

    Parameters
    ----------
    heard : sequence of analysis chords
        In order.
    course : Course
        Where the source's bars are.
    plan, sections : Plan, sequence of Placed
        The remix's.
    semitones : int
        By how much it is higher than the source.

    Returns
    -------
    tuple of Sounding
        In order, without gaps, none over the end of a section; each lasts a beat at least, in bars of four two. Where
        nothing is heard the chord before goes on, at the beginning the tonic.
    """
    unit = _unit(plan)
    cells: list[Chord] = []
    last = tonic(plan.key)
    for step in range(round(course.length / unit)):
        found = _heard_at(heard, course, step * unit, (step + 1) * unit)
        last = last if found is None else _moved(found, semitones)
        cells.append(last)
    cells = _settled(cells, round(plan.metre.bar_quarters / unit))
    edges = {round(each.start / unit) for each in sections}
    chords: list[Sounding] = []
    for step, chord in enumerate(cells):
        if chords and chords[-1].chord == chord and step not in edges:
            chords[-1] = replace(chords[-1], length=chords[-1].length + unit)
        else:
            chords.append(Sounding(step * unit, unit, chord, roman(chord, plan.key)))
    return tuple(chords)


def reharmonised(
    chords: Sequence[Sounding], plan: Plan, tune: Sequence[Note], fixed: Sequence[tuple[float, float]] = ()
) -> Harmony:
    """Return chords as the new style has them.

    Each chord of the source gets the quality, of those that the style gives such chords, that clashes least with all
    that is sung over it. Where a chord lasts a bar and more, its second half may become a relative of it (two of three
    tones in common), if the tune there clashes no more with that than with the chord itself.

    Parameters
    ----------
    chords : sequence of Sounding
        The source's.
    plan : Plan
        The remix's: its seed decides what is open.
    tune : sequence of Note
        What is kept and heard above the chords.
    fixed : sequence of (float, float)
        Quarter notes between which what is kept has chords of its own: there all stays as it is.
    """

    def free(each: Sounding) -> bool:
        return not any(start - _EPSILON <= each.start < end - _EPSILON for start, end in fixed)

    colours = _colours([each for each in chords if free(each)], plan, tune)
    coloured = [
        replace(each, chord=colours[each.chord], roman=roman(colours[each.chord], plan.key)) if free(each) else each
        for each in chords
    ]
    made: list[Sounding] = []
    rng = chance(plan.seed, "remix", "substitution")
    substituted = 0.0
    for each in coloured:
        long = each.length >= plan.metre.bar_quarters - _EPSILON
        relative = _relative(each, plan, tune) if long and free(each) else None
        if relative is None or rng.random() >= _SUBSTITUTED:
            made.append(each)
            continue
        half = each.length / 2.0
        made.append(replace(each, length=half))
        made.append(Sounding(each.start + half, half, relative, roman(relative, plan.key)))
        substituted += half
    return Harmony(tuple(made), substituted)


def clash(chord: Chord, start: float, end: float, tune: Sequence[Note]) -> float:
    """Return for how many quarter notes of a span a tune lies a semitone from one of a chord's tones, and on none."""
    tones = set(chord.tones)
    total = 0.0
    for note in tune:
        name = note.pitch % 12
        if name not in tones and ((name + 1) % 12 in tones or (name - 1) % 12 in tones):
            total += max(min(note.start + note.length, end) - max(note.start, start), 0.0)
    return total


def clashing(chords: Sequence[Sounding], tune: Sequence[Note]) -> float:
    """Return in which part of its time a tune clashes with chords, 0 to 1."""
    sounding = sum(note.length for note in tune)
    return sum(clash(each.chord, each.start, each.start + each.length, tune) for each in chords) / max(sounding, 1e-9)


def tonic(key: Key) -> Chord:
    """Return a key's tonic triad."""
    return Chord(key.tonic, "maj" if key.mode is Mode.MAJOR else "min", key.tonic)


def roman(chord: Chord, key: Key) -> str:
    """Return a chord's numeral."""
    names = _NUMERALS if key.mode is Mode.MAJOR else _MINOR_NUMERALS
    name = names[(chord.root - key.tonic) % 12]
    small = _KINDS.get(chord.quality, "min" if chord.quality.startswith("min") else "maj") != "maj"
    return (name.lower() if small else name) + _SUFFIXES.get(chord.quality, chord.quality)


def _unit(plan: Plan) -> float:
    beat = plan.metre.beat_quarters
    beats = round(plan.metre.bar_quarters / beat)
    return (_HALF if beats % _HALF == 0 and beats > _HALF else 1) * beat


def _settled(cells: Sequence[Chord], size: int) -> list[Chord]:
    """Return chords of which one has the whole bar if it has seven tenths of it."""
    settled: list[Chord] = []
    for first in range(0, len(cells), size):
        bar = list(cells[first : first + size])
        most = max(bar, key=bar.count)
        settled += [most] * len(bar) if bar.count(most) >= _MOST * len(bar) else bar
    return settled


def _heard_at(heard: Sequence[Heard], course: Course, start: float, end: float) -> Heard | None:
    """Return the chord of the source that is heard longest between two quarter notes of the remix."""
    stretch = next((each for each in reversed(course.stretches) if each.start <= start + _EPSILON), None)
    if stretch is None:
        return None
    found: dict[tuple[int | None, str | None], tuple[float, Heard]] = {}
    for each in heard:
        if each.root is None:
            continue
        bars_s = course.grid.bars_s
        first, last = bars_s[stretch.first], bars_s[stretch.last]
        from_s, to_s = max(each.start_s, first), min(each.end_s, last - 1e-6)
        if to_s <= from_s:
            continue
        begin, stop = course.quarter(from_s, stretch), course.quarter(to_s, stretch)
        if begin is None or stop is None:
            continue
        lasts = min(stop, end) - max(begin, start)
        if lasts > 0.0:
            name = (each.root, each.quality)
            found[name] = (found.get(name, (0.0, each))[0] + lasts, each)
    if not found:
        return None
    return max(found.values(), key=lambda pair: pair[0])[1]


def _moved(heard: Heard, semitones: int) -> Chord:
    root = ((heard.root or 0) + semitones) % 12
    quality = heard.quality if heard.quality in CHORDS else "maj"
    triad = {"7": "maj", "maj7": "maj", "min7": "min"}.get(str(quality), str(quality))
    bass = root if heard.bass is None else (heard.bass + semitones) % 12
    chord = Chord(root, triad, root)
    return Chord(root, triad, bass) if bass in chord.tones else chord


def _colours(chords: Sequence[Sounding], plan: Plan, tune: Sequence[Note]) -> dict[Chord, Chord]:
    """Return what each of the source's chords becomes, throughout the song."""
    found: dict[Chord, Chord] = {}
    for each in chords:
        if each.chord not in found:
            same = [other for other in chords if other.chord == each.chord]
            found[each.chord] = _coloured(each.chord, same, plan, tune)
    return found


def _coloured(chord: Chord, places: Sequence[Sounding], plan: Plan, tune: Sequence[Note]) -> Chord:
    kind = _KINDS.get(chord.quality, "min" if chord.quality.startswith("min") else "maj")
    if chord.quality in {"sus2", "sus4", "aug"}:
        return chord
    dominant = kind == "maj" and (chord.root - plan.key.tonic) % 12 == 7
    table: Mapping[str, Mapping[str, float]] = style(plan.style).harmony.colours
    weights = table.get("dom" if dominant else kind) or {}
    scale = scale_classes(plan.key, plan.scale)
    rng = chance(plan.seed, "remix", "colour", chord.root, chord.quality)
    total = sum(each.length for each in places)
    costs = {}
    for quality, weight in {chord.quality: 0.5, **weights}.items():
        candidate = replace(chord, quality=quality)
        added = set(candidate.tones) - set(chord.tones)
        if weight <= 0.0 or not added <= scale or chord.bass not in candidate.tones:
            continue
        clashes = sum(clash(candidate, each.start, each.start + each.length, tune) for each in places) / total
        costs[quality] = _CLASH * clashes - weight / sum(weights.values() or [1.0]) - 0.8 * float(rng.random())
    return replace(chord, quality=min(costs, key=lambda each: costs[each]))


def _relative(each: Sounding, plan: Plan, tune: Sequence[Note]) -> Chord | None:
    """Return a chord of the key with two of its triad's tones in common that the second half's tune goes with as well.

    For a major chord its relative and its mediant minor, for a minor one its relative and its submediant major.
    """
    kind = _KINDS.get(each.chord.quality, "min" if each.chord.quality.startswith("min") else "maj")
    steps = {"maj": ((9, "min"), (4, "min")), "min": ((3, "maj"), (8, "maj"))}.get(kind, ())
    scale = scale_classes(plan.key, plan.scale)
    start, end = each.start + each.length / 2.0, each.start + each.length
    own = clash(each.chord, start, end, tune)
    found = []
    for step, quality in steps:
        root = (each.chord.root + step) % 12
        candidate = Chord(root, quality, root)
        worse = clash(candidate, start, end, tune) - own
        if set(candidate.tones) <= scale and worse <= _TOLERATED * (end - start):
            found.append((worse, step, candidate))
    return min(found, key=lambda option: option[:2])[2] if found else None
