"""A shorter version of a recording, from file to file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from soundrack.audio.encoding import Depth, Format, write
from soundrack.audio.files import DEFAULT_LIMITS, Limits
from soundrack.audio.outputs import check_files, taken_back_on_failure
from soundrack.composition.cutting.hearing import Song, heard
from soundrack.composition.cutting.made import Cut, Join, Piece
from soundrack.composition.cutting.order import CutOrder, End
from soundrack.composition.cutting.path import Way, way
from soundrack.composition.cutting.seams import Seam, joined, seam, stroke
from soundrack.composition.effects.sound import Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.recordings import recording
from soundrack.errors import Invalid
from soundrack.progress import Progress, silent

_BEFORE_STROKE_S, _RISE_S = 0.006, 0.005
_FADE_SHARE, _SHORTEST_FADE_S, _LONGEST_FADE_S = 0.15, 1.5, 8.0
_RING_S = 0.35
"""A last stroke sounds for so long before it is faded."""
_EXCERPT_S = 1.0
_TOLERANCE = 0.03
_LIMIT, _TRIES = 95.0, 6
_EPSILON_S = 1e-6


@dataclass(frozen=True)
class Outputs:
    """Where a cut goes.

    Parameters
    ----------
    song : Path
        FLAC, 44.1 kHz, stereo, or mono where the source is.
    depth : Depth
        16 or 24 bits.
    """

    song: Path
    depth: Depth = Depth.S24

    def check(self, source: Path) -> None:
        """Refuse what cannot be written, before any work.

        Raises
        ------
        Invalid
            With the name of the field.
        """
        if self.depth is Depth.F32:
            raise Invalid("FLAC has 16 or 24 bits.", field="depth")
        check_files([("song", self.song)], [("source", source)])


def cut(
    source: Path, order: CutOrder, outputs: Outputs, progress: Progress = silent, *, limits: Limits = DEFAULT_LIMITS
) -> Cut:
    """Make a shorter version of a recording, with joins where bars begin.

    Forward in time, with as few joins as the length allows, and a chorus, or the part with the most energy, inside. The
    same source and order give the same bytes. If the work fails, no file is left.

    Parameters
    ----------
    source : Path
        A WAV, FLAC, AIFF, MP3, Ogg or M4A file.
    order : CutOrder
        What is wanted.
    outputs : Outputs
        Where it goes.
    progress : Progress
        Told of each stage (``decode``, ``features``, ``tempo``, ``structure``, ``cut``, ``deliver``, ``done``). What it
        raises ends the work.
    limits : Limits
        What the source may be at most.

    Raises
    ------
    Invalid
        If the source is not longer than the target (field ``target_s``), or the file cannot be written where it is
        wanted.
    UnsupportedFormat, TooLong, TooLarge, UnusableAudio
        If the source cannot be used; a silent one is unusable.
    ResourcesExhausted
        If the file cannot be written to the end.
    """
    outputs.check(source)
    with taken_back_on_failure([outputs.song]):
        progress("decode", 0.0)
        recorded = recording(source, limits)
        if recorded.duration_s <= order.target_s + _EPSILON_S:
            raise Invalid(
                f"The source lasts {recorded.duration_s:.2f} s: a cut of it must be shorter, not {order.target_s:g} s.",
                field="target_s",
            )
        progress("features", 0.1)
        song = heard(recorded, lambda stage, done: progress(stage, 0.1 + 0.7 * done))
        progress("cut", 0.8)
        sound, told = smoothest(song, order)
        progress("deliver", 0.9)
        made = np.ascontiguousarray(sound[:, : recorded.channels])
        write(outputs.song, made, RATE_HZ, Format.FLAC, depth=outputs.depth)
        progress("done", 1.0)
    return told


def smoothest(song: Song, order: CutOrder) -> tuple[Sound, Cut]:
    """Cut a song; where more begins at a join than at 19 of 20 of its own beats, look for another way.

    Returns
    -------
    (float32 array, shape (frames, 2), Cut)
        The way whose worst join is the least conspicuous of up to six, the first that is within the limit.
    """
    banned: frozenset[tuple[int, int]] = frozenset()
    tried: list[tuple[float, Sound, Cut]] = []
    for _ in range(_TRIES):
        chosen = way(song, order, banned)
        if tried and not math.isfinite(chosen.cost):
            break
        sound, told = rendered(song, chosen, order)
        worst = max((_conspicuous(each) for each in told.joins), default=0.0)
        tried.append((worst, sound, told))
        if worst <= _LIMIT:
            break
        pairs = zip(chosen.stretches[:-1], chosen.stretches[1:], strict=True)
        heard_at = zip(pairs, told.joins, strict=False)
        banned |= {(one.last, other.first) for (one, other), each in heard_at if _conspicuous(each) > _LIMIT}
    _, sound, told = min(tried, key=lambda each: each[0])
    return sound, told


def _conspicuous(join: Join) -> float:
    return max(join.flux_percentile, join.drop_percentile)


def rendered(song: Song, chosen: Way, order: CutOrder) -> tuple[Sound, Cut]:
    """Play a way through a song; return the sound, float32, shape (frames, 2), and what is told of it."""
    on, stretches = song.on, chosen.stretches
    bounds = on.bounds_s
    seams = [
        seam(song.sound, bounds[one.last], bounds[other.first], on_beats=on.has_beats)
        for one, other in pairwise(stretches)
    ]
    first, last = _edge(song, stretches[0].first), _edge(song, stretches[-1].last)
    sound, places = joined(song.sound, first, last, seams)
    ending = "fade" if order.end is End.FADE else "own" if stretches[-1].last == on.bars else "ring"
    if order.end is End.FADE:
        sound = sound[: round(order.target_s * RATE_HZ)]
    if first > 0:
        sound = _risen(sound)
    if ending != "own":
        bar_s = bounds[stretches[-1].last] - bounds[stretches[-1].last - 1]
        sound = _fallen(sound, _fade_s(order) if ending == "fade" else max(bar_s - _RING_S, 0.5 * bar_s))
    kept = [(each, place) for each, place in zip(seams, places, strict=True) if place < len(sound)]
    return sound, _told(song, chosen, order, sound, kept, first, ending)


def _edge(song: Song, bar: int) -> int:
    """Return the frame where a bar begins, just before its first stroke."""
    if bar == 0:
        return 0
    if bar == song.on.bars:
        return len(song.sound)
    at = round(float(song.on.bounds_s[bar]) * RATE_HZ)
    if not song.on.has_beats:
        return at
    return max(0, stroke(song.sound.mean(axis=1), at) - round(_BEFORE_STROKE_S * RATE_HZ))


def _fade_s(order: CutOrder) -> float:
    return min(max(_FADE_SHARE * order.target_s, _SHORTEST_FADE_S), _LONGEST_FADE_S)


def _risen(sound: Sound) -> Sound:
    frames = min(round(_RISE_S * RATE_HZ), len(sound))
    risen = sound.copy()
    risen[:frames] *= np.linspace(0.0, 1.0, frames, dtype=np.float32)[:, None]
    return risen


def _fallen(sound: Sound, fade_s: float) -> Sound:
    """Return a sound that falls to silence along a squared cosine."""
    frames = min(round(fade_s * RATE_HZ), len(sound))
    falling = np.square(np.cos(np.linspace(0.0, 0.5 * math.pi, frames)))
    fallen = sound.copy()
    fallen[len(sound) - frames :] *= falling[:, None].astype(np.float32)
    return fallen


def _told(
    song: Song, chosen: Way, order: CutOrder, sound: Sound, seams: list[tuple[Seam, int]], first: int, ending: str
) -> Cut:
    duration_s = len(sound) / RATE_HZ
    stretches = chosen.stretches[: len(seams) + 1]
    starts = [first, *(each.entered for each, _ in seams)]
    before = [0, *(place for _, place in seams)]
    stops = [*(each.left for each, _ in seams), starts[-1] + len(sound) - before[-1]]
    bars = song.on.has_bars
    pieces = tuple(
        Piece(start / RATE_HZ, stop / RATE_HZ, each.first + 1 if bars else None, each.last if bars else None)
        for each, start, stop in zip(stretches, starts, stops, strict=True)
    )
    changes = [_percentiles(song, sound, place) for _, place in seams]
    made = tuple(
        Join(
            at_s=place / RATE_HZ,
            from_s=each.left / RATE_HZ,
            to_s=each.entered / RATE_HZ,
            from_bar=one.last + 1 if bars else None,
            to_bar=other.first + 1 if bars else None,
            lag_ms=1000.0 * each.lag / RATE_HZ,
            fade_ms=1000.0 * each.fade / RATE_HZ,
            correlation=each.correlation,
            flux_percentile=begun,
            drop_percentile=broken,
        )
        for (each, place), (begun, broken), one, other in zip(
            seams, changes, stretches[:-1], stretches[1:], strict=True
        )
    )
    on = "bars" if bars else "beats" if song.on.has_beats else "quiet"
    highlight = _highlight(song, chosen, pieces)
    return Cut(
        duration_s=duration_s,
        target_s=order.target_s,
        source_s=song.duration_s,
        pieces=pieces,
        joins=made,
        on=on,
        ending=ending,
        highlight=highlight,
        notes=_notes(song, duration_s, order.target_s, highlight, on),
    )


def _percentiles(song: Song, sound: Sound, place: int) -> tuple[float, float]:
    """Return how much begins at a join and how much breaks off, as percentiles of the song's own beats."""
    around = round(_EXCERPT_S * RATE_HZ)
    begin = max(0, place - around)
    begun, broken = song.changes_in(sound[begin : place + around], (place - begin) / RATE_HZ)
    beats = max(len(song.flux), 1)
    return (
        100.0 * float(np.searchsorted(song.flux, begun)) / beats,
        100.0 * float(np.searchsorted(song.drop, broken)) / beats,
    )


def _highlight(song: Song, chosen: Way, pieces: tuple[Piece, ...]) -> dict[str, Any] | None:
    if chosen.highlight is None:
        return None
    start_s, end_s = (float(song.on.bounds_s[bar]) for bar in (chosen.highlight.first, chosen.highlight.last))
    played_s = sum(max(0.0, min(end_s, each.end_s) - max(start_s, each.start_s)) for each in pieces)
    inside = played_s / (end_s - start_s)
    return {"label": chosen.highlight.label, "start_s": start_s, "end_s": end_s, "inside": inside}


def _notes(
    song: Song, duration_s: float, target_s: float, highlight: Mapping[str, Any] | None, on: str
) -> tuple[str, ...]:
    notes = []
    off_s = abs(duration_s - target_s)
    usual_s = float(np.median(np.diff(song.on.bounds_s)))
    if off_s > max(_TOLERANCE * target_s, 0.5 * usual_s) + 0.05:
        notes.append(f"No way through this recording ends closer to {target_s:g} s without a worse join.")
    if highlight is None:
        notes.append("No chorus, nor the part with the most energy, fits into this length.")
    if on == "quiet":
        notes.append("This recording has no beat that could be told: it was cut where it is quiet.")
    return tuple(notes)
