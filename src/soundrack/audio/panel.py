"""A panel: a rectangle with axes to draw curves in, on a canvas drawn large and then halved, so that lines are smooth.

Drawn with Pillow alone. Sizes are in pixels of the finished picture, text in its points. Only whoever draws imports
this file.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

INK: Colour = (40, 44, 52)
FAINT_INK: Colour = (110, 116, 126)
GRID: Colour = (226, 228, 232)
PAPER: Colour = (255, 255, 255)

_SCALE = 2
_TIME_STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1800, 3600)
_DASH, _GAP = 6.0, 6.0

_NO_GLYPH = "\ue000"
"""A character that no font has."""
_STAND_INS = {"\N{MINUS SIGN}": "-", "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{MULTIPLICATION SIGN}": "x"}


class Canvas:
    """A white picture of some size to draw panels on."""

    def __init__(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._picture = Image.new("RGB", (width * _SCALE, height * _SCALE), PAPER)
        self._draw = ImageDraw.Draw(self._picture)

    def save(self, path: Path) -> None:
        """Write the picture to a PNG file, the same bytes for the same drawing; a file there is replaced."""
        small = self._picture.resize(self._size, Image.Resampling.LANCZOS)
        small.save(path, format="PNG", optimize=True)

    def text(
        self, at: tuple[float, float], words: str, size: float, *, colour: Colour = INK, anchor: str = "lt"
    ) -> float:
        """Write words and return how wide they are; `anchor` as Pillow's: l, m or r and t, m or b.

        Pillow's own font is used, the same everywhere. It has little more than ASCII: accents are left out, and what
        has no base, such as Korean, is a question mark.
        """
        font, words = _font(size), "".join(map(_written, unicodedata.normalize("NFC", words)))
        self._draw.text((at[0] * _SCALE, at[1] * _SCALE), words, fill=colour, font=font, anchor=anchor)
        return float(self._draw.textlength(words, font=font)) / _SCALE

    def line(self, points: Sequence[tuple[float, float]], colour: Colour, width: float) -> None:
        """Draw straight lines from point to point."""
        if len(points) > 1:
            scaled = [(x * _SCALE, y * _SCALE) for x, y in points]
            self._draw.line(scaled, fill=colour, width=round(width * _SCALE), joint="curve")

    def dashes(self, start: tuple[float, float], right: float, colour: Colour, width: float) -> None:
        """Draw a level dashed line from a point to the right."""
        left, at = start
        while left < right:
            self.line([(left, at), (min(left + _DASH, right), at)], colour, width)
            left += _DASH + _GAP

    def picture(self, box: tuple[float, float, float, float], pixels: NDArray[np.uint8]) -> None:
        """Put an image, shape (rows, columns, 3), into a rectangle: left, top, right, bottom."""
        left, top, right, bottom = (round(side * _SCALE) for side in box)
        image = Image.fromarray(pixels).resize((right - left, bottom - top), Image.Resampling.BILINEAR)
        self._picture.paste(image, (left, top))

    def area(self, points: Sequence[tuple[float, float]], colour: Colour) -> None:
        """Fill a polygon."""
        if len(points) > 2:
            self._draw.polygon([(x * _SCALE, y * _SCALE) for x, y in points], fill=colour)

    def box(
        self, box: tuple[float, float, float, float], *, fill: Colour | None = None, edge: Colour | None = None
    ) -> None:
        """Draw a rectangle: left, top, right, bottom."""
        left, top, right, bottom = (side * _SCALE for side in box)
        self._draw.rectangle((left, top, right, bottom), fill=fill, outline=edge, width=_SCALE)


@dataclass(frozen=True)
class Panel:
    """A rectangle with axes.

    `box` is left, top, right, bottom on the canvas; `across` and `up` are the values at its left and right, and at its
    bottom and top: `up` may fall.
    """

    canvas: Canvas
    box: tuple[float, float, float, float]
    across: tuple[float, float]
    up: tuple[float, float]

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a value is; what lies beyond bottom or top is on its edge."""
        left, top, right, bottom = self.box
        along = (x - self.across[0]) / (self.across[1] - self.across[0])
        high = min(max((y - self.up[0]) / (self.up[1] - self.up[0]), 0.0), 1.0)
        return left + along * (right - left), bottom - high * (bottom - top)

    def grid(self, xs: Sequence[tuple[float, str]], ys: Sequence[tuple[float, str]]) -> None:
        """Draw lines at values, with their labels below and to the left."""
        left, top, right, bottom = self.box
        for x, label in xs:
            at, _ = self.place(x, self.up[0])
            self.canvas.line([(at, top), (at, bottom)], GRID, 1)
            self.canvas.text((at, bottom + 4), label, 11, anchor="mt")
        for y, label in ys:
            _, at = self.place(self.across[0], y)
            self.canvas.line([(left, at), (right, at)], GRID, 1)
            # the lowest stands on the axis, clear of the first label below it
            self.canvas.text((left - 4, at), label, 11, anchor="rb" if y == self.up[0] else "rm")

    def curve(self, xs: NDArray[np.float64], ys: NDArray[np.float64], colour: Colour, width: float) -> None:
        """Draw a curve through values."""
        self.canvas.line(self._points(xs, ys), colour, width)

    def filled(
        self, xs: NDArray[np.float64], ys: NDArray[np.float64], colour: Colour, *, base: float | None = None
    ) -> None:
        """Fill what lies between a curve and a level value, the lower edge if not given."""
        level = self.up[0] if base is None else base
        ends = [self.place(float(xs[-1]), level), self.place(float(xs[0]), level)] if len(xs) else []
        self.canvas.area([*self._points(xs, ys), *ends], colour)

    def level(self, y: float, colour: Colour, width: float = 1.0) -> None:
        """Draw a dashed line at a value."""
        start = self.place(self.across[0], y)
        self.canvas.dashes(start, self.box[2], colour, width)

    def key(self, entries: Sequence[tuple[str, Colour]]) -> None:
        """Say above the right corner what has which colour."""
        right, at = self.box[2], self.box[1] - 11
        for words, colour in reversed(entries):
            right -= self.canvas.text((right, at), words, 11, anchor="rm") + 6
            self.canvas.box((right - 18, at - 2, right, at + 1), fill=colour)
            right -= 18 + 16

    def frame(self, title: str) -> None:
        """Draw the border, and a title above it."""
        self.canvas.box(self.box, edge=INK)
        self.canvas.text((self.box[0], self.box[1] - 5), title, 12, anchor="lb")

    def _points(self, xs: NDArray[np.float64], ys: NDArray[np.float64]) -> list[tuple[float, float]]:
        return [self.place(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)]


