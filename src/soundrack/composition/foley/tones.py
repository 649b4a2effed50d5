"""Oscillators whose frequency follows a curve, envelopes, and throats."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.foley.noise import Sound, bell, moved
from soundrack.composition.foley.take import Take
from soundrack.composition.instruments.tone import RATE_HZ


def turns(take: Take, hertz: float | Sound) -> Sound:
    """Return how far an oscillator has turned at each frame."""
    return np.cumsum(np.broadcast_to(np.asarray(hertz, dtype=np.float64), take.frames)) / RATE_HZ


def sine(take: Take, hertz: float | Sound) -> Sound:
    """Return a sinusoid."""
    return np.asarray(np.sin(2.0 * np.pi * turns(take, hertz)))


def saw(take: Take, hertz: float | Sound) -> Sound:
    """Return a sawtooth with its jumps rounded (polynomial band-limited steps; Välimäki & Huovilainen, 2007)."""
    place = turns(take, hertz)
    part = place - np.floor(place)
    step = np.clip(np.broadcast_to(np.asarray(hertz) / RATE_HZ, take.frames), 1e-7, 0.45)
    early, late = part / step, (part - 1.0) / step
    blep = np.where(part < step, 2.0 * early - early**2 - 1.0, np.where(late > -1.0, late**2 + 2.0 * late + 1.0, 0.0))
    return np.asarray(2.0 * part - 1.0 - blep)


def square(take: Take, hertz: float | Sound, width: float = 0.5) -> Sound:
    """Return a rectangle as the difference of two sawtooths."""
    first = saw(take, hertz)
    shift = round(width * RATE_HZ / float(np.mean(hertz)))
    return np.asarray(0.5 * (first - np.concatenate([first[:1].repeat(min(shift, len(first))), first])[: len(first)]))


def modulated(take: Take, hertz: float | Sound, ratio: float, index: float | Sound) -> Sound:
    """Return a sinusoid whose phase is moved by another (Chowning, 1973)."""
    place = turns(take, hertz)
    return np.asarray(np.sin(2.0 * np.pi * place + index * np.sin(2.0 * np.pi * ratio * place)))


def pulses(take: Take, hertz: float | Sound, jitter: float = 0.0) -> Sound:
    """Return impulses of 1 at each turn; `jitter` is how much their heights differ, 0 to 1."""
    whole = np.floor(turns(take, hertz)).astype(np.int64)
    train = np.diff(whole, prepend=whole[:1]).astype(np.float64)
    at = np.flatnonzero(train)
    train[at] *= 1.0 + jitter * take.rng.uniform(-1.0, 1.0, len(at))
    return train


def fall(take: Take, decay_s: float, attack_s: float = 0.001) -> Sound:
    """Return an envelope: a line up and an exponential curve down, by 60 dB in `decay_s`."""
    time = take.time_s
    return np.asarray(np.minimum(time / attack_s, 1.0) * np.exp(-6.9078 * np.maximum(time - attack_s, 0.0) / decay_s))


def curve(take: Take, points: Sequence[tuple[float, float]]) -> Sound:
    """Return straight lines through points (place from 0 to 1, value)."""
    return np.interp(take.place, [place for place, _ in points], [value for _, value in points])


def throat(
    sound: Sound, vowels: Sequence[tuple[float, Sequence[float]]], octaves: float = 0.12, floor: float = 0.02
) -> Sound:
    """Return a source as it is heard through a throat and mouth.

    Parameters
    ----------
    sound : array
        The voice's source.
    vowels : sequence of (float, sequence of float)
        Places from 0 to 1 and the formants in Hz there; all have as many.
    octaves : float
        How wide a formant is.
    floor : float
        What is heard beside the formants.
    """
    places = [place for place, _ in vowels]

    def gains(hz: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.float64]:
        total = np.full((len(at), len(hz)), floor)
        for number in range(len(vowels[0][1])):
            centre = np.interp(at[:, 0], places, [formants[number] for _, formants in vowels])[:, None]
            total += bell(hz, centre, octaves) * 0.75**number
        return total

    return moved(sound, gains)


def driven(sound: Sound, amount: float) -> Sound:
    """Return a sound pushed into a limiting curve."""
    return np.asarray(np.tanh(amount * sound) / np.tanh(amount))
