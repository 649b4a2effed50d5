"""A picture of a master: its spectrum, loudness over time and gain reduction, beside what it was made from.

Only whoever draws imports this file.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from soundrack.audio.loudness import HOPS_PER_S, SHORT_TERM_HOPS
from soundrack.audio.measurement import Measurement
from soundrack.audio.panel import FAINT_INK, GRID, INK, Canvas, Colour, Panel, frequency_marks, time_marks

WIDTH, HEIGHT = 1280, 1010
"""Size of the picture in pixels."""

# From the palette of Okabe and Ito, "Color Universal Design" (https://jfly.uni-koeln.de/color/, 2008), told apart with
# any colour vision. What was is also thinner than what is.
_BEFORE: Colour = (213, 94, 0)
_AFTER: Colour = (0, 114, 178)
_LIMITER: Colour = (110, 176, 216)
_LIMITER_MOST: Colour = (208, 229, 241)
_MORE: Colour = (204, 226, 240)
_LESS: Colour = (247, 219, 196)

_LEFT, _RIGHT, _SPECTRUM_RIGHT = 60.0, WIDTH - 24.0, 830.0
_HEARD_HZ = (20.0, 20_000.0)
_FREQUENCIES_HZ = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)
_SPECTRUM_DB = 60.0
_EMPTY_DB = 50.0
_LEAST_LOUDNESS_LU, _MOST_LOUDNESS_LU = 18.0, 36.0
_LEAST_CHANGE_DB, _MOST_CHANGE_DB = 3.0, 12.0
_LEAST_REDUCTION_DB, _MOST_REDUCTION_DB = 6.0, 24.0


@dataclass(frozen=True)
class Side:
    """What is drawn of a sound.

    - `centres_hz`, `levels_db`: its spectrum in third octaves (:mod:`soundrack.audio.spectrum`), float64, (bands,).
    - `short_term_lufs`: its short-term loudness, float64, shape (values,), the first for the first whole 3 s; ``-inf``
      for silence; empty for less than 3 s.
    - `integrated_lufs`: spectra are drawn relative to it; ``-inf`` is taken for 0.
    - `duration_s`: its length.
    """

    centres_hz: NDArray[np.float64]
    levels_db: NDArray[np.float64]
    short_term_lufs: NDArray[np.float64]
    integrated_lufs: float
    duration_s: float


@dataclass(frozen=True)
class Picture:
    """What is drawn of a master.

    - `title`, `subtitle`: a line each.
    - `facts`: rows of name, value before and value after (:func:`meters`), 10 at most; `notes`: short lines below them,
      3 at most.
    - `before`, `after`: source and master; `step_s` is the distance of their short-term values.
    - `before_from_s`: the time in the source at which the master begins, as after cutting silence.
    - `limiter_db`: the limiter's gain reduction in dB, 0 or more, float, shape (points,), evenly over the master.
    - `bands_db`: the mean reduction of the compressor's bands likewise, of any length; None where there was none.
    """

    title: str
    subtitle: str
    facts: tuple[tuple[str, str, str], ...]
    before: Side
    after: Side
    step_s: float
    target_lufs: float
    limiter_db: NDArray[np.float32] | NDArray[np.float64]
    bands_db: NDArray[np.float32] | NDArray[np.float64] | None = None
    before_from_s: float = 0.0
    notes: tuple[str, ...] = ()


def meters(before: Measurement, after: Measurement) -> tuple[tuple[str, str, str], ...]:
    """Return what the meters say of source and master, as rows for a picture."""
    rows = (
        ("Integrated loudness, LUFS", "integrated_lufs", ".2f"),
        ("Highest short-term loudness, LUFS", "max_short_term_lufs", ".1f"),
        ("Highest momentary loudness, LUFS", "max_momentary_lufs", ".1f"),
        ("Loudness range, LU", "loudness_range_lu", ".1f"),
        ("True peak, dBTP", "true_peak_db", ".2f"),
        ("Peak to loudness (PLR), dB", "plr_db", ".1f"),
        ("Peak to short-term (PSR), dB", "psr_db", ".1f"),
        ("Correlation", "correlation", ".2f"),
        ("Loss in mono, LU", "mono_loss_lu", ".1f"),
        ("Clipped samples", "clipped_samples", "d"),
    )
    return tuple(
        (words, _number(getattr(before, name), form), _number(getattr(after, name), form)) for words, name, form in rows
    )


def draw_master(path: Path, picture: Picture) -> None:
    """Draw a master into a PNG file.

    Parameters
    ----------
    path : Path
        Where to write; a file there is replaced. The same picture gives the same bytes.
    picture : Picture
        What to draw.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    canvas = Canvas(WIDTH, HEIGHT)
    canvas.text((_LEFT, 22), picture.title, 22)
    canvas.text((_LEFT, 54), picture.subtitle, 13, colour=FAINT_INK)
    _draw_spectrum(Panel(canvas, (_LEFT, 116, _SPECTRUM_RIGHT, 366), _octaves(), _spectrum_range(picture)), picture)
    _draw_change(canvas, (_LEFT, 414, _SPECTRUM_RIGHT, 510), picture)
    _draw_facts(canvas, picture)
    _draw_loudness(canvas, (_LEFT, 566, _RIGHT, 766), picture)
    _draw_reduction(canvas, (_LEFT, 824, _RIGHT, 964), picture)
    canvas.save(path)


