"""A soloist: phrase after phrase, dry, on one channel, by the network's voice or by formants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from soundrack import models
from soundrack.audio.resampling import resampled
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.voice import formants
from soundrack.composition.voice.levelling import levelled
from soundrack.composition.voice.network import NETWORK, Spoken, spoken
from soundrack.composition.voice.phrases import Phrase
from soundrack.composition.voice.pitch import Curve, Manner, hz, pitch_curve, times
from soundrack.composition.voice.polish import add_breaths, polished
from soundrack.composition.voice.source import SOURCE_RATE_HZ, Throat, rendered
from soundrack.composition.voice.takes import Takes

LATE_S = 0.04
"""By how much the network's sounds come before the frames that they are written in; measured (docs/voice.md)."""

Sound = NDArray[np.float32]


class Voice(StrEnum):
    """What sings."""

    NETWORK = "network"
    """The trained network."""
    FORMANTS = "formants"
    """The synthesizer without weights."""


@dataclass(frozen=True)
class Soloist:
    """A throat and a manner, and whether breaths are heard."""

    throat: Throat = field(default_factory=Throat)
    manner: Manner = field(default_factory=Manner)
    breathes: bool = True


FEMALE = Soloist(Throat(breath_db=-3.0))
MALE = Soloist(
    Throat(formants=0.84, breath_db=-2.0, tilt_db=-0.5),
    Manner(vibrato_cents=28.0, vibrato_hz=5.3, scoop_cents=90.0),
)


def available() -> Voice:
    """Return which voice sings here: the network's if it is there."""
    return Voice.NETWORK if models.installed(NETWORK) else Voice.FORMANTS


def solo(
    song: Sequence[Phrase],
    soloist: Soloist,
    voice: Voice,
    frames: int,
    rng: np.random.Generator,
    takes: Takes | None = None,
) -> Sound:
    """Return phrases sung by one voice.

    Parameters
    ----------
    song : sequence of Phrase
        What is sung.
    soloist : Soloist
        Who sings.
    voice : Voice
        By what.
    frames : int
        How long the sound is, at `RATE_HZ`.
    rng : numpy.random.Generator
        For pitch, noise and breath.
    takes : Takes, optional
        What has been sung by others and is kept for others.

    Returns
    -------
    float32 array, shape (frames,)
        Vowels at `levelling.VOWEL_DB`.

    Raises
    ------
    NotConfigured
        If the network is asked for and not there.
    """
    if voice is Voice.FORMANTS:
        whole = formants.solo(song, soloist.throat.formants, soloist.manner, frames, rng)
        if soloist.breathes:
            add_breaths(whole, song, soloist.throat.formants, rng)
        return whole
    sound = np.zeros(source_frames(frames), dtype=np.float32)
    for phrase in song:
        pitch = pitch_curve(phrase, soloist.manner, rng)
        heard = None if takes is None else takes.found(phrase)
        if heard is None:
            heard = spoken(phrase, pitch, soloist.throat.formants)
            if takes is not None:
                takes.keep(phrase, heard)
        add(sound, sung(phrase, heard, pitch, soloist.throat, rng), float(heard.song[0]) + LATE_S, SOURCE_RATE_HZ)
    whole = polished(at_full_rate(sound, frames), rng)
    if soloist.breathes:
        add_breaths(whole, song, soloist.throat.formants, rng)
    return whole


def sung(phrase: Phrase, heard: Spoken, pitch: Curve, throat: Throat, rng: np.random.Generator) -> Sound:
    """Return a phrase, levelled, at `SOURCE_RATE_HZ`; its first sample is `LATE_S` after ``heard.song[0]``."""
    dry = rendered(heard, hz(pitch), float(times(phrase)[0]) - LATE_S, throat, rng)
    return levelled(dry, float(heard.song[0]) + LATE_S, SOURCE_RATE_HZ, phrase)


def source_frames(frames: int) -> int:
    """Return how long a sound is at `SOURCE_RATE_HZ`, with a second to spare."""
    return -(-frames * SOURCE_RATE_HZ // RATE_HZ) + SOURCE_RATE_HZ


def at_full_rate(sound: Sound, frames: int) -> Sound:
    """Return a sound at `RATE_HZ`, cut off."""
    whole = resampled(sound[:, None], SOURCE_RATE_HZ, RATE_HZ)[:, 0]
    return np.ascontiguousarray(whole[:frames])


def add(sound: Sound, part: Sound, start_s: float, rate_hz: int) -> None:
    """Add a part to a sound at a time, in place; what lies outside is not heard."""
    begin = round(start_s * rate_hz)
    skipped = max(-begin, 0)
    room = sound[begin + skipped : max(begin + part.size, 0)]
    room += part[skipped : skipped + room.size]
