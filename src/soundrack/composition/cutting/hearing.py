"""A recording as it is cut: its bars, or its quiet points where it has none, and what is heard in each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import FPS, bands, rise
from soundrack.analysis.features.chroma import chroma
from soundrack.analysis.features.constant_q import constant_q
from soundrack.analysis.features.sound import Sound as Heard
from soundrack.analysis.features.sound import levelled, low_mono
from soundrack.analysis.loudness import loudness
from soundrack.analysis.patchbay import is_music, voice_over_time
from soundrack.analysis.rhythm import Rhythm, rhythm
from soundrack.analysis.stems.spectra import HOP
from soundrack.analysis.stems.spectra import RATE_HZ as STEMS_HZ
from soundrack.analysis.structure import Label, Section, structure
from soundrack.analysis.structure.features import BarFeatures, bar_features, energy_of
from soundrack.analysis.structure.grid import Grid, grid
from soundrack.analysis.tags import tags, voice
from soundrack.analysis.tonality import tonality
from soundrack.audio.loudness import HOPS_PER_S
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.recordings import Recording
from soundrack.composition.separation.splitting import voice_power

_LEAST_APART_S, _QUIET_WINDOW_S = 0.6, 0.12
_PARTS = 4
"""Of a passage between two quiet points."""
_NEAR_FRAMES = 2
"""What begins within 40 ms of a moment begins there."""
_STEADY = 0.8
_LEAST_SUNG = 0.03
"""Of a recording's power: less is no voice, but what others leave in one."""
_LOUD = 90.0
_SOFT_DB, _SINGING_DB = -18.0, -7.0
"""Beside its loud moments: where a voice is silent, and where it sings."""
_EDGE_S = 0.1
_BEST = 0.85
"""Of the highest energy of a section: what reaches it is as much a highlight."""
_FIRST_BARS = 0.4

Told = Callable[[str, float], None]


@dataclass(frozen=True)
class Highlight:
    """What must not be cut away: the bars of a chorus, or of the section with the most energy."""

    first: int
    last: int
    label: str


@dataclass(frozen=True)
class Song:
    """A recording on its bars.

    Parameters
    ----------
    sound : float32 array, shape (frames, 2)
        At 44.1 kHz.
    on : Grid
        Bars and beats, or passages between quiet points.
    features : BarFeatures
        Of each bar, beat by beat.
    level : float32 array, shape (frames, bands)
        Its compressed magnitudes, 50 a second.
    starts : tuple of int
        The bars with which sections begin, 0 first.
    highlights : tuple of Highlight
        At least one.
    sung : float64 array, shape (bars + 1,)
        How surely a voice goes on where each bar begins, and where the last ends, 0 to 1.
    flux, drop : float64 arrays, shape (beats,)
        How much begins at its own beats, and how much breaks off around them, each ascending.
    gain, offset : float
        From `low_mono` to the level at which `level` was measured.
    """

    sound: Sound
    on: Grid
    features: BarFeatures
    level: NDArray[np.float32]
    starts: tuple[int, ...]
    highlights: tuple[Highlight, ...]
    sung: NDArray[np.float64]
    flux: NDArray[np.float64]
    drop: NDArray[np.float64]
    gain: float
    offset: float

    @property
    def duration_s(self) -> float:
        """How long it plays."""
        return len(self.sound) / RATE_HZ

    def changes_in(self, sound: Sound, at_s: float) -> tuple[float, float]:
        """Return how much begins at a moment of a sound that was cut out of this song, and how much breaks off."""
        mono = (low_mono(sound, RATE_HZ) - np.float32(self.offset)) * np.float32(self.gain)
        begun, broken = _changes_at(bands(mono).level, np.array([at_s]))
        return float(begun[0]), float(broken[0])


def heard(recorded: Recording, told: Told) -> Song:
    """Listen to a recording: beats, bars, form, and what each bar sounds like.

    Parameters
    ----------
    recorded : Recording
        Of at least a second.
    told : callable
        Told of each stage and the fraction of the work that is done.
    """
    low = low_mono(recorded.sound, RATE_HZ)
    mono = levelled(low)
    offset = float(low.mean(dtype=np.float64))
    gain = float(np.sqrt(np.mean(np.square(mono), dtype=np.float64) / np.mean(np.square(low - np.float32(offset)))))
    info = replace(recorded.info, channels=2, rate_hz=RATE_HZ, channel_mask=0, frames=len(recorded.sound))
    whole = Heard(recorded.sound, RATE_HZ, mono, info)
    seen, pitched, meters = bands(mono), constant_q(mono), loudness(whole)
    told("tempo", 0.3)
    pulse = rhythm(seen)
    told("structure", 0.5)
    known = tags(whole)
    colours, harmony = chroma(pitched), tonality(pitched, pulse)
    # speech has a beat to some, but neither a key nor a steady one
    if harmony.key is None and (pulse.stability or 0.0) < _STEADY:
        pulse = Rhythm()
    form = structure(
        seen,
        colours,
        meters.power,
        duration_s=recorded.duration_s,
        beats_s=pulse.beats_s,
        downbeats_s=pulse.downbeats_s,
        voice=voice_over_time(known),
        music=is_music(pulse, harmony),
    )
    on = _grid(recorded.duration_s, pulse, meters.power)
    level = seen.level
    energy = energy_of(rise(level).sum(axis=1, dtype=np.float64), meters.power, on.bounds_s)
    features = bar_features(level, colours, energy, on)
    starts = _starts(form.sections, on)
    beats = on.beats_s[:, :-1].reshape(-1)
    begun, broken = _changes_at(level, beats[(beats > _EDGE_S) & (beats < recorded.duration_s - _EDGE_S)])
    return Song(
        sound=recorded.sound,
        on=on,
        features=features,
        level=level,
        starts=starts,
        highlights=_highlights(form.sections, starts, on, energy),
        sung=_sung(recorded.sound, on, is_sung=voice(known).present is not False),
        flux=np.sort(begun),
        drop=np.sort(broken),
        gain=gain,
        offset=offset,
    )


