"""Which chords sound when: each group of sections has a progression of the style, bent to what follows it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from soundrack.composition.chance import chance
from soundrack.composition.plan import Label, Plan
from soundrack.composition.score import grammar
from soundrack.composition.score.clarity import clarity, loop_clarity
from soundrack.composition.score.form import keys
from soundrack.composition.score.numerals import Numeral, numeral
from soundrack.composition.score.score import Placed, Sounding
from soundrack.composition.score.tones import scale_classes
from soundrack.composition.styles import style
from soundrack.composition.styles.harmony import HarmonyTable, Progression
from soundrack.composition.theory import CHORDS, Chord, Key, Mode

Draw = Callable[..., np.random.Generator]
"""Returns the generator of a purpose."""

_MODAL = {
    "mixolydian": ("I bVII IV I", "I I bVII IV", "I bVII I bVII", "I v IV I"),
    "lydian": ("I II I I", "I II vi II", "I I II vi", "I II iii II"),
    "dorian": ("i IV i IV", "i i IV IV", "i VII IV i", "i III IV i"),
    "phrygian": ("i bII i i", "i i bII i", "i bII i VII", "i VI bII i"),
}
"""Loops that show what a mode has of its own."""
_MODAL_SHARE = 0.6
_OWN = {"mixolydian": "bVII", "lydian": "II", "dorian": "IV", "phrygian": "bII", "harmonic minor": "V"}
_OTHERWISE = (Label.BRIDGE, Label.BREAK, Label.BUILD, Label.PRE_CHORUS)
"""Sections that may leave a progression that all others share."""
_ON_PEDALS = {Label.INTRO: 1.0, Label.BUILD: 1.0, Label.BREAK: 0.5}
_FRAME = (Label.INTRO, Label.OUTRO)
_SHORTEST_UNIT_BARS = 0.5
_LONGEST_BARS = 4
_AGAIN = 0.2
"""Weight of a progression that another group already has."""
_CLEAR = 12.0
"""How much less likely progressions are that fit another key better than their own."""
_ATTEMPTS, _DRAFTS = 16, 4
_TOLD = 0.05
"""From which clarity on the key is told well enough."""
_AWAY = 0.1
"""Weight of a progression without the tonic in the sections that tell the key."""
_EPSILON = 1e-6


@dataclass(frozen=True)
class _Unit:
    """A chord for some bars; `pedal` is the degree in the bass in semitones above the tonic, or None."""

    numeral: Numeral
    bars: float
    pedal: int | None = None


def harmony(plan: Plan, sections: Sequence[Placed]) -> tuple[Sounding, ...]:
    """Write the chords of a song.

    Sections of one group have the same chords, of which the last may lead to what follows. The song begins and ends on
    the tonic, for which its first and last section bend theirs; in functional styles it ends in a cadence.

    Parameters
    ----------
    plan : Plan
        The song's.
    sections : sequence of Placed
        Its sections (`form.placed`).

    Returns
    -------
    tuple of Sounding
        In order, without gaps or overlaps; no chord goes on into the next section, and none lasts more than four
        bars, unless the style's harmonic rhythm is slower.
    """
    return next(harmonies(plan, sections))


def harmonies(plan: Plan, sections: Sequence[Placed]) -> Iterator[tuple[Sounding, ...]]:
    """Write the chords of a song in several ways, four at most, each as `harmony` says: at least one.

    They are those, in the order in which they were drawn, that tell the key well; where none does, the one that tells
    it best.
    """
    best: tuple[Sounding, ...] = ()
    most = -math.inf
    drafts = 0
    for attempt in range(_ATTEMPTS):
        found = _harmony(plan, sections, partial(chance, plan.seed, "harmony", attempt))
        told = clarity(((each.chord, each.length) for each in found), plan.key)
        if told >= _TOLD:
            drafts += 1
            yield found
        elif told > most:
            best, most = found, told
        if drafts == _DRAFTS:
            return
    if not drafts:
        yield best


def _harmony(plan: Plan, sections: Sequence[Placed], draw: Draw) -> tuple[Sounding, ...]:
    table = style(plan.style).harmony
    mode = plan.key.mode
    loops = _loops(plan, table, draw)
    sounding: list[Sounding] = []
    for place, (section, key) in enumerate(zip(sections, keys(plan), strict=True)):
        loop, rhythm = loops[section.section.group]
        units = _unrolled(loop, rhythm, section.section.bars)
        if place == 0:
            units = _begun(units, mode)
        if place == len(sections) - 1:
            units = _ended(units, table, mode, draw("ending"))
        else:
            units = _turned(units, table, mode, draw("turn", section.section.group))
        units = _on_pedal(units, section.section.label, table, draw("pedal"))
        coloured = [replace(each, numeral=_coloured(each.numeral, plan, table, draw)) for each in units]
        sounding += _sounding(plan, section, coloured, key)
    return tuple(sounding)


def _loops(plan: Plan, table: HarmonyTable, draw: Draw) -> dict[str, tuple[list[Numeral], float]]:
    """Return the progression and the bars a chord of each group."""
    labels: dict[str, Label] = {}
    for section in plan.form:
        labels.setdefault(section.group, section.label)
    rng = draw("unity")
    united = rng.random() < table.unity
    heart = _heart(plan)
    drawn: dict[str, list[str]] = {}
    origins: dict[str, str] = {}
    order = sorted(labels, key=lambda group: (labels[group] in table.same, group != heart, list(labels).index(group)))
    for group in order:
        label = labels[group]
        own = label in table.progressions[plan.key.mode]
        shared = drawn.get(heart)
        model = next((each for each in drawn if labels[each] is table.same.get(label)), None)
        origins[group] = group
        if model is not None:
            drawn[group], origins[group] = drawn[model], origins[model]
        elif shared is not None and ((united and not (own and label in _OTHERWISE)) or (label in _FRAME and not own)):
            drawn[group], origins[group] = shared, origins[heart]
        else:
            drawn[group] = _drawn(plan, table, label, group, [*drawn.values()], draw)
    return {
        group: (
            _embellished(
                [numeral(each, plan.key.mode) for each in loop],
                table,
                plan.key.mode,
                draw("embellishment", origins[group]),
            ),
            table.rhythm_of(labels[group]),
        )
        for group, loop in drawn.items()
    }


def _heart(plan: Plan) -> str:
    """Return the group that the song is about: the most energetic, of equals the longest."""
    lengths: dict[str, float] = {}
    for section in plan.form:
        lengths[section.group] = lengths.get(section.group, 0.0) + section.bars
    return max(plan.form, key=lambda section: (section.energy, lengths[section.group])).group


def _drawn(
    plan: Plan, table: HarmonyTable, label: Label, group: str, used: Sequence[Sequence[str]], draw: Draw
) -> list[str]:
    rng = draw("progression", group)
    substyle = style(plan.style).plan.substyle(plan.substyle)
    own = substyle.progressions.get(plan.key.mode, ()) if substyle is not None else ()
    if not own and rng.random() < table.functional:
        kinds = list(table.cadences)
        kind = str(rng.choice(kinds, p=_shares([table.cadences[each] for each in kinds])))
        return (
            grammar.period(8, kind, plan.key.mode, rng)
            if rng.random() < 0.6
            else grammar.phrase(4, kind, plan.key.mode, rng)
        )
    if not own and plan.scale in _MODAL and rng.random() < _MODAL_SHARE:
        choices = [tuple(each.split()) for each in _MODAL[plan.scale]]
        shares = _shares([_clear(each, plan) for each in choices])
        return list(choices[int(rng.choice(len(choices), p=shares))])
    progressions = own or table.progressions_of(plan.key.mode, label)
    bars = max(section.bars for section in plan.form if section.group == group)
    weights = [_weight(each, label, plan, used, bars / table.rhythm_of(label)) for each in progressions]
    return list(progressions[int(rng.choice(len(progressions), p=_shares(weights)))].numerals)


def _weight(progression: Progression, label: Label, plan: Plan, used: Sequence[Sequence[str]], units: float) -> float:
    weight = progression.weight
    if any([*progression.numerals] == [*each] for each in used) and len(progression.numerals) < 12:
        weight *= _AGAIN
    own = _OWN.get(plan.scale)
    if own is not None and any(each.startswith(own) and each.rstrip("79") == own for each in progression.numerals):
        weight *= 3.0
    weight *= 0.1 + 0.9 * _within(progression, plan) ** 2
    weight *= _clear(progression.numerals, plan)
    home = any(numeral(each, plan.key.mode).root == 0 for each in progression.numerals)
    if not home and label not in (*_OTHERWISE, *_FRAME):
        weight *= _AWAY
    count = len(progression.numerals)
    if count > 2 * units or (count == 12) != (units % 12 == 0):
        weight *= 0.05
    return weight


def _clear(numerals: tuple[str, ...], plan: Plan) -> float:
    """Return how likely a progression is for how clearly it tells the key."""
    return math.exp(_CLEAR * min(loop_clarity(numerals, plan.key.mode), 0.0))


def _within(progression: Progression, plan: Plan) -> float:
    """Return the share of a progression's chords whose triads lie in the scale; a dominant does in any."""
    scale = scale_classes(plan.key, plan.scale)
    chords = [numeral(each, plan.key.mode) for each in progression.numerals]
    inside = [each.root == 7 or set(each.chord(plan.key).tones[:3]) <= scale for each in chords]
    return sum(inside) / len(inside)


