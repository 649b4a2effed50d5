"""Sounds that go round: what rings on after a loop's end is heard in its beginning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.instruments.catalogue import instrument
from soundrack.composition.instruments.tone import RATE_HZ, Tone
from soundrack.composition.plan import Role

_TAIL_S, _TAIL_FADE_S = 6.0, 0.5
_ENDLESS_WARM_S, _ENDLESS_SEAM_S = 1.5, 1.0
_SEAM_S = 0.05
_NEAR_S = 0.06
_TIED = (Role.PAD, Role.CHOIR, Role.TEXTURE)
"""Who holds a pitch on over the seam instead of beginning it again."""

Sound = NDArray[np.float32]


def played(name: str, role: Role, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> Sound:
    """Return what an instrument plays in a loop.

    Parameters
    ----------
    name : str
        Of the instrument.
    role : Role
        What it does; what lies under everything is held on over the seam.
    tones : sequence of Tone
        Within the loop; those before 0 are heard at its end.
    frames : int
        How long the loop is.
    rng : numpy.random.Generator
        For all that is random.

    Returns
    -------
    float32 array, shape (frames, 2)
        Its last frame leads on to its first: it is one sound that is laid round, not one that is begun again.
    """
    loop_s = frames / RATE_HZ
    round_the_seam = [tone if tone.start_s >= 0.0 else replace(tone, start_s=tone.start_s + loop_s) for tone in tones]
    endless, others = _tied(round_the_seam, loop_s) if role in _TIED else ([], round_the_seam)
    out = np.zeros((frames, 2))
    if others:
        ordered = sorted(others, key=lambda tone: (tone.start_s, tone.pitch))
        held = max(round((max(tone.start_s + tone.length_s for tone in ordered) - loop_s) * RATE_HZ), 0)
        made = instrument(name).play(ordered, frames + held + round(_TAIL_S * RATE_HZ), rng).astype(np.float64)
        fade = round(_TAIL_FADE_S * RATE_HZ)
        made[-fade:] *= np.linspace(1.0, 0.0, fade)[:, None]
        out += _laid(made, frames)
    if endless:
        out += _endless(name, endless, frames, rng)
    return out.astype(np.float32)


def _tied(tones: Sequence[Tone], loop_s: float) -> tuple[list[Tone], list[Tone]]:
    """Return the tones that never end, and the others, with those that go on over the seam made one."""
    firsts = {tone.pitch: tone for tone in tones if tone.start_s < _NEAR_S}
    endless, others = [], []
    used: set[float] = set()
    for tone in tones:
        first = firsts.get(tone.pitch)
        if tone.start_s + tone.length_s < loop_s - _NEAR_S or first is None:
            others.append(tone)
        elif first is tone:
            endless.append(tone)
            used.add(tone.pitch)
        else:
            others.append(replace(tone, length_s=loop_s + first.start_s + first.length_s - tone.start_s))
            used.add(tone.pitch)
    return endless, [tone for tone in others if not (tone.pitch in used and firsts[tone.pitch] is tone)]


def _endless(name: str, tones: Sequence[Tone], frames: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Return tones that sound all the time: what follows the end is faded over the beginning, at equal power."""
    warm, seam = round(_ENDLESS_WARM_S * RATE_HZ), min(round(_ENDLESS_SEAM_S * RATE_HZ), frames // 2)
    whole = warm + frames + seam
    held = [replace(tone, start_s=0.0, length_s=whole / RATE_HZ + _ENDLESS_WARM_S) for tone in tones]
    made = instrument(name).play(held, whole, rng).astype(np.float64)[warm:]
    out, after = made[:frames].copy(), made[frames:]
    angle = 0.5 * np.pi * (np.arange(seam) + 0.5)[:, None] / seam
    out[:seam] = out[:seam] * np.sin(angle) + after * np.cos(angle)
    return out


def _laid(made: NDArray[np.float64], frames: int) -> NDArray[np.float64]:
    """Return a sound laid round a circle of so many frames."""
    whole = np.zeros((-(-len(made) // frames) * frames, 2))
    whole[: len(made)] = made
    return np.asarray(whole.reshape(-1, frames, 2).sum(axis=0), dtype=np.float64)


def closed(passes: Sound, frames: int) -> Sound:
    """Return the last whole pass of several: what comes after it is faded into what it begins with.

    Parameters
    ----------
    passes : float32 array, shape (n, 2)
        At least two passes of a loop and `SEAM_FRAMES` more, from something that needs time until it repeats itself:
        rooms, echoes and compressors.
    frames : int
        How long a pass is.
    """
    last = (len(passes) - SEAM_FRAMES) // frames * frames
    out = passes[last - frames : last].copy()
    after = passes[last : last + SEAM_FRAMES]
    part = np.linspace(0.0, 1.0, len(after), dtype=np.float32)[:, None]
    out[: len(after)] = (1.0 - part) * after + part * out[: len(after)]
    return out


SEAM_FRAMES = round(_SEAM_S * RATE_HZ)
"""What `closed` needs beyond the last pass."""
