"""Prompts, drawn by seed from a grammar (`prompts.toml`) that was written apart from the composer's vocabulary."""

from __future__ import annotations

import tomllib
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from numpy.random import PCG64, Generator

from soundrack.analysis.genre import group
from soundrack.composition.styles.files import NAMES

HALVES = ("tune", "held")
_FILE = Path(__file__).with_name("prompts.toml")
_KOREAN = 0.2
_SHORTEST_S, _LONGEST_S = 45, 60
_TONICS = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")


@dataclass(frozen=True)
class Prompt:
    """A prompt and what a song by it has to be.

    `half` tells whether mistakes may be looked into (``tune``) or not (``held``). `style` is the composer's name of
    what is asked for, `group` the group of genres it is in. `bpm` and `key` (``Eb minor``) are None where nothing is
    said.
    """

    number: int
    half: str
    text: str
    language: str
    style: str
    group: str
    bpm: float | None
    key: str | None
    duration_s: float
    seed: int

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


def prompts(count: int, seed: int) -> list[Prompt]:
    """Return some prompts: even ones are to tune on, odd ones are held out.

    Each half goes through all styles in an order of its own, before one comes again; tempo and key are asked for in
    every second prompt of a half.
    """
    orders: dict[str, list[str]] = {half: [] for half in HALVES}
    found = []
    for number in range(count):
        half = HALVES[number % 2]
        if not orders[half]:
            round_of = number // (2 * len(NAMES))
            shuffled = Generator(PCG64([seed, round_of, number % 2])).permutation(sorted(NAMES))
            orders[half] = [str(name) for name in shuffled]
        style = orders[half].pop()
        found.append(_prompt(number, half, style, asked=number // 2 % 2 == 0, seed=seed))
    return found


def _prompt(number: int, half: str, style: str, *, asked: bool, seed: int) -> Prompt:
    rng = Generator(PCG64([seed, number]))
    table, words = _tables()[style], _tables()["words"]
    korean = bool(rng.random() < _KOREAN)
    language = "ko" if korean else "en"
    moods = words["ko_moods" if korean else "moods"]
    mood, mood2 = (str(each) for each in rng.choice(moods, size=2, replace=False))
    bpm = float(rng.integers(table["bpm"][0], table["bpm"][1] + 1))
    mode = "minor" if rng.random() < table["minor"] else "major"
    tonic = _one(rng, list(_TONICS))
    phrase = _one(rng, _tables()["phrases"][f"{language}_{'asked' if asked else 'open'}"])
    text = phrase.format(
        mood=mood,
        mood2=mood2,
        style=_one(rng, table[language]),
        scene=_one(rng, words["ko_scenes" if korean else "scenes"]),
        instrument=_one(rng, table["instruments"]),
        bpm=f"{bpm:.0f}",
        key=_one(rng, _tables()["keys"][f"{language}_{mode}"]).format(tonic=tonic),
    )
    return Prompt(
        number=number,
        half=half,
        text=text,
        language=language,
        style=style,
        group=group(table["as"]),
        bpm=bpm if asked else None,
        key=f"{tonic} {mode}" if asked else None,
        duration_s=float(rng.integers(_SHORTEST_S, _LONGEST_S + 1)),
        seed=int(rng.integers(2**31)),
    )


def _one(rng: Generator, choices: list[str]) -> str:
    return choices[int(rng.integers(len(choices)))]


@cache
def _tables() -> dict[str, Any]:
    with _FILE.open("rb") as file:
        return tomllib.load(file)
