"""Structure: a song's sections, which of them repeat, what they are called, and how its energy goes.

Timbre and harmony bar by bar; bars that are new against what was, or against what the song repeats, begin sections;
sections that are alike are a group; groups have names (docs/structure-and-mood.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.features.bands import Bands
from soundrack.analysis.structure import boundaries, evidence, naming
from soundrack.analysis.structure.features import energy_of
from soundrack.analysis.structure.laying import Heard, Laid, laid_out
from soundrack.analysis.structure.naming import Label, Part
from soundrack.analysis.structure.repetition import repetition

__all__ = ["Label", "Section", "Structure", "structure"]

_SHORTEST_S = 20.0
"""What is shorter has no form that could be told from one phrase after another."""
_STEP_S = 0.5
_LENGTH_WEIGHT = 4.0
_EASE, _EASE_WITHOUT_BARS, _EASE_WITHOUT_BEATS = 3.0, 1.5, 0.6
"""What is added to the log odds of a boundary: the prices of lengths keep it from being told too often.

Chosen on the tuning half of our rendered songs. A ruler's bars cut through phrases, and find more that is new."""
_FAINT_BARS, _FAINT = 2, 0.5
_WITHOUT_BARS = 0.8
"""What a name counts on a ruler's bars: on rendered songs of no measured half it was right four fifths as often."""


@dataclass(frozen=True)
class Section:
    """A part of a song.

    - `start_s`, `end_s`: from the start of the file. `start_bar`: counted from 1, None without bars; `bars`: how many.
    - `label`: what it does, None where nothing tells. `confidence`: that this is right, 0 to 1.
    - `group`: sections with the same letter repeat each other.
    - `energy`: 0 to 100.
    """

    start_s: float
    end_s: float
    start_bar: int | None
    bars: float | None
    label: Label | None
    group: str
    confidence: float
    energy: int


@dataclass(frozen=True)
class Structure:
    """Sections, none where a song has no form that could be told, and its energy every `step_s`, integers 0 to 100."""

    sections: tuple[Section, ...]
    energy: NDArray[np.int64]
    step_s: float = _STEP_S

    def as_dict(self) -> dict[str, Any]:
        """Return it as published."""
        return {
            "sections": [
                {
                    "start_s": round(section.start_s, 3),
                    "end_s": round(section.end_s, 3),
                    "start_bar": section.start_bar,
                    "bars": section.bars,
                    "label": section.label.value if section.label else None,
                    "group": section.group,
                    "confidence": round(section.confidence, 2),
                    "energy": section.energy,
                }
                for section in self.sections
            ],
            "energy_curve": {"step_s": self.step_s, "values": self.energy.tolist()},
        }


def structure(
    bands: Bands,
    chroma: NDArray[np.float32],
    power: NDArray[np.float64],
    *,
    duration_s: float,
    beats_s: NDArray[np.float64],
    downbeats_s: NDArray[np.float64],
    voice: NDArray[np.float64] | None = None,
    music: bool | None = None,
) -> Structure:
    """Find a song's sections.

    Parameters
    ----------
    bands : Bands
        The song's bands.
    chroma : float32 array, shape (frames, 12)
        Its chroma (:func:`soundrack.analysis.features.chroma.chroma`).
    power : float64 array, shape (hops,)
        Its K-weighted power every 10 ms.
    duration_s : float
        Its length.
    beats_s, downbeats_s : float64 arrays
        Its beats, and those that begin bars; empty where there are none: then half seconds in fours take their place.
    voice : float64 array, shape (n, 2), optional
        Times in seconds, ascending, and the likelihood 0 to 1 that somebody sings there.

    music : bool, optional
        Whether it is music, which speech is not. None where that is not known: then it is where it has beats.

    Returns
    -------
    Structure
        Without sections where there is no music, less than 20 s of it, or the same throughout.
    """
    heard = Heard.of(bands, chroma, power, duration_s)
    curve = energy_of(heard.flux, power, np.append(np.arange(0.0, duration_s, _STEP_S), duration_s))
    energy = np.round(100.0 * _smooth(curve)).astype(np.int64)
    is_music = len(beats_s) > 0 if music is None else music
    if not is_music or duration_s < _SHORTEST_S or len(bands.magnitude) == 0:
        return Structure((), energy)
    laid = laid_out(heard, beats_s, downbeats_s)
    if laid is None:
        return Structure((), energy)
    starts = _starts(laid)
    if len(starts) < 2:
        return Structure((), energy)
    return Structure(_sections(starts, laid, voice, downbeats_s), energy)