def _shares(weights: Sequence[float]) -> list[float]:
    total = sum(weights)
    return [weight / total for weight in weights]


def _embellished(loop: Sequence[Numeral], table: HarmonyTable, mode: Mode, rng: np.random.Generator) -> list[Numeral]:
    """Return a progression with its own dominants before some chords and subdominants from the parallel key.

    A chord that gets one is split: the numerals are twice as many where any was split, so that all keep their length.
    """
    doubled: list[Numeral] = []
    for place, each in enumerate(loop):
        after = loop[(place + 1) % len(loop)]
        second = each
        applied, borrowed = rng.random() < table.secondary, rng.random() < table.borrowed
        if applied and _can_lead(each, after, mode):
            second = numeral(f"V7/{after.name}", mode)
        elif borrowed and mode is Mode.MAJOR and each.name == "IV" and after.root == 0:
            second = numeral("iv", mode)
        doubled += [each, second]
    return doubled


def _can_lead(chord: Numeral, target: Numeral, mode: Mode) -> bool:
    """Tell whether a chord's second half can be the dominant of the next one."""
    steps = (2, 4, 5, 7, 9) if mode is Mode.MAJOR else (3, 5, 8, 10)
    already = (chord.root - target.root) % 12 == 7 or chord.root == target.root
    return (
        target.root in steps
        and target.quality in {"maj", "min", "min7", "maj7", "7"}
        and not already
        and "/" not in target.name + chord.name
        and not chord.bass
    )


