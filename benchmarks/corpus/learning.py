"""Songs to learn from: other seeds than the corpus', more styles and grooves, tempi at both ends, looser playing.

They lie in a folder of their own and belong to no set that anything is measured on. Their instruments are those of the
half ``tune``, and so none that the half ``held`` has alone.
"""

from __future__ import annotations

import numpy as np

from benchmarks.corpus.harmony import Colour
from benchmarks.corpus.pitch import Key
from benchmarks.corpus.plan import Plan
from benchmarks.corpus.styles import BASSES, BRASS, ELECTRIC_PIANOS, PADS, SAXES, STYLES, SYNTH_BASSES, Style

_FIRST_SEED = 1_000_000
_METRES = ("4/4",) * 11 + ("3/4",) * 3 + ("6/8",) * 2 + ("5/4",) * 2 + ("2/4", "7/8")
_TEMPO_KINDS = ("steady",) * 10 + ("drift",) * 5 + ("sudden",) * 2 + ("gradual", "ritardando", "ritardando")
_WIDER = 1.12
"""How far tempi go beyond a style's slowest and quickest."""
_LOOSEST_MS = 24.0

_PLAIN, _MILD, _RICH = Colour(0.02, 0.05, 0.05, 0.01), Colour(0.15, 0.12, 0.1, 0.03), Colour(0.7, 0.12, 0.08, 0.06)


def _style(
    name: str,
    tempi: tuple[float, float],
    family: str,
    colour: Colour,
    instruments: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]],
    played: tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]],
    metres: tuple[str, ...] = ("4/4",),
    swings: tuple[float, ...] = (1.0,),
    density: float = 0.5,
) -> Style:
    comps, basses, leads = instruments
    grooves, patterns, bass_patterns = played
    return Style(
        name,
        metres,
        *tempi,
        family,
        colour,
        comps,
        basses,
        leads,
        PADS,
        grooves,
        patterns,
        bass_patterns,
        swings=swings,
        density=density,
    )


