"""Melodies of motifs: a rhythm and a contour that return, on the chords where the beat is strong."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.corpus.pitch import Key
from benchmarks.corpus.score import Metre, Note, Span


@dataclass(frozen=True)
class Motif:
    """Places and lengths of notes in two bars, in quarter notes, and how many steps of the scale each moves."""

    notes: tuple[tuple[float, float, int], ...]


def motif(metre: Metre, density: float, rng: np.random.Generator) -> Motif:
    """Draw a motif; `density` is how many of the eighths have a note, 0 to 1."""
    steps = round(metre.bar_q * 4)  # two bars of eighths
    beats = {round(2 * (bar * metre.bar_q + beat)) for bar in (0, 1) for beat in metre.beats_q}
    played = [step for step in range(steps) if rng.random() < density * (1.4 if step in beats else 0.8)] or [0]
    if rng.random() < 0.6:
        played = [step for step in played if step < steps - int(metre.bar_q)] or [0]  # room to breathe
    ends = [*played[1:], min(played[-1] + 4, steps)]
    return Motif(
        tuple(
            (0.5 * step, 0.5 * (end - step) * float(rng.choice([0.6, 0.95])), int(rng.choice([-2, -1, -1, 0, 1, 1, 2])))
            for step, end in zip(played, ends, strict=True)
        )
    )


def melody(
    shape: Motif, metre: Metre, key: Key, spans: Sequence[Span], around: int, rng: np.random.Generator
) -> list[Note]:
    """Return a melody over some spans: the motif every two bars, the last note on a tone of the chord."""
    start_q, end_q = spans[0].start_q, spans[-1].end_q
    ladder = _ladder(key, around)
    place = int(np.argmin([abs(tone - around) for tone in ladder]))
    notes: list[Note] = []
    phrase_q = 2 * metre.bar_q
    for phrase in range(max(1, round((end_q - start_q) / phrase_q))):
        varied = phrase % 2 == 1 and rng.random() < 0.5
        for offset_q, length_q, step in shape.notes:
            onset_q = start_q + phrase * phrase_q + offset_q
            span = next((span for span in spans if span.start_q <= onset_q + 1e-6 < span.end_q), None)
            if span is None or span.chord is None:
                continue
            turned = -step if varied and rng.random() < 0.3 else step
            place = int(np.clip(place + turned, 2, len(ladder) - 3))
            if abs(ladder[place] - around) > 9:
                place += 2 if ladder[place] < around else -2
            strong = (onset_q % metre.bar_q) in metre.beats_q or length_q >= 1.0
            pitch = _nearest(span.chord.classes, ladder[place]) if strong else ladder[place]
            if not strong:
                pitch = _leading(pitch, span, key)
            longest_q = max(0.25, span.end_q - onset_q) if length_q > 1.0 else length_q
            notes.append(Note(onset_q, min(length_q, longest_q), pitch, 92 + rng.normal(0.0, 6.0)))
    return notes


def _ladder(key: Key, around: int) -> list[int]:
    return [tone for tone in range(around - 14, around + 15) if tone % 12 in key.scale]


def _nearest(classes: Sequence[int], pitch: int) -> int:
    return min(
        (tone for tone in range(pitch - 6, pitch + 7) if tone % 12 in classes), key=lambda tone: abs(tone - pitch)
    )


def _leading(pitch: int, span: Span, key: Key) -> int:
    """Return the tone as the chord has it: what lies a semitone beside one of the chord's foreign tones becomes it."""
    assert span.chord is not None
    foreign = [tone for tone in span.chord.classes if tone not in key.scale]
    for tone in foreign:
        if (pitch - tone) % 12 in (1, 11):
            return pitch + (1 if (tone - pitch) % 12 == 1 else -1)
    return pitch