def _starts(laid: Laid) -> list[int]:
    """Return the bars with which sections begin."""
    on = laid.on
    ease = _EASE if on.has_bars else _EASE_WITHOUT_BARS if on.has_beats else _EASE_WITHOUT_BEATS
    lengths = _LENGTH_WEIGHT * boundaries.length_preferences(on.bars, has_bars=on.has_bars)
    return _without_faint_ends(
        boundaries.boundaries(evidence.log_odds(laid.curves) + ease, lengths), laid.features.energy
    )


def _without_faint_ends(starts: list[int], energy: NDArray[np.float64]) -> list[int]:
    """Leave out the first and last section where they are a moment of near silence, or of a last note's ringing."""
    usual = float(np.median(energy))
    while len(starts) > 1 and _faint(energy[starts[-1] :], usual):
        starts = starts[:-1]
    if len(starts) > 1 and _faint(energy[: starts[1]], usual):
        starts = [0, *starts[2:]]
    # a bar alone is an upbeat to what follows, or the last of all
    ends = [*starts[1:], len(energy)]
    kept = [start for place, start in enumerate(starts) if place == 0 or ends[place - 1] - starts[place - 1] > 1]
    return kept[:-1] if len(kept) > 1 and len(energy) - kept[-1] == 1 else kept


def _faint(energy: NDArray[np.float64], usual: float) -> bool:
    return len(energy) <= _FAINT_BARS and float(energy.mean()) < _FAINT * usual


def _sections(
    starts: list[int], laid: Laid, voice: NDArray[np.float64] | None, downbeats_s: NDArray[np.float64]
) -> tuple[Section, ...]:
    on, features = laid.on, laid.features
    spans = list(zip(starts, [*starts[1:], on.bars], strict=True))
    found = repetition(starts, on.bars, laid.timbre, laid.harmony, features.energy)
    energies = [float(features.energy[first:last].mean()) for first, last in spans]
    sung = [_sung(voice, on.bounds_s[first], on.bounds_s[last]) for first, last in spans]
    parts = [
        Part(float(last - first), group, energy, share)
        for (first, last), group, energy, share in zip(spans, found.groups, energies, sung, strict=True)
    ]
    named = naming.names(parts)
    return tuple(
        Section(
            start_s=float(on.bounds_s[first]),
            end_s=float(on.bounds_s[last]),
            start_bar=_bar_at(float(on.bounds_s[first]), downbeats_s) if on.has_bars else None,
            bars=last - first if on.has_bars else None,
            label=name.label,
            group=_letter(part.group),
            confidence=name.confidence if on.has_bars else _WITHOUT_BARS * name.confidence,
            energy=round(100.0 * part.energy),
        )
        for (first, last), part, name in zip(spans, parts, named, strict=True)
    )


def _bar_at(time_s: float, downbeats_s: NDArray[np.float64]) -> int:
    """Return the number of the bar that begins at a time, or lasts then; 1 for what comes before the first."""
    return max(int(np.searchsorted(downbeats_s, time_s + 0.05)), 1)


def _letter(group: int) -> str:
    """Return A, B, ... Z, A1, B1, ..."""
    letter, round_ = chr(ord("A") + group % 26), group // 26
    return f"{letter}{round_}" if round_ else letter


def _sung(voice: NDArray[np.float64] | None, start_s: float, end_s: float) -> float | None:
    if voice is None or len(voice) == 0:
        return None
    within = voice[(voice[:, 0] >= start_s) & (voice[:, 0] < end_s), 1]
    return float(within.mean()) if len(within) else None


def _smooth(curve: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a curve as means of three values."""
    if len(curve) < 3:
        return curve
    smooth: NDArray[np.float64] = np.convolve(np.pad(curve, 1, mode="edge"), np.ones(3) / 3.0, "valid")
    return smooth
