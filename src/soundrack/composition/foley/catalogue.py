"""The catalogue: every recipe by its name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from soundrack.composition.foley.recipe import Recipe
from soundrack.composition.foley.recipes import (
    ambiences,
    animals,
    birds,
    doors,
    explosions,
    household,
    impacts,
    interfaces,
    machines,
    movements,
    people,
    science_fiction,
    signals,
    vehicles,
    water,
    weather,
)

SUBJECTS: Mapping[str, Mapping[str, Recipe]] = MappingProxyType(
    {
        "impacts": impacts.RECIPES,
        "explosions": explosions.RECIPES,
        "movements": movements.RECIPES,
        "interfaces": interfaces.RECIPES,
        "doors and footsteps": doors.RECIPES,
        "weather and fire": weather.RECIPES,
        "water": water.RECIPES,
        "animals": animals.RECIPES,
        "birds": birds.RECIPES,
        "vehicles": vehicles.RECIPES,
        "machines": machines.RECIPES,
        "people": people.RECIPES,
        "household": household.RECIPES,
        "science fiction": science_fiction.RECIPES,
        "signals": signals.RECIPES,
        "ambiences": ambiences.RECIPES,
    }
)
"""Recipes by subject, in the order of the documents."""

RECIPES: Mapping[str, Recipe] = MappingProxyType(
    {name: recipe for recipes in SUBJECTS.values() for name, recipe in recipes.items()}
)
"""Every recipe by its name."""
