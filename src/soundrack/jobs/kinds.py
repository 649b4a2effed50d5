"""From a job's kind to the engine that runs it: the one place where platform and engines meet.

Only the warm process imports this module, so that no other process loads an engine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from soundrack import mastering
from soundrack.audio.encoding import Format
from soundrack.audio.files import Limits
from soundrack.jobs.task import Kind
from soundrack.progress import Progress

_WORKING_ROOM_BYTES = 128 * 2**20
_BYTES_PER_SAMPLE = 12
"""A decoded song stands in memory twice, as itself and as its gain curves, with half as much again to work in."""


@dataclass(frozen=True)
class Work:
    """One job as its engine sees it."""

    source: Path
    destination: Path
    parameters: Mapping[str, Any]
    memory_bytes: int

    @property
    def limits(self) -> Limits:
        """What may be decoded, so that the work fits into its memory."""
        return Limits(max_samples=max(0, self.memory_bytes - _WORKING_ROOM_BYTES) // _BYTES_PER_SAMPLE)


@dataclass(frozen=True)
class Product:
    """What an engine gives back besides the file."""

    result: dict[str, Any]
    report: dict[str, Any]
    work_s: float


Run = Callable[[Work, Progress], Product]


def _master(work: Work, progress: Progress) -> Product:
    order = mastering.Order(
        preset=mastering.Preset(work.parameters["preset"]),
        format=Format(work.parameters["format"]),
        rate_hz=work.parameters["rate_hz"],
    )
    report = mastering.master(work.source, work.destination, order, limits=work.limits, progress=progress)
    after = report.after
    told = {"rate_hz": after.rate_hz, "integrated_lufs": after.integrated_lufs, "true_peak_db": after.true_peak_db}
    return Product(told, report.as_dict(), report.before.duration_s)


RUNS: dict[Kind, Run] = {Kind.MASTER: _master}


def warm() -> float:
    """Load every engine and its kernels; return how many seconds of audio are mastered in one second here."""
    return mastering.warm()