def _unrolled(loop: Sequence[Numeral], rhythm: float, bars: int) -> list[_Unit]:
    """Repeat a progression over some bars, quicker where it would not be heard whole; every numeral is half a chord."""
    unit = rhythm
    while len(loop) / 2 * unit > bars + _EPSILON and unit > _SHORTEST_UNIT_BARS:
        unit /= 2
    units: list[_Unit] = []
    at, place = 0.0, 0
    while at < bars - _EPSILON:
        length = min(unit / 2, bars - at)
        units.append(_Unit(loop[place % len(loop)], length))
        at, place = at + length, place + 1
    return _merged(units)


def _merged(units: Sequence[_Unit]) -> list[_Unit]:
    """Join neighbours that are the same chord, up to four bars of it."""
    merged: list[_Unit] = []
    for each in units:
        if merged and merged[-1].numeral == each.numeral and merged[-1].bars + each.bars <= _LONGEST_BARS:
            merged[-1] = replace(merged[-1], bars=merged[-1].bars + each.bars)
        else:
            merged.append(each)
    return merged


def _begun(units: Sequence[_Unit], mode: Mode) -> list[_Unit]:
    """Let the song begin on the tonic, in root position."""
    first = units[0]
    if first.numeral.root == 0 and first.numeral.bass == 0:
        return list(units)
    home = next((each.numeral for each in units if each.numeral.root == 0 and each.numeral.bass == 0), None)
    return _merged([replace(first, numeral=home or numeral(grammar.tonic(mode), mode)), *units[1:]])


