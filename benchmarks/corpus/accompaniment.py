"""Comping and bass: how chords are played, bar by bar."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from benchmarks.corpus.pitch import Chord
from benchmarks.corpus.score import Metre, Note, Span

Voicing = tuple[int, ...]
Onsets = tuple[tuple[float, float], ...]
"""Where in a bar something is played and for how long, in quarter notes."""

COMPING: dict[str, tuple[str, ...]] = {
    "4/4": (
        "held",
        "quarters",
        "eighths",
        "offbeats",
        "backbeat",
        "syncopated",
        "arpeggio8",
        "arpeggio16",
        "alberti",
        "strum",
        "charleston",
        "stabs",
    ),
    "3/4": ("held", "oompah", "arpeggio8", "quarters", "strum", "syncopated", "alberti"),
    "6/8": ("held", "arpeggio8", "eighths", "beats", "strum", "lilt"),
    "2/4": ("held", "oompah", "eighths", "offbeats", "alberti"),
    "5/4": ("held", "syncopated", "quarters", "arpeggio8"),
    "7/8": ("held", "beats", "eighths", "arpeggio8"),
}
BASS: dict[str, tuple[str, ...]] = {
    "4/4": ("held", "quarters", "eighths", "root_fifth", "octaves", "walking", "syncopated", "offbeats"),
    "3/4": ("held", "root_fifth", "quarters", "walking", "one"),
    "6/8": ("held", "beats", "lilt", "root_fifth"),
    "2/4": ("held", "root_fifth", "eighths"),
    "5/4": ("held", "syncopated", "quarters"),
    "7/8": ("held", "beats", "eighths"),
}


def syncopated(metre: Metre, rng: np.random.Generator) -> Onsets:
    """Draw a rhythm of eighths with one on the first beat, held until the next."""
    steps = round(metre.bar_q * 2)
    chosen = rng.random(steps) < 0.45
    chosen[0] = True
    places = [*(np.flatnonzero(chosen) * 0.5), metre.bar_q]
    return tuple((float(start), float(end - start) * float(rng.choice([0.5, 0.9]))) for start, end in pairwise(places))


def rhythm(pattern: str, metre: Metre, drawn: Onsets) -> Onsets:  # noqa: PLR0911  a table with arguments
    """Return where a bar's chords or bass notes fall; `drawn` is the rhythm of ``syncopated`` and ``stabs``."""
    bar, eighths = metre.bar_q, round(metre.bar_q * 2)
    match pattern:
        case "held" | "one":
            return ((0.0, bar if pattern == "held" else 1.0),)
        case "quarters" | "strum" | "walking" if metre.name != "6/8":
            return tuple((float(beat), 0.95) for beat in range(int(bar)))
        case "beats" | "root_fifth" | "strum" | "quarters":
            ends = [*metre.beats_q[1:], bar]
            return tuple((beat, 0.92 * (end - beat)) for beat, end in zip(metre.beats_q, ends, strict=True))
        case "eighths" | "octaves" | "arpeggio8" | "alberti":
            return tuple((0.5 * step, 0.45) for step in range(eighths))
        case "arpeggio16":
            return tuple((0.25 * step, 0.25) for step in range(2 * eighths))
        case "offbeats":
            return tuple((beat + 0.5, 0.4) for beat in range(int(bar)))
        case "backbeat":
            return tuple((float(beat), 0.4) for beat in range(1, int(bar), 2))
        case "oompah":
            return tuple((float(beat), 0.6) for beat in range(1, int(bar)))
        case "charleston":
            return ((0.0, 0.7), (1.5, 0.5))
        case "lilt":
            return tuple(pair for beat in metre.beats_q for pair in ((beat, 0.9), (beat + 1.0, 0.45)))
        case _:
            return drawn


def comping(pattern: str, metre: Metre, spans: Sequence[Span], drawn: Onsets, around: int) -> list[Note]:
    """Return the chords of some spans as a pattern plays them, near a MIDI number."""
    notes: list[Note] = []
    voicing: Voicing = ()
    for span in spans:
        if span.chord is None:
            continue
        voicing = led(voicing, span.chord, around)
        for start_q, length_q in within(span, rhythm(pattern, metre, drawn), metre):
            notes += _struck(pattern, metre, voicing, start_q, length_q)
    return notes


