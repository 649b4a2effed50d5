"""From a job's kind to the engine that runs it: the one place where platform and engines meet.

Only the warm process imports this package, so that no other process loads an engine.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from soundrack import analysis, composition, mastering
from soundrack.jobs.kinds.analyses import analyze
from soundrack.jobs.kinds.masters import master, release
from soundrack.jobs.kinds.parts import cut, separate
from soundrack.jobs.kinds.songs import compose, remix
from soundrack.jobs.kinds.sounds import effect, sample
from soundrack.jobs.kinds.work import Made, Product, Run, Work
from soundrack.jobs.task import Kind

__all__ = ["ENGINES", "RUNS", "Engine", "Made", "Product", "Run", "Work", "warm"]

RUNS: dict[Kind, Run] = {
    Kind.MASTER: master,
    Kind.RELEASE: release,
    Kind.ANALYZE: analyze,
    Kind.COMPOSE: compose,
    Kind.SAMPLE: sample,
    Kind.EFFECT: effect,
    Kind.REMIX: remix,
    Kind.SEPARATE: separate,
    Kind.CUT: cut,
}


@dataclass(frozen=True)
class Engine:
    """An engine that is made warm when there is time for it."""

    kinds: frozenset[Kind]
    """What needs it."""
    floor: str
    """The package that it is, with all below it."""
    warm: Callable[[], None]


_COMPOSED = frozenset({Kind.COMPOSE, Kind.SAMPLE, Kind.EFFECT, Kind.REMIX, Kind.SEPARATE, Kind.CUT})
ENGINES = (
    Engine(_COMPOSED | {Kind.ANALYZE}, "analysis", analysis.warm),
    Engine(_COMPOSED, "composition", composition.warm),
)
"""All but the mastering engine, which is warm from the start."""


def warm() -> float:
    """Load the mastering engine with its kernels; return how many seconds are mastered in one second here."""
    return mastering.warm()
