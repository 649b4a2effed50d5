"""A whole song from its plan: form, harmony, and what each instrument plays in each part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from benchmarks.corpus.accompaniment import BASS, COMPING, Onsets, bass, comping, syncopated
from benchmarks.corpus.drums import GROOVES, drums
from benchmarks.corpus.harmony import Change, closing, progression
from benchmarks.corpus.melody import Motif, melody, motif
from benchmarks.corpus.pitch import Key
from benchmarks.corpus.plan import Plan
from benchmarks.corpus.score import METRES, Metre, Part, Score, Section, Span

_LONGEST_S, _SHORTEST_S = 88.0, 46.0

_LABELS = {"I": "intro", "A": "verse", "B": "chorus", "C": "bridge", "N": "break", "O": "outro"}
_FORMS = tuple(
    tuple((_LABELS[part[0]], part[0], int(part[1:])) for part in form.split())
    for form in (
        "I4 A8 B8 A8 B8 C8 B8 O4",
        "I4 A8 B8 N2 A8 B8 C4 B8 O2",
        "I4 A8 B8 A8 B8 O4",
        "A8 A8 C8 A8 O2",
        "I2 A8 B8 C4 B8 O2",
        "I2 A4 B4 N2 A4 B4 C4 B4 O2",
        "I4 A4 B4 A4 B4 O4",
        "A4 B4 A4 B4 O2",
        "I2 A4 B4 A4 O2",
    )
)
"""Sections as label, group and bars."""


@dataclass(frozen=True)
class _Music:
    """What all sections of a group share."""

    changes: list[Change]
    unit_q: float
    drawn: Onsets
    bass_drawn: Onsets
    pattern: str
    bass_pattern: str
    groove: str | None
    shape: Motif


def compose(plan: Plan) -> Score:
    """Return the song that a plan asks for, the same for the same plan."""
    rng = np.random.default_rng([88, plan.seed])
    metre = METRES[plan.metre]
    sections = _form(plan, metre, rng)
    parts = _instruments(plan, rng)
    groups = {
        section.group: _music(section, plan, metre, rng) for section in reversed(sections) if section.group != "N"
    }
    spans: list[Span] = []
    for number, section in enumerate(sections):
        start_q = section.start_bar * metre.bar_q
        if section.group == "N":
            spans.append(Span(start_q, start_q + section.bars * metre.bar_q, None, section.key))
            _beat(parts, groups["A"], section, metre, rng, ends=True)
            continue
        music = groups[section.group]
        # transposed with the key, the rest as it was
        here = _laid(music, section, plan.key, metre)
        spans += here
        own = np.random.default_rng([888, plan.seed, ord(section.group)])
        _play(parts, music, section, here, metre, rng, own, last=number == len(sections) - 1)
    return Score(metre, sections, spans, [part for part in parts if part.notes])


def _form(plan: Plan, metre: Metre, rng: np.random.Generator) -> list[Section]:
    bar_s = len(metre.beats_q) * 60.0 / plan.tempo
    lengths = [sum(bars for _, _, bars in form) * bar_s for form in _FORMS]
    fitting = [form for form, length_s in zip(_FORMS, lengths, strict=True) if _SHORTEST_S <= length_s <= _LONGEST_S]
    if not fitting:
        fitting = [min(zip(_FORMS, lengths, strict=True), key=lambda pair: abs(pair[1] - 65.0))[0]]
    form = fitting[int(rng.integers(len(fitting)))]
    if not plan.drums:
        form = tuple(part for part in form if part[1] != "N")
    moved = _modulated(form, plan, rng)
    sections, bar = [], 0
    for (label, group, bars), key in zip(form, moved, strict=True):
        sections.append(Section(label, group, bar, bars, key))
        bar += bars
    return sections


def _modulated(form: tuple[tuple[str, str, int], ...], plan: Plan, rng: np.random.Generator) -> list[Key]:
    """Return each section's key: the last third is moved, or a bridge alone."""
    if not plan.modulation:
        return [plan.key] * len(form)
    bridge = [number for number, part in enumerate(form) if part[0] == "bridge"]
    if bridge and rng.random() < 0.4:
        return [plan.key.moved(plan.modulation) if number in bridge else plan.key for number in range(len(form))]
    first = max(1, round(len(form) * 0.6))
    return [plan.key.moved(plan.modulation) if number >= first else plan.key for number in range(len(form))]


