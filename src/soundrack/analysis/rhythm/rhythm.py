"""A song's rhythm, put together: tempo, beats, bars, and how they are played."""

from __future__ import annotations

import numpy as np

from soundrack.analysis.features.bands import Bands
from soundrack.analysis.rhythm import certainty, subdivision, timing
from soundrack.analysis.rhythm.beats import Beats, beats
from soundrack.analysis.rhythm.feel import feel
from soundrack.analysis.rhythm.hypotheses import Hypothesis
from soundrack.analysis.rhythm.metre import metre
from soundrack.analysis.rhythm.result import Alternative, Rhythm, TempoPoint

_PRESENT = 0.5
_LEAST_SURE = 0.25
"""The confidence below which a tempo is more often wrong than right by far."""
_LEAST_BEATS = 8
_ALTERNATIVES = 3
_WORTH_TELLING = 0.01
_HARDLY_ANYTHING = 1e-3
"""Of a band's magnitude: a sine at -110 dBFS."""


def rhythm(bands: Bands) -> Rhythm:
    """Return a song's rhythm.

    Parameters
    ----------
    bands : Bands
        The song.

    Returns
    -------
    Rhythm
        Without tempo and beats where there are less than eight beats, most likely no beat at all, or none that is at
        all sure.

    Raises
    ------
    NotConfigured
        If the network ``beats`` is not installed.
    """
    if not len(bands.magnitude) or float(bands.magnitude.max()) < _HARDLY_ANYTHING:
        return Rhythm()
    found = beats(bands)
    if found is None or len(found.times_s) < _LEAST_BEATS:
        return Rhythm()
    return described(found)


def described(found: Beats) -> Rhythm:
    """Return the rhythm that beats make."""
    scene = found.scene
    beats_s = timing.refined(found.salience, found.times_s)
    bpm = timing.tempo_bpm(beats_s)
    evidence = certainty.features(scene, found.judged, found.times_s, found.free_s)
    confidence = certainty.certainty(evidence)
    if certainty.presence(evidence) < _PRESENT or confidence < _LEAST_SURE:
        return Rhythm()
    others = _alternatives(found.judged, bpm, confidence)
    bars = metre(scene.onsets, scene.downbeat, found.times_s)
    positions = np.zeros(len(beats_s), np.int64) if bars is None else bars.positions
    compound = bars is not None and bars.name.endswith("/8")
    return Rhythm(
        bpm=bpm,
        confidence=confidence,
        metre=None if bars is None else bars.name,
        metre_confidence=0.0 if bars is None else bars.confidence,
        beats_s=beats_s,
        positions=positions,
        tempo_curve=tuple(TempoPoint(*point) for point in timing.tempo_curve(beats_s)),
        stability=timing.stability(beats_s, bpm),
        swing=None if compound else subdivision.swing(scene.onsets, beats_s),
        feel=feel(scene.onsets, found.times_s, positions),
        alternatives=others,
    )


def _alternatives(judged: list[Hypothesis], bpm: float, confidence: float) -> tuple[Alternative, ...]:
    """Return the other levels' tempi; what they have together is what the chosen one has not."""
    tempi: list[tuple[float, float]] = []
    for each in judged:
        known = [bpm, *(tempo for tempo, _ in tempi)]
        if all(abs(each.bpm / tempo - 1.0) > certainty.SAME_TEMPO for tempo in known):
            tempi.append((each.bpm, certainty.same_tempo(judged, each.bpm)))
    total = sum(probability for _, probability in tempi)
    shared = [(tempo, probability / total * (1.0 - confidence)) for tempo, probability in tempi if total > 0.0]
    likely = sorted((pair for pair in shared if pair[1] >= _WORTH_TELLING), key=lambda pair: -pair[1])
    return tuple(Alternative(*pair) for pair in likely[:_ALTERNATIVES])