def changes_between(
    song: Song, before_s: NDArray[np.float64], after_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return how much would begin, and how much break off, where each moment is followed by what comes after another.

    Returns
    -------
    (float64 array, float64 array)
        Both of shape (len(before_s), len(after_s)).
    """
    last = len(song.level) - 1
    before = song.level[np.clip(np.round(before_s * FPS).astype(int) - 2, 0, last)]
    at = np.round(after_s * FPS).astype(int)
    after = np.max([song.level[np.clip(at + ahead, 0, last)] for ahead in (0, 1, 2)], axis=0)
    begun, broken = np.empty((len(before), len(after))), np.empty((len(before), len(after)))
    for row, each in enumerate(before):
        moved = after - each
        begun[row] = np.maximum(moved, np.float32(0.0)).sum(axis=1)
        broken[row] = np.maximum(-moved, np.float32(0.0)).sum(axis=1)
    return begun, broken


def _changes_at(
    level: NDArray[np.float32], at_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the most that begins and that breaks off from frame to frame, within 40 ms of each moment."""
    at = np.round(at_s * FPS).astype(int)[:, None] + np.arange(-_NEAR_FRAMES, _NEAR_FRAMES + 1)
    begun, broken = (
        flux[np.clip(at, 0, len(flux) - 1)].max(axis=1, initial=0.0)
        for flux in (rise(level).sum(axis=1, dtype=np.float64), rise(-level).sum(axis=1, dtype=np.float64))
    )
    return begun, broken


def _grid(duration_s: float, pulse: Rhythm, power: NDArray[np.float64]) -> Grid:
    """Return bars where there are beats, else passages between quiet points."""
    bars = grid(duration_s, pulse.downbeats_s, pulse.beats_s)
    return bars if bars.has_beats else quiet_grid(duration_s, power)


def quiet_grid(duration_s: float, power: NDArray[np.float64]) -> Grid:
    """Return passages from one quiet point to the next.

    Parameters
    ----------
    duration_s : float
        How long the recording is.
    power : float64 array
        Its K-weighted power every 10 ms.
    """
    width = round(_QUIET_WINDOW_S * HOPS_PER_S)
    level = 10.0 * np.log10(np.convolve(power, np.ones(width) / width, "same") + 1e-9)
    apart = round(_LEAST_APART_S * HOPS_PER_S)
    # the quietest moment of each stretch, which hears its neighbours out
    found = []
    for first in range(apart // 2, max(len(level) - apart, 0), apart):
        at = first + int(np.argmin(level[first : first + apart]))
        if level[at] <= level[max(0, at - apart // 2) : at + apart // 2 + 1].min():
            found.append(at)
    inner = np.array(found, dtype=np.float64) / HOPS_PER_S
    bounds = np.concatenate(([0.0], inner[(inner > 0.0) & (inner < duration_s)], [duration_s]))
    parts = np.linspace(0.0, 1.0, _PARTS + 1)
    return Grid(bounds, bounds[:-1, None] + np.diff(bounds)[:, None] * parts, has_beats=False, has_bars=False)


def _sung(sound: Sound, on: Grid, *, is_sung: bool) -> NDArray[np.float64]:
    """Return how surely a voice goes on at each bound: a word that is cut is heard before any other fault."""
    if not is_sung:
        return np.zeros(len(on.bounds_s))
    power = voice_power(sound)
    if power[:, 0].sum() < _LEAST_SUNG * power[:, 1].sum():
        return np.zeros(len(on.bounds_s))
    level = 10.0 * np.log10(power[:, 0] + 1e-12)
    level -= np.percentile(level, _LOUD)
    at = np.round((on.bounds_s[:, None] + np.arange(-4, 3) * (HOP / STEMS_HZ)) * STEMS_HZ / HOP + 1.0).astype(int)
    softest = level[np.clip(at, 0, len(level) - 1)].min(axis=1)
    sure: NDArray[np.float64] = np.clip((softest - _SOFT_DB) / (_SINGING_DB - _SOFT_DB), 0.0, 1.0)
    return sure


def _starts(sections: tuple[Section, ...], on: Grid) -> tuple[int, ...]:
    found = {int(np.argmin(np.abs(on.bounds_s[:-1] - section.start_s))) for section in sections}
    return tuple(sorted(found | {0}))


def _highlights(
    sections: tuple[Section, ...], starts: tuple[int, ...], on: Grid, energy: NDArray[np.float64]
) -> tuple[Highlight, ...]:
    """Return the choruses with most energy, else the sections, else the most energetic stretch."""
    spans = list(zip(starts, [*starts[1:], on.bars], strict=True))
    named = {int(np.argmin(np.abs(on.bounds_s[:-1] - each.start_s))): each for each in sections}
    choruses = [span for span in spans if span[0] in named and named[span[0]].label is Label.CHORUS]
    if not choruses and len(spans) < 2:
        long = max(1, min(on.bars, round(_FIRST_BARS * on.bars)))
        sums = np.convolve(energy, np.ones(long), "valid")
        first = int(np.argmax(sums))
        return (Highlight(first, first + long, "most energy"),)
    of = choruses or spans
    energies = [float(energy[first:last].mean()) for first, last in of]
    label = "chorus" if choruses else "most energy"
    return tuple(
        Highlight(first, last, label)
        for (first, last), each in zip(of, energies, strict=True)
        if each >= _BEST * max(energies)
    )
