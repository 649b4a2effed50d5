"""Pictures of sound: loudness over time with its true peaks, and the spectrum beside it.

Only whoever draws imports this file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from soundrack.audio.loudness import MOMENTARY_HOPS, SHORT_TERM_HOPS
from soundrack.audio.panel import INK, Canvas, Panel, frequency_marks, time_marks
from soundrack.audio.portrait import CURVE_STEP_S, Portrait
from soundrack.audio.spectrum import band_centres_hz

WIDTH, ROW_HEIGHT = 1280, 360
"""Size of one song's picture in pixels."""
MOST_ROWS = 40

_FAINT, _STRONG, _BAND, _ALARM = (150, 190, 225), (25, 95, 160), (238, 170, 90), (205, 40, 40)
_LOUDNESS_LUFS = (-60.0, 0.0)
_SPECTRUM_DB = 72.0
_FREQUENCIES_HZ = (30, 100, 300, 1000, 3000, 10_000, 20_000)


def draw_portraits(path: Path, portraits: Sequence[tuple[str, Portrait]]) -> None:
    """Draw songs, one above the other, into a PNG file.

    Each shows its loudness over time (short-term strong, momentary faint, integrated dashed), red marks at the top
    where a true peak is above the portrait's limit, and its spectrum in third octaves (bars) and semitones (line).

    Parameters
    ----------
    path : Path
        Where to write; a file there is replaced.
    portraits : sequence of names and portraits
        1 to `MOST_ROWS`.

    Raises
    ------
    ValueError
        If there are none, or more than fit.
    OSError
        If the file cannot be written.
    """
    if not 1 <= len(portraits) <= MOST_ROWS:
        raise ValueError(f"expected 1 to {MOST_ROWS} portraits, got {len(portraits)}")
    canvas = Canvas(WIDTH, ROW_HEIGHT * len(portraits))
    for row, (name, portrait) in enumerate(portraits):
        _draw_row(canvas, row * ROW_HEIGHT, name, portrait)
    canvas.save(path)


def _draw_row(canvas: Canvas, top: float, name: str, portrait: Portrait) -> None:
    measured = portrait.measurement
    title = f"{name}   {_number(measured.integrated_lufs)} LUFS   LRA {measured.loudness_range_lu:.1f} LU   "
    title += f"{_number(measured.true_peak_db)} dBTP   PLR {_number(measured.plr_db)} dB"
    canvas.text((60, top + 14), title, 15)
    upper, lower = top + 66, top + ROW_HEIGHT - 36
    _draw_loudness(canvas, (60, upper, 800, lower), portrait)
    _draw_spectrum(canvas, (860, upper, WIDTH - 24, lower), portrait)


def _draw_loudness(canvas: Canvas, box: tuple[float, float, float, float], portrait: Portrait) -> None:
    duration_s = portrait.measurement.duration_s
    panel = Panel(canvas, box, (0.0, duration_s), _LOUDNESS_LUFS)
    panel.grid(time_marks(duration_s), [(y, f"{y:.0f}") for y in range(-60, 1, 10)])
    for curve, hops, colour, width in (
        (portrait.momentary_lufs, MOMENTARY_HOPS, _FAINT, 1),
        (portrait.short_term_lufs, SHORT_TERM_HOPS, _STRONG, 2),
    ):
        # A window's value stands at its middle.
        panel.curve(CURVE_STEP_S * np.arange(len(curve), dtype=np.float64) + hops / 200.0, curve, colour, width)
    if math.isfinite(portrait.measurement.integrated_lufs):
        panel.level(portrait.measurement.integrated_lufs, INK)
    for time in portrait.over_s.tolist():
        mark, edge = panel.place(time, _LOUDNESS_LUFS[1])
        canvas.line([(mark, edge), (mark, edge + 14)], _ALARM, 1)
    over = f"; {len(portrait.over_s)} × 0.1 s over {portrait.over_db:g} dBTP" if len(portrait.over_s) else ""
    panel.frame(f"Loudness, LUFS: short-term, momentary, integrated{over}")


def _draw_spectrum(canvas: Canvas, box: tuple[float, float, float, float], portrait: Portrait) -> None:
    rate_hz = portrait.measurement.rate_hz
    top = 6.0 * math.ceil((float(portrait.third_octaves_db.max()) + 3.0) / 6.0)
    bottom = top - _SPECTRUM_DB
    panel = Panel(canvas, box, (math.log(20.0), math.log(24_000.0)), (bottom, top))
    panel.grid(
        frequency_marks(_FREQUENCIES_HZ),
        [(top - step, f"{top - step:.0f}") for step in range(0, int(_SPECTRUM_DB) + 1, 12)],
    )
    for hz, level in zip(band_centres_hz(rate_hz).tolist(), portrait.third_octaves_db.tolist(), strict=True):
        if hz > 24_000.0:
            break
        left, high = panel.place(math.log(hz * 10.0**-0.045), level)
        right, low = panel.place(math.log(hz * 10.0**0.045), bottom)
        if high < low:
            canvas.box((left, high, right, low), fill=_BAND)
    centres = band_centres_hz(rate_hz, 12)
    within = centres < 24_000.0
    # A semitone holds a quarter of a third octave: raised by 6 dB, the line lies on the bars of an even spectrum.
    raised = portrait.semitones_db[within] + 10.0 * math.log10(4.0)
    panel.curve(np.log(centres[within]), raised, _STRONG, 1)
    panel.frame("Spectrum of the louder half, dB per third octave")


def _number(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "–"
