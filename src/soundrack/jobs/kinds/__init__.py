"""From a job's kind to the engine that runs it: the one place where platform and engines meet.

Only the warm process imports this package, so that no other process loads an engine.
"""

from __future__ import annotations

from soundrack import analysis, mastering
from soundrack.jobs.kinds.analyses import analyze
from soundrack.jobs.kinds.masters import master, release
from soundrack.jobs.kinds.work import Made, Product, Run, Work
from soundrack.jobs.task import Kind

__all__ = ["RUNS", "Made", "Product", "Run", "Work", "warm"]

RUNS: dict[Kind, Run] = {Kind.MASTER: master, Kind.RELEASE: release, Kind.ANALYZE: analyze}


def warm() -> float:
    """Load every engine with its kernels and networks; return how many seconds are mastered in one second here."""
    analysis.warm()
    return mastering.warm()
