"""What is kept of a source: its voice or, where nobody sings or shall sing, its hook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis import Report
from soundrack.analysis.features.chroma import notes, semitones
from soundrack.analysis.features.constant_q import constant_q
from soundrack.analysis.features.sound import levelled, low_mono
from soundrack.analysis.patchbay import voice_over_time
from soundrack.analysis.tonality.melody import MelodyNote, melody
from soundrack.audio.gain import points_for
from soundrack.audio.loudness import hop_power, integrated_lufs
from soundrack.composition.effects import equaliser, gate
from soundrack.composition.effects.compressor import step_peaks
from soundrack.composition.effects.gate import Gate
from soundrack.composition.effects.sound import POINT_S, Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.plan import Label
from soundrack.composition.remix.blocks import Block

_LUFS = -18.0
"""How loud what is kept is while it sounds: as singers are recorded."""
_SILENT_LUFS = -70.0
_LOUD = 0.95
_OPEN_DB, _CLOSE_DB = -24.0, -32.0
"""Beside its loud moments: where a voice is let through, and where it is not any more."""
_VOICE_GATE = (260.0, 2.0, 140.0, -50.0)
_LOW_CUT_HZ = {"vocals": 100.0, "other": 140.0}
_HISS = (7000.0, -5.0)
"""What cymbals leave in a hook is taken down: frequency and decibels."""
_LIKELY = 0.2
"""Likelihood of a voice in some excerpt, from which on there is one where all excerpts together leave it open."""
_MOST_SHARE = 0.6
"""Part of a remix in which its hook is heard at most, if it comes more than once."""
_FRAME = (Label.INTRO, Label.OUTRO)
_HEARD_DB = -30.0


class Kind(StrEnum):
    """What is kept."""

    VOICE = "voice"
    HOOK = "hook"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Kept:
    """What is kept of a source.

    Parameters
    ----------
    kind : Kind
        Voice, hook or nothing.
    sound : float32 array, shape (frames, 2)
        In the source's time, at -18 LUFS while it sounds; silent where it is not kept.
    tune : tuple of MelodyNote
        What is sung or played in it, in the source's time.
    blocks : tuple of int
        Numbers of the blocks in which a hook is heard.
    """

    kind: Kind
    sound: Sound
    tune: tuple[MelodyNote, ...]
    blocks: tuple[int, ...] = ()


def sings(report: Report) -> bool:
    """Tell whether somebody sings in a source."""
    if report.stems.voice.present is not None:
        return report.stems.voice.present
    return bool(voice_over_time(report.tags)[:, 1].max(initial=0.0) >= _LIKELY)


def hook(made: Sequence[Block], free: Sequence[int]) -> tuple[int, ...]:
    """Return the numbers of the blocks in which a source's hook is kept.

    The hook is what the group plays that comes most often, is longest and has the most energy. If it comes more than
    once, it is kept where it has the most energy, in at most six tenths of all bars.

    Parameters
    ----------
    made : sequence of Block
        The source's sections.
    free : sequence of int
        Numbers of those in which nobody sings.
    """
    if not free:
        return ()
    weights: dict[str, float] = {}
    for number in free:
        block = made[number]
        frame = 0.25 if block.label in _FRAME else 1.0
        weights[block.group] = weights.get(block.group, 0.0) + frame * block.bars * block.energy**2
    group = max(sorted(weights), key=lambda each: weights[each])
    mine = sorted((each for each in free if made[each].group == group), key=lambda each: (-made[each].energy, each))
    most = _MOST_SHARE * sum(each.bars for each in made)
    kept: list[int] = []
    for number in mine:
        if not kept or sum(made[each].bars for each in [*kept, number]) <= most:
            kept.append(number)
    return tuple(sorted(kept))


def voice_of(stem: Sound) -> Kept:
    """Return a source's voice without what is left of the band where it rests."""
    cut = equaliser.low_cut(_LOW_CUT_HZ["vocals"])
    made = equaliser.process(stem, [cut, cut])
    loud_db = _loud_db(made)
    hold, attack, release, floor = _VOICE_GATE
    made = gate.process(made, Gate(loud_db + _OPEN_DB, loud_db + _CLOSE_DB, hold, attack, release, floor))
    return _kept(Kind.VOICE, made)


def hook_of(stem: Sound, made: Sequence[Block], chosen: Sequence[int], bars_s: NDArray[np.float64]) -> Kept:
    """Return a source's hook: one of its stems, and nothing of it outside the chosen blocks.

    Parameters
    ----------
    stem : float32 array, shape (frames, 2)
        The stem.
    made, chosen : sequence of Block and sequence of int
        The source's sections, and the numbers of those in which its hook is kept.
    bars_s : float64 array, shape (bars + 1,)
        When bars begin.
    """
    sound = equaliser.process(stem, [equaliser.low_cut(_LOW_CUT_HZ["other"]), equaliser.high_shelf(*_HISS)])
    allowed = np.zeros(len(sound), dtype=bool)
    for number in chosen:
        start, end = (round(float(bars_s[line]) * RATE_HZ) for line in (made[number].first, made[number].last))
        allowed[max(start, 0) : max(end, 0)] = True
    sound[~allowed] = 0.0
    return replace(_kept(Kind.HOOK, sound), blocks=tuple(chosen))


def nothing(frames: int) -> Kept:
    """Return what is kept of a source of which nothing is."""
    return Kept(Kind.NOTHING, np.zeros((frames, 2), dtype=np.float32), ())


def _kept(kind: Kind, made: Sound) -> Kept:
    loudness = integrated_lufs(hop_power(made, RATE_HZ)) if len(made) >= RATE_HZ else -np.inf
    if loudness < _SILENT_LUFS:
        return nothing(len(made))
    made *= np.float32(10.0 ** ((_LUFS - loudness) / 20.0))
    return Kept(kind, made, _tune(made))


def _tune(sound: Sound) -> tuple[MelodyNote, ...]:
    """Return the line that is heard in a sound, where it is loud enough."""
    line = melody(notes(semitones(constant_q(levelled(low_mono(sound, RATE_HZ))))))
    levels = _levels(sound)
    least = 10.0 ** ((_loud_db(sound) + _HEARD_DB) / 20.0)

    def heard(note: MelodyNote) -> bool:
        first = round(note.start_s / POINT_S)
        part = levels[first : max(round(note.end_s / POINT_S), first + 1)]
        return bool(len(part)) and float(np.median(part)) >= least

    return tuple(note for note in line if heard(note))


def _levels(sound: Sound) -> NDArray[np.float32]:
    levels = np.zeros(points_for(len(sound)), dtype=np.float32)
    step_peaks(sound, levels)
    return levels


def _loud_db(sound: Sound) -> float:
    levels = _levels(sound)
    loud = levels[levels > 1e-4]
    return 20.0 * float(np.log10(np.quantile(loud, _LOUD))) if len(loud) else -80.0