def bass(pattern: str, metre: Metre, spans: Sequence[Span], drawn: Onsets, rng: np.random.Generator) -> list[Note]:
    """Return a bass line under some spans."""
    notes = []
    for number, span in enumerate(spans):
        if span.chord is None:
            continue
        root = _low(span.chord.bass)
        onsets = list(within(span, rhythm(pattern, metre, drawn), metre))
        follows = next((later.chord for later in spans[number + 1 :] if later.chord), span.chord)
        for place, (start_q, length_q) in enumerate(onsets):
            tone = root
            if pattern == "walking" and place:
                tone = _step(span.chord, follows, root, last=place == len(onsets) - 1, rng=rng)
            elif pattern == "octaves":
                tone = root + 12 * (place % 2)
            elif pattern == "root_fifth" and place % 2:
                tone = _low(span.chord.classes[2])
            elif pattern in ("syncopated", "lilt") and place and rng.random() < 0.3:
                tone = _low(span.chord.classes[2]) if rng.random() < 0.5 else root + 12
            accent = 100 if place == 0 else 88
            notes.append(Note(start_q, length_q, tone, accent + rng.normal(0.0, 4.0)))
    return notes


def led(before: Voicing, chord: Chord, around: int) -> Voicing:
    """Return the voicing of a chord that moves least from the one before, or lies nearest to a MIDI number."""
    low = around - 8
    closed: list[Voicing] = [tuple(sorted(low + (tone - low) % 12 for tone in chord.classes))]
    for _ in chord.classes[1:]:
        closed.append((*closed[-1][1:], closed[-1][0] + 12))
    if not before:
        return min(closed, key=lambda tones: abs(_mean(tones) - around))

    def moved(tones: Voicing) -> float:
        return sum(min(abs(tone - old) for old in before) for tone in tones) + 0.5 * abs(_mean(tones) - around)

    return min(closed, key=moved)


def within(span: Span, onsets: Onsets, metre: Metre) -> list[tuple[float, float]]:
    """Return where in a span a bar's rhythm falls, cut at its end; its start if it falls nowhere."""
    found = []
    bar = int(span.start_q / metre.bar_q + 1e-6)
    while bar * metre.bar_q < span.end_q - 1e-6:
        for offset_q, length_q in onsets:
            start_q = bar * metre.bar_q + offset_q
            end_q = min(start_q + length_q, span.end_q)
            if start_q < span.start_q - 1e-6 < end_q - 0.25:
                start_q = span.start_q  # what is held when the chord changes is struck again
            if span.start_q - 1e-6 <= start_q < span.end_q - 1e-6:
                found.append((start_q, end_q - start_q))
        bar += 1
    return found or [(span.start_q, 0.9 * (span.end_q - span.start_q))]


def _struck(pattern: str, metre: Metre, voicing: Voicing, start_q: float, length_q: float) -> list[Note]:
    place = round((start_q % metre.bar_q) * 4)
    if pattern.startswith("arpeggio"):
        walk = [*range(len(voicing)), *range(len(voicing) - 2, 0, -1)]
        step = place // (2 if pattern == "arpeggio8" else 1)
        return [Note(start_q, 2.0 * length_q, voicing[walk[step % len(walk)]], 88 if place == 0 else 76)]
    if pattern == "alberti":
        order = (0, len(voicing) - 1, 1, len(voicing) - 1)
        return [Note(start_q, length_q, voicing[order[place // 2 % 4]], 84 if place == 0 else 72)]
    accent = 90 if start_q % metre.bar_q in metre.beats_q else 78
    spread = 9.0 if pattern == "strum" else 0.0
    return [Note(start_q, length_q, tone, accent, spread * string) for string, tone in enumerate(voicing)]


def _mean(tones: Voicing) -> float:
    return sum(tones) / len(tones)


def _low(pitch_class: int) -> int:
    """Return a pitch class between E1 and Eb2."""
    return 28 + (pitch_class - 28) % 12


def _step(chord: Chord, follows: Chord, root: int, *, last: bool, rng: np.random.Generator) -> int:
    """Return a walking bass's next tone: one of the chord's, at last one beside the root that follows."""
    if last and rng.random() < 0.6:
        return _low(follows.bass) + int(rng.choice([-1, 1, 2]))
    return root + int(rng.choice([(tone - chord.bass) % 12 for tone in chord.classes]))
