"""``soundrack measure``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Table

from soundrack.audio import files
from soundrack.audio.files import Limits
from soundrack.audio.measurement import Measurement, measure
from soundrack.audio.outputs import check_files
from soundrack.audio.portrait import Portrait, portrait
from soundrack.cli import console, pool
from soundrack.errors import Invalid, ResourcesExhausted, SoundrackError

_ANY_FILE = Limits(max_duration_s=24 * 3600.0, max_channels=24, max_samples=2**31)

_COLUMNS = (
    ("LUFS", "integrated_lufs", ".2f"),
    ("LRA", "loudness_range_lu", ".1f"),
    ("max S", "max_short_term_lufs", ".1f"),
    ("max M", "max_momentary_lufs", ".1f"),
    ("dBTP", "true_peak_db", ".2f"),
    ("PLR", "plr_db", ".1f"),
    ("crest", "crest_factor_db", ".1f"),
    ("clipped", "clipped_samples", "d"),
    ("corr.", "correlation", ".2f"),
    ("mono", "mono_loss_lu", ".1f"),
)


@dataclass(frozen=True)
class _Outcome:
    """What became of one file: a measurement, a portrait where that was asked for, or an error."""

    path: Path
    measurement: Measurement | None = None
    portrait: Portrait | None = None
    error: SoundrackError | None = None


def run(paths: list[Path], as_json: bool, plot: Path | None = None, curves: bool = False, strict: bool = False) -> int:
    """Measure files on all cores; a file that cannot be measured is told beside the others, and makes the exit code 1.

    `plot` is a PNG file to draw; `curves` puts loudness over time and spectra into the JSON; `strict` reads true peaks
    at 16 times the rate.
    """
    if plot is not None:
        check_files([("plot", plot)], [("file", path) for path in paths])
    work = partial(_measure, drawn=plot is not None or curves, oversampling=16 if strict else 4)
    outcomes = list(pool.over(paths, work, doing="measuring", module=__name__, warm=_warm))
    if plot is not None:
        _draw(plot, outcomes)
    if as_json:
        rows = [_row(outcome, curves=curves) for outcome in outcomes]
        print(json.dumps(rows, indent=2, ensure_ascii=False, allow_nan=False))
    else:
        console.OUT.print(_table(outcomes))
        for outcome in outcomes:
            if outcome.error is not None:
                console.ERR.print(f"{outcome.path}: {outcome.error}", style="red", markup=False, soft_wrap=True)
    return 1 if any(outcome.error for outcome in outcomes) else 0


def _warm() -> None:
    measure(np.zeros((48_000, 2), dtype=np.float32), 48_000)


def _measure(path: Path, drawn: bool, oversampling: int) -> _Outcome:
    try:
        sound = files.read(path, _ANY_FILE)
        mask = sound.info.channel_mask
        if not drawn:
            return _Outcome(path, measure(sound.samples, sound.rate_hz, oversampling=oversampling, channel_mask=mask))
        pictured = portrait(sound.samples, sound.rate_hz, oversampling=oversampling, channel_mask=mask)
        return _Outcome(path, pictured.measurement, pictured)
    except SoundrackError as error:
        return _Outcome(path, error=error)
    except OSError as error:
        return _Outcome(path, error=Invalid(f"This file cannot be read: {error.strerror}.", field=str(path)))
    except MemoryError:
        return _Outcome(path, error=ResourcesExhausted("There is not enough memory to decode this file."))


def _row(outcome: _Outcome, *, curves: bool) -> dict[str, Any]:
    file = {"file": str(outcome.path)}
    if outcome.measurement is None:
        assert outcome.error is not None  # noqa: S101  # one of the two is there
        return file | {"error": {"kind": outcome.error.kind, "message": str(outcome.error)}}
    if curves and outcome.portrait is not None:
        return file | outcome.portrait.as_dict()
    return file | outcome.measurement.as_dict()


def _table(outcomes: list[_Outcome]) -> Table:
    table = Table("file", *(title for title, _, _ in _COLUMNS), box=None, pad_edge=False)
    for outcome in outcomes:
        if outcome.measurement is None:
            continue
        told = outcome.measurement.as_dict()
        numbers = ((told[name], form) for _, name, form in _COLUMNS)
        cells = ("–" if value is None else format(value, form) for value, form in numbers)
        table.add_row(escape(outcome.path.name), *cells)
    return table


def _draw(plot: Path, outcomes: list[_Outcome]) -> None:
    from soundrack.audio import drawing  # noqa: PLC0415  # only a picture needs the library that draws it

    portraits = [(outcome.path.name, outcome.portrait) for outcome in outcomes if outcome.portrait is not None]
    if not 1 <= len(portraits) <= drawing.MOST_ROWS:
        raise Invalid(f"A picture shows 1 to {drawing.MOST_ROWS} files, not {len(portraits)}.", field="plot")
    try:
        drawing.draw_portraits(plot, portraits)
    except OSError as error:
        raise Invalid(f"The picture cannot be written: {error.strerror}.", field="plot") from error
