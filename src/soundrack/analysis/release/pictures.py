"""Pictures for a release: the waveform and the spectrogram, without a word on them, the same bytes for the same song.

Only whoever draws imports this file.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from soundrack.analysis.features.bands import Bands
from soundrack.analysis.loudness import Loudness

WAVEFORM_SIZE = (1600, 400)
SPECTROGRAM_SIZE = (1600, 500)
"""Width and height in pixels."""

LOWEST_HZ, HIGHEST_HZ = 40.0, 11_000.0
_RANGE_DB = 66.0
_TILT_DB = 4.5
"""Per octave: about what music falls by, so that treble is seen beside bass."""
_PAPER, _PEAKS, _BODY = np.array(((255, 255, 255), (127, 183, 222), (0, 94, 158)))
_SHADES = 32
_FILLED = 0.96
_STOPS = np.array(
    [(12, 12, 32), (44, 24, 96), (124, 34, 114), (206, 66, 84), (245, 132, 60), (252, 206, 98), (255, 252, 210)]
)
COLOURS = np.stack([np.interp(np.linspace(0, 6, 256), np.arange(7), _STOPS[:, part]) for part in range(3)], axis=1)
"""From nothing to the loudest, shape (256, 3): brightness rises all the way, so that it can be read in grey as well."""


def draw_waveform(path: Path, loudness: Loudness) -> None:
    """Draw the waveform into a PNG file: peaks light, the mean level dark; a file there is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    width, height = WAVEFORM_SIZE
    peaks, body = outlines(loudness, width)
    away = np.abs(np.arange(height) - 0.5 * (height - 1.0))[:, None]
    # how much of each pixel lies within the outline, in thirty-seconds: first all paper, then peaks, then body
    parts = [np.clip(_FILLED * 0.5 * height * outline - away + 0.5, 0.0, 1.0) for outline in (peaks, body)]
    shades = np.round(_SHADES * (parts[0] + parts[1])).astype(np.uint8)
    share = np.arange(_SHADES + 1)[:, None] / _SHADES
    colours = [one + share * (other - one) for one, other in ((_PAPER, _PEAKS), (_PEAKS, _BODY))]
    _save(path, shades, np.concatenate((colours[0], colours[1][1:])))


def draw_spectrogram(path: Path, bands: Bands) -> None:
    """Draw the spectrogram into a PNG file, 40 Hz at the bottom and 11 kHz at the top; a file there is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    shades = spectrogram(bands, *SPECTROGRAM_SIZE)
    _save(path, shades, COLOURS)


def outlines(loudness: Loudness, width: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the highest peak and the level of each column of a waveform, both 0 to 1, beside the song's peak.

    The level is the root of the K-weighted mean square, no higher than the peak.
    """
    peaks, power = loudness.seen.peaks, loudness.power
    highest = max(float(peaks.max(initial=np.float32(0.0))), 1e-9)
    columns = _columns(peaks.astype(np.float64), width, np.maximum) / highest
    if not len(power):
        return columns, np.zeros(width)
    squares = _columns(power, width, np.add) / np.maximum(np.diff(_bounds(len(power), width)), 1)
    return columns, np.minimum(np.sqrt(squares / loudness.weighted.channels.shape[1]) / highest, columns)


def spectrogram(bands: Bands, width: int, height: int) -> NDArray[np.uint8]:
    """Return a spectrogram as numbers of `COLOURS`, uint8, shape (height, width), the lowest frequency last."""
    if not len(bands.magnitude):
        return np.zeros((height, width), dtype=np.uint8)
    bounds = _bounds(len(bands.magnitude), width)
    running = np.concatenate((np.zeros((1, bands.magnitude.shape[1])), np.cumsum(bands.magnitude, axis=0, dtype=float)))
    last = np.maximum(bounds[1:], bounds[:-1] + 1)
    columns = (running[last] - running[bounds[:-1]]) / (last - bounds[:-1])[:, None]
    levels = 20.0 * np.log10(np.maximum(columns, 1e-9)) + _TILT_DB * np.log2(bands.centres_hz / 1000.0)
    top = float(np.percentile(levels, 99.7))
    shades = np.clip(1.0 + (levels - top) / _RANGE_DB, 0.0, 1.0)
    rows_hz = np.exp(np.linspace(np.log(HIGHEST_HZ), np.log(LOWEST_HZ), height))
    at = np.interp(np.log(rows_hz), np.log(bands.centres_hz), np.arange(len(bands.centres_hz)))
    below, share = np.floor(at).astype(int), (at % 1.0)[:, None]
    above = np.minimum(below + 1, shades.shape[1] - 1)
    grid: NDArray[np.uint8] = np.round(255.0 * (shades.T[below] * (1.0 - share) + shades.T[above] * share)).astype(
        np.uint8
    )
    return grid


def _bounds(length: int, width: int) -> NDArray[np.int64]:
    return np.minimum(np.arange(width + 1) * length // width, max(length - 1, 0)).astype(np.int64)


def _columns(values: NDArray[np.float64], width: int, join: np.ufunc) -> NDArray[np.float64]:
    """Return the values of each column joined."""
    if not len(values):
        return np.zeros(width)
    joined: NDArray[np.float64] = join.reduceat(values, _bounds(len(values), width)[:-1])
    return joined


def _save(path: Path, shades: NDArray[np.uint8], colours: NDArray[np.float64]) -> None:
    """Write a picture of numbered colours."""
    image = Image.fromarray(shades)
    image.putpalette(np.round(colours).astype(np.uint8).tobytes())
    image.save(path, format="PNG")