def _instruments(plan: Plan, rng: np.random.Generator) -> list[Part]:
    style = plan.style

    def part(role: str, programs: tuple[int, ...], wide: float) -> Part:
        return Part(role, int(rng.choice(programs)), 0.5 + float(rng.uniform(-wide, wide)))

    parts = [part("bass", style.basses, 0.03), part("comp", style.comps, 0.3), part("lead", style.leads, 0.15)]
    if style.pads and rng.random() < 0.7:
        parts.append(part("pad", style.pads, 0.2))
    if rng.random() < 0.35:
        parts.append(part("comp", style.comps, 0.35))
    if plan.drums:
        parts.append(Part("drums", int(rng.choice([0, 0, 0, 8, 16, 25])) if style.name != "jazz" else 32))
    return parts


def _music(section: Section, plan: Plan, metre: Metre, rng: np.random.Generator) -> _Music:
    style = plan.style
    unit_bars = float(rng.choice(style.units))
    if metre.name in ("3/4", "5/4", "7/8", "2/4"):
        unit_bars = max(1.0, unit_bars)
    if plan.tempo * 4.0 / len(metre.beats_q) > 150.0 and rng.random() < 0.4:
        unit_bars = 2.0
    unit_bars = min(unit_bars, section.bars)
    units = round(section.bars / unit_bars)
    # a chord changes on a beat: a unit whose half is none stays whole
    split = metre.name != "7/8" and (0.5 * unit_bars * metre.bar_q) % metre.beat_q == 0.0
    if section.label == "outro":
        changes = closing(plan.key, units)
    else:
        changes = progression(style.family, plan.key, style.colour, units, rng, split=split)
    patterns = [name for name in style.patterns if name in COMPING[metre.name] or name == "beats"]
    basses = [name for name in style.bass_patterns if name in BASS[metre.name] or name == "beats"]
    grooves = [name for name in style.grooves if name in GROOVES[metre.name]]
    quick = metre.beat_q * plan.tempo > 150.0
    patterns = [name for name in patterns if not (quick and name == "arpeggio16")]
    return _Music(
        changes,
        unit_bars * metre.bar_q,
        syncopated(metre, rng),
        syncopated(metre, rng),
        str(rng.choice(patterns or COMPING[metre.name])),
        str(rng.choice(basses or BASS[metre.name])),
        str(rng.choice(grooves or list(GROOVES[metre.name]))) if plan.drums else None,
        motif(metre, style.density, rng),
    )


def _laid(music: _Music, section: Section, home: Key, metre: Metre) -> list[Span]:
    """Return a section's chords where they lie, each as long as it is the same."""
    shift = (section.key.tonic - home.tonic) % 12
    spans: list[Span] = []
    place_q = section.start_bar * metre.bar_q
    end_q = place_q + section.bars * metre.bar_q
    for change in music.changes:
        until_q = min(place_q + change.units * music.unit_q, end_q)
        chord = type(change.chord)(
            (change.chord.root + shift) % 12, change.chord.quality, (change.chord.bass + shift) % 12
        )
        if until_q > place_q + 1e-6:
            spans.append(Span(place_q, until_q, chord, section.key))
        place_q = until_q
    return spans


def _play(
    parts: list[Part],
    music: _Music,
    section: Section,
    spans: list[Span],
    metre: Metre,
    rng: np.random.Generator,
    own: np.random.Generator,
    *,
    last: bool,
) -> None:
    """Let every part that plays in a section play it; what `own` draws is the same in all sections of a group."""
    bare, full = section.label in ("intro", "outro"), section.label == "chorus"
    comps = 0
    for part in parts:
        match part.role:
            case "bass" if not (section.label == "intro" and rng.random() < 0.4):
                part.notes += bass("held" if last else music.bass_pattern, metre, spans, music.bass_drawn, own)
            case "comp":
                comps += 1
                if comps == 1 or full:
                    pattern = "held" if last else music.pattern
                    part.notes += comping(pattern, metre, spans, music.drawn, 62 if comps == 1 else 69)
            case "pad" if full or rng.random() < 0.5:
                part.notes += comping("held", metre, spans, music.drawn, 58)
            case "lead" if not bare or rng.random() < 0.25:
                part.notes += melody(music.shape, metre, section.key, spans, 77 if full else 72, own)
    if not (bare and rng.random() < 0.5):
        _beat(parts, music, section, metre, rng, ends=not last and rng.random() < 0.7)


def _beat(
    parts: list[Part], music: _Music, section: Section, metre: Metre, rng: np.random.Generator, *, ends: bool
) -> None:
    for part in parts:
        if part.role == "drums" and music.groove:
            start_q = section.start_bar * metre.bar_q
            crash = section.label in ("chorus", "verse") and rng.random() < 0.6
            part.notes += drums(music.groove, metre, start_q, section.bars, rng, crash=crash, fill=ends)