def time_marks(duration_s: float) -> list[tuple[float, str]]:
    """Return at most ten round times within a duration, with their labels as minutes and seconds."""
    step_s = next((step for step in _TIME_STEPS_S if duration_s / step <= 10), _TIME_STEPS_S[-1])
    return [(time, _clock(time, step_s)) for time in np.arange(0.0, duration_s, step_s).tolist()]


def frequency_marks(frequencies_hz: Sequence[int]) -> list[tuple[float, str]]:
    """Return frequencies on a logarithmic axis, with their labels."""
    return [(math.log(hz), f"{hz}" if hz < 1000 else f"{hz // 1000} k") for hz in frequencies_hz]


@cache
def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size * _SCALE)


@cache
def _written(character: str) -> str:
    """Return the character, or what stands for it where the font has none."""
    base = unicodedata.normalize("NFD", character)[0]
    candidates = (character, _STAND_INS.get(character, ""), base)
    return next((each for each in candidates if each and _glyph(each) != _glyph(_NO_GLYPH)), "?")


def _glyph(character: str) -> tuple[tuple[int, int], bytes]:
    mask = _font(12).getmask(character)
    return mask.size, bytes(mask)


def _clock(time_s: float, step_s: float) -> str:
    if step_s < 1.0:
        return f"{time_s:.1f}"
    minutes, seconds = divmod(round(time_s), 60)
    return f"{minutes}:{seconds:02}"
