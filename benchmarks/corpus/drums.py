"""Drum grooves: patterns of sixteenths by metre, with fills where sections end."""

from __future__ import annotations

import numpy as np

from benchmarks.corpus.score import Metre, Note

_KICK, _STICK, _SNARE, _CLAP, _HAT, _PEDAL, _OPEN, _CRASH, _RIDE, _TAMB, _SHAKER = (
    36, 37, 38, 39, 42, 44, 46, 49, 51, 54, 70,
)  # fmt: skip
_TOMS = (50, 48, 45, 43)

Groove = dict[int, str]
"""By drum: a bar of sixteenths; ``X`` loud, ``x`` plain, ``o`` soft, ``.`` none."""

GROOVES: dict[str, dict[str, Groove]] = {
    "4/4": {
        "rock": {_KICK: "X.......X.x.....", _SNARE: "....X.......X...", _HAT: "X.x.X.x.X.x.X.x."},
        "rock2": {_KICK: "X..x....X.......", _SNARE: "....X.......X..o", _HAT: "X.x.X.x.X.x.X.x."},
        "pop": {_KICK: "X.....x.X.......", _SNARE: "....X.......X...", _HAT: "x.o.x.o.x.o.x.o."},
        "pop16": {_KICK: "X..x..x...x.....", _SNARE: "....X.......X...", _HAT: "xoxoxoxoxoxoxoxo"},
        "house": {_KICK: "X...X...X...X...", _OPEN: "..x...x...x...x.", _CLAP: "....X.......X..."},
        "techno": {_KICK: "X...X...X...X...", _HAT: "x.x.x.x.x.x.x.x.", _OPEN: "..x...x...x...x."},
        "disco": {
            _KICK: "X...X...X...X...",
            _SNARE: "....X.......X...",
            _HAT: "x.o.x.o.x.o.x.o.",
            _OPEN: "..x...x...x...x.",
        },
        "funk": {_KICK: "X.x...x...x..x..", _SNARE: "....X..o.o..X..o", _HAT: "x.xxx.xxx.xxx.xx"},
        "hiphop": {_KICK: "X......x..X.....", _SNARE: "....X.......X...", _HAT: "x.x.x.x.x.x.x.xx"},
        "trap": {_KICK: "X.....x.....x...", _CLAP: "........X.......", _HAT: "x.x.x.xxx.x.x.x."},
        "halftime": {_KICK: "X.......... x...".replace(" ", "."), _SNARE: "........X.......", _HAT: "X...x...X...x..."},
        "swing": {_RIDE: "X...x.x.X...x.x.", _PEDAL: "....X.......X...", _KICK: "o...o...o...o..."},
        "shuffle": {_KICK: "X.......X.x.....", _SNARE: "....X.......X...", _RIDE: "X.x.X.x.X.x.X.x."},
        "bossa": {_KICK: "X.....xXX.....xX", _STICK: "X.....X.....X...", _SHAKER: "xoxoxoxoxoxoxoxo"},
        "train": {_KICK: "X...X...X...X...", _SNARE: "o.oXo.oXo.oXo.oX"},
        "reggae": {_KICK: "........X.......", _STICK: "........X.......", _HAT: "x.X.x.X.x.X.x.X."},
        "soft": {_KICK: "X.......x.......", _STICK: "....x.......x...", _SHAKER: "x.x.x.x.x.x.x.x."},
        "tambourine": {_KICK: "X.......X.......", _TAMB: "....X.......X..."},
        "metal": {_KICK: "XxXxXxXxXxXxXxXx", _SNARE: "....X.......X...", _RIDE: "X...X...X...X..."},
        "breakbeat": {_KICK: "X.........X.....", _SNARE: "....X.......X...", _HAT: "x.x.x.x.x.x.x.x."},
        "amen": {_KICK: "X.X.......XX....", _SNARE: "....X..o.o..X..o", _RIDE: "x.x.x.x.x.x.x.x."},
        "dubstep": {_KICK: "X.........x.....", _SNARE: "........X.......", _HAT: "x.xxx.x.x.xxx.x."},
        "punk": {_KICK: "X.......X.X.....", _SNARE: "....X.......X...", _HAT: "X...X...X...X..."},
        "dembow": {_KICK: "X...X...X...X...", _SNARE: "...X..X....X..X.", _HAT: "x.x.x.x.x.x.x.x."},
        "clave": {_KICK: "X...X...X...X...", _STICK: "X..X..X...X.X...", _SHAKER: "xoxoxoxoxoxoxoxo"},
        "slow16": {_KICK: "X......x..X.....", _SNARE: "....X.......X..o", _HAT: "xoxoxoxoxoxoxoxo"},
        "stomp": {_KICK: "X.....x.X.....x.", _SNARE: "X...X...X...X...", _TAMB: "x.x.x.x.x.x.x.x."},
        "steppers": {_KICK: "X...X...X...X...", _STICK: "........X.......", _HAT: "x.o.x.o.x.o.x.o."},
    },
    "3/4": {
        "waltz": {_KICK: "X...........", _SNARE: "....x...x...", _HAT: "....x...x..."},
        "rock": {_KICK: "X.....x.....", _SNARE: "........X...", _HAT: "X.x.x.x.x.x."},
        "rock2": {_KICK: "X...........", _SNARE: "....X.......", _HAT: "X.x.X.x.X.x."},
        "jazz": {_RIDE: "X...x.x.x...", _PEDAL: "....x...x...", _KICK: "X..........."},
        "soft": {_KICK: "X...........", _STICK: "....o...o...", _SHAKER: "x.x.x.x.x.x."},
        "brushes": {_KICK: "X...........", _SNARE: "....o...o.o.", _RIDE: "x...x...x..."},
    },
    "6/8": {
        "slow": {_KICK: "X...........", _SNARE: "......X.....", _HAT: "X.x.x.X.x.x."},
        "rock": {_KICK: "X...x.....x.", _SNARE: "......X.....", _HAT: "X.x.x.X.x.x."},
        "soft": {_KICK: "X...........", _STICK: "......x.....", _RIDE: "X.x.x.X.x.x."},
        "jig": {_KICK: "X.....X.....", _TAMB: "x.o.x.x.o.x."},
        "bell": {_KICK: "X.....x.....", _SNARE: "......X...o.", _RIDE: "X.x.x.X.x.x."},
    },
    "2/4": {
        "march": {_KICK: "X.......", _SNARE: "x.oox.oo"},
        "polka": {_KICK: "X...X...", _SNARE: "..X...X.", _HAT: "..x...x."},
        "gallop": {_KICK: "X...x...", _SNARE: "..xxX.xx", _HAT: "x.x.x.x."},
    },
    "5/4": {
        "five": {_KICK: "X.....x.....X.......", _SNARE: "........X.......X...", _RIDE: "X...x.x.X...x...x..."},
        "five_jazz": {_KICK: "X...........o.......", _PEDAL: "....x...x.......x...", _RIDE: "X...x.x.x...x...x.x."},
        "five_rock": {_KICK: "X.....x.X.....X.....", _SNARE: "....X.......X...X...", _HAT: "X.x.x.x.x.x.x.x.x.x."},
        "five_even": {_KICK: "X.......x...X.......", _SNARE: "....X...........X...", _HAT: "x.x.x.x.x.x.x.x.x.x."},
    },
    "7/8": {
        "seven": {_KICK: "X.......X.....", _SNARE: "....X.......x.", _HAT: "X.x.X.x.X.x.x."},
        "seven_even": {_KICK: "X...x...X.....", _SNARE: "....X.....X...", _HAT: "x.x.x.x.x.x.x."},
    },
}
"""By metre and name."""

