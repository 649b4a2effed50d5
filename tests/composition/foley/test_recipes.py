"""Every recipe, for itself."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from soundrack.audio.true_peak import true_peak_db
from soundrack.composition.chance import chance
from soundrack.composition.foley.catalogue import RECIPES, SUBJECTS
from soundrack.composition.foley.character import Character
from soundrack.composition.foley.finishing import finished
from soundrack.composition.foley.performing import performed
from soundrack.composition.foley.recipe import Kind
from soundrack.composition.instruments.tone import RATE_HZ

EXTREMES = (
    Character(size=0.0, intensity=0.0, speed=0.0, brightness=0.0, distance=1.0),
    Character(size=1.0, intensity=1.0, speed=1.0, brightness=1.0),
)
DOZEN = list(RECIPES)[::17]
"""A recipe of nearly every subject; ``benchmarks/foley.py`` asks the same of all."""
BEDS = [name for name, recipe in RECIPES.items() if recipe.kind is Kind.BED]


def made(name: str, seconds: float, seed: int, character: Character = Character(), *, loop: bool = False) -> np.ndarray:  # noqa: B008 - it is frozen
    recipe = RECIPES[name]
    rng = chance(seed, name)
    return finished(performed(recipe, character, round(seconds * RATE_HZ), rng, loop=loop), recipe.kind, loop=loop)


@cache
def usual(name: str) -> np.ndarray:
    """Return the shortest that can be ordered, made once for all tests."""
    return made(name, 0.5, 1)


def test_there_are_at_least_ninety_recipes_and_no_name_twice() -> None:
    assert len(RECIPES) == sum(len(recipes) for recipes in SUBJECTS.values())
    assert len(RECIPES) >= 90


@pytest.mark.parametrize("subject", SUBJECTS)
def test_half_a_second_of_each_recipe_sounds_without_clipping_or_offset(subject: str) -> None:
    for name in SUBJECTS[subject]:
        sound = usual(name)
        assert sound.shape == (22_050, 2), name
        assert np.isfinite(sound).all(), name
        assert true_peak_db(sound, oversampling=16) <= -1.0, name
        assert float(np.sqrt(np.mean(sound**2))) > 1e-3, name
        assert float(np.abs(sound.mean(axis=0)).max()) < 1e-5, name


@pytest.mark.parametrize("name", DOZEN)
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(name: str) -> None:
    assert made(name, 0.5, 1).tobytes() == usual(name).tobytes()
    assert made(name, 0.5, 2).tobytes() != usual(name).tobytes()


@pytest.mark.parametrize("name", ["dog", "knock"])
def test_twelve_seconds_have_no_long_silence(name: str) -> None:
    long = made(name, 12.0, 3)
    assert long.shape == (12 * RATE_HZ, 2)
    parts = np.sqrt(np.mean(long.reshape(5, -1) ** 2, axis=1))
    assert (parts > 1e-4).all()


@pytest.mark.parametrize("name", DOZEN)
@pytest.mark.parametrize("character", EXTREMES)
def test_extreme_characters_are_heard(name: str, character: Character) -> None:
    sound = made(name, 0.5, 1, character)
    assert np.isfinite(sound).all()
    assert float(np.abs(sound).max()) > 1e-3


@pytest.mark.parametrize("name", BEDS[::8])
def test_a_looped_bed_goes_on_over_its_seam_without_a_jump(name: str) -> None:
    loop = made(name, 1.5, 1, loop=True)
    steps = np.abs(np.diff(np.concatenate([loop, loop[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= np.percentile(steps, 99.9)


def test_a_bigger_body_sounds_lower() -> None:
    def lowest(size: float) -> int:
        sound = made("metal_clang", 1.0, 1, replace(Character(), size=size)).mean(axis=1)
        return int(np.argmax(np.abs(np.fft.rfft(sound))))

    assert lowest(1.0) < lowest(0.0)
