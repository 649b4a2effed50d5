"""Clips: the best 15, 30 and 60 seconds of a song, from bar line to bar line."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from soundrack.analysis.structure import Label, Section, Structure

LENGTHS_S = (15, 30, 60)
_WEIGHTS = {"energy": 0.4, "hook": 0.3, "voice": 0.1, "begin": 0.12, "end": 0.08}
_STEP_S = 0.5
"""Where a song has no bars, a clip may begin every half second."""
_NEAR_S = 0.35
_PHRASE_BARS = 4
_LOUD, _MOSTLY = 0.9, 0.6


@dataclass(frozen=True)
class Clip:
    """A part of a song: `length_s` as asked for, `start_s` and `end_s`, `start_bar` from 1 (None without bars) and the
    reason why this one, a sentence."""

    length_s: int
    start_s: float
    end_s: float
    start_bar: int | None
    reason: str

    def as_dict(self) -> dict[str, float | int | str | None]:
        """Return it as published."""
        return {
            "length_s": self.length_s,
            "start_s": round(self.start_s, 3),
            "end_s": round(self.end_s, 3),
            "start_bar": self.start_bar,
            "reason": self.reason,
        }


def clips(
    structure: Structure,
    *,
    duration_s: float,
    downbeats_s: NDArray[np.float64],
    voice: NDArray[np.float64] | None = None,
) -> tuple[Clip, ...]:
    """Choose a clip of each length that the song is long enough for.

    A clip begins on a bar line and ends on the last one within its length. Of all these the one with the most energy,
    hook (what the song repeats most, the chorus where it has one) and voice is taken, and one that begins with a
    section or a phrase of four bars and ends with one is preferred.

    Parameters
    ----------
    structure : Structure
        Sections and energy of the song.
    duration_s : float
        Its length.
    downbeats_s : float64 array
        Where its bars begin; empty where it has none.
    voice : float64 array, shape (n, 2), optional
        Times and the likelihood that somebody sings there.
    """
    chosen = (_clip(length_s, structure, duration_s, downbeats_s, voice) for length_s in LENGTHS_S)
    return tuple(clip for clip in chosen if clip is not None)


def hook(sections: tuple[Section, ...]) -> str | None:
    """Return the group that the song repeats most, the chorus first; None where nothing is repeated."""
    counts = Counter(section.group for section in sections)
    choruses = [section.group for section in sections if section.label is Label.CHORUS and counts[section.group] > 1]
    if choruses:
        return choruses[0]
    repeated = [group for group, count in counts.items() if count > 1]
    return max(repeated, key=lambda group: (counts[group], -ord(group[0]))) if repeated else None


def _clip(
    length_s: int,
    structure: Structure,
    duration_s: float,
    downbeats_s: NDArray[np.float64],
    voice: NDArray[np.float64] | None,
) -> Clip | None:
    if duration_s < length_s:
        return None
    bars = len(downbeats_s) > 1
    lines = downbeats_s if bars else np.arange(0.0, duration_s, _STEP_S)
    starts = lines[lines <= duration_s - length_s + 1e-6]
    if len(starts) == 0:
        starts = np.array([0.0])
        bars = False
    ends = _ends(starts, lines, length_s) if bars else starts + length_s
    parts = {
        "energy": _means(structure.energy / 100.0, structure.step_s, starts, ends),
        "hook": _covered(structure.sections, hook(structure.sections), starts, ends),
        "voice": _sung(voice, starts, ends),
        "begin": _on_lines(starts, structure.sections, lines),
        "end": _on_lines(ends, structure.sections, lines),
    }
    scores = sum((_WEIGHTS[name] * part for name, part in parts.items()), np.zeros(len(starts)))
    at = int(np.argmax(scores))
    values = {name: float(part[at]) for name, part in parts.items()}
    peak = float(parts["energy"].max(initial=0.0))
    return Clip(
        length_s=length_s,
        start_s=float(starts[at]),
        end_s=float(ends[at]),
        start_bar=at + 1 if bars else None,
        reason=_reason(values, peak, structure.sections, float(starts[at]), bar=at + 1 if bars else None),
    )


def _ends(starts: NDArray[np.float64], lines: NDArray[np.float64], length_s: int) -> NDArray[np.float64]:
    """Return the last bar line within the length of each start; where there is none near, the length itself."""
    bar_s = float(np.median(np.diff(lines)))
    last = lines[np.searchsorted(lines, starts + length_s + 1e-6) - 1]
    ends: NDArray[np.float64] = np.where(starts + length_s - last <= bar_s + 1e-6, last, starts + length_s)
    return np.where(ends > starts + 0.5 * length_s, ends, starts + length_s)


def _means(
    curve: NDArray[np.float64], step_s: float, starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    running = np.concatenate(([0.0], np.cumsum(curve)))
    first = np.minimum((starts / step_s).astype(int), max(len(curve) - 1, 0))
    last = np.clip(np.round(ends / step_s).astype(int), first + 1, max(len(curve), 1))
    means: NDArray[np.float64] = (running[np.minimum(last, len(curve))] - running[first]) / np.maximum(last - first, 1)
    return means


def _covered(
    sections: tuple[Section, ...], group: str | None, starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share of each clip that belongs to a group."""
    covered = np.zeros(len(starts))
    for section in sections:
        if section.group == group:
            covered += np.maximum(np.minimum(ends, section.end_s) - np.maximum(starts, section.start_s), 0.0)
    share: NDArray[np.float64] = covered / (ends - starts)
    return share


