"""A sound as it is delivered: a file, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundrack.audio.encoding import Depth, Format, write
from soundrack.audio.measurement import Measurement, measure
from soundrack.audio.outputs import check_files, taken_back_on_failure
from soundrack.composition.foley.order import Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.errors import Invalid

_DITHER_SEEDS = 2**32


@dataclass(frozen=True)
class Delivery:
    """A sound that was delivered.

    Parameters
    ----------
    sound : Sound
        What was made.
    measurement : Measurement
        Of the sound before it was rounded to its bits.
    """

    sound: Sound
    measurement: Measurement

    @property
    def duration_s(self) -> float:
        """How long it is."""
        return len(self.sound.samples) / RATE_HZ

    def as_dict(self) -> dict[str, Any]:
        """Return what is told of it, for JSON."""
        return {
            "duration_s": round(self.duration_s, 6),
            "integrated_lufs": self.measurement.integrated_lufs,
            "true_peak_db": self.measurement.true_peak_db,
            "made_of": list(self.sound.recipes),
            "why": self.sound.why,
            "seam_percentile": self.sound.seam_percentile,
            "understood": list(self.sound.understood),
            "ignored": list(self.sound.ignored),
        }


def check_delivery(file: Path, depth: Depth) -> None:
    """Refuse a file that cannot be written, before any work.

    Raises
    ------
    Invalid
        With the name of the field.
    """
    if depth is Depth.F32:
        raise Invalid("FLAC has 16 or 24 bits.", field="depth")
    check_files([("out", file)], [])


def deliver(sound: Sound, file: Path, *, depth: Depth = Depth.S24, seed: int = 0) -> Delivery:
    """Write a sound as FLAC, 44.1 kHz, stereo.

    Parameters
    ----------
    sound : Sound
        What was made.
    file : Path
        Where it goes; a file there is replaced, and none is left if the work fails.
    depth : Depth
        16 or 24 bits.
    seed : int
        Of the dither: the order's.

    Raises
    ------
    Invalid
        If the file cannot be written where it is wanted.
    ResourcesExhausted
        If it cannot be written to the end.
    """
    check_delivery(file, depth)
    with taken_back_on_failure([file]):
        write(file, sound.samples, RATE_HZ, Format.FLAC, depth=depth, seed=seed % _DITHER_SEEDS)
        return Delivery(sound, measure(sound.samples, RATE_HZ))
