"""Pictures of a song a style: spectrogram, loudness bar by bar, and what begins on which sixteenth in which register.

``python -m benchmarks.composition pictures FOLDER [STYLE...]``: 40 s each, composed, drawn and told in a line.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from benchmarks.composition.songs import beats
from soundrack import composition
from soundrack.analysis.features.bands import FPS
from soundrack.analysis.features.bands import bands as bands_of
from soundrack.analysis.features.sound import hear
from soundrack.analysis.release.pictures import COLOURS, HIGHEST_HZ, LOWEST_HZ, spectrogram
from soundrack.audio.panel import FAINT_INK, INK, Canvas, Colour, Panel, frequency_marks, time_marks
from soundrack.composition.styles.files import NAMES

_SECONDS, _SEED = 40.0, 5
_WIDTH, _HEIGHT = 1500, 940
_LEFT, _RIGHT = 70.0, 1440.0
_SPECTRUM, _LOUDNESS, _ONSETS_TOP, _ONSETS = (70.0, 430.0), (480.0, 640.0), 690.0, 70.0
_REGISTERS = (("high", 4000.0, 11_000.0), ("middle", 300.0, 2000.0), ("low", 30.0, 130.0))
_SHADES: tuple[Colour, ...] = ((164, 205, 236), (247, 205, 150), (158, 221, 199), (236, 190, 214), (246, 236, 160))
_QUIETEST_LUFS, _LOUDEST_LUFS = -36.0, -8.0
_FREQUENCIES_HZ = (50, 100, 200, 500, 1000, 2000, 5000, 10_000)


def main(arguments: list[str]) -> None:
    """Compose, draw and tell."""
    folder, *styles = arguments or ["."]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for style in styles or list(NAMES):
        path = Path(folder, f"{style}.flac")
        order = composition.Order(style.replace("_", " "), duration_s=_SECONDS, seed=_SEED)
        made = composition.compose(order, composition.Outputs(path))
        draw(path, made, path.with_suffix(".png"))
        plan = made.plan
        band = ", ".join(player.instrument for player in plan.band)
        form = " | ".join(f"{each.label} {each.bars}" for each in plan.form)
        print(f"{style}: {plan.tempo_bpm:g} bpm, {plan.key.name}, {plan.metre.name}; {form}; {band}", flush=True)


def draw(path: Path, made: composition.Composition, picture: Path) -> None:
    """Draw a song into a PNG file."""
    plan = made.plan
    bands = bands_of(hear(path).mono)
    samples, rate_hz = soundfile.read(path, dtype="float32", always_2d=True)
    duration_s = len(samples) / rate_hz
    canvas = Canvas(_WIDTH, _HEIGHT)
    canvas.text((_LEFT, 16.0), f"{plan.style}: {plan.title}", 20, colour=INK)
    told = f"{plan.tempo_bpm:g} bpm   {plan.key.name}   {plan.metre.name}   {made.measurement.integrated_lufs:.1f} LUFS"
    canvas.text((_LEFT, 44.0), told, 13, colour=FAINT_INK)
    _spectrum(canvas, spectrogram(bands, 1370, 360), duration_s)
    bars_s = np.array([*beats(made.score)["downbeats_s"], plan.duration_s])
    sections = [place for place, each in enumerate(plan.form) for _ in range(each.bars)]
    _loudness(canvas, samples, rate_hz, bars_s, sections, [f"{each.label} {each.group}" for each in plan.form])
    steps = round(plan.metre.bar_quarters * 4)
    for place, (name, low_hz, high_hz) in enumerate(_REGISTERS):
        inside = (bands.centres_hz >= low_hz) & (bands.centres_hz <= high_hz)
        rise = np.maximum(np.diff(bands.level[:, inside], axis=0, prepend=bands.level[:1, inside]), 0.0).mean(axis=1)
        _onsets(canvas, name, _ONSETS_TOP + place * (_ONSETS + 8.0), rise, bars_s, steps)
    canvas.save(picture)


def _spectrum(canvas: Canvas, shades: NDArray[np.uint8], duration_s: float) -> None:
    box = (_LEFT, _SPECTRUM[0], _RIGHT, _SPECTRUM[1])
    panel = Panel(canvas, box, (0.0, duration_s), (math.log(LOWEST_HZ), math.log(HIGHEST_HZ)))
    panel.grid(time_marks(duration_s), frequency_marks(_FREQUENCIES_HZ))
    canvas.picture(box, np.round(COLOURS[shades]).astype(np.uint8))


def _loudness(
    canvas: Canvas,
    samples: NDArray[np.float32],
    rate_hz: int,
    bars_s: NDArray[np.float64],
    sections: list[int],
    names: list[str],
) -> None:
    """Draw the level of each bar, in the colour of its section."""
    panel = Panel(canvas, (_LEFT, *_sides(_LOUDNESS)), (0.0, len(sections)), (_QUIETEST_LUFS, _LOUDEST_LUFS))
    panel.grid(
        [(bar, str(bar + 1)) for bar in range(len(sections))], [(level, f"{level}") for level in (-30, -20, -14)]
    )
    for bar, section in enumerate(sections):
        start, end = (round(each * rate_hz) for each in bars_s[bar : bar + 2])
        level = 10.0 * math.log10(max(float(np.mean(np.square(samples[start:end], dtype=np.float64))), 1e-9))
        left, top = panel.place(bar + 0.04, level)
        right, bottom = panel.place(bar + 0.96, _QUIETEST_LUFS)
        canvas.box((left, top, right, bottom), fill=_SHADES[section % len(_SHADES)])
        if bar == 0 or sections[bar - 1] != section:
            canvas.text((left, _LOUDNESS[0] + 2), names[section], 11)


def _sides(lane: tuple[float, float]) -> tuple[float, float, float]:
    return lane[0], _RIGHT, lane[1]


def _onsets(
    canvas: Canvas, name: str, top: float, rise: NDArray[np.floating], bars_s: NDArray[np.float64], steps: int
) -> None:
    """Draw what begins in a register: across the bars, down the sixteenths of each."""
    grid = np.zeros((steps, len(bars_s) - 1))
    for bar in range(len(bars_s) - 1):
        at_s = np.linspace(bars_s[bar], bars_s[bar + 1], steps, endpoint=False)
        frames = np.clip(np.rint(at_s * FPS).astype(int)[:, None] + np.arange(-1, 3), 0, len(rise) - 1)
        grid[:, bar] = rise[frames].max(axis=1)
    shades = np.clip(grid / max(float(np.percentile(grid, 98)), 1e-6), 0.0, 1.0)
    pixels = np.repeat(np.repeat(np.round(255 * shades).astype(int), 8, axis=0), 24, axis=1)
    canvas.picture((_LEFT, top, _RIGHT, top + _ONSETS), np.round(COLOURS[pixels]).astype(np.uint8))
    canvas.text((_LEFT - 6, top + _ONSETS / 2), name, 12, anchor="rm")
