"""A sound as it is delivered: a file, and what is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundrack.audio.encoding import Depth, Format, write
from soundrack.audio.measurement import Measurement, measure
from soundrack.audio.outputs import check_files, taken_back_on_failure
from soundrack.composition import planning
from soundrack.composition.foley.order import Sound
from soundrack.composition.instruments.tone import RATE_HZ
from soundrack.composition.midi import standard_midi_file
from soundrack.errors import Invalid, ResourcesExhausted

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


@dataclass(frozen=True)
class Outputs:
    """Where a sound goes. Nothing is left anywhere if the work fails.

    Parameters
    ----------
    sound : Path
        FLAC, 44.1 kHz, stereo; a file there is replaced.
    depth : Depth
        16 or 24 bits.
    midi : Path or None
        A Standard MIDI File of what the band plays, on the grid.
    plan : Path or None
        JSON that `planning.from_dict` reads.
    """

    sound: Path
    depth: Depth = Depth.S24
    midi: Path | None = None
    plan: Path | None = None

    def check(self) -> None:
        """Refuse what cannot be written, before any work.

        Raises
        ------
        Invalid
            With the name of the field.
        """
        if self.depth is Depth.F32:
            raise Invalid("FLAC has 16 or 24 bits.", field="depth")
        check_files(self.files, [])

    @property
    def files(self) -> list[tuple[str, Path]]:
        """All files, by the names of their fields."""
        named = [("sound", self.sound), ("midi", self.midi), ("plan", self.plan)]
        return [(name, path) for name, path in named if path is not None]


def deliver(sound: Sound, outputs: Outputs, *, seed: int = 0) -> Delivery:
    """Write a sound, and what is wanted beside it.

    Parameters
    ----------
    sound : Sound
        What was made.
    outputs : Delivered
        Where it goes.
    seed : int
        Of the dither: the order's.

    Raises
    ------
    Invalid
        If a file cannot be written where it is wanted, or what nobody plays is wanted as MIDI or plan.
    ResourcesExhausted
        If one cannot be written to the end.
    """
    outputs.check()
    with taken_back_on_failure([path for _, path in outputs.files]):
        write(outputs.sound, sound.samples, RATE_HZ, Format.FLAC, depth=outputs.depth, seed=seed % _DITHER_SEEDS)
        _write_papers(sound, outputs)
        return Delivery(sound, measure(sound.samples, RATE_HZ))


def _write_papers(sound: Sound, outputs: Outputs) -> None:
    if outputs.midi is None and outputs.plan is None:
        return
    if sound.score is None:
        raise Invalid("Nobody plays in this sound: it has neither MIDI nor a plan.", field="midi")
    try:
        if outputs.midi is not None:
            outputs.midi.write_bytes(standard_midi_file(sound.score))
        if outputs.plan is not None:
            outputs.plan.write_text(planning.as_json(sound.score.plan), encoding="utf-8")
    except OSError as error:
        raise ResourcesExhausted("A file could not be written to the end.") from error
