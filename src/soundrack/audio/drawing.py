"""Pictures of sound: loudness over time with its true peaks, and the spectrum beside it.

Drawn with Pillow, twice as large as asked for and then halved, which smooths every line. Only whoever draws imports
this file.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from soundrack.audio.loudness import MOMENTARY_HOPS, SHORT_TERM_HOPS
from soundrack.audio.portrait import CURVE_STEP_S, Portrait
from soundrack.audio.spectrum import band_centres_hz

WIDTH, ROW_HEIGHT = 1280, 360
"""Size of one song's picture in pixels."""
MOST_ROWS = 40

_SCALE = 2
_INK, _GRID, _PAPER = (40, 44, 52), (226, 228, 232), (255, 255, 255)
_FAINT, _STRONG, _BAND, _ALARM = (150, 190, 225), (25, 95, 160), (238, 170, 90), (205, 40, 40)
_LOUDNESS_LUFS = (-60.0, 0.0)
_SPECTRUM_DB = 72.0
_FREQUENCIES_HZ = (30, 100, 300, 1000, 3000, 10_000, 20_000)
_TIME_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True)
class _Panel:
    """A rectangle with axes; `box` is left, top, right, bottom in picture points."""

    draw: ImageDraw.ImageDraw
    box: tuple[float, float, float, float]
    across: tuple[float, float]
    up: tuple[float, float]

    def place(self, x: float, y: float) -> tuple[float, float]:
        left, top, right, bottom = self.box
        along = (x - self.across[0]) / (self.across[1] - self.across[0])
        high = (min(max(y, self.up[0]), self.up[1]) - self.up[0]) / (self.up[1] - self.up[0])
        return left + along * (right - left), bottom - high * (bottom - top)

    def grid(self, xs: Sequence[tuple[float, str]], ys: Sequence[tuple[float, str]]) -> None:
        left, top, right, bottom = self.box
        for x, label in xs:
            at, _ = self.place(x, self.up[0])
            self.draw.line((at, top, at, bottom), fill=_GRID, width=_SCALE)
            self.draw.text((at, bottom + 8), label, fill=_INK, font=_font(11), anchor="mt")
        for y, label in ys:
            _, at = self.place(self.across[0], y)
            self.draw.line((left, at, right, at), fill=_GRID, width=_SCALE)
            # the lowest stands on the axis, clear of the first label below it
            self.draw.text((left - 8, at), label, fill=_INK, font=_font(11), anchor="rb" if y == self.up[0] else "rm")

    def line(self, xs: NDArray[np.float64], ys: NDArray[np.float64], colour: tuple[int, int, int], width: int) -> None:
        points = [self.place(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]
        if len(points) > 1:
            self.draw.line(points, fill=colour, width=width * _SCALE, joint="curve")

    def frame(self, title: str) -> None:
        self.draw.rectangle(self.box, outline=_INK, width=_SCALE)
        self.draw.text((self.box[0], self.box[1] - 10), title, fill=_INK, font=_font(12), anchor="lb")


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
    picture = Image.new("RGB", (WIDTH * _SCALE, ROW_HEIGHT * len(portraits) * _SCALE), _PAPER)
    draw = ImageDraw.Draw(picture)
    for row, (name, portrait) in enumerate(portraits):
        _draw_row(draw, row * ROW_HEIGHT * _SCALE, name, portrait)
    small = picture.resize((WIDTH, ROW_HEIGHT * len(portraits)), Image.Resampling.LANCZOS)
    small.save(path, format="PNG", optimize=True)


def _draw_row(draw: ImageDraw.ImageDraw, top: float, name: str, portrait: Portrait) -> None:
    measured = portrait.measurement
    title = f"{name}   {_number(measured.integrated_lufs)} LUFS   LRA {measured.loudness_range_lu:.1f} LU   "
    title += f"{_number(measured.true_peak_db)} dBTP   PLR {_number(measured.plr_db)} dB"
    draw.text((60 * _SCALE, top + 14 * _SCALE), title, fill=_INK, font=_font(15), anchor="lt")
    upper, lower = top + 66 * _SCALE, top + (ROW_HEIGHT - 36) * _SCALE
    _draw_loudness(draw, (60 * _SCALE, upper, 800 * _SCALE, lower), portrait)
    _draw_spectrum(draw, (860 * _SCALE, upper, (WIDTH - 24) * _SCALE, lower), portrait)


def _draw_loudness(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], portrait: Portrait) -> None:
    duration_s = portrait.measurement.duration_s
    panel = _Panel(draw, box, (0.0, duration_s), _LOUDNESS_LUFS)
    step_s = next((step for step in _TIME_STEPS_S if duration_s / step <= 10), _TIME_STEPS_S[-1])
    times = np.arange(0.0, duration_s, step_s)
    panel.grid([(time, _clock(time, step_s)) for time in times.tolist()], [(y, f"{y:.0f}") for y in range(-60, 1, 10)])
    for curve, hops, colour, width in (
        (portrait.momentary_lufs, MOMENTARY_HOPS, _FAINT, 1),
        (portrait.short_term_lufs, SHORT_TERM_HOPS, _STRONG, 2),
    ):
        # A window's value stands at its middle.
        panel.line(CURVE_STEP_S * np.arange(len(curve), dtype=np.float64) + hops / 200.0, curve, colour, width)
    if math.isfinite(portrait.measurement.integrated_lufs):
        left, right = int(box[0]), int(box[2])
        _, at = panel.place(0.0, portrait.measurement.integrated_lufs)
        for x in range(left, right, 24):
            draw.line((x, at, min(x + 12, right), at), fill=_INK, width=_SCALE)
    for time in portrait.over_s.tolist():
        mark, edge = panel.place(time, _LOUDNESS_LUFS[1])
        draw.line((mark, edge, mark, edge + 14 * _SCALE), fill=_ALARM, width=_SCALE)
    over = f"; {len(portrait.over_s)} × 0.1 s over {portrait.over_db:g} dBTP" if len(portrait.over_s) else ""
    panel.frame(f"Loudness, LUFS: short-term, momentary, integrated{over}")