MORE_STYLES = (
    _style(
        "drum and bass",
        (162, 180),
        "modal",
        _MILD,
        ((4, 88, 90), SYNTH_BASSES, (80, 53, 81)),
        (("breakbeat", "amen"), ("held", "syncopated", "arpeggio8"), ("held", "syncopated")),
    ),
    _style(
        "dubstep",
        (132, 148),
        "modal",
        _PLAIN,
        ((81, 90, 88), SYNTH_BASSES, (80, 81)),
        (("dubstep", "halftime"), ("held", "arpeggio8", "stabs"), ("held", "syncopated")),
    ),
    _style(
        "punk",
        (150, 208),
        "rock",
        _PLAIN,
        ((29, 30), (33, 34), (29, 53)),
        (("punk", "rock", "metal"), ("eighths", "quarters"), ("eighths",)),
    ),
    _style(
        "reggaeton",
        (84, 106),
        "pop",
        _PLAIN,
        ((24, 81, 4), SYNTH_BASSES, (80, 53)),
        (("dembow",), ("stabs", "syncopated", "offbeats"), ("quarters", "syncopated")),
    ),
    _style(
        "afro house",
        (108, 126),
        "modal",
        _MILD,
        ((4, 11, 12), SYNTH_BASSES, (73, 53, 12)),
        (("clave", "house"), ("syncopated", "stabs", "offbeats"), ("syncopated", "offbeats")),
    ),
    _style(
        "slow soul",
        (54, 78),
        "soul",
        _RICH,
        (ELECTRIC_PIANOS, BASSES, SAXES),
        (("slow16", "pop16", "soft"), ("held", "syncopated", "arpeggio16"), ("syncopated", "held")),
    ),
    _style(
        "motown",
        (104, 152),
        "soul",
        _MILD,
        ((0, 27, 16), (33, 32), BRASS),
        (("stomp", "pop"), ("quarters", "backbeat", "syncopated"), ("syncopated", "eighths", "root_fifth")),
    ),
    _style(
        "ska",
        (116, 170),
        "folk",
        _PLAIN,
        ((27, 16, 0), (33, 34), BRASS),
        (("rock", "pop", "stomp"), ("offbeats",), ("walking", "quarters", "eighths")),
    ),
    _style(
        "fast swing",
        (176, 240),
        "jazz",
        _RICH,
        ((0, 26), (32,), (*SAXES, 56)),
        (("swing",), ("charleston", "held", "syncopated"), ("walking",)),
        swings=(1.3, 1.5, 1.7),
    ),
    _style(
        "slow swing",
        (54, 96),
        "jazz",
        _RICH,
        ((0, 26, 11), (32,), (*SAXES, 59)),
        (("swing", "shuffle", "soft", "jazz"), ("charleston", "held", "quarters"), ("walking", "one")),
        ("4/4", "3/4"),
        (1.7, 2.0),
    ),
    _style(
        "dub",
        (64, 92),
        "folk",
        _MILD,
        ((27, 16), (33, 39), (22, 57)),
        (("steppers", "reggae"), ("offbeats", "backbeat"), ("syncopated", "root_fifth")),
        swings=(1.0, 1.3),
    ),
    _style(
        "polka",
        (92, 140),
        "folk",
        _PLAIN,
        ((21, 23, 24), (58, 32), (21, 71, 40)),
        (("polka", "march", "gallop"), ("oompah", "offbeats"), ("root_fifth", "held")),
        ("2/4",),
    ),
    _style(
        "five",
        (80, 190),
        "jazz",
        _MILD,
        ((0, 4, 26, 24, 48), (32, 33), (65, 73, 11, 40)),
        (
            ("five", "five_jazz", "five_rock", "five_even"),
            ("quarters", "syncopated", "held", "arpeggio8"),
            ("quarters", "syncopated", "held"),
        ),
        ("5/4",),
    ),
    _style(
        "seven",
        (100, 180),
        "modal",
        _MILD,
        ((0, 27, 24, 4), (33, 32), (73, 40, 81)),
        (("seven", "seven_even"), ("beats", "eighths", "arpeggio8"), ("beats", "eighths", "held")),
        ("7/8",),
    ),
    _style(
        "ballroom waltz",
        (80, 192),
        "classical",
        _MILD,
        ((0, 21, 48, 24), (32, 43), (40, 71)),
        (("waltz", "brushes", "rock2"), ("oompah", "arpeggio8", "held"), ("one", "root_fifth", "held")),
        ("3/4",),
    ),
    _style(
        "slow rock",
        (48, 84),
        "pop",
        _MILD,
        ((0, 16, 27), BASSES, (65, 53)),
        (("slow", "rock", "bell"), ("eighths", "arpeggio8", "held"), ("beats", "lilt", "held")),
        ("6/8",),
    ),
)
"""Styles that the corpus has not."""


def plans(count: int) -> list[Plan]:
    """Return so many plans; the first are as varied as all, and the same however many are asked for."""
    return [_plan(number) for number in range(count)]


def _plan(number: int) -> Plan:
    seed = _FIRST_SEED + number
    rng = np.random.default_rng([80, seed])
    metre = _METRES[(7 * number) % len(_METRES)]
    fitting = [style for style in (*STYLES, *MORE_STYLES) if metre in style.metres]
    style = fitting[int(rng.integers(len(fitting)))]
    low, high = np.log([style.slowest / _WIDER, style.quickest * _WIDER])
    loose = rng.random() < 0.5
    return Plan(
        name=f"learn-{number:04d}",
        seed=seed,
        half="learn",
        style=style,
        metre=metre,
        key=Key(number % 12, "minor" if rng.random() < style.minor else "major"),
        tempo=round(float(np.exp(rng.uniform(low, high))), 1),
        tempo_kind=str(rng.choice(_TEMPO_KINDS)),
        swing=float(rng.choice(style.swings)) if metre in ("4/4", "3/4") else 1.0,
        tuning_cents=round(float(rng.uniform(-40.0, 40.0)), 1) if rng.random() < 0.3 else 0.0,
        modulation=int(rng.choice([1, 2, 3, 5, -5, -3])) if rng.random() < 0.15 else 0,
        drums=bool(style.grooves) and rng.random() < 0.8,
        soundfont=str(rng.choice(["fluid", "fluid", "musescore"])),
        loose_ms=round(float(rng.uniform(6.0, _LOOSEST_MS)), 1) if loose else None,
    )
