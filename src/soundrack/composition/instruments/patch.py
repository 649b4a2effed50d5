"""Patches of the subtractive synthesiser: read from their files, every field checked."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.fields import Fields, packed
from soundrack.composition.instruments.filters import (
    BAND_PASS,
    FORMANT,
    HIGH_PASS,
    LADDER,
    LOW_PASS_12,
    LOW_PASS_24,
    NO_FILTER,
)
from soundrack.composition.instruments.lfo import SAW, SINE, SQUARE, TRIANGLE
from soundrack.composition.instruments.super_saw import MOST_VOICES

_FOLDER = Path(__file__).parent / "patches"

_NUMBERS: dict[str, dict[str, tuple[float, float, float]]] = {
    "first": {
        "level": (0.0, 2.0, 1.0),
        "semitones": (-36.0, 36.0, 0.0),
        "cents": (-100.0, 100.0, 0.0),
        "position": (0.0, 1.0, 0.0),
        "envelope": (-1.0, 1.0, 0.0),
        "lfo": (-1.0, 1.0, 0.0),
        "scan": (0.0, 1.0, 0.0),
    },
    "second": {"level": (0.0, 2.0, 0.0), "semitones": (-36.0, 36.0, 0.0), "cents": (-100.0, 100.0, 0.0)},
    "sub": {"level": (0.0, 2.0, 0.0), "octaves": (0.0, 2.0, 1.0), "direct": (0.0, 1.0, 0.0)},
    "noise": {"level": (0.0, 2.0, 0.0)},
    "scan": {"hz": (0.0, 10.0, 0.1)},
    "filter": {
        "cutoff_hz": (10.0, 20_000.0, 19_000.0),
        "resonance": (0.0, 1.0, 0.0),
        "drive": (0.05, 20.0, 1.0),
        "key": (0.0, 1.0, 0.0),
        "envelope": (-8.0, 8.0, 0.0),
        "touch": (0.0, 1.0, 0.5),
        "velocity": (0.0, 6.0, 0.0),
        "vowel": (0.0, 4.0, 0.0),
        "shift": (0.5, 2.0, 1.0),
        "highpass": (0.0, 2.0, 0.0),
    },
    "envelope": {
        "attack_s": (0.0005, 20.0, 0.001),
        "decay_s": (0.005, 60.0, 0.5),
        "sustain": (0.0, 1.0, 0.0),
        "release_s": (0.005, 30.0, 0.3),
    },
    "amplitude": {
        "attack_s": (0.0005, 20.0, 0.002),
        "decay_s": (0.005, 60.0, 1.0),
        "sustain": (0.0, 1.0, 1.0),
        "release_s": (0.01, 30.0, 0.1),
        "velocity": (0.0, 3.0, 1.2),
    },
    "lfo": {
        "hz": (0.0, 40.0, 0.0),
        "delay_s": (0.0, 10.0, 0.0),
        "cents": (0.0, 1200.0, 0.0),
        "octaves": (-6.0, 6.0, 0.0),
        "amplitude_db": (0.0, 60.0, 0.0),
    },
    "glide": {"tau_s": (0.0001, 2.0, 0.001)},
    "bend": {"semitones": (-48.0, 48.0, 0.0), "tau_s": (0.001, 5.0, 0.01)},
    "output": {
        "drive_db": (0.0, 48.0, 0.0),
        "bias": (0.0, 1.0, 0.0),
        "highpass_hz": (1.0, 500.0, 12.0),
        "level_db": (-60.0, 60.0, 0.0),
    },
}
"""Tables and fields that are numbers: the lowest, the highest, and what is meant where none is given."""

_KINDS = {
    "low-pass 12": LOW_PASS_12,
    "low-pass 24": LOW_PASS_24,
    "band-pass": BAND_PASS,
    "high-pass": HIGH_PASS,
    "ladder": LADDER,
    "formants": FORMANT,
    "none": NO_FILTER,
}
_SHAPES = {"sine": SINE, "triangle": TRIANGLE, "saw": SAW, "square": SQUARE}
_DERIVED = (
    "filter_kind",
    "lfo_shape",
    "output_oversampling",
    "output_stereo",
    "output_block",
    "output_gain",
    "output_step",
)
_STEP, _SLOW_STEP, _SLOW_S = 32, 64, 0.1
"""Frames after which pitch and wave move, of a patch that begins slowly more: nobody hears it, and it costs less."""

RECORD = np.dtype(
    [(f"{table}_{name}", np.float64) for table, fields in _NUMBERS.items() for name in fields]
    + [(name, np.float64) for name in _DERIVED]
)
"""A patch as kernels take it."""


@dataclass(frozen=True)
class Patch:
    """A sound.

    Parameters
    ----------
    name : str
        Of the instrument.
    record : record array, shape (1,), of RECORD
        All numbers; ``output_block`` and ``output_gain`` come from ``highpass_hz`` and ``level_db``.
    first_wave, second_wave : str
        Names in `wavetable`.
    voices, detune_cents, spread, blend : int, float, float, float
        Arguments of `super_saw.unison` for the first oscillator.
    is_mono : bool
        Whether it plays one tone at a time, a tone that begins before another is let go gliding out of it.
    is_free : bool
        Whether its oscillators run on between tones, so that each tone begins with phases of its own.
    """

    name: str
    record: NDArray[np.void]
    first_wave: str
    second_wave: str
    voices: int
    detune_cents: float
    spread: float
    blend: float
    is_mono: bool
    is_free: bool


@cache
def patch(name: str) -> Patch:
    """Return a patch by its name.

    Raises
    ------
    NotFound
        If there is none of that name.
    Invalid
        If a field of its file is missing, wrong or unknown.
    """
    return read(name, packed(_FOLDER, name, kind="patch"))


def read(name: str, fields: Fields) -> Patch:
    """Read a patch.

    Raises
    ------
    Invalid
        If a field is missing, wrong or unknown.
    """
    tables = {table: fields.table(table) if fields.has(table) else Fields(table, {}) for table in _NUMBERS}
    record = np.zeros(1, dtype=RECORD)
    for table, numbers in _NUMBERS.items():
        for field, (low, high, usual) in numbers.items():
            record[f"{table}_{field}"] = tables[table].number(field, low, high, usual)
    record["filter_kind"] = _chosen(tables["filter"], "kind", _KINDS, "none")
    record["lfo_shape"] = _chosen(tables["lfo"], "shape", _SHAPES, "sine")
    oversampling = tables["output"].whole("oversampling", 1, 4, 1)
    if oversampling == 3:
        raise tables["output"].wrong("oversampling", "must be 1, 2 or 4")
    record["output_oversampling"] = oversampling
    record["output_stereo"] = float(tables["output"].flag("stereo", False))
    record["output_block"] = 1.0 - np.exp(-2.0 * np.pi * record["output_highpass_hz"] / 44_100.0)
    record["output_gain"] = 10.0 ** (record["output_level_db"] / 20.0)
    record["output_step"] = _SLOW_STEP if record["amplitude_attack_s"][0] >= _SLOW_S else _STEP
    record.flags.writeable = False
    made = Patch(
        name=name,
        record=record,
        first_wave=tables["first"].text("wave", "saw"),
        second_wave=tables["second"].text("wave", "saw"),
        voices=tables["first"].whole("voices", 1, MOST_VOICES, 1),
        detune_cents=tables["first"].number("detune_cents", 0.0, 200.0, 0.0),
        spread=tables["first"].number("spread", 0.0, 1.0, 0.0),
        blend=tables["first"].number("blend", 0.0, 1.0, 0.5),
        is_mono=fields.flag("mono", False),
        is_free=fields.flag("free", False),
    )
    for inner in tables.values():
        inner.done()
    fields.done()
    return made


def _chosen(fields: Fields, name: str, known: dict[str, int], usual: str) -> int:
    value = fields.text(name, usual)
    if value not in known:
        raise fields.wrong(name, f"must be one of {', '.join(known)}")
    return known[value]
