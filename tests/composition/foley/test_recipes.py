"""Every recipe, for itself."""

from __future__ import annotations

from dataclasses import replace

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
    Character(),
    Character(size=0.0, intensity=0.0, speed=0.0, brightness=0.0, distance=1.0),
    Character(size=1.0, intensity=1.0, speed=1.0, brightness=1.0),
)
_LONG = ("rain", "dog", "knock")


def made(name: str, seconds: float, seed: int, character: Character = Character(), *, loop: bool = False) -> np.ndarray:  # noqa: B008 - it is frozen
    recipe = RECIPES[name]
    rng = chance(seed, name)
    return finished(performed(recipe, character, round(seconds * RATE_HZ), rng, loop=loop), recipe.kind, loop=loop)


def test_there_are_at_least_ninety_recipes_and_no_name_twice() -> None:
    assert len(RECIPES) == sum(len(recipes) for recipes in SUBJECTS.values())
    assert len(RECIPES) >= 90


@pytest.mark.parametrize("name", RECIPES)
def test_half_a_second_sounds_and_differs_by_seed(name: str) -> None:
    first, other = (made(name, 0.5, seed) for seed in (1, 2))
    assert first.shape == (22_050, 2)
    assert np.isfinite(first).all()
    assert true_peak_db(first, oversampling=16) <= -1.0
    assert float(np.sqrt(np.mean(first**2))) > 1e-3
    assert float(np.abs(first.mean(axis=0)).max()) < 1e-5
    assert first.tobytes() != other.tobytes()


@pytest.mark.parametrize("name", list(RECIPES)[::4])
def test_the_same_seed_gives_the_same_bytes(name: str) -> None:
    assert made(name, 0.5, 1).tobytes() == made(name, 0.5, 1).tobytes()


@pytest.mark.parametrize("name", _LONG)
def test_half_a_minute_has_no_long_silence(name: str) -> None:
    long = made(name, 30.0, 3)
    assert long.shape == (30 * RATE_HZ, 2)
    quarters = np.sqrt(np.mean(long.reshape(12, -1) ** 2, axis=1))
    assert (quarters > 1e-4).all()


@pytest.mark.parametrize("name", list(RECIPES)[::16])
@pytest.mark.parametrize("character", EXTREMES)
def test_extreme_characters_are_heard(name: str, character: Character) -> None:
    sound = made(name, 0.6, 1, character)
    assert np.isfinite(sound).all()
    assert float(np.abs(sound).max()) > 1e-3


@pytest.mark.parametrize("name", [name for name, recipe in RECIPES.items() if recipe.kind is Kind.BED][::6])
def test_a_looped_bed_goes_on_over_its_seam_without_a_jump(name: str) -> None:
    loop = made(name, 1.5, 1, loop=True)
    steps = np.abs(np.diff(np.concatenate([loop, loop[:1]]), axis=0)).max(axis=1)
    assert steps[-1] <= np.percentile(steps, 99.9)


def test_a_bigger_body_sounds_lower() -> None:
    def lowest(size: float) -> int:
        sound = made("metal_clang", 1.0, 1, replace(Character(), size=size)).mean(axis=1)
        return int(np.argmax(np.abs(np.fft.rfft(sound))))

    assert lowest(1.0) < lowest(0.0)