def _sung(
    voice: NDArray[np.float64] | None, starts: NDArray[np.float64], ends: NDArray[np.float64]
) -> NDArray[np.float64]:
    if voice is None or len(voice) == 0:
        return np.zeros(len(starts))
    inside = (voice[:, 0] >= starts[:, None]) & (voice[:, 0] < ends[:, None])
    likely: NDArray[np.float64] = (inside * voice[:, 1]).sum(axis=1) / np.maximum(inside.sum(axis=1), 1)
    return likely


def _on_lines(
    times_s: NDArray[np.float64], sections: tuple[Section, ...], lines: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return 1 where a time is that of a section's begin or end, 0.6 at a phrase of four bars, 0 elsewhere."""
    worth = np.zeros(len(times_s))
    bounds = np.array([*(section.start_s for section in sections), *(section.end_s for section in sections[-1:])])
    if len(bounds) == 0:
        return worth
    for bound in bounds:
        first = int(np.argmin(np.abs(lines - bound)))
        for line in lines[first : first + 8 * _PHRASE_BARS : _PHRASE_BARS]:
            worth = np.maximum(worth, 0.6 * (np.abs(times_s - line) < _NEAR_S))
    nearest = np.abs(times_s[:, None] - bounds).min(axis=1)
    on_line: NDArray[np.float64] = np.maximum(worth, 1.0 * (nearest < _NEAR_S))
    return on_line


def _reason(
    values: dict[str, float], peak: float, sections: tuple[Section, ...], start_s: float, *, bar: int | None
) -> str:
    """Return in words what speaks for a clip."""
    here = [section for section in sections if abs(section.start_s - start_s) < _NEAR_S]
    where = f"at {int(start_s // 60)}:{start_s % 60.0:04.1f}" if bar is None else f"on bar {bar}"
    label = here[0].label if here else None
    begins = f"Begins {where}" + (f" with the {label.value}" if label else ", where a section begins" if here else "")
    why = []
    if peak > 0.0 and values["energy"] >= _LOUD * peak:
        why.append("as much energy as anywhere in the song")
    if values["hook"] >= _MOSTLY:
        why.append("mostly what the song repeats most")
    if values["voice"] >= _MOSTLY:
        why.append("sung")
    if values["end"] >= _MOSTLY:
        why.append("ends where a phrase ends")
    elif bar is not None:
        why.append("ends on a bar line")
    return f"{begins}: {', '.join(why)}." if why else f"{begins}."
