"""The tonewheel organ: nine drawbars, percussion, key click and a rotating speaker.

Drawbars are sines at sub-octave, fifth, unison and so on (Hammond's patent US 1,956,350, 1934); percussion sounds the
third harmonic of a key that is struck while no other is held, and decays.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.amplifier import Rotor
from soundrack.composition.instruments.modal import Modes, hertz_of
from soundrack.composition.instruments.players import Manner, Players
from soundrack.composition.instruments.struck import Ringing, Stroke, Struck
from soundrack.composition.instruments.sustained import registration
from soundrack.composition.instruments.tone import Tone

_DRAWBARS = (7, 6, 8, 5, 2, 3, 0, 0, 2)
_MANNER = Manner(
    source="drawbars", cutoff_hz=440.0, cutoff_key=0.0, reach=0.0, follow=0.0, attack_s=0.006, release_s=0.025,
    drift_cents=0.0, chiff=0.25, is_line=False, touch=0.6,
)  # fmt: skip
_ALONE_S = 0.05


def _percussion(stroke: Stroke) -> Modes:
    hertz = hertz_of(stroke.pitch)
    return Modes.of(np.array([3.0 * hertz, 3.0 * hertz + 0.3]), np.array([13.0, 16.0]), np.array([1.0, 0.3]))


class Organ:
    """Plays a tonewheel organ; velocity, which its keys do not feel, is the foot on the swell pedal.

    ``staccato`` lets go earlier; other articulations change nothing.
    """

    def __init__(self) -> None:
        waves = partial(registration, _DRAWBARS)
        self._wheels = Players(_MANNER, waves=waves, shift=-12.0)
        self._percussion = Struck(Ringing(_percussion, -7.0, 0.03, touch=0.6))
        self._speaker = Rotor()

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = self._wheels.play(tones, frames, rng)
        out += self._percussion.play(_first(tones), frames, rng)
        if tones:
            self._speaker(out)
        return out


def _first(tones: Sequence[Tone]) -> list[Tone]:
    """Return the tones that are struck while no earlier key is held."""
    first, began, until = list[Tone](), 0.0, -1.0
    for tone in tones:
        if tone.start_s >= until:
            began = tone.start_s
        if tone.start_s - began <= _ALONE_S:
            first.append(tone)
        until = max(until, tone.start_s + tone.length_s)
    return first


def organ() -> Organ:
    """Return a tonewheel organ."""
    return Organ()