HALF_TIME = ("halftime", "trap", "reggae", "dubstep", "steppers")
"""The grooves whose snare falls on the third beat alone."""

_VELOCITY = {"X": 112, "x": 88, "o": 52}


def drums(
    groove: str, metre: Metre, start_q: float, bars: int, rng: np.random.Generator, *, crash: bool, fill: bool
) -> list[Note]:
    """Return some bars of a groove, with a crash at the start and a fill at the end where asked for."""
    pattern = GROOVES[metre.name][groove]
    notes = [Note(start_q, 0.5, _CRASH, 100.0)] if crash else []
    filled_q = float(rng.choice([0.5, 1.0, 2.0])) if fill else 0.0
    end_q = start_q + bars * metre.bar_q
    for bar in range(bars):
        for drum, steps in pattern.items():
            for step, mark in enumerate(steps):
                place_q = start_q + bar * metre.bar_q + 0.25 * step
                if mark != "." and place_q < end_q - filled_q - 1e-6:
                    notes.append(Note(place_q, 0.2, drum, _VELOCITY[mark] + rng.normal(0.0, 5.0)))
    return notes + _fill(end_q - filled_q, filled_q, rng)


def _fill(start_q: float, length_q: float, rng: np.random.Generator) -> list[Note]:
    steps = round(length_q * 4)
    played = [step for step in range(steps) if step % 2 == 0 or rng.random() < 0.7]
    return [
        Note(
            start_q + 0.25 * step,
            0.2,
            _SNARE if rng.random() < 0.4 else _TOMS[min(len(_TOMS) * step // steps, len(_TOMS) - 1)],
            85.0 + 20.0 * step / steps,
        )
        for step in played
    ]
