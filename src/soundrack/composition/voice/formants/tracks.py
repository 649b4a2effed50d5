"""From a phrase to the synthesizer's parameters over time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.voice.formants.targets import CONSONANTS, DIPHTHONGS, VOWELS, Consonant
from soundrack.composition.voice.phrases import Phrase, Segment
from soundrack.composition.voice.pitch import Curve

TRACKS = 14
TRACK_RATE_HZ = 500
_PITCH, _VOICING, _ASPIRATION, _FRICATION, _FLAT, _FORMANTS, _WIDTHS, _ZERO, _CENTRE, _WIDTH = (
    0,
    1,
    2,
    3,
    4,
    5,
    8,
    11,
    12,
    13,
)
_NEUTRAL = VOWELS["ə"]
_BANDWIDTHS = (75.0, 95.0, 140.0)
_NOSE_CLOSED_HZ, _NOSE_OPEN_HZ = 290.0, 650.0
_FORMANT_S, _LEVEL_S, _NOISE_S = 0.03, 0.01, 0.004
_BURST_S, _GLIDE_S = 0.014, 0.22
_VELAR_FRONT, _VELAR_BACK = (300.0, 2450.0, 2750.0), (320.0, 1350.0, 2350.0)

Tracks = NDArray[np.float64]


def tracks(phrase: Phrase, at: Curve, pitch_hz: Curve, formants: float) -> Tracks:
    """Return the parameters of a phrase.

    Parameters
    ----------
    phrase : Phrase
        What is sung.
    at : float64 array
        Times in the song, in seconds, `TRACK_RATE_HZ` of them a second.
    pitch_hz : float64 array
        The pitch at these times.
    formants : float
        The throat's factor; 1 for a woman's.

    Returns
    -------
    float64 array, shape (14, len(at))
        Rows as `kernel.synthesized` takes them.
    """
    made = np.zeros((TRACKS, at.size))
    made[_PITCH] = pitch_hz
    made[_CENTRE], made[_WIDTH], made[_ZERO] = 4000.0, 3000.0, _NOSE_CLOSED_HZ
    made[_FORMANTS : _FORMANTS + 3] = np.array(_NEUTRAL)[:, None]
    made[_WIDTHS : _WIDTHS + 3] = np.array(_BANDWIDTHS)[:, None]
    for place, segment in enumerate(phrase.segments):
        here = slice(*np.searchsorted(at, (segment.start_s, segment.end_s)))
        if here.stop <= here.start:
            continue
        if segment.is_nucleus:
            made[_FORMANTS : _FORMANTS + 3, here] = _vowel(segment.sound, at[here] - segment.start_s, segment)
            made[_VOICING, here] = 1.0
        else:
            _consonant(made, here, CONSONANTS[segment.sound], _neighbour(phrase.segments, place))
    # before and behind the phrase the mouth is as at its ends
    first, last = np.searchsorted(at, (phrase.start_s, phrase.end_s - 1e-6))
    for row in range(_FORMANTS, _FORMANTS + 3):
        made[row, :first] = made[row, min(first, at.size - 1)]
        made[row, last:] = made[row, max(min(last, at.size) - 1, 0)]
        made[row] = _smoothed(made[row], _FORMANT_S)
    for row, length in ((_VOICING, _LEVEL_S), (_ASPIRATION, _LEVEL_S), (_FRICATION, _NOISE_S), (_FLAT, _NOISE_S)):
        made[row] = _smoothed(made[row], length)
    made[_ZERO] = _smoothed(made[_ZERO], _LEVEL_S)
    made[_FORMANTS : _FORMANTS + 3] *= formants
    # singers open the mouth when the pitch comes up to the first formant (J. Sundberg 1987, ch. 5)
    made[_FORMANTS] = np.maximum(made[_FORMANTS], 1.03 * pitch_hz)
    made[_WIDTHS] += 160.0 * np.clip(made[_ASPIRATION], 0.0, 1.0)
    return made


def _vowel(sound: str, since_s: Curve, segment: Segment) -> Tracks:
    if sound not in DIPHTHONGS:
        return np.broadcast_to(np.array(VOWELS[sound], dtype=np.float64)[:, None], (3, since_s.size))
    begin, end = (np.array(VOWELS[each]) for each in DIPHTHONGS[sound])
    length = segment.end_s - segment.start_s
    glide = min(_GLIDE_S, 0.5 * length)
    part = np.clip((since_s - (length - glide)) / glide, 0.0, 1.0)
    return np.asarray(begin[:, None] + 0.9 * (end - begin)[:, None] * part, dtype=np.float64)


def _neighbour(segments: Sequence[Segment], place: int) -> tuple[float, float, float]:
    """Return the formants of the nearest vowel, that of the same syllable first."""
    own = segments[place].syllable
    nuclei = [each for each in segments if each.is_nucleus and each.syllable == own]
    sound = nuclei[0].sound
    before = segments.index(nuclei[0]) < place
    return VOWELS[DIPHTHONGS[sound][before]] if sound in DIPHTHONGS else VOWELS[sound]


def _consonant(made: Tracks, here: slice, consonant: Consonant, vowel: tuple[float, float, float]) -> None:
    count = here.stop - here.start
    locus = consonant.formants
    if locus is None and consonant.closed:
        locus = _VELAR_FRONT if vowel[1] > 1800 else _VELAR_BACK
    if locus is None:
        locus = vowel
    made[_FORMANTS : _FORMANTS + 3, here] = np.array(locus)[:, None]
    made[_VOICING, here] = consonant.voicing
    if consonant.is_nasal:
        made[_ZERO, here] = _NOSE_OPEN_HZ
    opened = here.start + int(consonant.closed * count)
    if consonant.noise is not None:
        noise = consonant.noise
        centre = noise.centre_hz
        if consonant.formants is None:
            centre = 1.0 * locus[1] + 150.0
        made[_CENTRE, here], made[_WIDTH, here] = centre, noise.width_hz
        shape = np.ones(here.stop - opened)
        if consonant.closed and consonant.aspirated + consonant.voicing > 0.0:
            shape = np.exp(-np.arange(here.stop - opened) / (_BURST_S * TRACK_RATE_HZ))
        made[_FRICATION, opened : here.stop] = noise.level * shape
        made[_FLAT, opened : here.stop] = noise.flat * shape
    if consonant.aspirated:
        made[_ASPIRATION, opened : here.stop] = consonant.aspirated
        if consonant.closed:
            # the mouth is on its way to the vowel while it breathes
            part = np.linspace(0.2, 1.0, here.stop - opened)
            made[_FORMANTS : _FORMANTS + 3, opened : here.stop] = (
                np.array(locus)[:, None] * (1.0 - part) + np.array(vowel)[:, None] * part
            )


def _smoothed(track: Curve, length_s: float) -> Curve:
    half = max(1, round(length_s * TRACK_RATE_HZ))
    window = np.hanning(2 * half + 3)[1:-1]
    padded = np.pad(track, half, mode="edge")
    return np.asarray(np.convolve(padded, window / window.sum(), "valid"), dtype=np.float64)
