"""Dynamics: accents by metre, phrases, and the energy of the section."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.plan import Label, Role
from soundrack.composition.score.score import Note, Score
from soundrack.composition.styles.accompaniment import accompaniment

_LEAST, _MOST = 0.05, 1.0
_QUIET, _RANGE = 0.74, 0.3
"""What velocities are multiplied by where nothing plays, and by how much more where all of it does."""
_SWELL = 0.12
"""By how much builds and pre-choruses grow from their beginning to their end."""
_PHRASE_BARS = 4
_PHRASING = {Role.LEAD: 0.1, Role.COUNTER: 0.1, Role.VOICE: 0.1, Role.PAD: 0.06, Role.CHOIR: 0.08, Role.CHORDS: 0.05}
_USUAL_PHRASING = 0.03
_ACCENTS = (1.1, 1.0, 0.89, 0.83)
"""On bar lines, beats, halves of beats, and elsewhere."""
_SWELLING = (Label.BUILD, Label.PRE_CHORUS)


def velocities(
    score: Score, role: Role, notes: Sequence[Note], touch: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return how hard a player plays.

    Parameters
    ----------
    score : Score
        The song.
    role : Role
        The player's; drums have their accents in their grooves.
    notes : sequence of Note
        The part.
    touch : float
        Standard deviation of what is not meant.
    rng : numpy.random.Generator
        Of the player.

    Returns
    -------
    float64 array, shape (len(notes),)
        0.05 to 1.
    """
    if not notes:
        return np.zeros(0)
    starts = np.array([note.start for note in notes])
    written = np.array([note.velocity for note in notes])
    firsts = np.array([each.start for each in score.sections])
    number = np.maximum(np.searchsorted(firsts, starts + 1e-6, side="right") - 1, 0)
    lengths = np.array([each.section.bars * score.plan.metre.bar_quarters for each in score.sections])
    energies = np.array([each.section.energy for each in score.sections])
    swells = np.array([_SWELL if each.section.label in _SWELLING else 0.0 for each in score.sections])
    inside = np.clip((starts - firsts[number]) / lengths[number], 0.0, 1.0)
    loudness = _QUIET + _RANGE * energies[number] + swells[number] * (inside - 0.5)
    played = written * loudness * _phrased(score, role, starts - firsts[number])
    if role not in {Role.DRUMS, Role.PERCUSSION}:
        played = played * _accented(score, starts)
    if touch > 0.0:
        played = played * (1.0 + touch * np.clip(rng.standard_normal(len(notes)), -2.5, 2.5))
    return np.asarray(np.clip(played, _LEAST, _MOST), dtype=np.float64)


def _phrased(score: Score, role: Role, inside: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the arch of phrases of four bars: highest after two thirds of each."""
    depth = _PHRASING.get(role, _USUAL_PHRASING)
    part = (inside / (_PHRASE_BARS * score.plan.metre.bar_quarters)) % 1.0
    arch = np.sin(np.pi * part**1.7)
    return np.asarray(1.0 + depth * (arch - 0.5), dtype=np.float64)


def _accented(score: Score, starts: NDArray[np.float64]) -> NDArray[np.float64]:
    metre = score.plan.metre
    on = [np.abs(starts / unit - np.round(starts / unit)) < 1e-3 for unit in
          (metre.bar_quarters, metre.beat_quarters, metre.beat_quarters / (3 if metre.is_compound else 2))]  # fmt: skip
    usual = np.select(on, _ACCENTS[:3], _ACCENTS[3])
    return np.asarray(1.0 + accompaniment(score.plan.style).performance.accents * (usual - 1.0), dtype=np.float64)
