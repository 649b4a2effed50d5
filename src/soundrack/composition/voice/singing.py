"""A song, sung."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.performance import Syllable
from soundrack.composition.plan import Timbre
from soundrack.composition.voice.choir import choir
from soundrack.composition.voice.phrases import phrases
from soundrack.composition.voice.soloist import FEMALE, MALE, Voice, available, solo
from soundrack.composition.voice.takes import Takes
from soundrack.composition.voice.vocoder import MODULATOR, vocoded
from soundrack.errors import Invalid

_TAP, _CAREFUL = "ɾ", "t"


def sing(
    song: Sequence[Syllable],
    *,
    timbre: Timbre,
    language: str,
    frames: int,
    rng: np.random.Generator,
    voice: Voice | None = None,
    takes: Takes | None = None,
) -> NDArray[np.float32]:
    """Return a song as it is sung, dry.

    Parameters
    ----------
    song : sequence of Syllable
        As `performance.perform` gives it: syllables in order of time, with their notes in seconds. Notes that no voice
        reaches (below E2, above E6) are sung in another octave. Empty: silence.
    timbre : Timbre
        Who sings.
    language : str
        Of the lyrics, as `Lyrics.language`; in English the t of "water" is sung as a t, as singers do.
    frames : int
        How long the sound is, at `instruments.tone.RATE_HZ`; what is later is not heard.
    rng : numpy.random.Generator
        For all that is random; the same state gives the same sound, byte for byte.
    voice : Voice, optional
        What sings; that which is `available` if not given.
    takes : Takes, optional
        Shared by voices of one timbre that sing the same words together: each is then said by the network once.

    Returns
    -------
    float32 array, shape (frames, 2) or (frames, 1)
        A choir has two channels, all others have one; about -18 LUFS while it sings at a velocity of 0.7, on both
        loudspeakers.

    Raises
    ------
    Invalid
        If a syllable has no note, sounds that are not known or not exactly one vowel, if times are not in order or no
        numbers, or `frames` is negative.
    NotConfigured
        If the network is asked for and not installed, or its file was changed.
    """
    if frames < 0:
        raise Invalid("A sound cannot be shorter than nothing.", field="frames")
    sung = phrases([_articulated(syllable) for syllable in song] if language == "en" else song)
    singing = voice or available()
    if timbre is Timbre.CHOIR:
        return choir(sung, singing, frames, rng)
    if timbre is Timbre.VOCODER:
        modulator = solo(sung, replace(FEMALE, manner=MODULATOR, breathes=False), singing, frames, rng)
        return vocoded(modulator, sung, rng)[:, None]
    return solo(sung, MALE if timbre is Timbre.MALE else FEMALE, singing, frames, rng, takes)[:, None]


def _articulated(syllable: Syllable) -> Syllable:
    return replace(syllable, sounds=tuple(_CAREFUL if sound == _TAP else sound for sound in syllable.sounds))
