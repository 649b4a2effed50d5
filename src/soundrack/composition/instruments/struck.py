"""Players of what rings: each different stroke is computed once and laid wherever it is played."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from soundrack.audio.kernels import kernel
from soundrack.composition.instruments.modal import Modes
from soundrack.composition.instruments.tone import RATE_HZ, Tone

LAYERS = 10
"""Of velocity: strokes of one layer differ in level alone."""
USUAL_VELOCITY = 0.7
_LOUDNESS = 0.1
_LONGEST_S = 20.0
_NEPERS_60_DB = math.log(1000.0)
_SHORT_S = 0.09
_CLOSE_S = 0.008
_STACCATO_HELD = 0.6


@dataclass(frozen=True)
class Stroke:
    """A way in which a tone is begun.

    Parameters
    ----------
    pitch : float
        MIDI number.
    velocity : float
        In the middle of its layer, 0 to 1.
    kind : str
        ``""``, ``mute`` or ``accent``.
    variant : int
        From 0: no two strokes of a hand are the same.
    """

    pitch: float
    velocity: float
    kind: str
    variant: int


@dataclass(frozen=True)
class Ringing:
    """What an instrument that is struck or plucked is.

    Parameters
    ----------
    modes : callable
        Returns what rings after a stroke; its level does not matter.
    level_db : float
        Of the instrument's tones.
    release_s : callable or float
        How long a tone takes to decay by 60 dB after it is let go, or what returns it for a pitch.
    touch : float
        Exponent of the velocity in the level.
    attack_s : float
        How long the excitation touches.
    halo, halo_s : float
        Which part of a tone is not damped, but rings on in other strings or the body, and for how long.
    variants : int
        How many strokes differ.
    players, late_s, width : int, float, float
        Who play together, how far apart they begin, and how far apart they sit, 0 to 1.
    shaped : callable or None
        What a pickup makes of the motion of a single string or tine: its sound, the stroke.
    """

    modes: Callable[[Stroke], Modes]
    level_db: float
    release_s: Callable[[float], float] | float
    touch: float = 1.3
    attack_s: float = 0.0005
    halo: float = 0.0
    halo_s: float = 1.0
    variants: int = 1
    players: int = 1
    late_s: float = 0.0
    width: float = 0.0
    shaped: Callable[[NDArray[np.float32], Stroke], NDArray[np.float32]] | None = None


class Finish(Protocol):
    """What follows all tones: an amplifier, a motor, a rotating speaker."""

    def __call__(self, out: NDArray[np.float32]) -> None:
        """Change a sound in place, shape (frames, 2)."""
        ...


class Struck:
    """Plays what rings.

    Articulations: ``staccato`` (let go earlier), ``mute`` and ``ghost`` (damped while it is struck), ``accent``
    (harder). Others change nothing.

    Parameters
    ----------
    ringing : Ringing
        The instrument.
    finish : Finish or None
        What follows all tones.
    """

    def __init__(self, ringing: Ringing, finish: Finish | None = None) -> None:
        self._ringing = ringing
        self._finish = finish

    def play(self, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float32]:
        """Return the sound of some tones; see `tone.Instrument`."""
        out = np.zeros((frames, 2), dtype=np.float32)
        for stroke, together in self._strokes(tones, frames, rng).items():
            self._lay(out, stroke, together)
        if self._finish is not None:
            self._finish(out)
        return out

    def _strokes(
        self, tones: Sequence[Tone], frames: int, rng: np.random.Generator
    ) -> dict[Stroke, list[tuple[Tone, float, float]]]:
        """Return which tones, with what delay and place, have the same stroke."""
        ringing, sorted_out = self._ringing, dict[Stroke, list[tuple[Tone, float, float]]]()
        places = np.linspace(-1.0, 1.0, ringing.players) * ringing.width if ringing.players > 1 else np.zeros(1)
        for tone in tones:
            drawn = rng.random((ringing.players, 2))
            if tone.start_s * RATE_HZ >= frames:
                continue
            velocity = min(tone.velocity * (1.15 if tone.articulation == "accent" else 1.0), 1.0)
            layer = (min(int(velocity * LAYERS), LAYERS - 1) + 0.5) / LAYERS
            kind = "mute" if tone.articulation in {"mute", "ghost"} else ""
            for player, (when, which) in enumerate(drawn):
                variant = int(which * ringing.variants)
                stroke = Stroke(round(tone.pitch, 2), layer, kind, variant + ringing.variants * player)
                place = float(places[player])
                sorted_out.setdefault(stroke, []).append((tone, ringing.late_s * when, place))
        return sorted_out

    def _lay(self, out: NDArray[np.float32], stroke: Stroke, together: Sequence[tuple[Tone, float, float]]) -> None:
        ringing = self._ringing
        wanted_s = ringing.release_s(stroke.pitch) if callable(ringing.release_s) else ringing.release_s
        release_s = min(max(wanted_s, _CLOSE_S), _LONGEST_S)
        rest_s = max(release_s, ringing.halo_s if ringing.halo > 0.0 else 0.0)
        longest_s = min(max(_held_s(tone) for tone, _, _ in together) + rest_s, _LONGEST_S)
        modes = ringing.modes(stroke)
        gain = 10.0 ** (ringing.level_db / 20.0) / math.sqrt(ringing.players)
        sound = modes.times(_LOUDNESS / modes.loudness).sound(int(longest_s * RATE_HZ), ringing.attack_s)
        if ringing.shaped is not None:
            sound = ringing.shaped(sound, stroke)
        _fade(sound)
        fall = _NEPERS_60_DB / RATE_HZ
        for tone, late_s, place in together:
            velocity = min(tone.velocity * (1.15 if tone.articulation == "accent" else 1.0), 1.0)
            loud = gain * (max(velocity, 0.0) / USUAL_VELOCITY) ** ringing.touch
            angle = (place + 1.0) * math.pi / 4.0
            _mix(
                out,
                sound,
                round(max(tone.start_s + late_s, 0.0) * RATE_HZ),
                round(_held_s(tone) * RATE_HZ),
                loud * math.cos(angle) * math.sqrt(2.0),
                loud * math.sin(angle) * math.sqrt(2.0),
                ringing.halo,
                fall / release_s,
                fall / max(ringing.halo_s, _CLOSE_S),
            )


def _held_s(tone: Tone) -> float:
    if tone.articulation == "staccato":
        return max(min(tone.length_s, _STACCATO_HELD * tone.length_s + _SHORT_S), 0.001)
    return max(tone.length_s, 0.001)


def _fade(sound: NDArray[np.float32]) -> None:
    """End a sound without a click."""
    last = min(len(sound), RATE_HZ // 50)
    if last:
        sound[-last:] *= np.linspace(1.0, 0.0, last, dtype=np.float32)[:, None]


@kernel
def _mix(
    out: NDArray[np.float32],
    sound: NDArray[np.float32],
    start: int,
    held: int,
    left: float,
    right: float,
    halo: float,
    fall: float,
    halo_fall: float,
) -> None:
    """Add a sound from `start` on; after `held` frames it decays, but for its halo, which decays by its own rate."""
    count = min(len(sound), len(out) - start)
    a, b = np.float32(left), np.float32(right)
    for n in range(min(held, count)):
        out[start + n, 0] += a * sound[n, 0]
        out[start + n, 1] += b * sound[n, 1]
    # Both decays within a block, from which each block's are a product.
    within, free_within = np.empty(64, dtype=np.float32), np.empty(64, dtype=np.float32)
    for n in range(64):
        within[n], free_within[n] = math.exp(-fall * (n + 1)), math.exp(-halo_fall * (n + 1))
    for first in range(held, count, 64):
        damped = (1.0 - halo) * math.exp(-fall * (first - held))
        free = halo * math.exp(-halo_fall * (first - held))
        if damped + free < 2e-5:
            break
        one, other = np.float32(damped), np.float32(free)
        here, heard = out[start + first :], sound[first:]
        for n in range(min(64, count - first)):
            level = one * within[n] + other * free_within[n]
            here[n, 0] += a * level * heard[n, 0]
            here[n, 1] += b * level * heard[n, 1]