def _draw_spectrum(panel: Panel, picture: Picture) -> None:
    bottom, top = panel.up
    panel.grid(frequency_marks(_FREQUENCIES_HZ), [(y, f"{y:.0f}") for y in np.arange(bottom, top + 1.0, 12.0).tolist()])
    for side, colour, width in ((picture.before, _BEFORE, 1.5), (picture.after, _AFTER, 2.5)):
        heard = (side.centres_hz >= _HEARD_HZ[0]) & (side.centres_hz <= _HEARD_HZ[1])
        octaves, levels_db = _smooth(np.log(side.centres_hz[heard]), _relative_db(side)[heard])
        seen = np.flatnonzero(levels_db >= bottom)
        if len(seen):  # what is empty at both ends is not drawn as a line along the edge
            ends = slice(max(seen[0] - 1, 0), seen[-1] + 2)
            panel.curve(octaves[ends], levels_db[ends], colour, width)
    panel.frame("Spectrum of the louder half in third octaves, at equal loudness, dB")
    panel.key([("before", _BEFORE), ("after", _AFTER)])


def _draw_change(canvas: Canvas, box: tuple[float, float, float, float], picture: Picture) -> None:
    octaves, change_db = _smooth(*_change(picture.before, picture.after))
    most = float(np.abs(change_db).max(initial=0.0))
    limit = float(np.clip(math.ceil(most / 3.0) * 3.0, _LEAST_CHANGE_DB, _MOST_CHANGE_DB))
    panel = Panel(canvas, box, _octaves(), (-limit, limit))
    for values, colour in ((np.maximum(change_db, 0.0), _MORE), (np.minimum(change_db, 0.0), _LESS)):
        panel.filled(octaves, values, colour, base=0.0)
    panel.grid(frequency_marks(_FREQUENCIES_HZ), [(y, f"{y:+.0f}" if y else "0") for y in (-limit, 0.0, limit)])
    panel.curve(octaves, change_db, INK, 1.5)
    panel.frame("Change of tone, at equal loudness, dB")


def _draw_facts(canvas: Canvas, picture: Picture) -> None:
    left, before, after, top = _SPECTRUM_RIGHT + 50.0, _RIGHT - 90.0, _RIGHT - 4.0, 124.0
    for at, words, colour in ((before, "before", _BEFORE), (after, "after", _AFTER)):
        canvas.text((at, top), words, 13, colour=colour, anchor="rm")
    for row, (name, was, is_) in enumerate(picture.facts, start=1):
        at = top + 32.0 * row
        canvas.line([(left, at - 16), (_RIGHT, at - 16)], GRID, 1)
        canvas.text((left, at), name, 13, anchor="lm")
        canvas.text((before, at), was, 13, colour=FAINT_INK, anchor="rm")
        canvas.text((after, at), is_, 13, anchor="rm")
    for row, note in enumerate(picture.notes):
        canvas.text(
            (left, top + 32.0 * len(picture.facts) + 36.0 + 19.0 * row), note, 12, colour=FAINT_INK, anchor="lm"
        )


def _draw_loudness(canvas: Canvas, box: tuple[float, float, float, float], picture: Picture) -> None:
    bottom, top = _loudness_range(picture)
    panel = Panel(canvas, box, (0.0, picture.after.duration_s), (bottom, top))
    panel.grid(
        time_marks(picture.after.duration_s), [(y, f"{y:.0f}") for y in np.arange(bottom, top + 1.0, 6.0).tolist()]
    )
    for side, from_s, colour, width in (
        (picture.before, picture.before_from_s, _BEFORE, 1.5),
        (picture.after, 0.0, _AFTER, 2.5),
    ):
        # A window's value stands at its middle.
        times = (
            np.arange(len(side.short_term_lufs), dtype=np.float64) * picture.step_s
            + SHORT_TERM_HOPS / HOPS_PER_S / 2.0
            - from_s
        )
        within = (times >= 0.0) & (times <= picture.after.duration_s)
        panel.curve(times[within], side.short_term_lufs[within], colour, width)
    panel.level(picture.target_lufs, INK)
    panel.frame("Short-term loudness, LUFS")
    panel.key([("before", _BEFORE), ("after", _AFTER), (f"target {picture.target_lufs:g} LUFS, dashed", INK)])