def _ended(units: Sequence[_Unit], table: HarmonyTable, mode: Mode, rng: np.random.Generator) -> list[_Unit]:
    """Let the song end on the tonic for its last bar (or what there is), after the first chord of a cadence."""
    total = sum(each.bars for each in units)
    kinds = [kind for kind in table.cadences if kind != "half"]
    kind = str(rng.choice(kinds, p=_shares([table.cadences[each] for each in kinds])))
    home = numeral(grammar.tonic(mode), mode)
    last = min(total, 1.0)
    kept = _cut(units, total - last)
    functional = table.functional + table.secondary + table.borrowed > 0.0
    if functional and total >= 3.0:
        before = numeral(grammar.cadence(kind, mode)[0], mode)
        kept = [*_cut(units, total - last - 1.0), _Unit(before, 1.0)]
    return _merged([*kept, _Unit(home, last)])


def _turned(units: Sequence[_Unit], table: HarmonyTable, mode: Mode, rng: np.random.Generator) -> list[_Unit]:
    """Let a section's last bar lead to what follows: a half cadence, or in modal styles the flat seventh."""
    total = sum(each.bars for each in units)
    turns = rng.random() < table.turn
    modal = table.cadences.get("modal", 0.0) > table.cadences.get("authentic", 0.0) and rng.random() < 0.4
    leading = ("bVII" if mode is Mode.MAJOR else "VII") if modal else "V"
    last = units[-1].numeral
    if not turns or total < 4.0 or last.root in {7, 10, 11}:
        return list(units)
    length = min(1.0, units[-1].bars)
    return _merged([*_cut(units, total - length), _Unit(numeral(leading, mode), length)])


def _cut(units: Sequence[_Unit], bars: float) -> list[_Unit]:
    """Return the first bars."""
    kept: list[_Unit] = []
    left = bars
    for each in units:
        if left <= _EPSILON:
            break
        kept.append(replace(each, bars=min(each.bars, left)))
        left -= each.bars
    return kept


def _on_pedal(units: Sequence[_Unit], label: Label, table: HarmonyTable, rng: np.random.Generator) -> list[_Unit]:
    """Put a pedal point under an intro, build or break: the tonic, or the dominant before what is expected."""
    if rng.random() >= table.pedal * _ON_PEDALS.get(label, 0.0):
        return list(units)
    pedal = 7 if label is Label.BUILD and rng.random() < 0.5 else 0
    return [replace(each, pedal=pedal) for each in units]


def _sounding(plan: Plan, section: Placed, units: Sequence[_Unit], key: Key) -> list[Sounding]:
    bar = plan.metre.bar_quarters
    at = section.start
    sounding = []
    for each in units:
        chord = each.numeral.chord(key)
        if each.pedal is not None:
            chord = Chord(chord.root, chord.quality, (key.tonic + each.pedal) % 12)
        sounding.append(Sounding(at, each.bars * bar, chord, each.numeral.text))
        at += each.bars * bar
    return sounding


def _coloured(each: Numeral, plan: Plan, table: HarmonyTable, draw: Draw) -> Numeral:
    """Return a chord with the quality that it has throughout the song; what colours it lies in the scale."""
    kind = "dom" if each.quality == "maj" and each.root == 7 else each.quality
    weights = table.colours.get(kind)
    if not each.plain or each.bass or weights is None:
        return each
    scale = scale_classes(plan.key, plan.scale)
    fitting = {
        quality: weight
        for quality, weight in weights.items()
        if weight > 0.0
        and all(
            (plan.key.tonic + each.root + interval) % 12 in scale
            for interval in CHORDS[quality]
            if interval not in CHORDS[each.quality]
        )
    }
    if not fitting:
        return each
    rng = draw("colours", each.name, kind)
    qualities = list(fitting)
    return replace(each, quality=str(rng.choice(qualities, p=_shares([*fitting.values()]))))