def _draw_spectrum(draw: ImageDraw.ImageDraw, box: tuple[float, float, float, float], portrait: Portrait) -> None:
    rate_hz = portrait.measurement.rate_hz
    top = 6.0 * math.ceil((float(portrait.third_octaves_db.max()) + 3.0) / 6.0)
    bottom = top - _SPECTRUM_DB
    panel = _Panel(draw, box, (math.log(20.0), math.log(24_000.0)), (bottom, top))
    panel.grid(
        [(math.log(hz), f"{hz}" if hz < 1000 else f"{hz // 1000} k") for hz in _FREQUENCIES_HZ],
        [(top - step, f"{top - step:.0f}") for step in range(0, int(_SPECTRUM_DB) + 1, 12)],
    )
    for hz, level in zip(band_centres_hz(rate_hz).tolist(), portrait.third_octaves_db.tolist(), strict=True):
        if hz > 24_000.0:
            break
        left, high = panel.place(math.log(hz * 10.0**-0.045), level)
        right, low = panel.place(math.log(hz * 10.0**0.045), bottom)
        if high < low:
            draw.rectangle((left, high, right, low), fill=_BAND)
    centres = band_centres_hz(rate_hz, 12)
    within = centres < 24_000.0
    # A semitone holds a quarter of a third octave: raised by 6 dB, the line lies on the bars of an even spectrum.
    raised = portrait.semitones_db[within] + 10.0 * math.log10(4.0)
    panel.line(np.log(centres[within]), raised, _STRONG, 1)
    panel.frame("Spectrum of the louder half, dB per third octave")


def _number(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else "–"


def _clock(time_s: float, step_s: float) -> str:
    if step_s < 1.0:
        return f"{time_s:.1f}"
    minutes, seconds = divmod(round(time_s), 60)
    return f"{minutes}:{seconds:02}"


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SCALE)