def _draw_reduction(canvas: Canvas, box: tuple[float, float, float, float], picture: Picture) -> None:
    columns = round(box[2] - box[0])
    most = _columns(picture.limiter_db, columns, np.maximum)
    mean = _columns(picture.limiter_db, columns, np.add)
    highest = float(most.max(initial=0.0))
    limit = float(np.clip(math.ceil(highest / 3.0) * 3.0, _LEAST_REDUCTION_DB, _MOST_REDUCTION_DB))
    panel = Panel(canvas, box, (0.0, picture.after.duration_s), (limit, 0.0))
    _fill_columns(panel, most, _LIMITER_MOST)
    _fill_columns(panel, mean, _LIMITER)
    step = 3.0 if limit <= 12.0 else 6.0
    panel.grid(time_marks(picture.after.duration_s), [(y, f"{y:.0f}") for y in np.arange(0.0, limit + 0.1, step)])
    entries = [("limiter, most", _LIMITER_MOST), ("limiter, mean", _LIMITER)]
    if picture.bands_db is not None:
        bands = _columns(picture.bands_db, columns, np.add)
        panel.curve(_column_times(panel, bands), bands, INK, 1.5)
        entries.append(("compressor, mean of bands", INK))
    panel.frame("Gain reduction, dB")
    panel.key(entries)


def _fill_columns(panel: Panel, values: NDArray[np.float64], colour: Colour) -> None:
    panel.filled(_column_times(panel, values), values, colour, base=0.0)


def _column_times(panel: Panel, values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.linspace(panel.across[0], panel.across[1], len(values))


def _columns(values: NDArray[np.float32] | NDArray[np.float64], columns: int, how: np.ufunc) -> NDArray[np.float64]:
    """Return the greatest value, or the mean, of each of at most so many runs of the same length."""
    if not len(values):
        return np.zeros(0)
    edges = np.unique(np.arange(columns) * len(values) // columns)
    reduced = how.reduceat(values.astype(np.float64), edges)
    if how is np.add:
        reduced /= np.diff(np.append(edges, len(values)))
    found: NDArray[np.float64] = reduced
    return found


def _change(before: Side, after: Side) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where both have something, as logarithms of frequency, and by how much the master has more of it."""
    centres = after.centres_hz[: min(len(before.centres_hz), len(after.centres_hz))]
    was, now = _relative_db(before)[: len(centres)], _relative_db(after)[: len(centres)]
    there = (centres >= _HEARD_HZ[0]) & (centres <= _HEARD_HZ[1])
    there &= (was > was.max(initial=-math.inf) - _EMPTY_DB) & (now > now.max(initial=-math.inf) - _EMPTY_DB)
    return np.log(centres[there]), (now - was)[there]


def _smooth(
    octaves: NDArray[np.float64], levels_db: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return more points on a curve through all values that has no peak or dip of its own (PCHIP)."""
    if len(octaves) < 2:
        return octaves, levels_db
    finer = np.linspace(octaves[0], octaves[-1], 8 * (len(octaves) - 1) + 1, dtype=np.float64)
    return finer, np.asarray(PchipInterpolator(octaves, levels_db)(finer))


def _relative_db(side: Side) -> NDArray[np.float64]:
    return side.levels_db - (side.integrated_lufs if math.isfinite(side.integrated_lufs) else 0.0)


def _spectrum_range(picture: Picture) -> tuple[float, float]:
    highest = max(float(_relative_db(side).max(initial=-_SPECTRUM_DB)) for side in (picture.before, picture.after))
    top = 6.0 * math.ceil((highest + 2.0) / 6.0)
    return top - _SPECTRUM_DB, top


def _loudness_range(picture: Picture) -> tuple[float, float]:
    """Return a range that holds the target and all but what is far below everything else."""
    curves = (picture.before.short_term_lufs, picture.after.short_term_lufs, np.array([picture.target_lufs]))
    values = np.concatenate(curves)
    top = 6.0 * math.ceil((float(values.max()) + 1.0) / 6.0)
    down = min(top - float(values.min()) + 1.0, _MOST_LOUDNESS_LU)
    return top - max(6.0 * math.ceil(down / 6.0), _LEAST_LOUDNESS_LU), top


def _octaves() -> tuple[float, float]:
    return math.log(_HEARD_HZ[0]), math.log(_HEARD_HZ[1])


def _number(value: float | None, form: str) -> str:
    return "–" if value is None or not math.isfinite(value) else format(value, form)
