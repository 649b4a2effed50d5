"""From a recipe to as much sound as is wanted: beds go on, hits are repeated, loops close."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.foley.character import Character, Movement
from soundrack.composition.foley.recipe import Kind, Recipe
from soundrack.composition.foley.space import moving, spaced, stereo
from soundrack.composition.foley.take import Take
from soundrack.composition.instruments.tone import RATE_HZ

_LONGEST_SEAM_S, _SEAM_PART = 0.6, 0.25
_WARM_UP_S = 0.05
_HEAD_PART = 0.12
"""Where the first event of a loop begins: an attack at the seam would be heard as a seam."""
_LOOPED_PART = 0.8
_JITTER = 0.12


def performed(
    recipe: Recipe, character: Character, frames: int, rng: np.random.Generator, *, loop: bool
) -> NDArray[np.float64]:
    """Return a recipe's sound in its room.

    Parameters
    ----------
    recipe : Recipe
        What is played.
    character : Character
        What its source is like and where it is.
    frames : int
        How long; the sound has exactly that.
    rng : numpy.random.Generator
        For all that is random.
    loop : bool
        Whether the end is to lead to the beginning: beds are cross-faded with what would follow their end, the ends of
        hits ring on into the beginning.

    Returns
    -------
    float64 array, shape (frames, 2)
        At the recipe's level.
    """
    if recipe.is_moving:
        character = replace(character, movement=Movement.STILL)
    if recipe.kind is Kind.BED:
        return _bed(recipe, character, frames, rng, loop=loop)
    out = np.zeros((frames, 2))
    for start, length in _events(recipe, character, frames, rng, loop=loop):
        made = _event(recipe, Take(length, rng, character))
        stop = start + len(made)
        if loop:
            places = (start + np.arange(len(made))) % frames
            out += _wrapped(made, places, frames)
        else:
            out[start : min(stop, frames)] += made[: max(frames - start, 0)]
    if not loop:
        return spaced(moving(out, character), character, rng)
    return spaced(np.tile(moving(out, character), (2, 1)), character, rng)[frames:]


def _bed(
    recipe: Recipe, character: Character, frames: int, rng: np.random.Generator, *, loop: bool
) -> NDArray[np.float64]:
    warm = round(_WARM_UP_S * RATE_HZ)
    seam = min(round(_LONGEST_SEAM_S * RATE_HZ), int(_SEAM_PART * frames)) if loop else 0
    take = Take(warm + frames + seam, rng, character, frames if loop else None)
    made = spaced(moving(_filled(stereo(recipe.make(take)), take.frames), character), character, rng)[warm:]
    if not loop:
        return made
    out, after = made[:frames].copy(), made[frames:]
    angle = 0.5 * np.pi * (np.arange(seam) + 0.5)[:, None] / seam
    out[:seam] = out[:seam] * np.sin(angle) + after * np.cos(angle)
    return out


def _filled(sound: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """Return exactly so many frames."""
    if len(sound) >= frames:
        return sound[:frames]
    return np.concatenate([sound, np.zeros((frames - len(sound), 2))])


def _event(recipe: Recipe, take: Take) -> NDArray[np.float64]:
    """Return one event, faded where it is cut."""
    made = stereo(recipe.make(take)).copy()
    fade = min(round(0.03 * RATE_HZ), len(made) // 3)
    made[len(made) - fade :] *= (0.5 + 0.5 * np.cos(np.pi * np.arange(1, fade + 1) / fade))[:, None]
    return made


def _events(
    recipe: Recipe, character: Character, frames: int, rng: np.random.Generator, *, loop: bool
) -> list[tuple[int, int]]:
    """Return where events begin and how long they are; hits begin at once, so that they can be placed by ear."""
    lasts, every = round(recipe.lasts_s * RATE_HZ), round(recipe.every_s * RATE_HZ)
    head = round(_HEAD_PART * frames) if loop else 0
    if recipe.kind is Kind.GESTURE and frames <= lasts:
        if character.count not in {None, 1}:
            return _spread(character.count or 1, frames)
        return [(head, round(_LOOPED_PART * frames))] if loop else [(0, frames)]
    if recipe.kind is Kind.GESTURE and every == lasts and character.count is None:
        return [(head + start, length) for start, length in _spread(-(-frames // lasts), frames)]
    if loop:
        lasts = min(lasts, frames)
    wanted = character.count if character.count is not None and not recipe.is_counted else None
    if recipe.is_counted and character.count is not None:
        return [(head, max(lasts, round(recipe.every_s * RATE_HZ * character.count / 2.0)))]
    most = 1 + max(int((frames - head - 0.6 * lasts) // every), 0)
    if wanted is not None and wanted > most:
        every, most = max(frames // wanted, 1), wanted
    count = most if wanted is None else wanted
    shift = rng.uniform(-_JITTER, _JITTER, count) * every if count > 1 else np.zeros(count)
    shift[0] = 0.0
    starts = [head + round(number * every + float(shift[number])) for number in range(count)]
    return [(start, lasts) for start in starts if start < frames]


def _spread(count: int, frames: int) -> list[tuple[int, int]]:
    each = max(frames // count, 1)
    return [(number * each, each) for number in range(count)]


def _wrapped(made: NDArray[np.float64], places: NDArray[np.int64], frames: int) -> NDArray[np.float64]:
    """Return an event laid round a circle of so many frames."""
    return np.column_stack([np.bincount(places, made[:, side], frames) for side in range(2)])
